// SPDX-License-Identifier: Apache-2.0
// attack: embeds files of the host
// layer: tree
// verdict: compile_error
// never: root:
package main

import _ "embed"

//go:embed kodewar-canary
var secret string

func main() { println(secret) }
