// The API without the module: the program says where core.wasm is.
import loading from "./dist/api.js";

export * from "./dist/api.js";

loading.findCrypto();

const { attempt, builtin, compile, host, instantiate, instantiateLater, isReady, messageOf, notCompiled, notInitialized } = loading;

const WebAssembly = host("WebAssembly");

/** What something is, of whatever realm: `instanceof` knows one realm's only. */
const is = (name, value) => attempt(() => Object.prototype.toString.call(value)) === `[object ${name}]`;

const HINT =
  "Serve countersign/core.wasm as application/wasm and pass its URL, or pass its bytes or a WebAssembly.Module; `import … from \"countersign\"` needs none of that.";

let pending;

export function init(input) {
  if (isReady()) return Promise.resolve();
  // After a failure it can be tried again.
  pending ??= load(input)
    .then(instantiateLater)
    .finally(() => (pending = undefined));
  return pending;
}

export function initSync(input) {
  if (isReady()) return;
  instantiate(is("WebAssembly.Module", input) ? input : compile(checked(input, "what was passed")));
}

const unreadable = (from, cause) => notInitialized(`${from} cannot be read: ${messageOf(cause)}`, HINT);

async function load(input) {
  const given = (await Promise.resolve(input).catch((cause) => Promise.reject(unreadable("what init() waited for", cause)))) ?? beside();
  if (is("WebAssembly.Module", given)) return given;
  if (is("ArrayBuffer", given) || ArrayBuffer.isView(given)) return compiled(checked(given, "what was passed"));
  // A Request has a body too, of its own.
  if (typeof given.arrayBuffer === "function" && given.method === undefined) return read(given);
  const from = String(given.url ?? given);
  // Node's fetch opens no files.
  const files = from.startsWith("file:") && builtin("node:fs/promises");
  let answer;
  try {
    answer = files ? await files.readFile(new URL(from)) : await fetch(given);
  } catch (cause) {
    throw unreadable(from, cause);
  }
  return files ? compiled(checked(answer, from)) : read(answer);
}

/** The file in the package; bundlers recognise this form and copy the file. */
function beside() {
  try {
    return new URL("./dist/core.wasm", import.meta.url);
  } catch {
    throw notInitialized("init() cannot tell where core.wasm is", HINT);
  }
}

async function read(response) {
  const from = response.url || "the response";
  if (response.ok === false) throw notInitialized(`${from} answered with status ${response.status}`, HINT);
  const bytes = await response.arrayBuffer().catch((cause) => Promise.reject(unreadable(from, cause)));
  return compiled(checked(bytes, `${from} (${response.headers?.get("content-type") ?? "no content-type"})`));
}

async function compiled(bytes) {
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw notCompiled(cause);
  }
}

/** A server's page for what it does not have is not compiled, but named. */
function checked(input, from) {
  if (!is("ArrayBuffer", input) && !ArrayBuffer.isView(input)) {
    throw notInitialized("initSync takes core.wasm as a WebAssembly.Module, an ArrayBuffer or a typed array", "For a URL or a Response, use init().");
  }
  const bytes = ArrayBuffer.isView(input) ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength) : new Uint8Array(input);
  if (bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d) return bytes;
  const start = bytes.length ? JSON.stringify(String.fromCharCode(...bytes.subarray(0, 15))) : "nothing";
  throw notInitialized(`${from} is not a WebAssembly module: it begins with ${start}`, HINT);
}
