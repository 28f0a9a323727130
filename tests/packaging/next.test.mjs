// Next.js 16: the example, started by its one command in an otherwise empty folder; and an app with a route of each kind, built by Turbopack and by webpack.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { chromium } from "playwright-core";

import { required } from "../js/environment.mjs";
import { KEY_PAIR_ID, pem } from "../js/keys.mjs";
import { printed } from "../js/waiting.mjs";
import { run } from "./project.mjs";
import { copyOfExample, curls, freePort, install, start } from "./walk.mjs";

const { Signer, Verifier } = await import(pathToFileURL(join(required("PACKAGE_INSTALLED"), "node_modules/countersign/dist/index.js")));
const keys = Object.fromEntries([["RSA", "rsa2048"], ["ECDSA", "p256"]].map(([type, name]) => [type, { privateKey: pem(name), publicKey: pem(`${name}.pub`) }]));
const quiet = { NEXT_TELEMETRY_DISABLED: "1", CI: "1" };

let folder;
before(() => {
  folder = copyOfExample("next");
  install(folder);
});

test("the guide shows the example's own files", () => {
  const guide = readFileSync(new URL("../../docs/nextjs.md", import.meta.url), "utf8");
  for (const name of ["next/links.js", "next/app/page.js", "next/proxy.js"]) {
    const code = readFileSync(new URL(`../../examples/${name}`, import.meta.url), "utf8").trimEnd();
    assert.ok(guide.includes(`<!-- example: ${name} -->\n\`\`\`js\n${code}\n\`\`\``), name);
  }
});

test("without what the README says to delete, the example has all that it imports", () => {
  const source = fileURLToPath(new URL("../../examples/next/", import.meta.url));
  const [, words] = /^1\. Delete ([^:]*):/m.exec(readFileSync(join(source, "README.md"), "utf8"));
  const deleted = [...words.matchAll(/`([^`]+)`/g)].map(([, name]) => join(source, name));
  assert.deepEqual(deleted.filter((name) => !existsSync(name)), []);
  const isLeft = (file) => !deleted.some((name) => file === name || file.startsWith(name + sep));
  const files = readdirSync(source, { recursive: true }).filter((name) => name.endsWith(".js") && !/node_modules|\.next/.test(name));
  assert.ok(files.length > 4, files.join());
  for (const file of files.map((name) => join(source, name)).filter(isLeft)) {
    for (const [, name] of readFileSync(file, "utf8").matchAll(/ from "(\.[^"]+)"/g)) {
      const imported = join(dirname(file), name);
      assert.ok(existsSync(imported) && isLeft(imported), `${file} imports ${name}`);
    }
  }
});

test("the example, by npm install and npm start: a page with links that open, and nothing without one", async () => {
  const port = await freePort();
  const { printed, stop } = await start(folder, /curl[^]*curl[^]*curl .*\n/, { ...quiet, PORT: String(port) });
  try {
    const [signed, unsigned, expired] = curls(printed);
    assert.deepEqual([signed.status, signed.body], [200, "hello\n"], signed.command);
    for (const denied of [unsigned, expired]) {
      assert.equal(denied.status, 403, denied.command);
      assert.match(denied.body, /<Error><Code>(MissingKey|AccessDenied)</);
    }
    const page = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    const links = [...page.matchAll(/href="(http:[^"]+)"/g)].map(([, href]) => href.replaceAll("&amp;", "&"));
    const files = await Promise.all(links.map(async (link) => (await fetch(link.replace("localhost", "127.0.0.1"))).text()));
    assert.deepEqual(files, ["hello\n", "what,price\ncoffee,3\n"], page);
    for (const link of links) assert.equal((await fetch(link.replace("localhost", "127.0.0.1").replace("hello", "hallo").replace("invoice", "voice"))).status, 403);
    assert.equal((await fetch(`http://127.0.0.1:${port}/private/..%2f.env.local`)).status, 403);
    assert.ok(!page.includes("PRIVATE"), "no key in the page");
  } finally {
    await stop();
  }
});

for (const bundler of ["turbopack", "webpack"]) {
  describe(`an app built by ${bundler}`, () => {
    let origin, program;
    before(async () => {
      // In a folder of the example, so that it finds its node_modules.
      const app = join(folder, "app-of-the-tests");
      mkdirSync(app, { recursive: true });
      cpSync(fileURLToPath(new URL("next_app", import.meta.url)), app, { recursive: true });
      writeFileSync(join(app, "package.json"), '{ "private": true }\n');
      const env = { ...quiet, DIST_DIR: `.next-${bundler}`, NEXT_PUBLIC_KEYS: JSON.stringify(keys) };
      const next = join(folder, "node_modules/next/dist/bin/next");
      run(process.execPath, [next, "build", `--${bundler}`, app], folder, env);
      program = spawn(process.execPath, [next, "start", app, "--hostname", "127.0.0.1", "--port", "0"], { cwd: folder, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
      [, origin] = await printed(program, /(http:\/\/127\.0\.0\.1:[1-9]\d*)[^]*Ready/);
    });
    after(async () => {
      if (program?.exitCode !== null) return;
      const ended = once(program, "exit");
      program.kill();
      await ended;
    });

    function check({ RSA, ECDSA, error }, engine) {
      assert.deepEqual(error, { own: true, code: "INVALID_PRIVATE_KEY", hint: "string" });
      for (const [type, { urls, allowed, keyPairId, ...rest }] of Object.entries({ RSA, ECDSA })) {
        assert.deepEqual({ engine: rest.engine, allowed, keyPairId }, { engine, allowed: [true, true], keyPairId: KEY_PAIR_ID });
        const verifier = new Verifier({ publicKeys: { [KEY_PAIR_ID]: keys[type].publicKey } });
        for (const url of urls) assert.equal(verifier.verify({ url, now: "2029-01-01" }).allowed, true);
      }
    }
    const json = async (path) => {
      const answer = await fetch(origin + path);
      assert.equal(answer.status, 200, await answer.clone().text());
      return answer.json();
    };

    test("a route in Node", async () => check(await json("/node"), "host"));
    test("a route in the edge runtime", async () => {
      const found = await json("/edge");
      assert.equal(found.runtime, "edge-runtime");
      check(found, "wasm");
    });
    test("a route of the pages router", async () => check(await json("/api/sign"), "host"));
    test("middleware.js with guard, in the edge runtime", async () => {
      const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: keys.RSA.privateKey });
      const ask = async (url) => {
        const answer = await fetch(url.replace("https://files.example.com", origin));
        return [answer.status, (await answer.text()).replace(/.*<Code>(\w+).*/, "$1")];
      };
      const url = "https://files.example.com/private?a=%2F";
      assert.deepEqual(await ask(signer.signUrl(url, { dateLessThan: "1h" })), [200, "private"]);
      assert.deepEqual(await ask(url), [403, "MissingKey"]);
      assert.deepEqual(await ask(signer.signUrl(url, { dateLessThan: "-1m", allowExpired: true })), [403, "AccessDenied"]);
      assert.deepEqual(await ask(signer.signUrl("https://files.example.com/other", { dateLessThan: "1h" }).replace("/other", "/private")), [403, "AccessDenied"]);
    });
    test("a page that signs in the browser", async () => {
      const browser = await chromium.launch({ executablePath: required("CHROMIUM"), chromiumSandbox: process.getuid?.() !== 0 });
      try {
        const page = await browser.newPage();
        const complaints = [];
        page.on("pageerror", (error) => complaints.push(String(error)));
        await page.goto(`${origin}/client`);
        await page.waitForFunction(() => globalThis.document.querySelector("output").textContent);
        check(JSON.parse(await page.textContent("output")), "wasm");
        assert.deepEqual(complaints, []);
      } finally {
        await browser.close();
      }
    });
  });
}
