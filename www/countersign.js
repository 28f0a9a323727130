// The package, for tests in Node. The demo's server serves countersign_served.js instead, and the exported page contains
// countersign_exported.js.
export * from "../pkg/dist/index.js";

export const ready = Promise.resolve();
