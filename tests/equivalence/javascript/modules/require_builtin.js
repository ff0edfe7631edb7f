// `constants` holds one more where `crypto` has been loaded: see docs/LANGUAGES.md.
for (const m of require('module').builtinModules.filter((n) => !n.startsWith('_') && n !== 'constants').sort()) { process.removeAllListeners('warning'); const x = require(m); console.log(m, typeof x, Object.keys(x).length); }
