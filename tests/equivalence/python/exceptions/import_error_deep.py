# equiv: {"files": [{"name": "helper.py", "content": "def f():\n    import nothing.here\n\nf()\n"}]}
import helper
