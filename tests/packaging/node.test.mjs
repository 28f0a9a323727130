// The suite in Node, the oldest that is supported or whichever runs this, and the newest; as an ES module and as CommonJS.
import { conforms, newestNode, project, run } from "./project.mjs";

for (const node of [process.execPath, newestNode]) {
  const version = run(node, ["--version"]).trim();
  for (const [format, file] of [["ESM", "print.js"], ["CommonJS", "print.cjs"]]) {
    conforms(`Node ${version}, ${format}`, "host", () => JSON.parse(run(node, ["--expose-gc", file], project(`node-${version}-${format}`))));
  }
}
