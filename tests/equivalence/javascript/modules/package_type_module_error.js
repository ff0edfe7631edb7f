// equiv: {"files": [{"name": "package.json", "content": "{\"type\": \"module\"}"}]}
function f() { throw new Error('in a module'); }
f();
