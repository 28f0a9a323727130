// The package's right answers to problems that people ran into. Each test is named after what went wrong. The core's are in
// tests/reports.rs.
import assert from "node:assert/strict";
import { createPrivateKey, sign as nodeSign } from "node:crypto";
import { test } from "node:test";
import vm from "node:vm";

import { getSignedUrl as theirUrl } from "@aws-sdk/cloudfront-signer";
import { AsyncSigner, CountersignError, Signer, Verifier, getSignedCookies, getSignedUrl, inspect, toSetCookie } from "countersign";

import { HOST, KEY_PAIR_ID, pem, publicKeys } from "./keys.mjs";
import { verifyUrl } from "./signed_url.mjs";

const H = `https://${HOST}`;
const until = { dateLessThan: "2h" };
const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048") });
const verifier = new Verifier({ publicKeys: { [KEY_PAIR_ID]: publicKeys.RSA } });
const codeOf = (call) => {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof CountersignError, error);
    return error.code;
  }
};

test("a star in the query was refused, by signUrl and by the drop-in", () => {
  const url = `${H}/a.pdf?response-content-disposition=attachment%3B%20filename*%3DUTF-8''%E2%82%AC.pdf`;
  const signed = signer.signUrl(url, until);
  assert.ok(signed.startsWith(`${H}/a.pdf?response-content-disposition=attachment%3B%20filename%2A%3DUTF-8%27%27%E2%82%AC.pdf&Expires=`), signed);
  verifyUrl(signed, publicKeys.RSA);
  for (const address of [url, `${H}/a?x=*`, `${H}/a?x=1?y*`, `${H}/dl?file=a.pdf&next=/p?file=b.pdf`]) {
    for (const one of [signer.signUrl(address, until), signer.signUrls([address], until)[0], signer.signUrl(address, { ...until, ipAddress: "192.0.2.1" })]) {
      assert.equal(new URL(one).href, one);
      assert.ok(verifier.verify({ url: one, ipAddress: "192.0.2.1" }).allowed);
      const [, query] = one.split("?Policy=")[0].split("&Policy=")[0].split("&Expires=")[0].split(/\?(.*)/s);
      assert.doesNotMatch(query ?? "", /[*?]/);
    }
  }
  const input = { url, keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048"), dateLessThan: "2030-01-01" };
  assert.equal(getSignedUrl(input), theirUrl(input));
  const conditions = { ...input, url: `${H}/a?x=*`, ipAddress: "192.0.2.1" };
  assert.equal(getSignedUrl(conditions), theirUrl(conditions));
});

test("a stranger's star in the path was signed by the drop-in where there was a condition", () => {
  const input = { url: `${H}/users/*/a.jpg`, keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048"), dateLessThan: "2030-01-01" };
  for (const more of [{}, { ipAddress: "192.0.2.1" }, { dateGreaterThan: "2029-01-01" }]) {
    assert.equal(codeOf(() => getSignedUrl({ ...input, ...more })), "WILDCARD_IN_URL");
  }
  // In cookies, a `*` is meant as a wildcard.
  assert.ok(getSignedCookies({ ...input, ipAddress: "192.0.2.1" })["CloudFront-Policy"]);
});

test("what a signer elsewhere returned stopped the module for the whole process", async () => {
  const detached = () => {
    const buffer = new ArrayBuffer(256);
    structuredClone(buffer, { transfer: [buffer] });
    return buffer;
  };
  const counterfeit = (prototype) => Object.create(prototype);
  class Liar extends Uint8Array {
    get length() {
      throw new Error("no length");
    }
    get byteLength() {
      return 2 ** 40;
    }
    get [Symbol.toStringTag]() {
      throw new Error("no tag");
    }
    get buffer() {
      return detached();
    }
  }
  const { proxy, revoke } = Proxy.revocable(new Uint8Array(256), {});
  revoke();
  for (const [what, make] of Object.entries({
    "a detached ArrayBuffer": detached,
    "a view of a detached ArrayBuffer": () => {
      const view = new Uint8Array(256);
      structuredClone(view.buffer, { transfer: [view.buffer] });
      return view;
    },
    "a huge ArrayBuffer": () => new ArrayBuffer(2 ** 31),
    "a huge view": () => new Uint8Array(2 ** 31),
    "1 KiB and a byte": () => new Uint8Array(1025),
    "a counterfeit ArrayBuffer": () => counterfeit(ArrayBuffer.prototype),
    "a counterfeit Uint8Array": () => counterfeit(Uint8Array.prototype),
    "a counterfeit with a length": () => Object.assign(counterfeit(Object.prototype), { byteLength: 256, length: 256, [Symbol.toStringTag]: "Uint8Array" }),
    "a Proxy of bytes": () => new Proxy(new Uint8Array(256), {}),
    "a revoked Proxy": () => proxy,
    "a view that lies of itself": () => new Liar(256),
    "a SharedArrayBuffer": () => new SharedArrayBuffer(256),
    "a resizable ArrayBuffer": () => new ArrayBuffer(256, { maxByteLength: 512 }),
    "another view": () => new Uint16Array(128),
    "another view with a name": () => Object.defineProperty(new Uint16Array(128), Symbol.toStringTag, { value: "Uint8Array" }),
    "a DataView": () => new DataView(new ArrayBuffer(256)),
    "a symbol": () => Symbol("signature"),
    "a function": () => () => new Uint8Array(256),
    "text": () => "A".repeat(256),
    "nothing": () => undefined,
  })) {
    const external = AsyncSigner.fromSign({ keyPairId: KEY_PAIR_ID, keyType: "RSA", publicKey: publicKeys.RSA, sign: make });
    for (const call of [() => external.signUrl(`${H}/a`, until), () => external.signCookies(`${H}/*`, until), () => external.grant(`${H}/*`, until)]) {
      await assert.rejects(call(), (error) => error instanceof CountersignError && error.code === "SIGNING_FAILED", what);
    }
    // The module still works.
    verifyUrl(signer.signUrl(`${H}/a`, until), publicKeys.RSA);
  }
});

test("bytes of another realm were no bytes", async () => {
  const key = createPrivateKey(pem("rsa2048"));
  const context = vm.createContext({ sign: (message) => [...nodeSign("sha1", message, key)] });
  for (const form of ["new Uint8Array(sign(message))", "new Uint8Array(sign(message)).buffer"]) {
    const external = AsyncSigner.fromSign({ keyPairId: KEY_PAIR_ID, keyType: "RSA", publicKey: publicKeys.RSA, sign: vm.runInContext(`(message) => ${form}`, context) });
    verifyUrl(await external.signUrl(`${H}/a`, until), publicKeys.RSA);
  }
  const bytes = vm.runInContext("new Uint8Array(pem)", vm.createContext({ pem: [...Buffer.from(pem("rsa2048"))] }));
  verifyUrl(new Signer({ keyPairId: KEY_PAIR_ID, privateKey: bytes }).signUrl(`${H}/a`, until), publicKeys.RSA);
});

test("a key's bytes that lie of themselves were copied first and measured then", () => {
  for (const privateKey of [new Uint8Array(2 ** 31), Object.defineProperty(new Uint16Array(100), Symbol.toStringTag, { value: "Uint8Array" }), Object.create(Uint8Array.prototype)]) {
    assert.equal(codeOf(() => new Signer({ keyPairId: KEY_PAIR_ID, privateKey })), "INVALID_PRIVATE_KEY");
  }
});

test("cookies that one face printed another did not read", () => {
  const cookies = signer.signCookies(`${H}/*`, until);
  const canned = signer.signCookies(`${H}/a`, until);
  const lines = toSetCookie(cookies, { path: "/" });
  const forms = (some) => [
    some,
    { ...some, theme: "dark" },
    Object.entries(some).map(([name, value]) => `${name}=${value}`).join("; "),
    `Cookie: ${Object.entries(some).map(([name, value]) => `${name}=${value}`).join("; ")}`,
    Object.entries(some).map(([name, value]) => `${name}=${value}`).join("\n"),
    JSON.stringify(some),
    JSON.stringify(some, null, 2),
    toSetCookie(some),
    toSetCookie(some, { path: "/", sameSite: "Lax", maxAge: 60 }).join("\n"),
    toSetCookie(some).map((line) => `Set-Cookie: ${line}`).join("\r\n"),
    JSON.stringify(toSetCookie(some)),
  ];
  for (const some of [cookies, canned]) {
    for (const form of forms(some)) {
      const decision = verifier.verify({ url: `${H}/a`, cookies: form });
      assert.ok(decision.allowed, `${JSON.stringify(form)}: ${decision.reason}`);
      const found = inspect(form);
      assert.equal(found.keyPairId, KEY_PAIR_ID);
      assert.deepEqual(found.findings.filter(({ severity }) => severity === "error"), []);
    }
  }
  for (const hostile of [[undefined], [Symbol("x")], [lines], new Proxy(lines, { get() { throw new Error("no"); } })]) {
    const code = codeOf(() => verifier.verify({ url: `${H}/a`, cookies: hostile }));
    assert.ok([undefined, "INVALID_OPTION"].includes(code), `${code}`);
  }
  assert.ok(verifier.verify({ url: `${H}/a`, cookies: lines }).allowed);
});

test("a denial and a finding have a code and values", () => {
  const url = signer.signUrl(`${H}/a`, { dateLessThan: 2_000_000_000, now: 1_900_000_000 });
  const { reasonCode, values, reason } = verifier.verify({ url, now: 2_000_000_720 });
  assert.deepEqual({ reasonCode, values, reason }, { reasonCode: "expired", values: { ago: 720, dateLessThan: 2_000_000_000 }, reason: "expired 12 minutes ago, at 2033-05-18T03:33:20Z" });
  const { code, values: found } = inspect(url, { now: 2_000_000_720 }).findings[0];
  assert.deepEqual({ code, found }, { code: "expired", found: { ago: 720, dateLessThan: 2_000_000_000 } });
});

test("cookies in the objects that programs keep them in were refused, or read as none", () => {
  const pairs = Object.entries(signer.signCookies(`${H}/*`, until)).map(([name, value]) => [name, `${value}`]);
  const header = pairs.map((pair) => pair.join("=")).join("; ");
  const lines = toSetCookie(Object.fromEntries(pairs));
  const set = new Headers();
  for (const line of lines) set.append("set-cookie", line);
  const objects = pairs.map(([name, value]) => ({ name, value, path: "/", httpOnly: true }));
  for (const cookies of [new Map(pairs), new URLSearchParams(pairs), new Headers({ cookie: header, host: HOST }), set, pairs, objects, { cookie: header, host: HOST }, { Cookie: header }, { "set-cookie": lines }]) {
    const decision = verifier.verify({ url: `${H}/a`, cookies });
    assert.ok(decision.allowed, decision.reason);
    const found = inspect(cookies);
    assert.equal(found.keyPairId, KEY_PAIR_ID);
    assert.deepEqual(found.findings.filter(({ severity }) => severity === "error"), []);
  }
  // A request without cookies.
  for (const cookies of [new Map(), new Headers(), [], new Map([["theme", "dark"]]), { cookie: "theme=dark" }]) {
    assert.equal(verifier.verify({ url: `${H}/a`, cookies }).reasonCode, "not-signed");
  }
  const throws = { get name() { throw new Error("no"); } };
  for (const cookies of [new Set(pairs), [throws], [Symbol("x")], new Map([[1, 2]]), Promise.resolve(header)]) {
    assert.equal(codeOf(() => verifier.verify({ url: `${H}/a`, cookies })), "INVALID_OPTION");
  }
});

test("a value of the wrong kind was only called an object", () => {
  const caught = (call) => {
    try {
      call();
    } catch (error) {
      return error;
    }
  };
  for (const [call, message, hint] of [
    [() => signer.signUrl(Promise.resolve(`${H}/a`), until), /a Promise, which is not awaited/, /./],
    [() => signer.signUrl(undefined, until), /undefined/, /variable/],
    [() => signer.signUrl(`${H}/a`, { dateLessThan: Promise.resolve("2h") }), /a Promise, which is not awaited/, /./],
    [() => signer.signCookies([`${H}/a/*`, `${H}/b/*`], until), /resource is an array/, /./],
    [() => signer.signCookies(Promise.resolve(`${H}/*`), until), /resource is a Promise, which is not awaited/, /./],
    [() => signer.signUrl(`${H}/x\n${H}/y`, until), /the URL is/, /more than one/],
    [() => signer.signUrl(`${H}undefined`, until), /not a host/, /slash/],
  ]) {
    const error = caught(call);
    assert.ok(error instanceof CountersignError, error);
    assert.match(error.message, message);
    assert.match(error.hint, hint);
  }
});
