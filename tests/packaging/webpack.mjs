// webpack with warnings as errors, except for the one about a large file.
import assert from "node:assert/strict";

import webpack from "webpack";

export async function bundledByWebpack(configuration) {
  const compiler = webpack({ mode: "production", performance: { hints: false }, ...configuration });
  const stats = await new Promise((resolve, reject) => compiler.run((error, stats) => (error ? reject(error) : resolve(stats))));
  await new Promise((resolve) => compiler.close(resolve));
  assert.ok(!stats.hasErrors() && !stats.hasWarnings(), stats.toString());
}
