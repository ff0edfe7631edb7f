function Mine() { Error.captureStackTrace(this, Mine); } const o = new Mine(); console.log(o.stack.split('\n')[1].trim()); console.log(Error.stackTraceLimit);
