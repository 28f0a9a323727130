// Deno and Bun, from npm.
import { chmodSync, readdirSync } from "node:fs";

import { tool } from "./project.mjs";

const SCOPES = { deno: ["@deno", "deno"], bun: ["@oven", "bin/bun"] };

/** The platform's program, in the package that npm picks. */
export function binaryOf(name) {
  const [scope, program] = SCOPES[name];
  const [platform] = readdirSync(tool(scope)).filter((name) => !name.includes("musl") || readdirSync(tool(scope)).length === 1);
  const file = tool([scope, platform, program].join("/"));
  chmodSync(file, 0o755);
  return file;
}

export const DENO_ENV = { DENO_NO_UPDATE_CHECK: "1" };
export const DENO_RUN = ["run", "--no-remote", "--cached-only", "--allow-read", "--allow-env"];
