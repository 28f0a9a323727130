// Shows this machine to the program, which expects Unix paths: on Windows, C:\keys becomes /C:/keys.
import { existsSync } from "node:fs";
import process from "node:process";

const isWindows = process.platform === "win32";

/** The folders that the program may open: all of them, like a native program. `{ path there: path here }`. */
export function folders(windows = isWindows) {
  if (!windows) return { "/": "/" };
  const drives = Array.from({ length: 26 }, (_, at) => `${String.fromCharCode(65 + at)}:`).filter((drive) => existsSync(`${drive}\\`));
  return Object.fromEntries(drives.map((drive) => [`/${drive}`, `${drive}\\`]));
}

/** A path of this machine, as the program knows it. */
export function guestPath(path, windows = isWindows) {
  if (!windows) return path;
  return path.replaceAll("\\", "/").replace(/^([a-z]):(?=\/|$)/i, (_, drive) => `/${drive.toUpperCase()}:`);
}

// A file's path, alone or after `file://`, `fileb://`, an id and `=`, or a flag and `=`: C:\keys\private.pem, ..\private.pem.
const PATH = /^((?:--[\w-]+=)?(?:[\w.]+=)?(?:fileb?:\/\/\/?)?)([a-z]:[\\/].*|\.{0,2}\\.*|[^\\/:*?"<>|={}]+\\[^:*?"<>|{}]*)$/i;

/** The arguments, with Windows's paths as the program knows them. */
export function guestArguments(args, windows = isWindows) {
  if (!windows) return args;
  return args.map((argument) => argument.replace(PATH, (_, before, path) => before.replace(/\/\/\/$/, "//") + guestPath(path, true)));
}

/** Runs code without Node's warning that WASI is experimental; other warnings stay. */
export async function withoutWarning(work) {
  const { emitWarning } = process;
  process.emitWarning = (warning, ...rest) => (/WASI/.test(String(warning?.message ?? warning)) ? undefined : emitWarning.call(process, warning, ...rest));
  try {
    return await work();
  } finally {
    process.emitWarning = emitWarning;
  }
}
