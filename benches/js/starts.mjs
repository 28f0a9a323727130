// The time from a start to the first signed URL: programs in Node, Deno and Bun, and Workers in workerd.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { DENO_ENV, DENO_RUN, binaryOf } from "../../tests/packaging/programs.mjs";
import { serve } from "../../tests/packaging/worker_bundle.mjs";
import { quick, spread } from "./measure.mjs";
import { begin, row } from "./rows.mjs";
import { here, worker } from "./runtimes.mjs";

const SIGNED = /^https:\/\/\S+[?&]Signature=\S+$/;

/** Starts one and the other in turns. Returns the microseconds until each has printed its signed URL. */
async function inTurns(starts) {
  const times = Object.fromEntries(Object.keys(starts).map((name) => [name, []]));
  for (let round = 0; round < (quick ? 2 : 16); round++) {
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

async function firstAnswer(bundled, flags, key) {
  const { origin, stop } = await serve(bundled, { flags, bindings: `(name = "PRIVATE_KEY", text = ${JSON.stringify(key)})` });
  return { text: await (await fetch(origin)).text(), stop };
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
    row(`a process from its start to its first signed URL, ${name}`, own, "the same with @aws-sdk/cloudfront-signer", aws, name === "Node" && 1);
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
}
