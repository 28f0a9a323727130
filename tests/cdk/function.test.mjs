// The function of examples/cdk: the file that esbuild makes for Lambda, imported as Lambda does, with the events of a function URL and the
// secret in moto's Secrets Manager. What it signs is judged by Verifier.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, mock, test } from "node:test";
import { pathToFileURL } from "node:url";

import { Verifier } from "../../pkg/dist/index.js";
import { startAws } from "../js/aws_stand_in.mjs";
import { keyFile, pem } from "../js/keys.mjs";
import { functionUrlEvent } from "./cloud.mjs";
import { only, requireOfExample, synthesise } from "./example.mjs";

const { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } = requireOfExample("@aws-sdk/client-secrets-manager");

const DISTRIBUTION = "https://d111111abcdef8.cloudfront.net";
const publicKeys = { KRSA1111111111: pem("rsa2048.pub"), KECDSA11111111: pem("p256.pub") };
const verifier = new Verifier({ publicKeys });

let folder, aws, secrets, file;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "countersign-function-"));
  const template = synthesise(folder, { keys: "2026-11" }, { isBundled: true });
  assert.equal(only(template, "AWS::Lambda::Function").Handler, "index.handler");
  const [asset] = readdirSync(folder).filter((name) => name.startsWith("asset."));
  file = join(folder, asset, "index.mjs");
  assert.deepEqual(readdirSync(join(folder, asset)), ["index.mjs"], "one file, with the packages in it");
  aws = await startAws();
  Object.assign(process.env, aws.environment);
  secrets = new SecretsManagerClient({});
});
after(async () => {
  mock.timers.reset();
  secrets?.destroy();
  await aws?.stop();
  rmSync(folder, { recursive: true, force: true });
});

let count = 0, logged;
beforeEach(() => {
  logged = [];
  mock.restoreAll();
  // Node prints its warnings as console errors.
  mock.method(console, "error", (...words) => String(words[0]).startsWith("(node:") || logged.push(words.join(" ")));
});

/** A container with its own secret. Returns functions that call it and that change its key. */
async function container(value, variables = {}) {
  count += 1;
  const { ARN } = await secrets.send(new CreateSecretCommand({ Name: `key-${count}`, ...(value && { SecretString: value }) }));
  for (const name of ["KEY_TYPE", "COOKIE_DOMAIN"]) delete process.env[name];
  Object.assign(process.env, { SECRET: ARN, DISTRIBUTION, SIGNED_PREFIX: "/files/", LIFETIME: "30m" }, variables);
  Object.entries(publicKeys).forEach(([id, pem], index) => Object.assign(process.env, { [`KEY_PAIR_ID_${index}`]: id, [`PUBLIC_KEY_${index}`]: pem }));
  // Node caches imports by their URL.
  const { handler } = await import(`${pathToFileURL(file)}?${count}`);
  const call = async (path, query, method) => {
    const answer = await handler(functionUrlEvent(path, query, method));
    assert.equal(answer.headers["content-type"], "application/json");
    assert.equal(answer.headers["cache-control"], "no-store");
    return { ...answer, body: JSON.parse(answer.body) };
  };
  return { call, put: (value) => secrets.send(new PutSecretValueCommand({ SecretId: ARN, SecretString: value })) };
}

for (const [type, key, id] of [["RSA", "rsa2048", "KRSA1111111111"], ["ECDSA", "p256", "KECDSA11111111"]]) {
  test(`${type}: a signed URL, by the id that the key has in the group`, async () => {
    const { call } = await container(pem(key), { KEY_TYPE: type });
    const { statusCode, body, cookies } = await call("/url", "path=%2Ffiles%2Fa%20b.mp4");
    assert.deepEqual([statusCode, Object.keys(body), cookies], [200, ["url"], undefined]);
    const decision = verifier.verify({ url: body.url });
    assert.ok(decision.allowed, decision.reason);
    assert.deepEqual([decision.keyPairId, decision.policy.algorithm ?? new URL(body.url).searchParams.get("Hash-Algorithm")], [id, "SHA256"]);
    assert.ok(body.url.startsWith(`${DISTRIBUTION}/files/a%20b.mp4?`));
    assert.equal(verifier.verify({ url: body.url, now: "29m" }).allowed, true);
    assert.equal(verifier.verify({ url: body.url, now: "31m" }).allowed, false);
  });

  test(`${type}: signed cookies, for all below a path`, async () => {
    const { call } = await container(pem(key), { COOKIE_DOMAIN: "example.com" });
    const { statusCode, body, cookies } = await call("/cookies", "path=/files/films/7/*");
    assert.equal(statusCode, 200);
    const allowed = (path) => verifier.verify({ url: `${DISTRIBUTION}${path}`, cookies: body.cookies }).allowed;
    assert.deepEqual(["/files/films/7/index.m3u8", "/files/films/7/a/1.ts?x=1", "/files/films/8/index.m3u8", "/files/films/7"].map(allowed), [true, true, false, false]);
    // The same, as a browser keeps them.
    const kept = cookies.map((line) => line.split("; ")[0]).join("; ");
    assert.equal(verifier.verify({ url: `${DISTRIBUTION}/files/films/7/1.ts`, cookies: kept }).keyPairId, id);
    for (const line of cookies) assert.match(line, /; Domain=example\.com; Path=\/files\/films\/7\/; Secure; HttpOnly; SameSite=Lax$/);
  });
}

test("cookies for one file have its folder as their path, and without a shared domain none", async () => {
  const { call } = await container(pem("rsa2048"));
  const { cookies } = await call("/cookies", "path=/files/films/7.mp4");
  for (const line of cookies) assert.match(line, /^[^;]+; Path=\/files\/films\/; Secure; HttpOnly; SameSite=Lax$/);
});

test("only what is below the prefix is signed, whatever way is tried", async () => {
  const { call } = await container(pem("rsa2048"));
  const outside = ["/", "/files", "/filesystem/a", "/other/a", "files/a", "", "/files/../other/a", "/files/%2e%2E/other/a", "/files\\..\\..\\other", "//evil.example.com/files/a", "/\\evil.example.com/files/a", "https://evil.example.com/files/a", "/files/a#b", "/*", "/f*/a", "/\tother/a", "/files/..%2fother/a", "/files/..%5cother/a"];
  for (const path of outside) {
    for (const what of ["/url", "/cookies"]) assert.equal((await call(what, `path=${encodeURIComponent(path)}`)).statusCode, 400, `${what} ${path}`);
  }
});

test("bad input: 400 with the reason", async () => {
  const { call } = await container(pem("rsa2048"));
  for (const query of ["", "path", "path=", "path=/files/a&path=/files/b", "other=/files/a"]) assert.equal((await call("/url", query)).statusCode, 400, query);
  for (const [path, code] of [["/files/*", "WILDCARD_IN_URL"], ["/files/a?Expires=1", "RESERVED_PARAMETER"]]) {
    const { statusCode, body } = await call("/url", `path=${encodeURIComponent(path)}`);
    assert.deepEqual([statusCode, body.code, typeof body.hint], [400, code, "string"], path);
  }
  assert.equal((await call("/", "path=/files/a")).statusCode, 404);
  assert.equal((await call("/__proto__", "path=/files/a")).statusCode, 404);
  const { statusCode, headers } = await call("/url", "path=/files/a", "POST");
  assert.deepEqual([statusCode, headers.allow], [405, "GET"]);
});

test("no key that can sign: 500, and only the log says why", async () => {
  const other = execFileSync("openssl", ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  for (const [what, value, reason, variables] of [
    ["no value", undefined, /^ResourceNotFoundException/],
    ["no key", "hunter2", /^CountersignError/],
    ["a public key", pem("rsa2048.pub"), /^CountersignError/],
    ["an encrypted key", pem("rsa2048.encrypted"), /^CountersignError/],
    ["a key that is not in the group", other, /not in the trusted key group/],
    ["a key of the other type", pem("p256"), /of type ECDSA; the function is set to RSA/, { KEY_TYPE: "RSA" }],
    ["no such secret", pem("rsa2048"), /^(ResourceNotFound|AccessDenied|Invalid)/, { SECRET: "arn:aws:secretsmanager:us-east-1:123456789012:secret:none" }],
  ]) {
    logged = [];
    const { call } = await container(value, variables);
    const { statusCode, body } = await call("/url", "path=/files/a");
    assert.deepEqual([statusCode, body], [500, { error: "there is no key to sign with; the function's log says why" }], what);
    assert.equal(logged.length, 1, `${what}: ${logged.join("\n")}`);
    assert.match(logged[0], reason, what);
    const secret = (value ?? "").replace(/-----[^-]+-----/g, "").trim();
    for (let at = 0; at + 6 < secret.length; at += 6) assert.ok(!logged[0].includes(secret.slice(at, at + 7)), `${what}: the log holds a piece of the secret`);
  }
});

test("the secret is read once in five minutes, and a new key counts from then on", async () => {
  const start = Date.now();
  mock.timers.enable({ apis: ["Date"], now: start });
  const { call, put } = await container(pem("rsa2048"));
  const id = async () => new URL((await call("/url", "path=/files/a")).body.url).searchParams.get("Key-Pair-Id");
  assert.equal(await id(), "KRSA1111111111");
  await put(pem("p256"));
  mock.timers.setTime(start + 5 * 60_000 - 1);
  assert.equal(await id(), "KRSA1111111111");
  mock.timers.setTime(start + 5 * 60_000);
  assert.equal(await id(), "KECDSA11111111");
  mock.timers.reset();
});

test("a key that was not there is found as soon as it is", async () => {
  const { call, put } = await container();
  assert.equal((await call("/url", "path=/files/a")).statusCode, 500);
  await put(readFileSync(keyFile("rsa2048"), "utf8"));
  assert.equal((await call("/url", "path=/files/a")).statusCode, 200);
});
