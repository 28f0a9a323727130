// Signed links to the private files. Runs only on the server: the key never gets into a page.
import "server-only";
import { readdir } from "node:fs/promises";

import { Signer } from "countersign";

import { FILES } from "./files.js";

// Made at the first request: `next build` runs this file too, and has no key.
let signer;

/** Names of the files, each with a link that opens it for ten minutes. */
export async function links() {
  const { KEY_PAIR_ID, PRIVATE_KEY, DISTRIBUTION } = process.env;
  signer ??= new Signer({ keyPairId: KEY_PAIR_ID, privateKey: PRIVATE_KEY });
  const names = (await readdir(FILES)).sort();
  return names.map((name) => ({ name, url: signer.signUrl(`${DISTRIBUTION}/private/${encodeURIComponent(name)}`, { dateLessThan: "10m" }) }));
}
