// The loader of every runtime that may compile WebAssembly at run time: the module is in the package as Base64, so that it
// survives each bundler, and it is compiled on import, so that everything after that is synchronous.
import base64 from "./dist/core.base64.js";
import { decodeBase64 } from "./base64.js";
import { compile, instantiate, isReady } from "./instantiate.js";

if (!isReady()) instantiate(compile(decodeBase64(base64)));

export * from "./countersign.js";
