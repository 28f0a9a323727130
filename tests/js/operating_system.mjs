// Differences between operating systems. So far the tests have run only on Linux, not on macOS or Windows.
import { spawnSync } from "node:child_process";
import { devNull } from "node:os";

const windows = process.platform === "win32";

/** Options that skip a test, with the reason, where the system lacks what it tests. */
export const UNIX_ONLY = windows ? { skip: "Windows has no signals that a program can answer, no pipes with names and no limits" } : {};
export const LINUX_ONLY = process.platform === "linux" ? {} : { skip: "only Linux has /dev/full" };

/** An environment without the machine's AWS configuration, but with what every program needs. */
export const WITHOUT_AWS = {
  PATH: process.env.PATH,
  ...(windows ? { SystemRoot: process.env.SystemRoot, USERPROFILE: process.env.USERPROFILE } : { HOME: process.env.HOME }),
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
};

/** Memory of a process, in MiB. */
export function residentMemory(pid) {
  if (!windows) return Number(spawnSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).stdout) / 1024;
  const { stdout } = spawnSync("powershell", ["-NoProfile", "-Command", `(Get-Process -Id ${pid}).WorkingSet64`], { encoding: "utf8" });
  return Number(stdout) / 2 ** 20;
}

/** Ends a program started as `detached`, with all its children. */
export function endGroup({ pid }) {
  if (windows) spawnSync("taskkill", ["/pid", String(pid), "/t", "/f"]);
  else process.kill(-pid, "SIGTERM");
}
