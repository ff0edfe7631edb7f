const s = Symbol('mine');
class Even { static [Symbol.hasInstance](n) { return n % 2 === 0; } }
const o = { [s]: 1, [Symbol.toPrimitive](hint) { return hint; }, *[Symbol.iterator]() { yield 1; } };
console.log(o, 2 instanceof Even, `${o}`, +o, [...o], Symbol.for('x') === Symbol.for('x'), s.description);
