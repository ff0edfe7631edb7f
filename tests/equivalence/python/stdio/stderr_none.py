import sys
sys.stderr = None
raise KeyError("silent")
