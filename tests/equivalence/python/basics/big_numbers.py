import math
print(math.factorial(200), 3 ** 500 % 1000007, math.comb(100, 50), math.isqrt(10 ** 40), math.gcd(2 ** 60, 6 ** 20))
try:
    print(str(10 ** 5000))
except ValueError as e:
    print(e)
