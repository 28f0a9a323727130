// Runs the examples by the commands of their READMEs, from a copy without installed packages, beside the package.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { required } from "../js/environment.mjs";
import { endGroup } from "../js/operating_system.mjs";
import { PATIENCE, printed } from "../js/waiting.mjs";
import { run } from "./project.mjs";

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));
const MADE = ["node_modules", ".next", ".wrangler", ".env.local", ".dev.vars", "files", "local"];

export const npm = process.platform === "win32" ? "npm.cmd" : "npm";

/** A copy of an example, whose `../../pkg` is what the tarball holds. Each has its own: test files run at the same time. */
export function copyOfExample(name) {
  const place = join(dirname(required("PACKAGE_INSTALLED")), "walk", name);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  const tarball = readdirSync(required("PACKAGE_INSTALLED")).find((file) => file.endsWith(".tgz"));
  run("tar", ["-xzf", join(required("PACKAGE_INSTALLED"), tarball)], place);
  renameSync(join(place, "package"), join(place, "pkg"));
  const folder = join(place, "examples", name);
  cpSync(join(examples, name), folder, { recursive: true, filter: (file) => !MADE.includes(basename(file)) });
  return folder;
}

export function install(folder) {
  run(npm, ["install", "--no-audit", "--no-fund", "--loglevel=error"], folder);
}

/** Runs `npm start`, or the same in another Node, until it has printed `last`. Returns the output so far, and a function that ends it with all its children. */
export async function start(folder, last, env = {}, [command, ...args] = [npm, "start"]) {
  const program = spawn(command, args, { cwd: folder, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const ended = once(program, "exit");
  // It may build an app first.
  const { input } = await printed(program, last, 2 * PATIENCE);
  return {
    printed: input,
    stop: async () => {
      if (program.exitCode === null) endGroup(program);
      await ended;
    },
  };
}

/** The curl commands that an example prints, each run unchanged: `[{ command, status, body }]`. */
export function curls(printed, folder = process.cwd()) {
  const commands = printed.split("\n").filter((line) => line.startsWith("curl "));
  return commands.map((command) => {
    const answer = run("sh", ["-c", command.replace("curl ", "curl --silent --show-error --include ")], folder);
    // Where a redirect was followed there are several responses: take the last.
    const [head, ...body] = answer.slice(answer.lastIndexOf("HTTP/1.1 ")).split("\r\n\r\n");
    return { command, status: Number(head.split(" ")[1]), headers: head, body: body.join("\r\n\r\n") };
  });
}

export const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
