// The package with its module inside, for the exported page: one character per byte, which compresses better than Base64.
import { init } from "../pkg/slim.js";
import characters from "../pkg/dist/core.wasm";

export * from "../pkg/slim.js";

export const ready = init(Uint8Array.from(characters, (character) => character.charCodeAt(0)));
