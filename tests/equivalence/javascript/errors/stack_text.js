function a() { return new Error('here').stack; }
const b = { method() { return a(); } };
class C { static s() { return b.method(); } constructor() { this.x = C.s(); } }
console.log(new C().x); console.log([1].map(function named() { return a(); })[0]);
