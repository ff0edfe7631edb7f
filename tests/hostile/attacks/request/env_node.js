// SPDX-License-Identifier: Apache-2.0
// attack: has node load a file of the request before the program
// layer: request
// verdict: accepted|refused|runtime_error
// never: uid 0
// request: {"env": {"NODE_OPTIONS": "--require=/box/evil.js"}, "files": [{"name": "evil.js", "content": "console.log('uid', process.getuid())"}]}
console.log("contained");
