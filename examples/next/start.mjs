// Runs the whole example: makes a key and private files, builds and starts the app, and prints commands to paste.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";

const PORT = process.env.PORT ?? "3000";
const KEY_PAIR_ID = "K2JCJMDEHXQW5F";
const site = `http://localhost:${PORT}`;

function stop(what, todo) {
  console.error(`${what}\n${todo}`);
  process.exit(2);
}

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 9)) stop(`Next.js 16 needs Node.js 20.9 or newer, and this is ${process.versions.node}.`, "Install a newer one: https://nodejs.org/");
const { generateKeyPair, Signer } = await import("countersign").catch((error) => stop(`countersign cannot be loaded: ${error.message}`, "Run cargo xtask build in the repository, and then npm install here."));
const next = (() => {
  try {
    return createRequire(import.meta.url).resolve("next/dist/bin/next");
  } catch {
    return stop("Next.js is not installed.", "Run npm install here.");
  }
})();

// Next.js reads this file. In it, \n is a line break.
if (!existsSync(".env.local")) {
  const { privateKey, publicKey } = await generateKeyPair({ type: "ECDSA" });
  const settings = { KEY_PAIR_ID, PRIVATE_KEY: privateKey, PUBLIC_KEY: publicKey };
  writeFileSync(".env.local", Object.entries(settings).map(([name, value]) => `${name}="${value.trim().replaceAll("\n", "\\n")}"\n`).join(""), { mode: 0o600 });
}
mkdirSync("files", { recursive: true });
for (const [name, text] of Object.entries({ "hello.txt": "hello\n", "my invoice.csv": "what,price\ncoffee,3\n" })) writeFileSync(`files/${name}`, text);

const env = { ...process.env, DISTRIBUTION: site, NEXT_TELEMETRY_DISABLED: "1" };
const run = (...args) => spawn(process.execPath, [next, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });

if (!existsSync(".next/BUILD_ID")) {
  console.log("building, half a minute");
  const build = run("build");
  build.stdout.pipe(process.stdout);
  const code = await new Promise((resolve) => build.once("exit", resolve));
  if (code !== 0) process.exit(code ?? 1);
}

const server = run("start", "--hostname", "127.0.0.1", "--port", PORT);
server.once("exit", (code) => process.exit(code ?? 0));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => server.kill(signal));
server.stdout.pipe(process.stdout);
await untilItAnswers();

const [, PRIVATE_KEY] = /^PRIVATE_KEY="(.*)"$/m.exec(readFileSync(".env.local", "utf8"));
const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: PRIVATE_KEY });
const file = `${site}/private/hello.txt`;
console.log(`
The page with the links:   ${site}/

# signed: the file
curl '${signer.signUrl(file, { dateLessThan: "1h" })}'

# not signed, and expired: 403
curl -i '${file}'
curl -i '${signer.signUrl(file, { dateLessThan: "-1m", allowExpired: true })}'
`);

async function untilItAnswers() {
  for (;;) {
    try {
      return await fetch(`${site.replace("localhost", "127.0.0.1")}/`);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
