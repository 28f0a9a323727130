// The suite in Deno and in Bun.
import { chmodSync, readdirSync } from "node:fs";

import { tool, conforms, project, run } from "./project.mjs";

/** The program in the package of this platform, which npm picks. */
function binary(scope, ...names) {
  const [platform] = readdirSync(tool(scope)).filter((name) => !name.includes("musl") || readdirSync(tool(scope)).length === 1);
  const program = tool([scope, platform, ...names].join("/"));
  chmodSync(program, 0o755);
  return program;
}

conforms("Deno", "host", () => JSON.parse(run(binary("@deno", "deno"), ["run", "--no-remote", "--cached-only", "--allow-read", "--allow-env", "print.js"], project("deno"), { DENO_NO_UPDATE_CHECK: "1" })));
conforms("Bun", "host", () => JSON.parse(run(binary("@oven", "bin", "bun"), ["run", "print.js"], project("bun"))));
