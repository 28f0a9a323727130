// The examples for Node and Workers, each started by its one command, from a copy without installed packages. Each curl command that they print does
// what its comment says. The example for Next.js is in next.test.mjs.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { newestNode } from "./project.mjs";
import { copyOfExample, curls, freePort, install, start } from "./walk.mjs";

test("node: npm install, npm start, and the commands that it prints", async () => {
  const folder = copyOfExample("node");
  install(folder);
  const { printed, stop } = await start(folder, /403\ncurl .*\n/, { PORT: String(await freePort()) });
  try {
    const [login, file, playlist, unsigned] = curls(printed, folder);
    assert.equal(login.body, "welcome\n");
    assert.match(file.body, /coffee 3\.00\n$/, file.command);
    const [address] = /^http\S+1\.ts\S+$/m.exec(playlist.body) ?? [];
    assert.equal(await (await fetch(address)).text(), "a segment\n", playlist.body);
    assert.equal(unsigned.status, 403);
    assert.match(unsigned.body, /<Error><Code>MissingKey</);
  } finally {
    await stop();
  }
});

test("worker: npm install, npm start with Node 22 or newer, and the commands that it prints", async () => {
  const folder = copyOfExample("worker");
  install(folder);
  // As its README says for a key of your own.
  const configuration = join(folder, "wrangler.json");
  writeFileSync(configuration, readFileSync(configuration, "utf8").replace("K2JCJMDEHXQW5F", "KMYOWN"));
  const { printed, stop } = await start(folder, /403\ncurl .*\n/, { PORT: String(await freePort()) }, [newestNode, "start.mjs"]);
  try {
    const [signed, file, unsigned] = curls(printed, folder);
    assert.match(signed.body, /^https:\/\/d111111abcdef8\.cloudfront\.net\/films\/film\.txt\?Expires=\d+&Signature=.*&Key-Pair-Id=KMYOWN$/);
    assert.equal(file.body, "a film\n");
    assert.equal(unsigned.status, 403);
    assert.match(unsigned.body, /<Error><Code>MissingKey</);
  } finally {
    await stop();
  }
});

test("what is missing is said first", { skip: Number(process.versions.node.split(".")[0]) >= 22 && "this Node is new enough for wrangler" }, () => {
  const folder = copyOfExample("worker");
  const { status, stderr } = spawnSync(process.execPath, [join(folder, "start.mjs")], { cwd: folder, encoding: "utf8" });
  assert.equal(status, 2);
  assert.match(stderr, /^wrangler needs Node\.js 22 or newer, and this is \d+\.\d+\.\d+\.\nInstall a newer one/);
});
