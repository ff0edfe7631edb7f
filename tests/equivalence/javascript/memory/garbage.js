// Enough garbage for many young collections and some full ones.
let keep = []; for (let i = 0; i < 300; i++) { const a = new Array(20000).fill(i).map((x, j) => ({ x, j })); if (i % 10 === 0) keep.push(a); if (keep.length > 5) keep.shift(); } console.log(keep.length, keep[0].length);
