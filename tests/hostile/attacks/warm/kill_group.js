// SPDX-License-Identifier: Apache-2.0
// attack: kills all of its process group, which must hold nobody else
// layer: runner
// verdict: runtime_error
// signal: SIGKILL
// prints: trying
// mode: stream
// times: 3
require('fs').writeSync(1, 'trying\n');
process.kill(0, 'SIGKILL');
