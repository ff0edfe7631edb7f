// SPDX-License-Identifier: Apache-2.0
// What the attacks in JavaScript share; the runner puts this text in place of require('./probe').
const fs = require('fs');
let bad = 0;

function breach(what) {
	console.log(`BREACH ${what}`.slice(0, 300));
	bad++;
}

function odd(what) {
	console.log(`odd: ${what}`.slice(0, 300));
	bad++;
}

// The attempt must fail, with one of the codes if any are given.
function refused(what, attempt, ...codes) {
	try {
		breach(`${what}: ${attempt()}`);
	} catch (e) {
		if (codes.length && !codes.includes(e.code))
			odd(`${what}: ${e.code || e}`);
	}
}

function done() {
	if (!bad)
		console.log('contained');
}
