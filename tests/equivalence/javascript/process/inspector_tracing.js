const { Session } = require('inspector');
const session = new Session();
let events = 0;
session.connect();
session.on('NodeTracing.dataCollected', ({ params }) => (events += params.value.length));
session.on('NodeTracing.tracingComplete', () => console.log('complete', events > 0));
session.post('NodeTracing.start', { traceConfig: { includedCategories: ['v8'] } }, (error) => {
  console.log('started', error);
  setTimeout(() => session.post('NodeTracing.stop', (stopped) => console.log('stopped', stopped)), 20);
});
