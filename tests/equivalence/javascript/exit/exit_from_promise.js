Promise.resolve().then(() => process.exit(11)); setTimeout(() => process.exit(12), 0);
