# equiv: {"files": [{"name": "nul.py", "content": "eCA9IDEKAHkgPSAyCg==", "encoding": "base64"}]}
try:
    import nul
except (SyntaxError, ValueError) as e:
    print(type(e).__name__, e)
