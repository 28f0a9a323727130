// The package with its module as a file of its own, which is smaller than the Base64 in the default entry.
import { init } from "./countersign/slim.js";

export * from "./countersign/slim.js";

export const ready = init(new URL("countersign/dist/core.wasm", document.baseURI));
