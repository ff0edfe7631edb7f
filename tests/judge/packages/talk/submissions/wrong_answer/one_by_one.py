# SPDX-License-Identifier: Apache-2.0
# Rejected after ten guesses: what it does then does not matter, and here it crashes.
for guess in range(1, int(input()) + 1):
    print(guess, flush=True)
    if input() == "right":
        break
