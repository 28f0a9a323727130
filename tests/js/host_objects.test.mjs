// Host objects that are missing, throw, are Proxies or belong to another realm break neither the import nor later calls.
// Each case is its own realm (node:vm) with host objects from this one, as in Jest.
import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

import { HOST, KEY_PAIR_ID, pem, publicKeys } from "./keys.mjs";
import { verifyUrl } from "./signed_url.mjs";

const file = (name) => readFileSync(new URL(`../../pkg/dist/${name}`, import.meta.url));
/** As CommonJS runs a file. */
const compiled = (name) => new vm.Script(`(function (module) {${file(name)}\n})`, { filename: name });
const whole = compiled("index.cjs");
const slim = compiled("slim.cjs");

const url = `https://${HOST}/caf\u00e9 \u{1f600}.jpg`;

/** Answers every access and every call with itself. It is no promise, which would never resolve. */
const agreeable = new Proxy(function () {}, {
  get: (target, name, self) => (name === "prototype" ? target.prototype : name === Symbol.toPrimitive ? () => "" : name === "then" ? undefined : self),
  apply: () => agreeable,
  construct: () => agreeable,
});
const refusing = new Proxy(function () {}, Object.fromEntries(
  Object.getOwnPropertyNames(Reflect).map((trap) => [trap, () => { throw new Error("not supported in this runtime"); }]),
));

/** Faults of a host object. `(global, name, real)` changes the realm. */
const faults = {
  "is missing": (global, name) => vm.runInContext(`delete globalThis.${name}`, global),
  "is undefined": (global, name) => define(global, name, { value: undefined }),
  "is null": (global, name) => define(global, name, { value: null }),
  "is text": (global, name) => define(global, name, { value: "nothing" }),
  "throws when asked for": (global, name) => define(global, name, { get() { throw new Error(`${name} is not supported`); } }),
  "throws what is no error": (global, name) => define(global, name, { get() { throw undefined; } }),
  "throws whatever is done with it": (global, name) => define(global, name, { value: refusing }),
  "has functions that throw": (global, name, real) => define(global, name, { value: throwing(real) }),
  "has members that throw": (global, name, real) => define(global, name, { value: new Proxy(real, { get() { throw new Error("unsupported"); } }) }),
  "answers itself": (global, name) => define(global, name, { value: agreeable }),
  "is a Proxy": (global, name, real) => define(global, name, { value: new Proxy(real, {}) }),
};

const define = (object, name, descriptor) => Object.defineProperty(object, name, { configurable: true, ...descriptor });

/** The same members, with functions that throw, like Next.js's `process`. */
function throwing(real) {
  const fail = () => { throw new Error("A Node.js API is used which is not supported in the Edge Runtime."); };
  return new Proxy(real, { get: (target, name) => (typeof target[name] === "function" ? fail : target[name]), construct: fail });
}

// Node 20 has no `navigator`.
globalThis.navigator ??= { userAgent: "none" };
const HOST_OBJECTS = ["process", "Buffer", "TextEncoder", "TextDecoder", "crypto", "navigator", "URL", "atob"];

function realm() {
  const sandbox = Object.fromEntries(HOST_OBJECTS.map((name) => [name, globalThis[name]]));
  return vm.createContext(sandbox);
}

function load(context, script = whole) {
  const module = { exports: {} };
  script.runInContext(context)(module);
  return module.exports;
}

/** Signs with both key types and each engine, verifies, inspects, and reads bytes of both realms. */
function use(countersign, what, mayFail = []) {
  for (const [type, name] of [["RSA", "rsa2048"], ["ECDSA", "p256"]]) {
    for (const engine of ["auto", "wasm"]) {
      const address = mayFail.includes("URL") ? `https://${HOST}/a.jpg` : url;
      let signed;
      try {
        signed = new countersign.Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem(name), engine }).signUrl(address, { dateLessThan: "2h" });
      } catch (error) {
        // RSA needs random numbers, and this engine has no other source.
        assert.ok(mayFail.includes("crypto") && error instanceof countersign.CountersignError, `${what} ${name} ${engine}: ${error?.stack}`);
        assert.equal(error.code, "RANDOM_UNAVAILABLE", `${what} ${name} ${engine}`);
        continue;
      }
      verifyUrl(signed, publicKeys[type]);
      const verifier = new countersign.Verifier({ publicKeys: { [KEY_PAIR_ID]: publicKeys[type] } });
      if (!mayFail.includes("URL")) {
        assert.equal(verifier.verify({ url: signed }).allowed, true, what);
        assert.equal(countersign.inspect(signed).keyPairId, KEY_PAIR_ID, what);
      }
    }
  }
  assert.equal(createPublicKey(countersign.derivePublicKey(Buffer.from(pem("p256")))).asymmetricKeyType, "ec", what);
}

for (const name of HOST_OBJECTS) {
  test(`${name} of the host: missing, throwing, a Proxy`, () => {
    for (const [fault, spoil] of Object.entries(faults)) {
      const context = realm();
      spoil(context, name, globalThis[name]);
      use(load(context), `${name} ${fault}`, [name]);
    }
  });
}

test("process.getBuiltinModule throws, as in Next.js's edge sandbox, or gives what is no crypto", () => {
  for (const getBuiltinModule of [
    undefined,
    null,
    "text",
    () => { throw new Error("A Node.js API is used (process.getBuiltinModule) which is not supported in the Edge Runtime."); },
    () => undefined,
    () => null,
    () => ({}),
    () => agreeable,
    () => refusing,
    () => throwing(process.getBuiltinModule("node:crypto")),
  ]) {
    const context = realm();
    context.process = { env: {}, getBuiltinModule };
    use(load(context), `${getBuiltinModule}`);
    context.process = define({ env: {} }, "getBuiltinModule", { get: () => { throw new Error("unsupported"); } });
    use(load(context), "a getter that throws");
  }
});

test("the host's crypto is used where it is of another realm", () => {
  const countersign = load(realm());
  for (const name of ["rsa2048", "p256"]) {
    for (const algorithm of ["SHA1", "SHA256"]) {
      const signer = new countersign.Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem(name), algorithm, engine: "host" });
      assert.equal(signer.engine, "host");
      verifyUrl(signer.signUrl(url, { dateLessThan: "2h" }), createPublicKey(pem(name)));
    }
  }
});

test("everything of the host is missing at once, as far as a realm can have nothing", async () => {
  const countersign = load(vm.createContext({}));
  const signer = new countersign.Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256") });
  assert.equal(signer.engine, "wasm");
  verifyUrl(signer.signUrl(`https://${HOST}/a.jpg`, { dateLessThan: "2h" }), publicKeys.ECDSA);
  await assert.rejects(countersign.AsyncSigner.fromKey({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256") }), { code: "HOST_CRYPTO_UNAVAILABLE" });
});

test("crypto that throws, or does not say what is wrong, is a coded error of AsyncSigner", async () => {
  for (const [fault, spoil] of Object.entries(faults)) {
    const context = realm();
    spoil(context, "crypto", { subtle: throwing(globalThis.crypto.subtle) });
    const { AsyncSigner, CountersignError } = load(context);
    await assert.rejects(
      AsyncSigner.fromKey({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256") }),
      (error) => error instanceof CountersignError && error.code === "HOST_CRYPTO_UNAVAILABLE",
      fault,
    );
  }
});

test("WebAssembly that is missing or throws is NOT_INITIALIZED on import; a Proxy of it works", () => {
  for (const [fault, spoil] of Object.entries(faults)) {
    const context = realm();
    spoil(context, "WebAssembly", vm.runInContext("WebAssembly", context));
    if (fault === "is a Proxy") {
      use(load(context), `WebAssembly ${fault}`);
      continue;
    }
    assert.throws(() => load(context), (error) => error.code === "NOT_INITIALIZED" && error.name === "CountersignError", fault);
  }
});

test("countersign/slim takes a module and bytes of another realm", async () => {
  for (const input of [new WebAssembly.Module(file("core.wasm")), file("core.wasm"), new Uint8Array(file("core.wasm")).buffer]) {
    const now = load(realm(), slim);
    now.initSync(input);
    use(now, "initSync");
    const later = load(realm(), slim);
    await later.init(input);
    use(later, "init");
  }
});
