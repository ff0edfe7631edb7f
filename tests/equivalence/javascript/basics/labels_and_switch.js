outer: for (let i = 0; i < 5; i++) for (let j = 0; j < 5; j++) { if (j === 3) continue outer; if (i === 3) break outer; console.log(i, j); }
switch (3) { default: console.log('default'); case 1: console.log('falls'); break; case 2: console.log('no'); }
