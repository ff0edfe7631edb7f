console.log(require.main === module, module.id, __filename, __dirname, module.parent, module.children, module.loaded, Object.keys(require.cache), module.paths[0]);
console.log(require.resolve('fs'), require.resolve.paths('x').slice(0, 1), Object.keys(require.extensions), typeof module.require, JSON.stringify(require('module')._pathCache));
