// The loader of Cloudflare's workerd, which forbids compiling at run time: its bundler turns the file into a module.
import module from "./dist/core.wasm";
import loading from "./dist/api.js";

// It is there even where `process` is not, and found sooner so. Only Workers import this file: nobody can `require` it.
const crypto = await import("node:crypto").catch(() => undefined);
// Outside of requests, a Worker gets no random numbers.
const isStarting = () => loading.attempt(() => globalThis.crypto.getRandomValues(new Uint8Array(1))) === undefined;

loading.findCrypto(crypto, isStarting);
loading.instantiate(module);

export * from "./dist/api.js";
