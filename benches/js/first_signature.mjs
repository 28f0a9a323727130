// A program that prints the microseconds of its first signature in WebAssembly, with the key in the given file.
import { readFileSync } from "node:fs";
import process from "node:process";

import { Signer } from "countersign";

const signer = new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: readFileSync(process.argv[2]), engine: "wasm" });
const begin = performance.now();
const signed = signer.signUrl("https://d111111abcdef8.cloudfront.net/films/trailer.mp4", { dateLessThan: "30m" });
const taken = performance.now() - begin;
console.log(JSON.stringify({ signed, microseconds: taken * 1000 }));
