// equiv: {"stdin": "5\n6\n7\n"}
(async () => {
  const rl = require('readline').createInterface({ input: process.stdin, crlfDelay: Infinity });
  let sum = 0;
  for await (const line of rl) sum += Number(line);
  console.log(sum);
})();
