const vm = require('vm'); const c = vm.createContext({ x: 2, console }); console.log(vm.runInContext('x = x * 21; typeof process', c), c.x, vm.isContext(c), vm.runInNewContext('a + 1', { a: 1 }));
try { vm.runInThisContext('\n  throw new Error("in vm")', 'given.js'); } catch (e) { console.log(e.stack.split('\n').slice(0, 2).join('|')); }
try { vm.runInNewContext('for(;;);', {}, { timeout: 20 }); } catch (e) { console.log(e.code); }
new vm.Script('y = 5', { filename: 's.js' }).runInThisContext(); console.log(y);
