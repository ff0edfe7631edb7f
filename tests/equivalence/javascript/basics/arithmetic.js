console.log(0.1 + 0.2, 7 % 3, -7 % 3, 2 ** 53, 2 ** 53 + 1, 1 / 3, -0, [-0], 1e21, 1e-7, NaN, -1 / 0);
console.log((255).toString(16), (0.5).toString(2), parseInt('12px'), Number('0x1f'), Number(''), +[], +{});
console.log(5 / 2 | 0, -5 >> 1, -5 >>> 28, ~7, 1 << 31, (123.456).toFixed(1), (1234.5678).toExponential(2));
