// The host's TextEncoder and TextDecoder if they work, else plain ones. `cargo xtask build` replaces the globals by these two names,
// also in wasm-bindgen's glue, which makes both on import: jsdom, and so Jest's environment of that name, has neither.
import { attempt } from "./attempt.js";
import { host } from "./host.js";

class PlainEncoder {
  encode(text = "") {
    const bytes = new Uint8Array(text.length * 3);
    return bytes.slice(0, this.encodeInto(text, bytes).written);
  }

  /** As many whole characters as there is room for. */
  encodeInto(text, bytes) {
    let read = 0;
    let written = 0;
    for (const character of text) {
      const code = character.codePointAt(0);
      // Half of a pair is no character.
      const utf8 = code < 0x80 ? [code] : escapes(code >= 0xd800 && code <= 0xdfff ? "\ufffd" : character);
      if (written + utf8.length > bytes.length) break;
      for (const byte of utf8) bytes[written++] = byte;
      read += character.length;
    }
    return { read, written };
  }
}

const escapes = (character) => encodeURIComponent(character).slice(1).split("%").map((digits) => parseInt(digits, 16));

/** As `new TextDecoder("utf-8", { ignoreBOM: true, fatal: true })`: it is given what Rust calls text. */
class PlainDecoder {
  decode(bytes = []) {
    let escaped = "";
    for (const byte of bytes) escaped += byte < 0x80 && byte !== 0x25 ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, "0")}`;
    return decodeURIComponent(escaped);
  }
}

const TEXT = "\ufeffa\u20ac";
const BYTES = [0xef, 0xbb, 0xbf, 0x61, 0xe2, 0x82, 0xac];

const encodes = (Encoder) => {
  const bytes = new Uint8Array(BYTES.length);
  const { read, written } = new Encoder().encodeInto(TEXT, bytes);
  return read === TEXT.length && written === bytes.length && BYTES.every((byte, at) => bytes[at] === byte);
};

const decodes = (Decoder) => new Decoder("utf-8", { ignoreBOM: true, fatal: true }).decode(new Uint8Array(BYTES)) === TEXT;

export const TextEncoder = attempt(() => encodes(host("TextEncoder"))) ? host("TextEncoder") : PlainEncoder;
export const TextDecoder = attempt(() => decodes(host("TextDecoder"))) ? host("TextDecoder") : PlainDecoder;
