const dc = require('diagnostics_channel'); const c = dc.channel('x'); c.subscribe((m, n) => console.log(m, n)); console.log(c.hasSubscribers); c.publish({ a: 1 });
