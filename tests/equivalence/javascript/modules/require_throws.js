// equiv: {"files": [{"name": "bad.js", "content": "function f() {\n  throw new Error('while loading');\n}\nf();\n"}]}
require('./bad');
