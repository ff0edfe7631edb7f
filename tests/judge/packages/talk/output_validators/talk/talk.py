# SPDX-License-Identifier: Apache-2.0
"""The range and the number of guesses are in the input, the number itself is in the answer."""

import sys

top, guesses = map(int, open(sys.argv[1]).read().split())
number = int(open(sys.argv[2]).read())
print(top, flush=True)
for turn in range(guesses):
    line = sys.stdin.readline()
    if not line.strip().isdigit():
        print(f"no number after {turn} guesses", file=sys.stderr)
        sys.exit(43)
    guess = int(line)
    print("right" if guess == number else "higher" if guess < number else "lower", flush=True)
    if guess == number:
        sys.exit(42)
print("too many guesses", file=sys.stderr)
sys.exit(43)
