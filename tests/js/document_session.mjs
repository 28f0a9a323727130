// Runs a document's blocks one after the other in one folder, as a reader would: variables and files stay, a server runs on.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

import { path } from "./documents.mjs";
import { required } from "./environment.mjs";
import { keyFile } from "./keys.mjs";
import { endGroup } from "./operating_system.mjs";
import { printed } from "./waiting.mjs";

/** Where a document's server listens. Here it gets a free port instead. */
const DOCUMENTED = "127.0.0.1:8080";

const ENDINGS = { js: "mjs", cjs: "cjs", py: "py" };

export class DocumentSession {
  #folder = mkdtempSync(join(tmpdir(), "countersign-docs-"));
  #address = DOCUMENTED;
  #environment;
  #server;
  /** The shell's variables, and whether they are exported. */
  #variables = new Map();

  /** There is a key pair in its folder, unless one of the blocks makes it, and it has the packages and programs of the tests. */
  constructor(blocks, environment = {}) {
    symlinkSync(path("tests/js/node_modules"), join(this.#folder, "node_modules"), "junction");
    if (!blocks.some(({ code }) => code.includes("-out private_key.pem"))) {
      copyFileSync(keyFile("rsa2048"), join(this.#folder, "private_key.pem"));
      copyFileSync(keyFile("rsa2048.pub"), join(this.#folder, "public_key.pem"));
    }
    const programs = [required("COUNTERSIGN_BIN"), required("PEER_PYTHON")].map((program) => dirname(program));
    this.#environment = { ...process.env, PYTHONUTF8: "1", ...environment, PATH: [...programs, process.env.PATH].join(delimiter) };
  }

  file(name) {
    return readFileSync(join(this.#folder, name), "utf8");
  }

  /**
   * Runs a block and gives what it printed, or each command of a console with what it printed; one that fails is an error. `variables`
   * are the shell's, for this block.
   */
  run(kind, code, variables) {
    const here = code.replaceAll(DOCUMENTED, this.#address);
    if (kind === "console") return this.#console(here, variables);
    if (kind === "sh") return this.#shell(`set -e\n${here}`, variables);
    return this.#spawn(kind === "py" ? required("PEER_PYTHON") : process.execPath, ENDINGS[kind], here);
  }

  /** `$ ` begins a command, what follows is what it prints; `…` stands for what is different each time. */
  #console(code, variables) {
    const commands = [];
    for (const line of code.split("\n")) {
      const last = commands.at(-1);
      if (line.startsWith("$ ")) commands.push({ command: line.slice(2), expected: [] });
      else if (last.expected.length === 0 && last.command.endsWith("\\")) last.command += `\n${line}`;
      else last.expected.push(line);
    }
    this.#shell(commands.map(({ command }, index) => `{\n${command}\n} > printed-${index} 2>&1`).join("\n"), variables);
    return commands.map(({ command, expected }, index) => {
      const printed = this.file(`printed-${index}`).trimEnd();
      const pattern = expected.map((line) => line.split("…").map(literal).join("[^\\n]*")).join("\\n");
      assert.match(printed, new RegExp(`^${pattern}$`), `${command}\nprints\n${printed}`);
      return { command, printed };
    });
  }

  /** What is set stays set for the blocks that follow. Programs see only what is exported, as in a reader's shell. */
  #shell(code, variables = {}) {
    const kept = [...this.#variables].map(([name, isExported]) => `${name}=$(cat variable-${name})\n${isExported ? `export ${name}\n` : ""}`);
    const set = Object.entries(variables).map(([name, value]) => `${name}='${value.replaceAll("'", "'\\''")}'\n`);
    for (const [, isExported, name] of code.matchAll(/^(export )?([A-Za-z_]\w*)=/gm)) this.#variables.set(name, Boolean(isExported || this.#variables.get(name)));
    const keep = [...this.#variables.keys()].map((name) => `printf %s "$${name}" > variable-${name}\n`);
    // A console may end in a command that is meant to fail.
    return this.#spawn("sh", "sh", [...kept, ...set, `${code}\n`, ...keep, ":\n"].join(""));
  }

  #spawn(program, ending, code) {
    const file = join(this.#folder, `block.${ending}`);
    writeFileSync(file, code);
    const { status, stdout, stderr, error } = spawnSync(program, [file], { cwd: this.#folder, encoding: "utf8", env: this.#environment, timeout: 60_000 });
    assert.equal(error, undefined);
    assert.equal(status, 0, `${stderr}\n${stdout}\n${code}`);
    return stdout;
  }

  /** Starts a block whose last command is `countersign serve`. */
  async serve(code) {
    assert.ok(code.includes(DOCUMENTED), `a server listens on ${DOCUMENTED}`);
    writeFileSync(join(this.#folder, "server.sh"), `set -e\n${code.replaceAll(DOCUMENTED, "127.0.0.1:0")}\n`);
    // A group of its own, so that the shell does not leave the server behind.
    this.#server = spawn("sh", ["server.sh"], { cwd: this.#folder, env: this.#environment, stdio: ["ignore", "pipe", "pipe"], detached: true });
    [, this.#address] = await printed(this.#server, /^listening on http:\/\/(127\.0\.0\.1:\d+)\n/m);
  }

  async end() {
    if (this.#server?.exitCode === null) {
      endGroup(this.#server);
      if (this.#server.exitCode === null && this.#server.signalCode === null) await once(this.#server, "exit");
    }
    rmSync(this.#folder, { recursive: true });
  }
}

const literal = (text) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
