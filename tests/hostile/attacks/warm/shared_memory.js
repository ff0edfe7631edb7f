// SPDX-License-Identifier: Apache-2.0
// attack: looks for memory that it shares with the process that it was forked from, and for text of files that it could write to
// layer: runner
// verdict: accepted
// prints: contained
// mode: stream
// times: 3
require('./probe');

for (const line of require('fs').readFileSync('/proc/self/maps', 'latin1').split('\n'))
	if (/^[0-9a-f-]+ .w.s/.test(line))
		breach(`shared and writable: ${line}`);
	else if (/^[0-9a-f-]+ .wx.*\//.test(line)) // V8's own has no file
		breach(`writable and executable: ${line}`);
console.log('contained');
