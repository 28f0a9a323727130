// Runs the whole example: makes a key and private files, starts a stand-in for CloudFront and the site, and prints commands to paste.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";

const KEY_PAIR_ID = "K2JCJMDEHXQW5F";
const PASSWORD = "secret";
const PORT = process.env.PORT ?? "3000";

function stop(what, todo) {
  console.error(`${what}\n${todo}`);
  process.exit(2);
}

const [major] = process.versions.node.split(".").map(Number);
if (major < 20) stop(`This example needs Node.js 20 or newer, and this is ${process.versions.node}.`, "Install a newer one: https://nodejs.org/");
const { generateKeyPair } = await import("countersign").catch((error) => stop(`countersign cannot be loaded: ${error.message}`, "Run cargo xtask build in the repository, and then npm install here."));
await import("fastify").catch(() => stop("Fastify is not installed.", "Run npm install here."));
const { startDistribution } = await import("./distribution.mjs");

for (const folder of ["local/files", "local/films", "local/streams/news"]) mkdirSync(folder, { recursive: true });
if (!existsSync("local/private_key.pem")) {
  const { privateKey, publicKey } = await generateKeyPair({ type: "RSA" });
  writeFileSync("local/private_key.pem", privateKey, { mode: 0o600 });
  writeFileSync("local/public_key.pem", publicKey);
}
for (const [name, text] of Object.entries({
  "files/invoice.txt": "coffee 3.00\n",
  "films/film.txt": "a film\n",
  "streams/news/index.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n1.ts\n#EXT-X-ENDLIST\n",
  "streams/news/1.ts": "a segment\n",
})) writeFileSync(`local/${name}`, text);

const distribution = await startDistribution("local", { [KEY_PAIR_ID]: readFileSync("local/public_key.pem", "utf8") });
const env = { ...process.env, KEY_PAIR_ID, PRIVATE_KEY_FILE: "local/private_key.pem", PASSWORD, PORT, DISTRIBUTION: distribution.address };
const site = spawn(process.execPath, ["server.mjs"], { env, stdio: ["ignore", "pipe", "inherit"] });
site.once("exit", (code) => {
  distribution.stop();
  process.exit(code ?? 0);
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => site.kill(signal));

site.stdout.setEncoding("utf8").once("data", (line) => {
  const [address] = /http:\S+/.exec(line);
  console.log(`
The site: ${address}   The stand-in for CloudFront: ${distribution.address}

# log in
curl --cookie-jar local/session --data password=${PASSWORD} ${address}/login

# a link to the file, followed
curl --cookie local/session --location ${address}/files/invoice.txt

# a playlist whose addresses are signed
curl --cookie local/session ${address}/streams/news.m3u8

# without a signature: CloudFront's 403
curl --include ${distribution.address}/files/invoice.txt
`);
});
