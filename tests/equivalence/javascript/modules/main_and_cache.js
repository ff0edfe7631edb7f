console.log(require.main === module, module.id, __filename, __dirname, module.parent, module.children, module.loaded, Object.keys(require.cache), module.paths.slice(0, 2));
console.log(require.resolve('fs'), require.resolve.paths('x').slice(0, 1), Object.keys(require.extensions), typeof module.require, require('module')._pathCache);
