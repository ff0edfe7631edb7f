console.log(typeof process.pid, process.pid === +require('fs').readlinkSync('/proc/self'), typeof process.ppid, process.title, process.platform, process.arch, process.version, process.release.name, process.cwd(), process.umask().toString(8), process.uptime() < 5, process.debugPort);
console.log(process.getuid() === process.geteuid(), process.exitCode, process.connected, process.channel, process.send, process.stdin.fd, process.features.inspector, process.noDeprecation, process._preload_modules, process._eval, process.domain);
process.title = 'renamed'; console.log(process.title);
