const { createTracing, getEnabledCategories } = require('trace_events');
const fs = require('fs');
const tracing = createTracing({ categories: ['node.perf.usertiming'] });
tracing.enable();
console.log(getEnabledCategories());
tracing.disable();
console.log(getEnabledCategories(), fs.readdirSync('.'));
const since = Date.now();
const timer = setInterval(() => {
  const written = fs.readFileSync('node_trace.1.log', 'utf8').includes('"thread_name"');
  if (!written && Date.now() - since < 5000) return;
  console.log(written);
  clearInterval(timer);
}, 10);
