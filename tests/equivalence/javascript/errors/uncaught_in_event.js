const e = new (require('events'))(); e.on('x', () => e.emit('error', new Error('unheard'))); e.emit('x');
