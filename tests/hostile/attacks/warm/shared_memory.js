// SPDX-License-Identifier: Apache-2.0
// attack: looks for memory that it shares with the process that it was forked from, and so with all its other children
// layer: runner
// verdict: accepted
// prints: contained
// mode: stream
// times: 3
require('./probe');

for (const line of require('fs').readFileSync('/proc/self/maps', 'latin1').split('\n'))
	if (/^[0-9a-f-]+ .w.s/.test(line))
		breach(`shared and writable: ${line}`);
console.log('contained');
