# SPDX-License-Identifier: Apache-2.0
# attack: waits for a box beside it that draws the same random numbers
# layer: runner
# verdict: accepted
# mode: parallel
# differ: yes
import os
import random
import secrets
import uuid

print("random", random.random(), secrets.token_hex(16), uuid.uuid4(), os.urandom(16).hex())
