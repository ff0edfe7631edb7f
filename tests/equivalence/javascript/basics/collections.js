const m = new Map([['b', 1], ['a', { deep: { deeper: { deepest: { x: 1 } } } }]]);
const s = new Set([3, 1, 2, 3]);
console.log(m, s, new WeakMap(), [m.size, s.size], [...m.keys()], new Map([[{ k: 1 }, [s]]]));
console.log([3, 1, 10, 2].sort(), [3, 1, 10, 2].sort((a, b) => a - b), [1, [2, [3, [4]]]].flat(Infinity));
console.log(Object.groupBy ? 'groupBy' : 'no groupBy', [1, 2, 3].at(-1), structuredClone(m).get('a'));
