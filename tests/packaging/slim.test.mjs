// countersign/slim in Node, as an ES module and as CommonJS: its errors before the module is loaded, and every way to pass it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { pem } from "../js/keys.mjs";
import { newestNode, project, run } from "./project.mjs";

const FORMATS = {
  mjs: 'import { readFileSync } from "node:fs"; import { createRequire } from "node:module"; import * as slim from "countersign/slim"; const require = createRequire(import.meta.url);',
  cjs: 'const { readFileSync } = require("node:fs"); const slim = require("countersign/slim");',
};
const BODY = `
  const { CountersignError, Signer, Verifier, generateKeyPair, getSignedUrl, init, initSync, inspect, derivePublicKey, stripSignature, toSetCookie } = slim;
  const file = require.resolve("countersign/core.wasm");
  const told = (work) => {
    try {
      return { result: work() };
    } catch (error) {
      return { own: error instanceof CountersignError, code: error.code, message: error.message, hint: error.hint };
    }
  };
  const later = (promise) => promise.then(() => "no error", (error) => told(() => { throw error; }));
  const signs = () => derivePublicKey(${JSON.stringify(pem("p256"))}).startsWith("-----BEGIN");
  const print = (value) => console.log(JSON.stringify(value));`;

/** Runs a script of its own in both formats. */
function inBoth(name, script, check) {
  for (const [format, head] of Object.entries(FORMATS)) {
    test(`${name} (${format})`, () => {
      const folder = project(`slim-${format}`, { [`run.${format}`]: `${head}\n${BODY}\n(async () => {${script}})();` }, { suite: false });
      for (const node of [process.execPath, newestNode]) check(JSON.parse(run(node, [`run.${format}`], folder)));
    });
  }
}

const refused = ({ own, code, message, hint }, words) => {
  assert.ok(own && code === "NOT_INITIALIZED" && hint, JSON.stringify({ own, code, message, hint }));
  assert.match(message, words);
};

inBoth("everything but the module says what to call first", `
  print([
    () => new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: "x" }), () => new Verifier({ publicKeys: {} }), () => derivePublicKey("x"), () => inspect("x"),
    () => stripSignature("https://d111111abcdef8.cloudfront.net/"), () => toSetCookie({}), () => getSignedUrl({}),
  ].map(told));`, (errors) => {
  for (const error of errors) {
    refused(error, /before its module was loaded/);
    assert.match(error.hint, /initSync\(module\).*init\(\)/);
  }
});

inBoth("init() alone finds the file of the package; calls share one promise, later ones do nothing", `
  const [one, two] = [init(), init()];
  await one;
  await init("nothing that is read");
  initSync("nothing that is read");
  print({ shared: one === two, signs: signs() });`, (result) => assert.deepEqual(result, { shared: true, signs: true }));

for (const [what, input] of Object.entries({
  "its path as a URL": 'require("node:url").pathToFileURL(file)', "its URL as text": 'require("node:url").pathToFileURL(file).href', "its bytes": "readFileSync(file)",
  "its ArrayBuffer": "new Uint8Array(readFileSync(file)).buffer", "a promise of its bytes": 'require("node:fs/promises").readFile(file)',
  "a Response": 'new Response(readFileSync(file), { headers: { "content-type": "application/wasm" } })', "a module": "new WebAssembly.Module(readFileSync(file))",
})) {
  inBoth(`init() takes ${what}`, `await init(${input}); print(signs());`, (signed) => assert.equal(signed, true));
}

for (const [what, input] of Object.entries({ "its bytes": "readFileSync(file)", "its ArrayBuffer": "new Uint8Array(readFileSync(file)).buffer", "a module": "new WebAssembly.Module(readFileSync(file))" })) {
  inBoth(`initSync() takes ${what}`, `initSync(${input}); print(signs());`, (signed) => assert.equal(signed, true));
}

inBoth("what is not the module is named, and can be followed by the module", `
  const nobody = require("node:url").pathToFileURL(file + ".not-here");
  const outcomes = {
    missing: await later(init(nobody)),
    status: await later(init(new Response("<html>", { status: 404 }))),
    page: await later(init(new Response("<!doctype html>", { headers: { "content-type": "text/html" } }))),
    empty: await later(init(new Uint8Array(0))),
    failing: await later(init(Promise.reject(new Error("gone")))),
    number: await later(init(7)),
    nothing: told(() => initSync()),
    text: told(() => initSync("core.wasm")),
    cut: told(() => initSync(readFileSync(file).subarray(0, 1000))),
    other: told(() => initSync(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))),
    still: await later(generateKeyPair()),
  };
  await init();
  print({ outcomes, signs: signs() });`, ({ outcomes, signs }) => {
  refused(outcomes.missing, /cannot be read.*ENOENT/);
  refused(outcomes.status, /status 404/);
  refused(outcomes.page, /text\/html.*begins with "<!doctype html>"/);
  refused(outcomes.empty, /begins with nothing/);
  refused(outcomes.failing, /gone/);
  refused(outcomes.number, /7/);
  for (const name of ["nothing", "text"]) refused(outcomes[name], /initSync takes/);
  refused(outcomes.cut, /cannot be compiled here/);
  refused(outcomes.other, /not the module of this version/);
  refused(outcomes.still, /before its module was loaded/);
  assert.equal(signs, true);
});

inBoth("slim and the package itself may be loaded together, in any order", `
  const whole = await import("countersign");
  const mine = ${JSON.stringify("K2JCJMDEHXQW5F")};
  print({ signs: signs_or(signs), error: told(() => new whole.Signer({})).code });
  function signs_or(work) { const before = told(work); initSync(readFileSync(file)); return before.result ?? signs(); }`, ({ signs, error }) => {
  assert.equal(signs, true);
  assert.equal(error, "INVALID_KEY_PAIR_ID");
});

test("errors and keys of a second copy of the package are told from nothing else by instanceof", () => {
  const folder = project("two-copies", {
    "run.mjs": `
      import { createRequire } from "node:module";
      import * as esm from "countersign";
      const cjs = createRequire(import.meta.url)("countersign");
      const thrown = (work) => { try { work(); } catch (error) { return error; } };
      const errors = [esm, cjs].map(({ Signer }) => thrown(() => new Signer({})));
      const privateKey = (await esm.generateKeyPair({ type: "ECDSA" })).privateKey;
      const foreign = [esm, cjs].map(({ Signer }, at, all) => thrown(() => all[1 - at].Signer.prototype.signUrl.call(new Signer({ keyPairId: "K1", privateKey }), "https://a.example/", { dateLessThan: "1h" })));
      console.log(JSON.stringify({
        two: esm.Signer !== cjs.Signer,
        recognised: [esm, cjs].flatMap(({ CountersignError }) => errors.map((error) => error instanceof CountersignError)),
        codes: errors.map(({ code }) => code),
        plain: [esm, cjs].map(({ CountersignError }) => new TypeError("x") instanceof CountersignError),
        foreign: foreign.map((error) => error instanceof TypeError),
      }));`,
  }, { suite: false });
  assert.deepEqual(JSON.parse(run(process.execPath, ["run.mjs"], folder)), {
    two: true, recognised: [true, true, true, true], codes: ["INVALID_KEY_PAIR_ID", "INVALID_KEY_PAIR_ID"], plain: [false, false], foreign: [true, true],
  });
});

test("a runtime without WebAssembly is told so on import", () => {
  const spoil = "delete globalThis.WebAssembly;\n";
  const tell = "({ code, message, hint, name }) => console.log(JSON.stringify({ code, message, hint, name }))";
  const folder = project("no-wasm", {
    "esm.mjs": `${spoil}import("countersign").catch(${tell});`,
    "slim.mjs": `${spoil}import("countersign/slim").catch(${tell});`,
    "cjs.cjs": `${spoil}try { require("countersign"); } catch (error) { (${tell})(error); }`,
  }, { suite: false });
  for (const file of ["esm.mjs", "slim.mjs", "cjs.cjs"]) {
    const { code, message, hint, name } = JSON.parse(run(process.execPath, [file], folder));
    assert.deepEqual([code, name], ["NOT_INITIALIZED", "CountersignError"], file);
    assert.match(message, /no WebAssembly/);
    assert.match(hint, /Rust crate/);
  }
});
