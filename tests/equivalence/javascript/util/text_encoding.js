const u = new TextEncoder().encode('aé😀');
console.log(u, new TextDecoder('utf-16le').decode(new Uint8Array([65, 0, 66, 0])), new TextDecoder().decode(new Uint8Array([0xff, 65])));
try { new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff])); } catch (e) { console.log(e.name, e.code, e.message); }
console.log(new TextDecoder('latin1').encoding, btoa('hi'), atob('aGk='), encodeURIComponent('a b&é'));
