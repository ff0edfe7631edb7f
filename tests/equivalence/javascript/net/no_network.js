const net = require('net');
net.connect({ host: '127.0.0.1', port: 9 }).on('error', (e) => { console.log(typeof e.code); require('dns').lookup('localhost', { family: 4 }, (e2, a) => console.log(e2 ? 'failed' : a)); });
console.log(net.isIP('::1'), net.isIPv4('1.2.3.4'), require('os').EOL === '\n');
