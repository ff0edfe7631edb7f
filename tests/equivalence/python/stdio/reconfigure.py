import sys
sys.stdout.reconfigure(encoding="latin-1", errors="replace", newline="\r\n", line_buffering=True)
print("é 世")
print(sys.stdout.encoding, sys.stdout.errors, sys.stdout.line_buffering)
