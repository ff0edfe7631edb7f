// equiv: {"stdin": "abcdefghij"}
process.stdin.on('readable', () => { let c; while ((c = process.stdin.read(4)) !== null) console.log(String(c)); });
process.stdin.on('end', () => console.log('end'));
