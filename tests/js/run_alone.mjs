// Runs a module's text in its own process, where `countersign` resolves as it does here.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export function runAlone(source, ...options) {
  return spawnSync(process.execPath, [...options, "--input-type=module", "--eval", source], {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    encoding: "utf8",
  });
}
