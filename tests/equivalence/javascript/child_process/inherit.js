const c = require('child_process'); c.spawnSync('echo', ['inherited'], { stdio: 'inherit' }); console.log('between'); c.spawnSync('sh', ['-c', 'echo again; echo err >&2'], { stdio: 'inherit' });
