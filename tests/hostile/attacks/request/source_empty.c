// SPDX-License-Identifier: Apache-2.0
// attack: no source at all
// layer: request
// verdict: compile_error
// code: ""
