# equiv: {"files": [{"name": "theirs.py", "content": "class Ends:\n    def __del__(self):\n        print('end')\nkept = [Ends()]\n"}]}
import theirs
print("last line", len(theirs.kept))
