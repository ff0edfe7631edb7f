const n = 2000000, s = new Uint8Array(n + 1); let c = 0; for (let i = 2; i <= n; i++) { if (s[i]) continue; c++; for (let j = i * i; j <= n; j += i) s[j] = 1; } console.log(c);
