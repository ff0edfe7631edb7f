class Stop(Exception):
    def __del__(self):
        print("end")


try:
    raise Stop
except Stop as e:
    kept = e
print("last line")
raise SystemExit(3)
