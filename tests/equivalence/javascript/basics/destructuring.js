const { a, b: { c = 5, ...rest } = {}, ...others } = { a: 1, b: { d: 2, e: 3 }, f: 4 };
console.log(a, c, rest, others);
const [x, , y = 9, ...z] = 'hello';
console.log(x, y, z, [...[1, 2], ...new Set([3])], { ...'ab', ...null });
console.log(null ?? 'nullish', undefined?.x?.y, (0 || 'or'), (0 ?? 'not'));
