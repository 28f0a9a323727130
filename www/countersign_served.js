// The package with its module as a separate file, smaller than the Base64 of the default entry.
import { init } from "./countersign/slim.js";

export * from "./countersign/slim.js";

export const ready = init(new URL("countersign/dist/core.wasm", document.baseURI));
