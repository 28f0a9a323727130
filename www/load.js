// The module as a file of its own, which is smaller than the Base64 that the package's default entry has in it.
import { init } from "./countersign/slim.js";

await init(new URL("countersign/dist/core.wasm", document.baseURI));
