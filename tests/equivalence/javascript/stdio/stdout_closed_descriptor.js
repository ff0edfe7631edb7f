require('fs').closeSync(1);
process.stderr.write('still here\n');
try { require('fs').writeSync(1, 'x'); } catch (e) { console.error(e.code); }
