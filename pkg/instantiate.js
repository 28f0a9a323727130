// Puts one instance of the module behind the glue. Until then every call gets an error that says what to do.
import * as glue from "./dist/glue.js";
import { attempt } from "./attempt.js";
import { CountersignError, caused } from "./errors.js";
import { host, messageOf } from "./host.js";
import * as hostCrypto from "./host-crypto.js";
import * as text from "./text.js";
import * as url from "./url.js";

let ready = false;

export const isReady = () => ready;

/** The error if the module is not loaded. */
export const notInitialized = (message, hint) => new CountersignError("NOT_INITIALIZED", message, hint);

const WebAssembly = host("WebAssembly");

if (typeof WebAssembly !== "object" || WebAssembly === null) {
  throw notInitialized("this runtime has no WebAssembly", "Sign elsewhere: where only native code runs, use the Rust crate countersign.");
}

// wasm-bindgen's glue takes everything from this object, the memory included.
const absent = {
  get() {
    throw notInitialized("countersign/slim was used before its module was loaded", "Call initSync(module) first, or await init().");
  },
};
glue.__wbg_set_wasm(new Proxy({}, absent));

/** A module of one function that uses vectors. */
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];

const lacksSimd = () => attempt(() => WebAssembly.validate(new Uint8Array(SIMD))) === false;

/** The error if a runtime or a page forbids compiling, or cannot. */
export const notCompiled = (cause) =>
  notInitialized(
    `the module cannot be compiled here: ${messageOf(cause)}`,
    lacksSimd()
      ? "It needs WebAssembly with SIMD, which this runtime lacks or has switched off. Node 16.4, Chrome and Edge 91, Firefox 89, Safari 16.4 and newer versions have it."
      : "Workers and edge functions import countersign under the conditions workerd and edge-light, which their bundlers set; elsewhere, " +
          "give a compiled WebAssembly.Module to initSync of countersign/slim. A page's Content-Security-Policy needs script-src 'wasm-unsafe-eval'.",
  );

export function compile(bytes) {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw notCompiled(cause);
  }
}

// The module takes from the others what needs no glue.
const imports = { "./countersign_bg.js": glue.imports, "../host-crypto.js": hostCrypto, "../text.js": text, "../url.js": url };

const wrongModule = (cause) =>
  notInitialized(`this is not the module of this version: ${messageOf(cause)}`, "Take core.wasm from the same installed package.");

// WebKit compiles where a Content-Security-Policy forbids it, and refuses here.
const notInstantiated = (cause) => (cause?.name === "EvalError" || cause instanceof WebAssembly.CompileError ? notCompiled(cause) : wrongModule(cause));

/** Takes the whole module, or its first part and a function that compiles the rest. */
export function instantiate(module, rest) {
  if (ready) return;
  // The rest uses the memory and the functions of the first part, and puts its own into the first part's table.
  const load = () => {
    const { exports } = instance;
    const { "first:shared": functions } = exports;
    const shared = Object.fromEntries(Array.from({ length: functions.length }, (_, at) => [at, functions.get(at)]));
    return new WebAssembly.Instance(rest(), { ...imports, first: exports, shared });
  };
  let instance;
  try {
    instance = new WebAssembly.Instance(module, rest ? { ...imports, rest: { load } } : imports);
    start(instance);
  } catch (cause) {
    throw notInstantiated(cause);
  }
}

/** The same for browsers that do nothing big at once on a page. */
export async function instantiateLater(module) {
  try {
    start(await WebAssembly.instantiate(module, imports));
  } catch (cause) {
    throw notInstantiated(cause);
  }
}

function start({ exports }) {
  // The glue is shared by all loaders of one format: a second instance would invalidate what the first one made.
  if (ready) return;
  if (typeof exports.__wbindgen_start !== "function") throw new TypeError("it is another module");
  glue.__wbg_set_wasm(guarded(exports));
  exports.__wbindgen_start();
  ready = true;
}

/**
 * The same functions, until one of them throws. That happens only if the module's memory or stack ran out, because refusals are
 * returned. The module was interrupted, so it is not used again, and its memory is wiped.
 */
function guarded(exports) {
  let stopped;
  const guard = (name, run) => (...parameters) => {
    if (stopped) {
      // Finalisers free what they held.
      if (name.endsWith("_free")) return undefined;
      throw stopped;
    }
    try {
      const result = run(...parameters);
      // Code of the caller's may run meanwhile, and keep the error to itself.
      if (!stopped) return result;
    } catch (cause) {
      stopped ??= moduleStopped(cause);
      new Uint8Array(exports.memory.buffer).fill(0);
    }
    throw stopped;
  };
  const forGlue = Object.entries(exports).filter(([name]) => !name.includes(":"));
  return Object.fromEntries(forGlue.map(([name, member]) => [name, typeof member === "function" ? guard(name, member) : member]));
}

const moduleStopped = (cause) =>
  caused(
    "MODULE_STOPPED",
    `the WebAssembly module has stopped: ${messageOf(cause)}`,
    "Memory or the stack ran out. Keys and grants are gone: restart the program or its worker.",
    cause,
  );
