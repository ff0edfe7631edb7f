# SPDX-License-Identifier: Apache-2.0
# attack: a field that does not exist
# layer: request
# verdict: refused
# error: privileged
# request: {"privileged": true}
print("BREACH")
