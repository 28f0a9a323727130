// The loader of every runtime that may compile WebAssembly at run time: the module is in the package as Base64, so that it
// survives each bundler, and it is compiled on import, so that everything after that is synchronous. Only what a first signature needs is
// compiled then; the rest, when it is first called.
import loading from "./dist/api.js";
import { first, rest } from "./dist/core.base64.js";

const compiled = (part) => loading.compile(loading.decodeBase64(part));

loading.findCrypto();
if (!loading.isReady()) loading.instantiate(compiled(first), () => compiled(rest()));

export * from "./dist/api.js";
