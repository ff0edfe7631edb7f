for m in ("r", "w", "a", "x", "r+", "w+", "rb", "ab+", "z", "rw"):
    try:
        with open("main.py" if "r" in m and m != "rw" else f"f_{m[0]}", m) as f:
            print(m, f.mode, f.readable(), f.writable(), f.seekable(), type(f).__name__)
    except (ValueError, OSError) as e:
        print(m, type(e).__name__, e)
