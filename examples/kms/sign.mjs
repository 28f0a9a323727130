// node sign.mjs KMS_KEY_ID KEY_PAIR_ID URL: prints the URL, signed for 30 minutes; then signs a thousand URLs with one signature.
import { KMSClient } from "@aws-sdk/client-kms";

import { kmsSigner } from "./kms_signer.mjs";

const [keyId, keyPairId, url] = process.argv.slice(2);
if (!url) {
  console.error("usage: node sign.mjs KMS_KEY_ID KEY_PAIR_ID URL");
  process.exit(2);
}
const signer = await kmsSigner(new KMSClient({}), { keyId, keyPairId });
console.log(await signer.signUrl(url, { dateLessThan: "30m" }));

// This sends one request to KMS for all of them.
const grant = await signer.grant(new URL("*", url).href, { dateLessThan: "30m" });
const many = grant.urls(Array.from({ length: 1000 }, (_, i) => new URL(`${i}.ts`, url).href));
console.log(many.at(-1));
