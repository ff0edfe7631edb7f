async function f() { throw new Error('rejected'); }
f(); console.log('sync end'); setTimeout(() => console.log('never'), 50);
