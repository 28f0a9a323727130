// The loader of Cloudflare's workerd, which forbids compiling at run time: its bundler turns the file into a module.
import module from "./dist/core.wasm";
import loading from "./dist/api.js";

// It is there even where `process` is not, and found sooner so. Only Workers import this file: nobody can `require` it.
loading.findCrypto(await import("node:crypto").catch(() => undefined));
loading.instantiate(module);

export * from "./dist/api.js";
