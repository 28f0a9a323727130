// The loader of every runtime that may compile WebAssembly at run time: the module is in the package as Base64, so that it
// survives each bundler, and it is compiled on import, so that everything after that is synchronous.
import loading from "./dist/api.js";
import base64 from "./dist/core.base64.js";

loading.findCrypto();
if (!loading.isReady()) loading.instantiate(loading.compile(loading.decodeBase64(base64)));

export * from "./dist/api.js";
