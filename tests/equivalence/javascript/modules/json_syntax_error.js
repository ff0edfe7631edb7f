// equiv: {"files": [{"name": "bad.json", "content": "{\"a\": }"}]}
require('./bad.json');
