Error.prepareStackTrace = (e, sites) => sites.map((s) => [s.getFunctionName(), s.getFileName(), s.getLineNumber(), s.getColumnNumber(), s.isToplevel()].join(' '));
function here() { return new Error().stack; }
console.log(here());
