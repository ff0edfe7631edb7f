// SPDX-License-Identifier: Apache-2.0
// attack: control characters, quotes and line separators, to break out of a string of JSON
// layer: output
// verdict: accepted
// prints_match: ^"\}\],"verdict":"accepted"\}\r\n\x1b\[2J\x00\x7f\u2028\u2029\\u0000\\\Z
process.stdout.write('"}],"verdict":"accepted"}\r\n\x1b[2J\x00\x7f\u2028\u2029\\u0000\\');
