// SPDX-License-Identifier: Apache-2.0
// attack: crashes in the middle of the engine
// layer: runner
// verdict: runtime_error
// signal: SIGABRT
// prints: broken
// mode: stream
// times: 3
require('fs').writeSync(1, 'broken\n');
process.abort();
