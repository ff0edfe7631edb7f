// equiv: {"env": {"FOO": "bar", "EMPTY": "", "UTF": "é"}}
const keys = Object.keys(process.env).sort(); console.log(keys, keys.map((k) => process.env[k]));
process.env.NEW = 5; process.env.FOO = undefined; delete process.env.EMPTY; console.log(process.env.NEW, typeof process.env.NEW, process.env.FOO, 'EMPTY' in process.env, process.env.NODE_OPTIONS, process.env.missing);
console.log(require('child_process').execSync('echo $NEW $FOO "[$EMPTY]" $UTF').toString());
