fetch('http://127.0.0.1:9/').catch((e) => console.log(e.name, e.message)).then(() => fetch('data:text/plain,inline')).then((r) => r.text()).then(console.log);
console.log(new Request('http://x/').method, new Headers({ A: 'b' }).get('a'), typeof FormData, typeof WebSocket);
