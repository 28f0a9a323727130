// A site with private files behind CloudFront: a login, a signed link, signed cookies, a signed HLS playlist.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import { Signer, toSetCookie } from "countersign";
import fastify from "fastify";

const { KEY_PAIR_ID, PRIVATE_KEY_FILE = "private_key.pem", DISTRIBUTION, COOKIE_DOMAIN, PASSWORD, PORT = "3000" } = process.env;
if (!KEY_PAIR_ID || !DISTRIBUTION || !PASSWORD) {
  console.error("set KEY_PAIR_ID, DISTRIBUTION (https://d111111abcdef8.cloudfront.net), PASSWORD, and PRIVATE_KEY_FILE");
  process.exit(2);
}

const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: readFileSync(PRIVATE_KEY_FILE) });
const sessions = new Set();

const app = fastify();
await app.register(cookie);
await app.register(formbody);

app.post("/login", (request, reply) => {
  // Put your own login here.
  if (request.body?.password !== PASSWORD) return reply.code(401).send("wrong password\n");
  const session = randomUUID();
  sessions.add(session);
  return reply.setCookie("session", session, { httpOnly: true, sameSite: "lax", path: "/" }).send("welcome\n");
});

app.addHook("preHandler", async (request, reply) => {
  if (request.routeOptions.url !== "/login" && !sessions.has(request.cookies.session)) return reply.code(401).send("log in first\n");
});

/** A name as a part of a path. A raw `*` would be a wildcard. */
const part = (name) => encodeURIComponent(name).replaceAll("*", "%2A");

/** One file, for half an hour. Whoever has the link has the file, so it is made for each click and short-lived. */
app.get("/files/*", (request, reply) => {
  const name = request.params["*"].split("/").map(part).join("/");
  const url = new URL(`/files/${name}`, DISTRIBUTION);
  // A `..` in the name would lead elsewhere.
  if (!url.pathname.startsWith("/files/")) return reply.code(404).send("there is no such file\n");
  return reply.header("cache-control", "no-store").redirect(signer.signUrl(url.href, { dateLessThan: "30m" }));
});

/** Everything below /films/ in this browser. Site and distribution share COOKIE_DOMAIN: app.example.com and media.example.com. */
app.post("/films", (_, reply) => {
  const cookies = signer.signCookies(`${DISTRIBUTION}/films/*`, { dateLessThan: "2h" });
  return reply.header("set-cookie", toSetCookie(cookies, { domain: COOKIE_DOMAIN, path: "/films/", sameSite: "Lax" })).send("enjoy\n");
});

/** A stream for players that send no cookies: one signature for the playlist and all its segments, which are on the distribution. */
app.get("/streams/:name.m3u8", async (request, reply) => {
  const folder = new URL(`/streams/${part(request.params.name)}/`, DISTRIBUTION);
  const grant = signer.grant(`${folder.href}*`, { dateLessThan: "2h" });
  const playlist = new URL("index.m3u8", folder);
  const response = await fetch(grant.url(playlist.href));
  if (!response.ok) return reply.code(404).send("there is no such stream\n");
  return reply.type("application/vnd.apple.mpegurl").header("cache-control", "no-store").send(grant.manifest(await response.text(), playlist.href, { absolute: true }));
});

await app.listen({ host: "127.0.0.1", port: Number(PORT) });
console.log(`listening on http://127.0.0.1:${app.server.address().port}`);
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => app.close());
