// The demo page in Chromium: every control by its role and label, keys of OpenSSL's making, five ways to be let in or refused, nothing
// sent to anyone, nothing that axe-core finds; the same for the exported page. Screenshots go to target/screenshots, or, with
// SCREENSHOTS, where that says.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { devNull, tmpdir } from "node:os";
import { delimiter, dirname, extname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { getSignedUrl } from "@aws-sdk/cloudfront-signer";
import axe from "axe-core";
import { chromium } from "playwright-core";

import { required } from "./environment.mjs";
import { KEY_PAIR_ID, PASSPHRASE, pem, publicKeys } from "./keys.mjs";
import { verifyUrl } from "./signed_url.mjs";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const screenshots = process.env.SCREENSHOTS ?? path("../../target/screenshots");
const HOST = "https://d111111abcdef8.cloudfront.net";
const NOTHING_LEAVES = ["fetch", "xhr", "websocket", "eventsource", "ping"];

let folder, server, address, exported, exportedAddress, browser;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "countersign-page-"));
  mkdirSync(screenshots, { recursive: true });
  server = spawn(process.execPath, [path("../../www/server.mjs"), "0", join(folder, "group")], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(server.stdout.setEncoding("utf8"), "data");
  [address] = /http:\S+/.exec(line);
  exported = createServer((request, response) => {
    const file = join(required("EXPORTED_PAGE"), request.url === "/" ? "index.html" : new URL(request.url, "http://x").pathname);
    const type = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" }[extname(file)];
    response.writeHead(200, { "content-type": type }).end(readFileSync(file));
  }).listen(0, "127.0.0.1");
  await once(exported, "listening");
  exportedAddress = `http://localhost:${exported.address().port}/`;
  browser = await chromium.launch({ executablePath: required("CHROMIUM"), args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
});
after(async () => {
  await browser?.close();
  exported?.close();
  server?.kill();
  if (folder) rmSync(folder, { recursive: true });
});

/** Opens the page; what it asks for and what it complains of is written down. */
async function open(url = address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-US", ...options });
  const page = await context.newPage();
  const seen = { requests: [], complaints: [] };
  page.on("request", (request) => seen.requests.push({ url: request.url(), type: request.resourceType(), body: request.postData() ?? "" }));
  // A 403 is what "try it" asks for.
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && !message.text().includes("status of 403") && seen.complaints.push(message.text()));
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  await page.addInitScript(() => document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => console.error("CSP", violatedDirective, blockedURI)));
  await page.goto(url);
  await page.getByText("ECDSA 256, PKCS#8, PEM").waitFor();
  return { page, context, seen };
}

/** What scripts have asked of servers, but for the module. */
const asked = ({ requests }) => requests.filter(({ type, url }) => NOTHING_LEAVES.includes(type) && !url.endsWith("/core.wasm"));

const signedUrl = (page) => page.locator("#result").innerText();
const field = (page, label) => page.getByLabel(label, { exact: true }).and(page.locator("input, textarea, select"));
const KEY = "Private key (PEM): paste or drop a file";

test("a key of OpenSSL's, signed with in the page, verified by OpenSSL", async () => {
  const { page, context, seen } = await open();
  const key = join(folder, "key.pem");
  execFileSync("openssl", ["genrsa", "-out", key, "2048"], { stdio: "ignore" });
  const text = readFileSync(key, "utf8");
  await field(page, KEY).fill(text);
  await page.getByText("RSA 2048, PKCS#8, PEM").waitFor();
  await field(page, "URL").fill(`${HOST}/a b.pdf?x=1`);
  await field(page, "Until: a duration or a date").fill("2030-12-31T23:59:59+09:00");
  const publicKey = execFileSync("openssl", ["rsa", "-in", key, "-pubout"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  await page.getByText("Public key, and what to do with it").click();
  assert.equal(await field(page, "Public key").inputValue(), publicKey);
  const { resource, policy } = verifyUrl(await signedUrl(page), publicKey);
  assert.equal(resource, `${HOST}/a%20b.pdf?x=1`);
  assert.equal(JSON.parse(policy).Statement[0].Condition.DateLessThan["AWS:EpochTime"], Date.parse("2030-12-31T23:59:59+09:00") / 1000);
  assert.equal(await page.locator("#signed-text").innerText(), policy);
  assert.deepEqual(JSON.parse(await page.locator("#pretty").innerText()), JSON.parse(policy));

  await field(page, "Viewer's IPv4 address or range (optional)").fill("192.0.2.0/24");
  await field(page, "From (optional)").fill("-5m");
  await field(page, "Resource with wildcards (optional)").fill(`${HOST}/*`);
  await field(page, "Hash").selectOption("SHA256");
  const custom = await signedUrl(page);
  assert.match(custom, /&Hash-Algorithm=SHA256$/);
  assert.equal(JSON.parse(verifyUrl(custom, publicKey).policy).Statement[0].Resource, `${HOST}/*`);
  await page.getByText("Custom policy:").waitFor();

  // Mangled as an environment variable does it.
  await field(page, KEY).fill(text.replaceAll("\n", "\\n"));
  await page.getByText("repaired: its line breaks were the two characters \\n").waitFor();
  assert.equal(seen.requests.filter(({ body }) => body.includes("PRIVATE")).length, 0);
  assert.deepEqual(asked(seen), [], "signing asks nothing of anyone");
  assert.ok(!page.url().includes("PRIVATE") && page.url().includes("resource="));
  assert.deepEqual(seen.complaints, []);
  await context.close();
});

test("keys: encrypted, generated, refused", async () => {
  const { page, context, seen } = await open();
  await field(page, KEY).fill(pem("rsa2048.encrypted"));
  const passphrase = field(page, "Passphrase, if the key is encrypted");
  assert.equal(await passphrase.getAttribute("aria-invalid"), "true");
  await page.locator("#passphrase-error").getByText("passphrase").waitFor();
  await passphrase.fill(PASSPHRASE);
  await page.getByText("RSA 2048, encrypted PKCS#8").waitFor();
  verifyUrl(await signedUrl(page), publicKeys.RSA);
  assert.equal(await passphrase.getAttribute("aria-invalid"), null);
  await page.getByRole("button", { name: "New RSA 2048 key" }).click();
  await page.getByText("RSA 2048, PKCS#8, PEM").waitFor();
  await page.getByRole("button", { name: "New ECDSA P-256 key" }).click();
  await page.getByText("ECDSA 256, PKCS#8, PEM").waitFor();
  await field(page, KEY).fill(pem("rsa4096"));
  await page.locator("#private-key-error").getByText("4096").waitFor();
  assert.deepEqual(seen.complaints, []);
  await context.close();
});

test("an error stands beside the field that caused it", async () => {
  const { page, context } = await open();
  for (const [label, value, id, words] of [
    ["URL", "not a url", "url", /absolute/],
    ["URL", `${HOST}/*`, "url", /resource/],
    ["Resource with wildcards (optional)", "https://other.example/*", "resource", /cover/],
    ["Until: a duration or a date", "soon", "until", /date/],
    ["Until: a duration or a date", "2001-01-01", "until", /2001/],
    ["From (optional)", "2h", "from", /earlier/],
    ["Viewer's IPv4 address or range (optional)", "::1", "address", /IPv6/],
    ["Key pair id", "a-b", "key-pair-id", /letters and digits/],
  ]) {
    const input = field(page, label);
    const before = await input.inputValue();
    await input.fill(value);
    assert.match(await page.locator(`#${id}-error`).innerText(), words);
    assert.equal(await input.getAttribute("aria-invalid"), "true", label);
    assert.equal(await page.locator(".error:not(:empty)").count(), 1);
    await input.fill(before);
    assert.equal(await page.locator(".error:not(:empty)").count(), 0, label);
  }
  await page.getByRole("button", { name: "7d" }).click();
  assert.equal(await field(page, "Until: a duration or a date").inputValue(), "7d");
  await context.close();
});

test("tabs show the cookies and the code, without the key", async () => {
  const { page, context } = await open();
  await field(page, "Resource with wildcards (optional)").fill(`${HOST}/*`);
  const secret = (await field(page, KEY).inputValue()).split("\n")[1];
  const shown = {};
  for (const name of ["Cookies", "curl", "Node", "Worker", "Rust", "Shell"]) {
    await page.getByRole("tab", { name }).click();
    assert.equal(await page.getByRole("tab", { name }).getAttribute("aria-selected"), "true");
    shown[name] = await page.getByRole("tabpanel").innerText();
    assert.ok(!shown[name].includes(secret), name);
  }
  assert.match(shown.Cookies, /^Set-Cookie: CloudFront-Policy=[\w~-]+; Path=\/; Secure; HttpOnly$/m);
  assert.match(shown.curl, /^curl 'https:\/\/d111111abcdef8/);
  assert.match(shown.Shell, /--policy-resource 'https:\/\/d111111abcdef8\.cloudfront\.net\/\*'/);
  await page.getByRole("tab", { name: "Shell" }).press("ArrowRight");
  assert.equal(await page.getByRole("tab", { name: "URL", exact: true }).getAttribute("aria-selected"), "true");

  for (const signed of runSamples(shown)) assert.equal(JSON.parse(verifyUrl(signed, publicKeys.ECDSA).policy).Statement[0].Resource, `${HOST}/*`);
  await context.close();
});

/** Runs each sample where a user would, with a key beside it: the URLs that they sign. */
function runSamples({ Node, Worker, Rust, Shell }) {
  const built = dirname(required("COUNTERSIGN_BIN"));
  const run = (program, ...args) => execFileSync(program, args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, PATH: [built, process.env.PATH].join(delimiter) } }).trim();
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(path("../../pkg"), join(folder, "node_modules/countersign"), "junction");
  const worker = `${Worker}\nimport worker from "./worker.mjs";\nconsole.log(worker.fetch(null, { PRIVATE_KEY: ${JSON.stringify(pem("p256"))} }).headers.get("location"));`;
  for (const [name, content] of Object.entries({ "private_key.pem": pem("p256"), "node.mjs": Node, "worker.mjs": worker, "sample.rs": Rust, "sample.sh": Shell })) writeFileSync(join(folder, name), content);
  run("rustc", "--edition=2024", "--extern", `countersign=${join(built, "libcountersign.rlib")}`, "-L", `dependency=${join(built, "deps")}`, "sample.rs");
  return [run(process.execPath, "node.mjs"), run(process.execPath, "worker.mjs"), run(join(folder, "sample")), run("sh", "sample.sh")];
}

test("what another signer made is looked into and verified", async () => {
  const { page, context } = await open();
  const input = { url: `${HOST}/a.jpg`, keyPairId: KEY_PAIR_ID, privateKey: pem("rsa2048"), dateLessThan: new Date(Date.now() + 3_600_000), ipAddress: "192.0.2.1" };
  await field(page, "Signed URL, or the Cookie header of a request for the URL above").fill(getSignedUrl(input));
  await page.getByText("CloudFront would answer 403").waitFor();
  await field(page, "Trusted public key (empty: the key above)").fill(publicKeys.RSA);
  await page.getByText("the viewer's address is not known").waitFor();
  await field(page, "The viewer's address (optional)").fill("192.0.2.1");
  await page.getByText("CloudFront would let this in").waitFor();
  const inspected = JSON.parse(await page.locator("#inspected").innerText());
  assert.deepEqual([inspected.signature.keyType, inspected.algorithm, inspected.policy.ipAddress], ["RSA", "SHA1", "192.0.2.1/32"]);
  await field(page, "Signed URL, or the Cookie header of a request for the URL above").fill(getSignedUrl({ ...input, dateLessThan: new Date(0 + 1000) }));
  await page.locator("#findings").getByText("error: expired").waitFor();
  await context.close();
});

const CASES = [
  ["Signed", 200, /^$/, /allowed/],
  ["Unsigned", 403, /<Code>MissingKey<\/Code><Message>Missing Key-Pair-Id query parameter or cookie value<\/Message>/, /no Key-Pair-Id/],
  ["Expired", 403, /<Code>AccessDenied<\/Code><Message>Access denied<\/Message>/, /expired \d+ seconds ago/],
  ["From another address", 403, /<Code>AccessDenied<\/Code>/, /not in 192\.0\.2\.1\/32/],
  ["Tampered", 403, /<Code>AccessDenied<\/Code>/, /the signature is not one of the key/],
];

for (const where of ["on the local distribution", "in the exported page"]) {
  test(`five ways to ask for a private file, ${where}`, async () => {
    const isExported = where === "in the exported page";
    const { page, context, seen } = await open(isExported ? exportedAddress : address);
    for (const [name, status, body, reason] of CASES) {
      await page.getByRole("button", { name, exact: true }).click();
      const answer = page.locator("#answer");
      await answer.getByText(`${name}: Status ${status}`).waitFor();
      const text = await answer.innerText();
      assert.match(text.match(/<\?xml.*/)?.[0] ?? "", body);
      if (status === 403 || !isExported) assert.match(text, reason);
    }
    if (isExported) {
      assert.deepEqual(asked(seen), []);
    } else {
      for (const [kind, place] of [["Picture", "img"], ["Video", "video"], ["Document (PDF)", "a"], ["Text", "a"]]) {
        await field(page, "File").selectOption(kind);
        await page.getByRole("button", { name: "Signed", exact: true }).click();
        await page.locator(`#answer ${place}`).waitFor();
      }
      await field(page, "File").selectOption("Video");
      await page.getByRole("button", { name: "Signed", exact: true }).click();
      await page.locator("#answer video").waitFor();
      await page.waitForFunction(() => document.querySelector("#answer video").readyState >= 2);
      await field(page, "File").selectOption("Picture");
      await page.getByRole("button", { name: "Signed", exact: true }).click();
      await page.waitForFunction(() => document.querySelector("#answer img")?.naturalWidth > 0);
    }
    assert.deepEqual(seen.complaints, []);
    for (const { url, body } of seen.requests) {
      assert.ok(["localhost", ""].includes(new URL(url).hostname), url);
      assert.ok(!body.includes("PRIVATE KEY"));
    }
    await context.close();
  });
}

test("the exported page can ask nothing of any server", async () => {
  const { page, context } = await open(exportedAddress);
  const refused = await page.evaluate(() => fetch("/index.html").then(() => false, () => true));
  assert.equal(refused, true);
  await context.close();
});

test("Japanese, and the state in the fragment", async () => {
  const { page, context } = await open();
  await field(page, "URL").fill(`${HOST}/日本.pdf`);
  await page.getByRole("button", { name: "日本語" }).click();
  await page.getByRole("heading", { name: "結果" }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "ja");
  const { page: again, context: other } = await open(page.url());
  assert.equal(await again.locator("#url").inputValue(), `${HOST}/日本.pdf`);
  await again.getByRole("heading", { name: "結果" }).waitFor();
  assert.deepEqual(await again.locator("[data-word]").evaluateAll((places) => places.filter((place) => !place.textContent).map((place) => place.dataset.word)), []);
  await Promise.all([context.close(), other.close()]);
});

test("axe-core finds nothing, in light, dark and on a phone; and the screenshots", async () => {
  for (const [name, options] of Object.entries({ light: {}, dark: { colorScheme: "dark" }, phone: { viewport: { width: 390, height: 844 } } })) {
    const { page, context } = await open(address, options);
    await page.getByRole("button", { name: "Expired", exact: true }).click();
    await page.getByText("Expired: Status 403").waitFor();
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => axe.run());
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`), [], name);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, "it is not wider than the screen");
    await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot({ path: join(screenshots, `${name}.png`), mask: [page.locator("#private-key")], maskColor: "#888888" });
    await context.close();
  }
});

test("page and module weigh less than 300 KiB, and a keystroke is signed at once", async (t) => {
  const { page, context, seen } = await open();
  let weight = 0;
  for (const { url } of seen.requests) {
    const response = await fetch(url, { headers: { "accept-encoding": "br" } });
    // fetch undoes the compression; the length that was sent stands in no header, so that it is asked for as curl does.
    await response.arrayBuffer();
    weight += Number(execFileSync("curl", ["--silent", "--header", "Accept-Encoding: br", "--output", devNull, "--write-out", "%{size_download}", url], { encoding: "utf8" }));
  }
  t.diagnostic(`${seen.requests.length} requests, ${weight} bytes compressed`);
  assert.ok(weight < 300 * 1024, `${weight} bytes`);
  for (const type of ["New ECDSA P-256 key", "New RSA 2048 key"]) {
    await page.getByRole("button", { name: type }).click();
    await page.getByText(type.includes("RSA") ? "RSA 2048, PKCS#8" : "ECDSA 256, PKCS#8").waitFor();
    const times = await page.evaluate(() => {
      const url = document.getElementById("url");
      return Array.from({ length: 20 }, (_, i) => {
        url.value += i % 10;
        const start = performance.now();
        url.dispatchEvent(new InputEvent("input"));
        return performance.now() - start;
      });
    });
    // A time is reported and not asserted: the machine is shared.
    t.diagnostic(`${type}: a keystroke takes ${times.sort((a, b) => a - b)[10].toFixed(1)} ms`);
    verifyUrl(await signedUrl(page), await field(page, "Public key").inputValue());
  }
  await context.close();
});
