const { performance: p, PerformanceObserver } = require('perf_hooks'); const t = p.nodeTiming;
console.log(t.nodeStart >= 0 && t.nodeStart < 1000, t.v8Start < 1000, t.environment < 1000, t.bootstrapComplete < 1000, t.loopExit, t.loopStart, p.timeOrigin > 1.6e12, p.eventLoopUtilization().utilization);
console.log(0 < t.nodeStart, t.nodeStart < t.v8Start, t.v8Start < t.environment, t.environment < t.bootstrapComplete, t.bootstrapComplete < p.now());
p.mark('a'); p.mark('b'); const m = p.measure('a to b', 'a', 'b'); console.log(m.name, m.duration >= 0 && m.duration < 100, p.getEntries().length);
new PerformanceObserver((l) => console.log(l.getEntries().map((e) => e.name))).observe({ entryTypes: ['mark'] }); p.mark('c');
console.log(Math.abs(Date.now() - p.timeOrigin) < 5000);
