for (const n of process.eventNames()) console.log(String(n), process.listenerCount(n)); console.log(process.getMaxListeners(), require('events').defaultMaxListeners);
