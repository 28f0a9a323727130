// Runs the whole example: makes a key, fills a bucket on this machine, starts the Worker, and prints commands to paste.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";

const { KEY_PAIR_ID } = JSON.parse(readFileSync("wrangler.json", "utf8")).vars;
const PORT = process.env.PORT ?? "8787";

function stop(what, todo) {
  console.error(`${what}\n${todo}`);
  process.exit(2);
}

const [major] = process.versions.node.split(".").map(Number);
if (major < 22) stop(`wrangler needs Node.js 22 or newer, and this is ${process.versions.node}.`, "Install a newer one: https://nodejs.org/");
const { generateKeyPair, Signer } = await import("countersign").catch((error) => stop(`countersign cannot be loaded: ${error.message}`, "Run cargo xtask build in the repository, and then npm install here."));
const wrangler = "node_modules/wrangler/bin/wrangler.js";
if (!existsSync(wrangler)) stop("wrangler is not installed.", "Run npm install here.");

if (!existsSync(".dev.vars")) {
  const { privateKey, publicKey } = await generateKeyPair({ type: "RSA" });
  const variables = { PRIVATE_KEY: privateKey, PUBLIC_KEY: publicKey, SIGNING_TOKEN: "secret" };
  writeFileSync(".dev.vars", Object.entries(variables).map(([name, value]) => `${name}="${value.trim()}"\n`).join(""), { mode: 0o600 });
}
mkdirSync("local", { recursive: true });
writeFileSync("local/film.txt", "a film\n");

const env = { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true", CI: "true" };
const put = spawnSync(process.execPath, [wrangler, "r2", "object", "put", "private-files/films/film.txt", "--file", "local/film.txt", "--content-type", "text/plain", "--local"], { env, encoding: "utf8" });
if (put.status !== 0) stop(`the bucket cannot be filled: ${put.stderr || put.stdout}`, "Is another wrangler running in this folder?");

const worker = spawn(process.execPath, [wrangler, "dev", "--ip", "127.0.0.1", "--port", PORT, "--inspector-port", "0", "--show-interactive-dev-session", "false"], { env, stdio: ["ignore", "pipe", "inherit"] });
worker.once("exit", (code) => process.exit(code ?? 0));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => worker.kill(signal));
worker.stdout.pipe(process.stdout);

const origin = `http://127.0.0.1:${PORT}`;
for (;;) {
  if (await fetch(origin).then(() => true, () => false)) break;
  await new Promise((resolve) => setTimeout(resolve, 200));
}
const [, privateKey] = /^PRIVATE_KEY="([^"]*)"/m.exec(readFileSync(".dev.vars", "utf8"));
const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey });
const file = `${origin}/files/films/film.txt`;
console.log(`
# sign a URL of your distribution
curl --header 'authorization: Bearer secret' '${origin}/sign?path=/films/film.txt'

# a file of the bucket, signed
curl '${signer.signUrl(file, { dateLessThan: "1h" })}'

# the same without a signature: CloudFront's 403
curl --include '${file}'
`);
