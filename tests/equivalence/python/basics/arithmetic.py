print(7 // -2, 7 % -2, -7 // 2, divmod(-7, 2), 2 ** 200, 10 ** -3, round(2.5), round(-0.5), round(2.675, 2))
print(0.1 + 0.2, 1e308 * 10, -1e308 * 10, float("nan"), 1 / 3, 1e16 + 1, 5e-324)
print(int("ff", 16), int("-0b101", 0), bin(-10), oct(64), hex(255), (1 << 100).bit_length(), (-5) >> 1, ~7)
print(complex(1, 2) * 3j, abs(3 + 4j), pow(3, 100, 7), pow(3, -1, 11))
