// The loader of Vercel's edge runtime, which forbids compiling at run time: its bundler hands the file over as a module when the
// import ends in ?module.
import module from "./dist/core.wasm?module";
import { instantiate } from "./instantiate.js";

instantiate(module);

export * from "./countersign.js";
