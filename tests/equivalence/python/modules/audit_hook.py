import sys
def hook(event, args):
    if event == "import":
        print("import", args[0], args[1])
sys.addaudithook(hook)
import bisect
import string
