const a = Array.from({ length: 1000 }, Math.random); console.log(a.every((x) => x >= 0 && x < 1), new Set(a).size > 990, Math.abs(a.reduce((x, y) => x + y) / 1000 - 0.5) < 0.1);
