const text = '2024-03-05 and 1999-12-31';
for (const m of text.matchAll(/(?<y>\d{4})-(?<m>\d\d)-(?<d>\d\d)/g)) console.log(m.index, m.groups.y, m.groups.d);
console.log(text.replace(/(\d+)-(\d+)/g, '$2/$1'), /\p{Lu}/u.test('É'), 'aBc'.replace(/b/i, (x) => x + x));
console.log(/(?<=\$)\d+/.exec('cost $42'), 'a,b;c'.split(/[,;]/), RegExp.$1, RegExp.lastMatch);
