const e = new DOMException('m', 'AbortError'); console.log(e.name, e.code, e instanceof Error, String(e)); try { structuredClone(() => {}); } catch (x) { console.log(x.name, x.code, x.message); }
