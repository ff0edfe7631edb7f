const v8 = require('v8'); let n = 0; v8.getHeapSnapshot().on('data', (c) => { n += c.length; }).on('end', () => console.log(n > 100000));
