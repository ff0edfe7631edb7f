// equiv: {"files": [{"name": "package.json", "content": "{\"type\": \"module\"}"}]}
console.log('waits for ever'); await new Promise(() => {}); console.log('never');
