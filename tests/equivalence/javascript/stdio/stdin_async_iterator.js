// equiv: {"stdin": "a\nb\nc\n"}
(async () => { let n = 0; for await (const c of process.stdin) n += c.length; console.log(n); })();
