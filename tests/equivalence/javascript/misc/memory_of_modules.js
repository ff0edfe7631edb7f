// A module that changes what all share changes it for this run only.
Array.prototype.mine = 1; process.env.LEFT = 'x'; require('fs').marker = 5; globalThis.left = 1; console.log([].mine, require('fs').marker, Object.keys(globalThis).includes('left'));
