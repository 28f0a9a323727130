// `npx countersign-cli` from the packed tarball, in the oldest Node and in the newest: files by relative and absolute path and through a
// link, standard input, variables, exit status, and no warning on the screen. The shell's tests compare its output for every input.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { required } from "../js/environment.mjs";
import { HOST, KEY_PAIR_ID, keyFile, pem } from "../js/keys.mjs";
import { verifyUrl } from "../js/signed_url.mjs";
import { newestNode, run } from "./project.mjs";
import { npm } from "./walk.mjs";

const URL_ = `https://${HOST}/film.mp4`;
const packed = fileURLToPath(new URL("../../pkg/cli/", import.meta.url));

let folder, script;
before(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "countersign cli ")));
  run(npm, ["pack", "--silent", "--pack-destination", folder], packed);
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  run(npm, ["install", "--silent", "--no-audit", "--no-fund", "--offline", `./${tarball}`], folder);
  script = join(folder, "node_modules/countersign-cli/countersign.js");
  mkdirSync(join(folder, "keys/deep"), { recursive: true });
  cpSync(keyFile("rsa2048"), join(folder, "keys/private key.pem"));
  symlinkSync(join(folder, "keys/private key.pem"), join(folder, "keys/deep/link.pem"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function countersign(args, { node = process.execPath, cwd = folder, env = {}, input = "" } = {}) {
  const { status, stdout, stderr } = spawnSync(node, [script, ...args], { cwd, input, encoding: "utf8", env: { ...process.env, ...env } });
  return { status, stdout: stdout.trimEnd(), stderr: stderr.trimEnd() };
}
const sign = (source, options) => countersign(["sign", "--url", URL_, "--key-pair-id", KEY_PAIR_ID, "--private-key", source, "--date-less-than", "2h"], options);

for (const [name, node] of [["the Node that runs this", process.execPath], ["the newest Node", newestNode]]) {
  describe(name, () => {
    test("files by relative and absolute path, in folders above, through a link, by file://", () => {
      for (const [source, cwd] of [
        ["keys/private key.pem", folder],
        ["./keys/private key.pem", folder],
        ["file://keys/private key.pem", folder],
        ["private key.pem", join(folder, "keys")],
        ["../private key.pem", join(folder, "keys/deep")],
        ["../../keys/private key.pem", join(folder, "keys/deep")],
        ["link.pem", join(folder, "keys/deep")],
        [join(folder, "keys/private key.pem"), "/"],
        [`file://${join(folder, "keys/private key.pem")}`, folder],
        [relative("/", join(folder, "keys/private key.pem")), "/"],
      ]) {
        const { status, stdout, stderr } = sign(source, { node, cwd });
        assert.deepEqual([status, stderr], [0, ""], source);
        assert.equal(verifyUrl(stdout, pem("rsa2048.pub")).resource, URL_);
      }
    });

    test("standard input, variables, and a decision as exit status", () => {
      const { status, stdout: signed, stderr } = sign("-", { node, input: pem("rsa2048") });
      assert.deepEqual([status, stderr], [0, ""]);
      verifyUrl(signed, pem("rsa2048.pub"));
      verifyUrl(sign("env:SIGNING_KEY", { node, env: { SIGNING_KEY: pem("rsa2048").replaceAll("\n", "\\n") } }).stdout, pem("rsa2048.pub"));
      const verify = (url) => countersign(["verify", "-", "--public-key", keyFile("rsa2048.pub")], { node, input: `${url}\n` });
      assert.equal(verify(signed).status, 0);
      assert.equal(verify(signed.replace("film", "other")).status, 3);
      assert.equal(countersign(["sign"], { node }).status, 2);
      const missing = sign("nowhere.pem", { node });
      assert.deepEqual([missing.status, missing.stdout], [1, ""]);
      assert.match(missing.stderr, /^error\[INVALID_PRIVATE_KEY\]: the file nowhere\.pem .*\nhint: /);
    });

    test("new keys are for nobody else; serve says where it is", () => {
      const out = join(folder, `made by ${name}`);
      const { status, stdout } = countersign(["keygen", "--type", "ecdsa", "--out", out], { node });
      assert.equal(status, 0);
      assert.equal(stdout, ["private_key.pem", "public_key.pem"].map((file) => join(out, file)).join("\n"));
      if (process.platform !== "win32") assert.equal(statSync(join(out, "private_key.pem")).mode & 0o777, 0o600);
      const signed = sign(join(out, "private_key.pem"), { node });
      verifyUrl(signed.stdout, readFileSync(join(out, "public_key.pem"), "utf8"));
      const serve = countersign(["serve", "--root", ".", "--listen", "8080"], { node });
      assert.equal(serve.status, 1);
      assert.match(serve.stderr, /^error: serve is not in the npm package.*\nhint: .*cargo install countersign --features cli/);
    });
  });
}

test("npx countersign-cli, as guides say it", () => {
  const npx = process.platform === "win32" ? "npx.cmd" : "npx";
  const { status, stdout } = spawnSync(npx, ["--no-install", "countersign-cli", "inspect", `${URL_}?Expires=1&Signature=AAAA&Key-Pair-Id=K1`], { cwd: folder, encoding: "utf8" });
  assert.equal(status, 3, "a finding that is an error");
  assert.match(stdout, /expired/);
  assert.match(run(npm, ["exec", "--no", "--", "countersign", "--version"], folder), /^countersign \d/m);
});

test("without its module, it says what to do", () => {
  const broken = join(folder, "broken");
  cpSync(join(folder, "node_modules/countersign-cli"), broken, { recursive: true });
  writeFileSync(join(broken, "dist/countersign.wasm"), "<!doctype html>");
  const { status, stderr } = spawnSync(process.execPath, [join(broken, "countersign.js"), "--version"], { encoding: "utf8" });
  assert.equal(status, 1);
  assert.match(stderr, /^error\[NOT_INITIALIZED\]: dist\/countersign\.wasm cannot be loaded: .*\nhint: Reinstall countersign-cli/);
});

test("Windows's paths, as the program knows them; what is no path stays as it is", async () => {
  const { guestArguments, guestPath } = await import(pathToFileURL(join(packed, "host.js")));
  assert.equal(guestPath("c:\\Users\\me", true), "/C:/Users/me");
  for (const [given, known] of [
    ["C:\\keys\\private.pem", "/C:/keys/private.pem"],
    ["c:/keys/private.pem", "/C:/keys/private.pem"],
    ["file://C:\\keys\\private.pem", "file:///C:/keys/private.pem"],
    ["file:///C:/keys/private.pem", "file:///C:/keys/private.pem"],
    ["--private-key=C:\\keys\\private.pem", "--private-key=/C:/keys/private.pem"],
    ["K2JCJMDEHXQW5F=file://D:\\public.pem", "K2JCJMDEHXQW5F=file:///D:/public.pem"],
    ["..\\keys\\private.pem", "../keys/private.pem"],
    ["keys\\private key.pem", "keys/private key.pem"],
    ["file://keys\\private.pem", "file://keys/private.pem"],
    ["https://d111111abcdef8.cloudfront.net/a\\b", "https://d111111abcdef8.cloudfront.net/a\\b"],
    ['{"Statement":[{"Resource":"a\\"b"}]}', '{"Statement":[{"Resource":"a\\"b"}]}'],
    ["20301231T23:59:59+09:00", "20301231T23:59:59+09:00"],
    ["env:NAME", "env:NAME"],
    ["2h", "2h"],
    ["-", "-"],
  ]) assert.deepEqual(guestArguments([given], true), [known], given);
  assert.deepEqual(guestArguments(["a\\b"], false), ["a\\b"]);
});
