// equiv: {"limits": {"memory_kb": 1048576}, "differs": {"stderr": "V8's report of a full heap holds addresses and times"}}
const a = []; for (;;) a.push(new Array(100000).fill(a.length + 0.5));
