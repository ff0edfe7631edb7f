const fs = require('fs'); const a = fs.mkdtempSync('/tmp/x-'), b = fs.mkdtempSync('/tmp/x-'); console.log(a !== b, a.length); fs.rmdirSync(a); fs.rmdirSync(b);
