// The loader of Cloudflare's workerd, which forbids compiling at run time: its bundler hands the file over as a module.
import module from "./dist/core.wasm";
import loading from "./dist/api.js";

loading.instantiate(module);

export * from "./dist/api.js";
