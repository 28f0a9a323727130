// With Node's own declarations, and with `using`. Never run.
import { readFileSync } from "node:fs";

import { Signer, publicKey } from "countersign";

using signer = new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: readFileSync("private_key.pem") });
const headers = new Headers(signer.signUrls(new Set([publicKey(Buffer.from("x"))]), { dateLessThan: "2h" }).map((url): [string, string] => ["link", url]));
headers.get("link");
