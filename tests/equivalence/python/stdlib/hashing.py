import hashlib, hmac, zlib, binascii, base64
for n in ("md5", "sha1", "sha256", "sha512", "blake2b", "sha3_256"):
    print(n, hashlib.new(n, b"abc").hexdigest())
print(hmac.new(b"k", b"m", "sha256").hexdigest(), zlib.crc32(b"abc"), base64.b64encode(b"abc"), binascii.hexlify(b"\x01"))
