let n = 0; const t = setTimeout(() => { if (++n < 3) t.refresh(); else console.log(n); }, 3); setTimeout(() => console.log('negative'), -5); setTimeout(() => console.log('nan'), NaN);
