# SPDX-License-Identifier: Apache-2.0
# attack: waits for a box that draws the same random numbers as another one, forked from the same process
# layer: runner
# verdict: accepted
# mode: stream
# times: 6
# differ: yes
import os
import random
import secrets
import tempfile
import uuid

print("random", random.random())
print("bits", random.getrandbits(128))
print("choice", "".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=24)))
print("system", random.SystemRandom().getrandbits(128))
print("fresh", random.Random().getrandbits(128))
print("secrets", secrets.token_hex(16))
print("uuid4", uuid.uuid4())
print("urandom", os.urandom(16).hex())
print("temporary", os.path.basename(tempfile.mkdtemp()), next(tempfile._get_candidate_names()))
r, w = os.pipe()
if os.fork() == 0:
    os.write(w, f"child {random.random()}".encode())
    os._exit(0)
print(os.read(r, 100).decode())
