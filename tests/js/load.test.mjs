// Signatures and verifications without a pause, in four threads: all correct, memory constant, no handle left open. `cargo xtask test`
// does 80,000, `cargo xtask load` a million.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

const OPERATIONS = Number(process.env.LOAD_OPERATIONS ?? 80_000);
const THREADS = 4;

const descriptors = () => (existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0);
const MiB = (bytes) => (bytes / (1 << 20)).toFixed(2);
const sum = (reports, read) => reports.map(read).reduce((sum, value) => sum + value);

async function thread(workerData) {
  const worker = new Worker(new URL("./load_worker.mjs", import.meta.url), { workerData });
  const [[report]] = await Promise.all([once(worker, "message"), once(worker, "exit")]);
  return report;
}

test(`${OPERATIONS} signatures and verifications over ${THREADS} threads`, async (t) => {
  // A first thread, so that Node has opened what it opens once for all threads.
  await thread({ thread: "first", warmUp: 1, rest: 1 });
  const before = { descriptors: descriptors(), resources: process.getActiveResourcesInfo().sort() };

  const each = Math.ceil(OPERATIONS / 2 / THREADS);
  // Memory grows until every way has been used often and everything is compiled. From here on it must not.
  const warmUp = Math.max(6_000, Math.ceil(each * 0.2));
  const begin = performance.now();
  const reports = await Promise.all(Array.from({ length: THREADS }, (_, at) => thread({ thread: at, warmUp, rest: each - warmUp })));
  const seconds = (performance.now() - begin) / 1000;

  const [signed, verified, spotChecked] = ["signed", "verified", "spotChecked"].map((name) => sum(reports, ({ counts }) => counts[name]));
  const used = (when) => sum(reports, (report) => report[when].heapUsed + report[when].wasm);
  const wasm = (when) => sum(reports, (report) => report[when].wasm);
  t.diagnostic(`${signed} signatures, ${verified} verifications, ${spotChecked} checked by OpenSSL, in ${seconds.toFixed(1)} s`);
  t.diagnostic(`heap and WebAssembly: ${MiB(used("before"))} MiB after ${Math.round((warmUp / each) * 100)} %, ${MiB(used("after"))} MiB at the end; WebAssembly ${MiB(wasm("before"))} and ${MiB(wasm("after"))} MiB`);
  assert.ok(signed + verified >= OPERATIONS);
  assert.ok(spotChecked >= signed / 101);
  assert.equal(wasm("after"), wasm("before"), "the memory of WebAssembly has grown");
  assert.ok(used("after") < used("before") * 1.02, `memory grew from ${used("before")} to ${used("after")} bytes`);
  assert.deepEqual({ descriptors: descriptors(), resources: process.getActiveResourcesInfo().sort() }, before);
});
