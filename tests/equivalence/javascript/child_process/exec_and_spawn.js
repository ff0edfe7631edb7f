const c = require('child_process');
console.log(c.execSync('echo from shell; exit 0').toString(), { ...c.spawnSync('sh', ['-c', 'cat; echo err >&2; exit 3'], { input: 'fed' }), pid: 0 });
c.exec('kill -TERM $$', (e) => {
  console.log(e.signal, e.code, e.killed);
  const p = c.spawn('cat');
  p.stdout.on('data', (d) => console.log(String(d)));
  p.on('close', (code, sig) => console.log('close', code, sig));
  p.stdin.end('through cat');
});
