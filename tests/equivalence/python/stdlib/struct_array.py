import struct, array
print(struct.pack("<IhB", 1, -2, 3), struct.unpack(">d", b"\x40\x09\x21\xfb\x54\x44\x2d\x18"), array.array("i", [1, 2]).tobytes(), struct.calcsize("@lqi"))
