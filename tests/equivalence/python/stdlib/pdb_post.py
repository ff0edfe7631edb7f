# equiv: {"stdin": "p x\nw\nc\n"}
import pdb
x = 41
pdb.set_trace()
print("after", x + 1)
