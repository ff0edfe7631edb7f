import sys
for f in (sys.stdin, sys.stdout, sys.stderr):
    print(repr(f), f.name, f.mode, f.encoding, f.errors, f.newlines, f.line_buffering, f.write_through, f.fileno(), f.closed,
          f.isatty(), f.readable(), f.writable(), type(f.buffer).__name__, f.buffer.raw, f.buffer.raw.closefd, f.buffer.raw.mode)
print(sys.stdin is sys.__stdin__, sys.stdout is sys.__stdout__, sys.stderr is sys.__stderr__)
