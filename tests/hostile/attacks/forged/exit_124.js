// SPDX-License-Identifier: Apache-2.0
// attack: ends with the code of a program killed by timeout(1)
// layer: init
// verdict: runtime_error
// exit_code: 124
process.exit(124);
