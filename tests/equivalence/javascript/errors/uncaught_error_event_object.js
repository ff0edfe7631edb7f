new (require('events'))().emit('error', { not: 'an error' });
