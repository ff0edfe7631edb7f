require('fs').writeFileSync('/dev/stdout', 'through /dev/stdout\n');
require('fs').writeFileSync('/dev/stderr', 'through /dev/stderr\n');
