# equiv: {"files": [{"name": "helper.py", "content": "x = 1\n"}]}
import helper, os
print(sorted(os.listdir(".")), helper.__cached__)
