def numbers():
    try:
        yield 1
        yield 2
    finally:
        print("closed")


kept = {"g": [numbers()]}
print(next(kept["g"][0]))
print("last line")
