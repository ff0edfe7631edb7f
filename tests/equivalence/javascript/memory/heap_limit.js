// equiv: {"limits": {"memory_kb": 1048576}, "differs": {"stderr": "V8's report of a full heap holds addresses and times"}}
const a = []; for (;;) a.push(new Array(10000).fill({}).map((_, i) => ({ i })));
