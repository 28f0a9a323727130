// Runs each command of examples/cdk/README.md and docs/key-rotation.md unchanged: the command lines of CDK and AWS, curl and countersign,
// on moto with the example's resources. The deployed key group decides what opens in the meantime.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, mock, test } from "node:test";
import { isDeepStrictEqual, promisify } from "node:util";

import { Signer, Verifier } from "../../pkg/dist/index.js";
import { path, read } from "../js/documents.mjs";
import { endGroup } from "../js/operating_system.mjs";
import { PATIENCE, inTime, printed } from "../js/waiting.mjs";
import { startCloud } from "./cloud.mjs";
import { example } from "./example.mjs";

/** The commands of a document by their mark. Those of `define` run before each of the others. */
function commandsOf(name) {
  const commands = new Map();
  let defined = "";
  for (const { mark, code } of read(name).blocks) {
    const [, what] = /^deploy: (.+)$/.exec(mark ?? "") ?? [];
    if (what === "define") defined += `${code}\n`;
    else if (what) commands.set(what, defined + code);
  }
  assert.equal(commands.size, readFileSync(path(name), "utf8").match(/<!-- deploy: (?!define)/g).length, `${name}: a mark stands before no block, or twice`);
  return { commands, defined };
}

const guide = commandsOf("examples/cdk/README.md");
const rotation = commandsOf("docs/key-rotation.md");
const left = new Set([...guide.commands.keys(), ...rotation.commands.keys()]);

let cloud, folder;
before(async () => {
  cloud = await startCloud();
  // The example in a folder of its own, so that it stays as it is.
  folder = mkdtempSync(join(tmpdir(), "countersign-deploy-"));
  cpSync(example, folder, { recursive: true, filter: (path) => !/(node_modules|cdk\.out|[/\\]keys)$/.test(path) });
  symlinkSync(join(example, "node_modules"), join(folder, "node_modules"), "dir");
});
after(async () => {
  mock.timers.reset();
  await cloud?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the commands of a mark, or one command written as in the guide. */
async function attempt(command) {
  left.delete(command);
  const code = guide.commands.get(command) ?? guide.defined + (rotation.commands.get(command) ?? command);
  const shell = spawn("sh", ["-e", "-c", code], { cwd: folder, env: cloud.env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let stdout = "", stderr = "";
  shell.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  shell.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const ended = inTime(once(shell, "close"), `an end of\n${code}`, () => stdout + stderr, 2 * PATIENCE);
  const [status] = await ended.catch((error) => {
    endGroup(shell);
    throw error;
  });
  return { status, stdout, stderr, code };
}

/** What it prints. CDK prints to stderr. */
async function run(command) {
  const { status, stdout, stderr, code } = await attempt(command);
  assert.equal(status, 0, `${code}\n${stdout}\n${stderr}`);
  return /cdk diff/.test(code) ? stdout + stderr : stdout;
}

const OLD = "KeyPairId202611", NEW = "KeyPairId202705";
const CONTENT = "for your eyes only\n";
const FIVE_MINUTES = 5 * 60_000;

/** What curl prints for a URL. */
const open = async (url) => (await promisify(execFile)("curl", ["--silent", "--show-error", url], { env: cloud.env })).stdout;
/** A URL from the function, through the guide's `call`. */
const signed = async () => JSON.parse(await run("call \"url?path=%2Ffiles%2Fsecret.txt\"")).url;
const idIn = (url) => new URL(url).searchParams.get("Key-Pair-Id");
const denied = (code, message) => `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;

let state, url, oldTemplate;

/** A test that depends on those before it. */
let broken;
function step(name, run) {
  test(name, async () => {
    assert.equal(broken, undefined, "an earlier step has failed");
    broken = name;
    await run();
    broken = undefined;
  });
}

step("the guide: bootstrap, key pair, stack", async () => {
  for (const mark of ["bootstrap", "key pair", "stack"]) await run(mark);
  state = await cloud.look();
  const publicKey = readFileSync(join(folder, "keys/2026-11/public_key.pem"), "utf8");
  assert.deepEqual(state.publicKeys, { [state.outputs[OLD]]: publicKey }, "the group trusts the key of the parameter");
});

step("before the private key is there the function says no more than that", async () => {
  const { status, stdout } = await attempt("call \"url?path=%2Ffiles%2Fsecret.txt\"");
  assert.notEqual(status, 0);
  assert.deepEqual(Object.keys(JSON.parse(stdout)), ["error"]);
  assert.match(stdout, /there is no key to sign with/);
});

step("the guide: private key, file, signed URL, and the file at it", async () => {
  for (const mark of ["private key", "file"]) await run(mark);
  assert.equal(await run("try"), CONTENT + denied("MissingKey", "Missing Key-Pair-Id query parameter or cookie value"));
  url = await signed();
  assert.equal(idIn(url), state.outputs[OLD]);
  assert.equal(await open(url), CONTENT);
  assert.equal(await open(url.replace("secret", "other")), denied("AccessDenied", "Access denied"));
});

step("who does not sign the call gets nothing", async () => {
  assert.deepEqual(JSON.parse(await open(`${state.outputs.SignerUrl}url?path=/files/secret.txt`)), { Message: "Forbidden" });
});

step("the guide: a domain, a certificate, a site with a player", async () => {
  await run("with a domain");
});

/** The names of the resources that differ between two templates, except CDK's own metadata. */
function changes(before, after) {
  const names = new Set([...Object.keys(before.Resources), ...Object.keys(after.Resources)]);
  names.delete("CDKMetadata");
  const changed = [...names].filter((name) => !isDeepStrictEqual(before.Resources[name], after.Resources[name]));
  return changed.map((name) => {
    const { Type } = after.Resources[name] ?? before.Resources[name];
    return `${before.Resources[name] ? (after.Resources[name] ? "~" : "-") : "+"} ${Type.replace("AWS::", "")}`;
  }).sort();
}

step("rotation, add: both keys are trusted, the old one signs, nothing is replaced", async () => {
  oldTemplate = state.template;
  const printed = await run("add");
  assert.match(printed, /\[\+\] AWS::CloudFront::PublicKey /, "cdk diff");
  assert.doesNotMatch(printed, /may be replaced|requires replacement|\[-\] AWS::/, "cdk diff");
  state = await cloud.look();
  assert.deepEqual(changes(oldTemplate, state.template), ["+ CloudFront::PublicKey", "~ CloudFront::KeyGroup", "~ Lambda::Function"]);
  assert.deepEqual(Object.keys(state.publicKeys), [state.outputs[OLD], state.outputs[NEW]]);
  assert.equal(state.publicKeys[state.outputs[NEW]], readFileSync(join(folder, "keys/2027-05/public_key.pem"), "utf8"));
  assert.equal(await open(url), CONTENT, "an old URL opens");
  assert.equal(idIn(await signed()), state.outputs[OLD]);
});

let newUrl;
step("rotation, switch: the new key signs within five minutes, and URLs of both open", async () => {
  const before = Date.now();
  // The function and the distribution run in this process: their clock is this one.
  mock.timers.enable({ apis: ["Date"], now: before });
  await run("switch");
  mock.timers.setTime(before + FIVE_MINUTES - 1000);
  assert.equal(idIn(await signed()), state.outputs[OLD], "what is read is kept");
  mock.timers.setTime(before + FIVE_MINUTES + 1000);
  assert.equal(await run("which"), `Key-Pair-Id=${state.outputs[NEW]}\n${state.outputs[NEW]}\n`);
  newUrl = await signed();
  assert.equal(await open(newUrl), CONTENT);
  assert.equal(await open(url), CONTENT, "an old URL opens");
});

step("rotation, the old key back: as long as it is in the group, it can be switched back", async () => {
  const previous = "aws secretsmanager put-secret-value --secret-id \"$(output SecretArn)\" --secret-string file://keys/2026-11/private_key.pem";
  await run(previous);
  mock.timers.tick(FIVE_MINUTES);
  assert.equal(idIn(await signed()), state.outputs[OLD]);
  await run("switch");
  mock.timers.tick(FIVE_MINUTES);
  assert.equal(idIn(await signed()), state.outputs[NEW]);
});

step("rotation on this machine: countersign serve with both keys, then with one", async () => {
  left.delete("serve");
  const grants = Object.entries({ KOLD1111111111: "2026-11", KNEW1111111111: "2027-05" });
  for (const [trusted, expected] of [[/^/, ["open", "open"]], [/--public-key KOLD\S* /, ["Unknown Key", "open"]]]) {
    const server = spawn("sh", ["-e", "-c", rotation.commands.get("serve").replace(trusted, "")], { cwd: folder, env: cloud.env, stdio: ["ignore", "pipe", "inherit"], detached: true });
    try {
      const [address] = await printed(server, /http:\S+(?=\n)/);
      const answers = grants.map(async ([id, name]) => {
        const signer = new Signer({ keyPairId: id, privateKey: readFileSync(join(folder, `keys/${name}/private_key.pem`), "utf8") });
        const answer = await (await fetch(signer.signUrl(`${address}/secret.txt`, { dateLessThan: "1h" }))).text();
        return answer === CONTENT ? "open" : /<Message>(.*)<\/Message>/.exec(answer)[1];
      });
      assert.deepEqual(await Promise.all(answers), expected);
    } finally {
      if (server.exitCode === null) {
        process.kill(-server.pid);
        await once(server, "exit");
      }
    }
  }
});

step("rotation, remove: URLs of the old key are refused, those of the new one open", async () => {
  const { template } = state;
  await run("remove");
  const old = state.outputs[OLD];
  state = await cloud.look();
  assert.deepEqual(changes(template, state.template), ["- CloudFront::PublicKey", "~ CloudFront::KeyGroup", "~ Lambda::Function"]);
  assert.deepEqual(changes(oldTemplate, state.template), ["+ CloudFront::PublicKey", "- CloudFront::PublicKey", "~ CloudFront::KeyGroup", "~ Lambda::Function"]);
  assert.deepEqual(Object.keys(state.publicKeys), [state.outputs[NEW]]);
  assert.ok(!cloud.aws("cloudfront", "list-public-keys").PublicKeyList.Items.some(({ Id }) => Id === old), "the old public key is deleted");
  assert.equal(await open(url), denied("InvalidKey", "Unknown Key"));
  assert.equal(await open(newUrl), CONTENT);
  const decision = new Verifier({ publicKeys: state.publicKeys }).verify({ url });
  assert.deepEqual([decision.allowed, decision.code], [false, "InvalidKey"]);
  assert.equal(idIn(await signed()), state.outputs[NEW]);
});

step("a private key that is not in the group signs nothing", async () => {
  await run("aws secretsmanager put-secret-value --secret-id \"$(output SecretArn)\" --secret-string file://keys/2026-11/private_key.pem");
  mock.timers.tick(FIVE_MINUTES);
  const { status } = await attempt("call \"url?path=%2Ffiles%2Fsecret.txt\"");
  assert.notEqual(status, 0);
});

step("the guide: take down", async () => {
  await run("take down");
  assert.deepEqual(cloud.aws("cloudformation", "describe-stacks").Stacks.map(({ StackName }) => StackName), ["CDKToolkit"]);
  assert.deepEqual(cloud.aws("ssm", "get-parameters-by-path", "--path", "/private-files/public-keys").Parameters, []);
  assert.deepEqual(cloud.aws("s3api", "list-buckets").Buckets.map(({ Name }) => Name), ["cdk-hnb659fds-assets-123456789012-eu-central-1"]);
});

test("no command of the documents was left out", () => assert.deepEqual([...left], []));
