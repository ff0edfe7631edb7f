var x = 'outer';
function f() { var x = 'inner'; return [eval('x'), (0, eval)('typeof x'), new Function('return typeof x')()]; }
console.log(f());
try { eval('let 1'); } catch (e) { console.log(e.name + ': ' + e.message); }
console.log(new Function('a', 'b', 'return a*b')(6, 7), f.toString().length);
