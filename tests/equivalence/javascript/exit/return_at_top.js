console.log('a'); return; console.log('b');
