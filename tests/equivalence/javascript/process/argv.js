// equiv: {"args": ["one", "two words", "", "--flag=é", "-x"]}
console.log(process.argv, process.argv0, process.execArgv, process.execPath, process.argv.length);
