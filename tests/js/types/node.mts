// With Node's own declarations, and with `using`. Never run.
import { readFileSync } from "node:fs";

import { Signer, guard, publicKey } from "countersign";

using signer = new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: readFileSync("private_key.pem") });
const headers = new Headers(signer.signUrls(new Set([publicKey(Buffer.from("x"))]), { dateLessThan: "2h" }).map((url): [string, string] => ["link", url]));
headers.get("link");

// Where there are the types of the Fetch API, guard has them.
const handler: (request: Request) => Promise<Response> = guard({ publicKeys: { K2: "-----BEGIN…" }, next: (request) => fetch(request.clone()) });
const check: (request: Request) => Promise<Response | undefined> = guard({ publicKeys: { K2: "-----BEGIN…" } });
check(new Request((await handler(new Request("https://d111111abcdef8.cloudfront.net/"))).url));
