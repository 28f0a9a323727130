// The AWS KMS example signs with keys of moto's server, which speaks KMS's wire format. The server's public keys verify
// the results.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { CountersignError } from "countersign";

import { startAws } from "./aws_stand_in.mjs";
import { HOST, KEY_PAIR_ID } from "./keys.mjs";
import { verifyUrl } from "./signed_url.mjs";

const example = fileURLToPath(new URL("../../examples/kms/", import.meta.url));
const { CreateKeyCommand, GetPublicKeyCommand, KMSClient } = createRequire(`${example}x.mjs`)("@aws-sdk/client-kms");
const { kmsSigner } = await import(pathToFileURL(`${example}kms_signer.mjs`));

let aws, kms;
before(async () => {
  aws = await startAws();
  kms = new KMSClient({ endpoint: aws.endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
});
after(async () => {
  kms?.destroy();
  await aws?.stop();
});

for (const KeySpec of ["RSA_2048", "ECC_NIST_P256"]) {
  test(`a key of ${KeySpec}`, async () => {
    const { KeyMetadata: { KeyId: keyId } } = await kms.send(new CreateKeyCommand({ KeyUsage: "SIGN_VERIFY", KeySpec }));
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: keyId }));
    const publicKey = createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" });
    const signer = await kmsSigner(kms, { keyId, keyPairId: KEY_PAIR_ID });
    const signed = await signer.signUrl(`https://${HOST}/a.jpg`, { dateLessThan: "30m", ipAddress: "192.0.2.0/24" });
    verifyUrl(signed, publicKey);
    assert.match(signed, /&Hash-Algorithm=SHA256$/);

    // The example itself, by its one command.
    const { status, stdout, stderr } = spawnSync(process.execPath, ["sign.mjs", keyId, KEY_PAIR_ID, `https://${HOST}/films/1.mp4`], { cwd: example, encoding: "utf8", env: { ...process.env, ...aws.environment } });
    assert.equal(status, 0, stderr);
    const urls = stdout.trim().split("\n");
    assert.deepEqual(urls.map((url) => verifyUrl(url, publicKey).resource), [`https://${HOST}/films/1.mp4`, `https://${HOST}/films/999.ts`]);
  });
}

test("keys that CloudFront does not take, and keys that are not there", async () => {
  const { KeyMetadata: { KeyId: keyId } } = await kms.send(new CreateKeyCommand({ KeyUsage: "SIGN_VERIFY", KeySpec: "RSA_4096" }));
  await assert.rejects(kmsSigner(kms, { keyId, keyPairId: KEY_PAIR_ID }), /RSA_4096; CloudFront takes RSA_2048/);
  await assert.rejects(kmsSigner(kms, { keyId: "00000000-0000-0000-0000-000000000000", keyPairId: KEY_PAIR_ID }), { name: "NotFoundException" });
  const { KeyMetadata: { KeyId: good } } = await kms.send(new CreateKeyCommand({ KeyUsage: "SIGN_VERIFY", KeySpec: "RSA_2048" }));
  const signer = await kmsSigner(kms, { keyId: good, keyPairId: KEY_PAIR_ID });
  const gone = await kmsSigner({ send: (command) => (command.constructor.name === "SignCommand" ? Promise.reject(new Error("throttled")) : kms.send(command)) }, { keyId: good, keyPairId: KEY_PAIR_ID });
  await assert.rejects(gone.signUrl(`https://${HOST}/a`, { dateLessThan: "1h" }), (error) => error instanceof CountersignError && error.code === "SIGNING_FAILED" && error.cause.message === "throttled");
  await signer.signUrl(`https://${HOST}/a`, { dateLessThan: "1h" });
});
