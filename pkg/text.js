// Limits on text and bytes. Longer input is refused before it is copied into WebAssembly, whose memory never shrinks.
const LONGEST = 1_000_000;

/** For a string, or an array of bytes. */
export const isTooLong = ({ length }) => length > LONGEST;

/** As much of a string as is taken; whatever else is passed, as it is. */
export const beginning = (value) => (typeof value === "string" && isTooLong(value) ? value.slice(0, LONGEST) : value);

const encoder = new TextEncoder();

/** Writes a string to as many bytes as it has characters, and says whether it is ASCII, so that this is its UTF-8. */
export function writeAscii(text, bytes) {
  const { read, written } = encoder.encodeInto(text, bytes);
  return read === text.length && written === read;
}
