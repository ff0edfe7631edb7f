import faulthandler, os, sys
faulthandler.enable()
sys.stderr.flush()
os.abort()
