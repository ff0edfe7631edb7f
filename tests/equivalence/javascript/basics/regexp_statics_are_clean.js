// What the runtime matched before the program began is not the program's to see.
console.log([RegExp.$1, RegExp.lastMatch, RegExp.input, RegExp.leftContext, RegExp.rightContext]);
