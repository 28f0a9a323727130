// The loader of Cloudflare's workerd, which forbids compiling at run time: its bundler hands the file over as a module.
import module from "./dist/core.wasm";
import { instantiate } from "./instantiate.js";

instantiate(module);

export * from "./countersign.js";
