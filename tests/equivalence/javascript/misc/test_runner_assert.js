const { mock } = require('node:test'); const f = mock.fn((x) => x + 1); f(1); console.log(f.mock.calls.length, f.mock.calls[0].result);
