// With Node's own declarations, and with `using`. Never run.
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";

import { Signer, Verifier, derivePublicKey, guard, inspect } from "countersign";
import { guard as forExpress } from "countersign/express";
import { guard as forHono } from "countersign/hono";
import { Hono } from "hono";

using signer = new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: readFileSync("private_key.pem") });
const headers = new Headers(signer.signUrls(new Set([derivePublicKey(Buffer.from("x"))]), { dateLessThan: "2h" }).map((url): [string, string] => ["link", url]));
headers.get("link");

// Where there are the types of the Fetch API, guard has them.
const handler: (request: Request) => Promise<Response> = guard({ publicKeys: { K2: "-----BEGIN…" }, next: (request) => fetch(request.clone()) });
const check: (request: Request) => Promise<Response | undefined> = guard({ publicKeys: { K2: "-----BEGIN…" } });
check(new Request((await handler(new Request("https://d111111abcdef8.cloudfront.net/"))).url));

// The adapters go in where their frameworks take middleware.
new Hono().use("/films/*", forHono({ publicKeys: { K2: "-----BEGIN…" }, manifests: true, clientAddress: (request) => request.headers.get("x-real-ip") }));
const middleware = forExpress<IncomingMessage>({ publicKeys: { K2: "-----BEGIN…" }, clientAddress: (request) => request.socket.remoteAddress });

// Cookies are taken from where requests and frameworks keep them.
const verifier = new Verifier({ publicKeys: { K2: "-----BEGIN…" } });
createServer((request) => verifier.verify({ url: `https://d111111abcdef8.cloudfront.net${request.url}`, cookies: request.headers }));
for (const kept of [headers, new Map([["a", "b"]]), new URLSearchParams("a=b"), [{ name: "a", value: "b" }], ["a=b"]]) inspect(kept);
// @ts-expect-error a list of numbers
inspect([1]);

createServer((request, response) => middleware(request, response, (error) => void response.end(String(error))));
// @ts-expect-error there is no next
forExpress({ publicKeys: { K2: "-----BEGIN…" }, next: () => {} });
