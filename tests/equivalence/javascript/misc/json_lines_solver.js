// equiv: {"stdin": "{\"op\":\"add\",\"v\":[1,2]}\n{\"op\":\"mul\",\"v\":[3,4]}\nnot json\n"}
require('readline').createInterface({ input: process.stdin }).on('line', (l) => { try { const { op, v } = JSON.parse(l); console.log(op === 'add' ? v[0] + v[1] : v[0] * v[1]); } catch (e) { console.log(e.name + ': ' + e.message); } });
