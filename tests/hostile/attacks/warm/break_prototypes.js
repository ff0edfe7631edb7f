// SPDX-License-Identifier: Apache-2.0
// attack: replaces prototypes, modules and streams, so that the next program's answers come out wrong
// layer: runner
// verdict: accepted
// prints: broken
// mode: stream
// times: 2
const fs = require('fs');
const Module = require('module');
const exit = process.reallyExit;

fs.writeSync(1, 'broken\n');
for (const kind of [Object, Array, String, Number, Function, Map, Promise, Buffer, RegExp])
	for (const name of Object.getOwnPropertyNames(kind.prototype))
		if (name !== 'constructor' && name !== '__proto__')
			try {
				Object.defineProperty(kind.prototype, name, { value: () => 9, configurable: true });
			} catch (e) {
			}
fs.readFileSync = fs.writeSync = console.log = Math.pow = () => '9';
Module._load = Module.prototype.require = Module._resolveFilename = () => fs;
Module._cache = {};
process.binding = process.exit = process.nextTick = () => {};
exit.call(process, 0);
