// equiv: {}
function inner() { console.trace('here %d', 1); }
inner();
