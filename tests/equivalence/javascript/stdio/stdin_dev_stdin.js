// equiv: {"stdin": "by path\n"}
console.log(require('fs').readFileSync('/dev/stdin', 'utf8'));
