// Loads countersign so that its WebAssembly memory can be searched, although nothing exports it.
import { createPrivateKey } from "node:crypto";

const memories = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(module, imports) {
    super(module, imports);
    memories.push(this.exports.memory);
  }
};
export const countersign = await import("countersign");
WebAssembly.Instance = Instance;
if (memories.length !== 1) throw new Error(`${memories.length} instances of WebAssembly were made`);

/** How large the instance's memory is, in bytes. */
export const memorySize = () => memories[0].buffer.byteLength;

/** Sixteen matching bytes are no coincidence. Every run of 23 bytes contains one of these windows. */
const WINDOW = 16;
const windows = (bytes) => Array.from({ length: Math.floor((bytes.length - WINDOW) / 8) + 1 }, (_, index) => bytes.subarray(index * 8, index * 8 + WINDOW));

/** The secret numbers of a key, in both byte orders. */
export function numbersOf(pem, passphrase) {
  const { d, p, q, dp, dq, qi } = createPrivateKey({ key: pem, passphrase }).export({ format: "jwk" });
  return Object.entries({ d, p, q, dp, dq, qi }).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const bytes = Buffer.from(value, "base64url");
    return [...windows(bytes), ...windows(Buffer.from(bytes).reverse())].map((window) => ({ name, window }));
  });
}

/** The lines of a PEM without header, footer and first line, which is nearly the same for all keys of a type. */
export const textOf = (pem) =>
  pem
    .split("\n")
    .filter((line) => line.length >= WINDOW && !/[-:]/.test(line))
    .slice(1)
    .flatMap((line) => windows(Buffer.from(line)).map((window) => ({ name: "PEM", window })));

/** The names of the secrets that are in memory, at least in part. */
export function found(...secrets) {
  const memory = Buffer.from(memories[0].buffer);
  return [...new Set(secrets.flat().filter(({ window }) => memory.includes(window)).map(({ name }) => name))].sort();
}
