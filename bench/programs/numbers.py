# SPDX-License-Identifier: Apache-2.0
import sys

print(sum(map(int, sys.stdin.read().split())))
