# SPDX-License-Identifier: Apache-2.0
# Try: build/kodewar run --tests examples/square.tests.json examples/square.py
print(int(input()) ** 2)
