try { require('fs').readFileSync('/nonexistent'); } catch (e) { console.log(e.code, e.errno, e.syscall, e.path, e.message); }
try { Buffer.alloc('x'); } catch (e) { console.log(e.name, e.code, e.message); }
try { new URL('nope'); } catch (e) { console.log(e.name, e.code, e.input); }
require('fs').readFile('/nonexistent', (e) => { console.log(e); });
