// equiv: {"differs": {"stderr": "addresses in the native stack"}}
console.log('before'); process.abort();
