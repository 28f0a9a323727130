// From start to first signed URL with the AWS SDK.
import { readFileSync } from "node:fs";
import process from "node:process";

import { getSignedUrl } from "@aws-sdk/cloudfront-signer";

const privateKey = readFileSync(process.argv[2], "utf8");
console.log(getSignedUrl({ url: "https://d111111abcdef8.cloudfront.net/films/trailer.mp4", keyPairId: "K2JCJMDEHXQW5F", privateKey, dateLessThan: new Date(Date.now() + 1_800_000) }));
