// The module as a file of its own, which is smaller than the Base64 that the package's default entry has in it.
import { instantiate } from "./countersign/instantiate.js";

instantiate(await WebAssembly.compileStreaming(fetch("countersign/dist/core.wasm")));
