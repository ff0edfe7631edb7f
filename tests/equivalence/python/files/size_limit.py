# equiv: {"limits": {"file_kb": 16}}
try:
    with open("big", "wb") as f:
        f.write(b"x" * 100000)
except OSError as e:
    print(e)
