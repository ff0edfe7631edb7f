# SPDX-License-Identifier: Apache-2.0
print(3, flush=True)
raise SystemExit(1 if int(input()) > 5 else input() != "right")
