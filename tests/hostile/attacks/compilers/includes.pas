// SPDX-License-Identifier: Apache-2.0
// attack: includes files of the host
// layer: tree
// verdict: compile_error
// never: root:
{$I /root/kodewar-canary}
{$I /etc/shadow}
{$I /proc/1/environ}
{$R /etc/shadow}
{$L /root/kodewar-canary}
begin
end.
