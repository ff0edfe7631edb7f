process.exitCode = 3; console.log('natural end');
