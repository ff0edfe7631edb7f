# equiv: {"files": [{"name": "old.py", "content": "IyAtKi0gY29kaW5nOiBsYXRpbi0xIC0qLQp4ID0gIukiCg==", "encoding": "base64"}, {"name": "bad.py", "content": "eCA9ICLpIgo=", "encoding": "base64"}]}
import old
print(old.x)
import bad
