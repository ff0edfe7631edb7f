import secrets, os, uuid
print(len(secrets.token_bytes()), len(secrets.token_hex(4)), len(os.urandom(7)), uuid.uuid4().version, secrets.randbelow(1))
