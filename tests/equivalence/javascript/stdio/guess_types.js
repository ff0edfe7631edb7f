const fs = require('fs');
for (const fd of [1, 2]) { const s = fs.fstatSync(fd); console.log(fd, s.isFIFO(), s.isFile(), s.isCharacterDevice()); }
