// Runs the program in node's event loop: `node run.mjs PROGRAM.wasm REPORT.txt`. It has to print the report, and leave
// neither a job nor a timer behind; then the exit status is 0.

import { readFileSync } from "node:fs";

const [program, report] = process.argv.slice(2);
const lines = [];
let timer;

const host = {
  now_ms: () => performance.now(),
  set_timeout(ms) {
    clearTimeout(timer);
    // Rounded up: a timer that comes too early finds nothing to do. Longer than 24 days: it looks again then.
    timer = setTimeout(() => exports.fire(), Math.min(Math.ceil(ms), 0x7fffffff));
  },
  post: (job) => queueMicrotask(() => exports.wake(job)),
  print(start, length) {
    lines.push(new TextDecoder().decode(new Uint8Array(exports.memory.buffer, start, length)));
    console.log(`  ${lines.at(-1)}`);
  },
};

const { instance } = await WebAssembly.instantiate(readFileSync(program), { host });
const exports = instance.exports;
exports.start();

// Nothing to do any more: no timer, no microtask.
process.on("exit", (status) => {
  const pending = exports.pending();
  console.log(`at the end ${pending} jobs and timers`);
  const same = lines.join("\n") === readFileSync(report, "utf8").trimEnd();
  console.log(same ? "the same as everywhere" : "not what was expected");
  process.exitCode = status || (same && pending === 0 ? 0 : 1);
});
