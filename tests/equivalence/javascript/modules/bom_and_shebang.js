#!/usr/bin/env node
console.log('a shebang line is no part of the program', new Error().stack.split('\n')[1].trim());
