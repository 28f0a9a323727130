// The package, for the page in one file that `cargo xtask demo --export` makes and for tests in Node: its default entry has the module inside.
// The demo's server gives countersign_served.js instead of this file.
export * from "../pkg/index.js";

export const ready = Promise.resolve();
