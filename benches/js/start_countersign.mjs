// A program from its start to its first signed URL, with the key in the given file.
import { readFileSync } from "node:fs";
import process from "node:process";

import { Signer } from "countersign";

const signer = new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: readFileSync(process.argv[2]) });
console.log(signer.signUrl("https://d111111abcdef8.cloudfront.net/films/trailer.mp4", { dateLessThan: "30m" }));
