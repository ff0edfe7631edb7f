# equiv: {"stdin": "1 + 1\nx = 5\nx * 2\n1 / 0\n"}
import code
code.interact(banner="hi", exitmsg="bye")
