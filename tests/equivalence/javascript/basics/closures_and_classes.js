class Animal {
  #name; static count = 0;
  constructor(name) { this.#name = name; Animal.count++; }
  get name() { return this.#name; }
  static { Animal.kingdom = 'animalia'; }
  toString() { return `${this.constructor.name}(${this.#name})`; }
}
class Dog extends Animal { speak() { return `${super.toString()} barks`; } }
const d = new Dog('rex');
console.log(d, String(d), d.speak(), Animal.count, Animal.kingdom, Dog.count);
const adders = [1, 2, 3].map((x) => (y) => x + y);
console.log(adders.map((f) => f(10)));
