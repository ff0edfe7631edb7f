try { process.exit('x'); } catch (e) { console.log(e.code, e.message); }
try { process.exitCode = 1.5; } catch (e) { console.log(e.code, e.message); }
