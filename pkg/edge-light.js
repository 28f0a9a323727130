// The loader of Vercel's edge runtime, which forbids compiling at run time: its bundler turns the file into a module when the
// import ends in ?module.
import module from "./dist/core.wasm?module";
import loading from "./dist/api.js";

loading.findCrypto();
loading.instantiate(module);

export * from "./dist/api.js";
