*> SPDX-License-Identifier: Apache-2.0
*> attack: copies files of the host into the program
*> layer: tree
*> verdict: compile_error
*> never: root:
identification division.
program-id. evil.
data division.
working-storage section.
copy "/root/kodewar-canary".
copy "/etc/shadow".
procedure division.
stop run.
