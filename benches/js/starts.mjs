// The time from a start to the first signed URL: programs in Node, Deno and Bun, and Workers in workerd.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { DENO_ENV, DENO_RUN, binaryOf } from "../../tests/packaging/programs.mjs";
import { serve } from "../../tests/packaging/worker_bundle.mjs";
import { quick, spread } from "./measure.mjs";
import { begin, row } from "./rows.mjs";
import { here, worker } from "./runtimes.mjs";

const SIGNED = /^https:\/\/\S+[?&]Signature=\S+$/;

const ROUNDS = quick ? 2 : 16;
/** What a free Worker may take for a request. */
const FREE_WORKER = { median: 10_000, low: 10_000, high: 10_000 };
const OF_A_FREE_WORKER = "the processor's time that a free Worker may take for a request";

/** Starts one and the other in turns. Returns the microseconds until each has printed its signed URL. */
async function inTurns(starts) {
  const times = Object.fromEntries(Object.keys(starts).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    const names = Object.keys(starts);
    for (const name of round % 2 ? names : names.reverse()) {
      const begin = performance.now();
      const { text, stop } = await starts[name]();
      const taken = (performance.now() - begin) * 1000;
      await stop?.();
      if (!SIGNED.test(text)) throw new Error(`${name} gives no signed URL: ${text}`);
      // The first run fills the file system's caches.
      if (round > 0) times[name].push(taken);
    }
  }
  return [spread(times.own), spread(times.aws)];
}

function program(program, args, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: here, encoding: "utf8", env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`${program}: ${error ?? stderr}`);
  return { text: stdout.trim() };
}

const started = (bundled, flags, key) => serve(bundled, { flags, bindings: `(name = "PRIVATE_KEY", text = ${JSON.stringify(key)})` });

async function firstAnswer(bundled, flags, key) {
  const { origin, stop } = await started(bundled, flags, key);
  return { text: await (await fetch(origin)).text(), stop };
}

/** Microseconds until a Worker that runs has answered. */
async function answered(url, wanted) {
  const begin = performance.now();
  const text = await (await fetch(url)).text();
  const taken = (performance.now() - begin) * 1000;
  if (!wanted.test(text)) throw new Error(`${url} answers ${text}`);
  return taken;
}

/** Where the time of a first signature counts: in a new process of Node, and in a Worker that has made its signer when it started. */
async function firstSignatures(keyFile, key) {
  const inNode = Array.from({ length: ROUNDS }, () => {
    const { signed, microseconds } = JSON.parse(program(process.execPath, [join(here, "first_signature.mjs"), keyFile]).text);
    if (!SIGNED.test(signed)) throw new Error(`no signed URL: ${signed}`);
    return microseconds;
  });
  row("the first `Signer.signUrl` of a process, key loaded, RSA-2048, Node, engine wasm", spread(inNode), OF_A_FREE_WORKER, FREE_WORKER, 10 / 8);

  const [own, aws] = [worker("worker_module_scope", []), worker("worker_aws_sdk", [])];
  const times = { own: [], aws: [], wasm: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, bundled] of [["own", own], ["aws", aws]]) {
      const { origin, stop } = await started(bundled, [], key);
      times[name].push(await answered(origin, SIGNED));
      if (name === "own") {
        // The same without a signature: the shortest of some requests.
        const empty = [];
        for (let count = 0; count < 10; count++) empty.push(await answered(`${origin}/empty`, /^$/));
        times.wasm.push(Math.max(1, (await answered(`${origin}/wasm`, SIGNED)) - Math.min(...empty)));
      }
      await stop();
    }
  }
  row("a Worker's first request, `Signer` made when it started, RSA-2048, workerd, engine auto", spread(times.own), "a Worker's first request with @aws-sdk/cloudfront-signer", spread(times.aws), 1);
  row("the first `Signer.signUrl` of a Worker, key loaded, RSA-2048, workerd, engine wasm", spread(times.wasm), OF_A_FREE_WORKER, FREE_WORKER, 10 / 8);
}

export async function starts(keyFile, key) {
  begin("From the start to the first signed URL, RSA-2048");
  for (const [name, file, args, env] of [
    ["Node", process.execPath, []],
    ["Deno", binaryOf("deno"), DENO_RUN, DENO_ENV],
    ["Bun", binaryOf("bun"), ["run"]],
  ]) {
    const start = (module) => () => program(file, [...args, join(here, module), keyFile], env);
    const [own, aws] = await inTurns({ own: start("start_countersign.mjs"), aws: start("start_aws_sdk.mjs") });
    row(`a process from its start to its first signed URL, ${name}`, own, "the same with @aws-sdk/cloudfront-signer", aws, 1);
  }
  // With a compatibility date of late 2026, nodejs_compat is on by default.
  const [usual, without, compatible] = [[], ["no_nodejs_compat_v2"], ["nodejs_compat"]];
  for (const [flags, others, ours, peers] of [
    [usual, usual, "with its default flags", "with its default flags"],
    [without, compatible, "", "and nodejs_compat"],
  ]) {
    const [own, aws] = [worker("worker_countersign", flags), worker("worker_aws_sdk", others)];
    const times = await inTurns({ own: () => firstAnswer(own, flags, key), aws: () => firstAnswer(aws, others, key) });
    const work = ["workerd", ours, "from its start to a Worker's first signed URL"].filter(Boolean).join(" ");
    row(work, times[0], `the same with @aws-sdk/cloudfront-signer${peers === ours ? "" : ` ${peers}`}`, times[1], peers === ours ? 0.8 : undefined);
  }
  await firstSignatures(keyFile, key);
}
