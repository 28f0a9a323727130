// The package, for tests in Node. The demo's server gives countersign_served.js instead of this file, and the page in one file has
// countersign_exported.js.
export * from "../pkg/index.js";

export const ready = Promise.resolve();
