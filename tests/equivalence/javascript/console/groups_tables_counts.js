console.group('outer'); console.log('a\nb'); console.group(); console.warn('deep'); console.groupEnd(); console.groupEnd();
console.table([{ a: 1, b: 'x' }, { a: 2, c: true }]); console.table([[1, 2], [3, 4]], ['1']); console.table(new Map([['k', 1]]));
console.count(); console.count('x'); console.count(); console.countReset(); console.count();
console.assert(true, 'silent'); console.assert(false, 'said %s', 'aloud'); console.assert(false);
console.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 }); console.dirxml([1], 'x');
