! SPDX-License-Identifier: Apache-2.0
! attack: includes files of the host
! layer: tree
! verdict: compile_error
! never: root:
include '/root/kodewar-canary'
include '/etc/shadow'
include '/proc/1/environ'
include '/dev/zero'
end
