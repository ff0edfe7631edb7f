console.log('%s %d %i %f %j %o %O %c%%', 'str', '42.5', 42.9, '1.5', { a: 1 }, [1], { b: { c: {} } }, 'css', 'extra', { x: 1 });
console.log('%s', Symbol('x'), '%s', null, 10n); console.log('100%', 5); console.log('%d', '0x10'); console.log();
console.log('%s', { toString() { return 'own'; } }, '%s', class A {}, '%s', () => 1, -0);
