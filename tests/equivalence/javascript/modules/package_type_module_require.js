// equiv: {"files": [{"name": "package.json", "content": "{\"type\": \"module\"}"}]}
const fs = require('fs');
