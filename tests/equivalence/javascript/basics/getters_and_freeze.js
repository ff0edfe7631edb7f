'use strict';
const o = Object.freeze({ a: 1, get b() { return 2; } });
try { o.a = 2; } catch (e) { console.log(e.message); }
try { delete o.a; } catch (e) { console.log(e.message); }
console.log(o, Object.getOwnPropertyDescriptors(o), Object.isFrozen(o));
