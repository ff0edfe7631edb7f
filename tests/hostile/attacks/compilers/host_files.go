// SPDX-License-Identifier: Apache-2.0
// attack: has generators run, and a C compiler with flags of its own read the host
// layer: tree
// verdict: compile_error
// never: root:
package main

//go:generate cat /root/kodewar-canary

// #cgo CFLAGS: -fplugin=/box/evil.so -I/root
// #cgo LDFLAGS: -Wl,-T,/etc/shadow
// #include "/etc/shadow"
// #include "/root/kodewar-canary"
import "C"
func main() { println(C.secret) }
