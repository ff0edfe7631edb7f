import sys
print([sys.getsizeof(x) for x in (0, 1 << 70, "", "abc", "é", "世", b"", [], [1], (), {}, {1: 2}, set(), 1.5, None, print, lambda: 0, type, object())])
