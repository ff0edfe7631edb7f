// equiv: {"files": [{"name": "package.json", "content": "{\"type\": \"module\"}"}]}
process.exitCode = 5; process.on('exit', (c) => console.log('exit', c)); await new Promise(() => {});
