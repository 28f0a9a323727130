// The WASI example under wasmtime: OpenSSL verifies what it signs, and it allows only that.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { required } from "../js/environment.mjs";
import { HOST, KEY_PAIR_ID, pem } from "../js/keys.mjs";
import { verifyUrl } from "../js/signed_url.mjs";

/** The program's response to a request. */
function ask(uri, { key = "rsa2048", ...more } = {}) {
  const variables = { HTTP_HOST: HOST, REQUEST_URI: uri, KEY_PAIR_ID, PRIVATE_KEY: pem(key), PUBLIC_KEY: pem(`${key}.pub`), ...more };
  const { status, stdout, stderr } = spawnSync(required("WASMTIME_PYTHON"), [fileURLToPath(new URL("run.py", import.meta.url)), required("WASI_PROGRAM")], { input: JSON.stringify(variables), encoding: "utf8" });
  assert.equal(status, 0, stderr);
  const [head, body] = stdout.split("\r\n\r\n");
  return { status: Number(/^Status: (\d+)/.exec(head)[1]), body: body.trimEnd() };
}

for (const key of ["rsa2048", "p256"]) {
  test(`signs and verifies under wasmtime, ${key}`, () => {
    const signed = ask("/sign/films/1.mp4", { key });
    assert.equal(signed.status, 200, signed.body);
    assert.equal(verifyUrl(signed.body, pem(`${key}.pub`)).resource, `https://${HOST}/films/1.mp4`);
    const url = new URL(signed.body);
    const expires = url.searchParams.get("Expires");
    const uri = url.pathname + url.search;
    assert.deepEqual(ask(uri, { key }), { status: 200, body: `here comes https://${HOST}/films/1.mp4` });
    for (const changed of [uri.replace("1.mp4", "2.mp4"), "/films/1.mp4", uri.replace(expires, String(Number(expires) + 1))]) {
      const { status, body } = ask(changed, { key });
      assert.equal(status, 403, changed);
      assert.match(body, /<Error><Code>(AccessDenied|MissingKey)</);
    }
  });
}

test("bad input and a missing key are answered with a code", () => {
  const refused = ask("/sign/films/*");
  assert.equal(refused.status, 400);
  assert.match(refused.body, /^WILDCARD_IN_URL: /);
  const { status, body } = ask("/sign/films/1.mp4", { PRIVATE_KEY: "" });
  assert.equal(status, 500);
  assert.ok(body.length > 10);
});
