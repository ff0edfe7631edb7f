console.log(require('fs').readFileSync(__filename, 'utf8').length, require('path').basename(__filename), require.main.filename === __filename);
