// SPDX-License-Identifier: Apache-2.0
// The preloaded module of the Node zygote; see addon.cc for the story.
//
// Warms node up, takes back what of it a program could see, and serves.  What runs after serve() runs in
// each child and belongs to the cost of each run.
'use strict';

const addon = require('/etc/kodewar/addon.node');

// What programs commonly load.  Loaded is all that it is: nothing here may draw a random number, which all
// children would then draw as well.  `assert` is not here, nor are colours: at the load of those, which a
// first console.log brings about, node makes process.stderr, and so it must be in the child.
const MODULES = ['async_hooks', 'buffer', 'child_process', 'console', 'crypto', 'events', 'fs',
  'fs/promises', 'module', 'net', 'os', 'path', 'perf_hooks', 'querystring', 'readline',
  'readline/promises', 'stream', 'stream/promises', 'string_decoder', 'timers', 'timers/promises', 'tty',
  'url', 'util', 'vm', 'worker_threads', 'zlib'];

const ROUNDS = 4; // more make the code that V8 compiles for it slower, not faster, in a fork

// A program in small, of what programs do: it is compiled and run as a main module is.
const PROGRAM = `'use strict';
const fs = require('fs');
const { createInterface } = require('readline');
class Point { constructor(x, y) { this.x = x; this.y = y; } get sum() { return this.x + this.y; } }
function work(n) { const m = new Map(); for (let i = 0; i < n; i++) m.set(i, new Point(i, \`\${i}\`)); return [...m.values()]; }
module.exports = work(20).filter((p) => p.x % 2).map((p) => p.sum).sort().join(' ').split(' ').map(Number);
`;

function turns() {
  for (let i = 0; i < 4; i++) {
    process._tickCallback();
    addon.turn();
  }
  process._tickCallback();
}

// A stream as process.stdout is one where it is a pipe.
function output(fd) {
  const { Socket } = require('net');
  const stream = new Socket({ fd, readable: false, writable: true });
  stream._type = 'pipe';
  stream.fd = fd;
  stream._isStdio = true;
  return stream;
}

function print(out, err) {
  const { Console } = require('console');
  const c = new Console({ stdout: out, stderr: err, colorMode: false });
  c.log('hello %d %s', 1, 'x');
  c.log('plain');
  c.log(42);
  c.log(1, 2.5, true, null, undefined, 'a');
  c.log([1, 2, { a: 1 }], new Map([[1, 2]]), new Set([1]));
  c.error(new Error('x'));
  out.write('x\n');
}

function read(fs) {
  const { Socket } = require('net');
  const [rl, wl] = addon.pipe();
  fs.writeSync(wl, 'line1\nline2\n1 2 3\n');
  fs.closeSync(wl);
  const input = new Socket({ fd: rl, readable: true, writable: false, manualStart: true });
  const lines = require('readline').createInterface({ input });
  lines.on('line', (line) => line.split(' '));
  const [rs, ws] = addon.pipe();
  fs.writeSync(ws, '1\n2\n');
  fs.closeSync(ws);
  fs.readFileSync(rs, 'utf8').split('\n').map(Number).reduce((x, y) => x + y, 0);
  fs.closeSync(rs);
  return () => { lines.close(); input.destroy(); };
}

// Returns whether the timer has run: none may be left to the children.
function schedule() {
  let done = false;
  setTimeout(() => { done = true; }, 0);
  setImmediate(() => {});
  Promise.resolve(1).then((x) => x + 1);
  (async () => { await null; })();
  process.nextTick(() => {});
  queueMicrotask(() => {});
  return () => done;
}

function loadMain(Module) {
  const m = new Module('/box/main.js', null);
  m.filename = m.id;
  m.paths = Module._nodeModulePaths('/box');
  m._compile(PROGRAM, m.id);
  // An empty file that every box has, by the whole way of a main module.
  pretend({ mainModule: undefined }, () => Module.runMain('/dev/null'));
  delete Module._cache['/dev/null'];
}

// Calls what makes a standard stream, but stops it where it would keep the stream, which must be the child's own.
function stop(name, object, property, descriptor) {
  const stopped = new Error();
  let made;
  Object.defineProperty(object, property, descriptor(function () { made = this; throw stopped; }));
  try {
    process[name];
  } catch (e) {
    if (e === stopped)
      return made;
    throw e;
  }
  throw new Error(`process.${name} was made`);
}

// process.stdout and stderr where they are pipes, and process.stdin where it is a file.
function streams() {
  const { prototype } = require('net').Socket;
  const fs = require('fs');
  const readStream = Object.getOwnPropertyDescriptor(fs, 'ReadStream');
  const [r, w] = addon.pipe();
  for (const [fd, name] of [[1, 'stdout'], [2, 'stderr']]) {
    const own = addon.dup(fd, -1);
    addon.dup(w, fd);
    stop(name, prototype, '_isStdio', (set) => ({ set, configurable: true }))._handle.close();
    delete prototype._isStdio;
    turns();
    addon.dup(own, fd);
    fs.closeSync(own);
  }
  stop('stdin', fs, 'ReadStream', (value) => ({ value, configurable: true }));
  Object.defineProperty(fs, 'ReadStream', readStream);
  fs.closeSync(r);
  fs.closeSync(w);
}

function round() {
  const fs = require('fs');
  const [ro, wo] = addon.pipe();
  const [re, we] = addon.pipe();
  const out = output(wo);
  const err = output(we);
  print(out, err);
  const close = read(fs);
  const done = schedule();
  loadMain(require('module'));
  do
    turns();
  while (!done());
  close();
  out.destroy();
  err.destroy();
  turns();
  fs.closeSync(ro);
  fs.closeSync(re);
}

// What a program could see of all this.
function forget(asyncId) {
  const Module = require('module');
  for (const id of Object.keys(require.cache))
    delete require.cache[id];
  for (const path of Object.keys(Module._pathCache))
    delete Module._pathCache[path];
  process.execArgv.length = 0;
  process._preload_modules.length = 0;
  addon.setLastAsyncId(asyncId);
  if (lastAsyncId() !== asyncId + 1)
    throw new Error('its async ids are not where they were found');
  addon.setLastAsyncId(asyncId);
}

// Does f with other properties in process, for a time.
function pretend(values, f) {
  const own = Object.keys(values).map((k) => [k, Object.getOwnPropertyDescriptor(process, k)]);
  for (const k of Object.keys(values))
    Object.defineProperty(process, k, { value: values[k], configurable: true, writable: true });
  try {
    return f();
  } finally {
    for (const [k, descriptor] of own) {
      delete process[k];
      if (descriptor)
        Object.defineProperty(process, k, descriptor);
    }
  }
}

// To ask takes one.
function lastAsyncId() {
  const { AsyncResource } = require('async_hooks');
  return new AsyncResource('KODEWAR', { requireManualDestroy: true }).asyncId();
}

// The last one that was given before the warm-up.
function findAsyncIds(version) {
  const { executionAsyncId, triggerAsyncId } = require('async_hooks');
  const last = lastAsyncId();
  if (!addon.findAsyncIds(executionAsyncId(), triggerAsyncId(), last))
    addon.fail(version, 'keeps its async ids at an unknown place');
  return last - 1;
}

function warm() {
  for (const name of MODULES)
    require(name);
  for (let i = 0; i < ROUNDS; i++)
    round();
}

// So that a child has all of the young generation before it, and not what was left of it: most end before their first collection.
function collect() {
  for (let i = 0; i < 2; i++) {
    let used = -1;
    for (let now = 0, n = 0; now > used && n < 100000; n++) {
      used = now;
      new Array(128);
      now = addon.youngBytes();
    }
  }
}

function warmAll() {
  // These must not come to be before the child has its own.
  pretend({ stdout: {}, stderr: {} }, warm);
  streams();
  collect();
}

// Where node keeps what native code of the zygote must change in each child.
function prepare() {
  const { milestones, constants: m } = addon.binding('performance');
  const { constants: u, privateSymbols } = addon.binding('util');
  return addon.prepare(milestones, m.NODE_PERFORMANCE_MILESTONE_TIME_ORIGIN,
    m.NODE_PERFORMANCE_MILESTONE_TIME_ORIGIN_TIMESTAMP,
    process[privateSymbols.exit_info_private_symbol], u.kHasExitCode, u.kExitCode);
}

// argv is [node, options…, main, arguments…].
function adopt([argv, cwd]) {
  process.chdir(cwd);
  let main = 1;
  while (argv[main].startsWith('-'))
    process.execArgv.push(argv[main++]);
  process.argv.length = 1;
  process.argv.push(require('path').resolve(argv[main]), ...argv.slice(main + 1));
}

// In the child that is recorded: node goes on to a main module that every tree has, and a program that prints.
function perform() {
  const Module = require('module');
  const { runMain } = Module;
  Module.runMain = () => {
    runMain.call(Module, '/dev/null');
    const m = new Module('/box/main.js', null);
    m.filename = m.id;
    m._compile(`${PROGRAM}; console.log('hello'); setTimeout(() => console.log('later'), 1);`, m.id);
  };
}

function run() {
  const { node: version, modules: abi } = process.versions;
  const failed = addon.open([process.argv0, ...process.execArgv, process.argv[1]]);
  if (failed)
    addon.fail(version, failed);
  if (abi !== addon.abi)
    addon.fail(version, `has module version ${abi}, but the zygote was built for ${addon.abi}`);
  try {
    const asyncId = findAsyncIds(version);
    warmAll();
    forget(asyncId);
    if (process.getActiveResourcesInfo().length > 0)
      addon.fail(version, `has still to do: ${process.getActiveResourcesInfo()}`);
    const why = prepare();
    if (why)
      addon.fail(version, why);
  } catch (e) {
    addon.fail(version, `fails to warm up: ${e.message}`);
  }
  if (addon.rehearse())
    perform();
  else
    adopt(addon.serve(version));
}

run();
