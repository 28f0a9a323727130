// What differs between the systems that the tests run on. They are tried on Linux; on macOS and Windows nothing here has been run yet.
import { spawnSync } from "node:child_process";
import { devNull } from "node:os";

const windows = process.platform === "win32";

/** Options of a test: it is skipped, with the reason, where the system lacks what it is about. */
export const UNIX_ONLY = windows ? { skip: "Windows has no signals that a program can answer, no pipes with names and no limits" } : {};
export const LINUX_ONLY = process.platform === "linux" ? {} : { skip: "only Linux has /dev/full" };

/** An environment without the machine's AWS configuration, and with what a program cannot start without. */
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

/** Ends a program that was started as `detached`, and all that it has started. */
export function endGroup({ pid }) {
  if (windows) spawnSync("taskkill", ["/pid", String(pid), "/t", "/f"]);
  else process.kill(-pid, "SIGTERM");
}
