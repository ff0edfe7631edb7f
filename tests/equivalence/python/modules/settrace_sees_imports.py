import sys
calls = []
def tracer(frame, event, arg):
    calls.append((frame.f_code.co_filename, frame.f_code.co_name))
sys.settrace(tracer)
import bisect
sys.settrace(None)
print([c for c in calls if "bisect" in c[0]], len(calls))
