// Waits that end. What does not come in time is an error that says what was waited for, and what was seen until then.
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds. What is waited for takes seconds at the most, and the machine may be busy with other tests. */
export const PATIENCE = 120_000;

/** What a promise gives. */
export async function inTime(promise, what, seen = () => "", patience = PATIENCE) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${patience / 1000} s have passed without ${what}\n${seen()}`)), patience);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks until a text matches, as that of a log does in the end, and returns the match. */
export async function matched(text, pattern) {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const match = pattern.exec(text());
    if (match) return match;
    if (performance.now() > end) throw new Error(`${PATIENCE / 1000} s have passed without ${pattern} in\n${text()}`);
    await sleep(20);
  }
}

/** Waits until what a program prints matches, and returns the match. A program that is not ready in time is ended with all that it started. */
export async function printed(program, pattern, patience = PATIENCE) {
  let text = "";
  const streams = [program.stdout, program.stderr].filter((stream) => stream);
  let look;
  const match = new Promise((resolve, reject) => {
    look = (part) => {
      text += part;
      const match = pattern.exec(text);
      if (match) resolve(match);
    };
    for (const stream of streams) stream.setEncoding("utf8").on("data", look);
    program.once("error", reject);
    program.once("close", (status, signal) => reject(new Error(`it ended with ${status ?? signal} before it printed ${pattern}\n${text}`)));
  });
  try {
    return await inTime(match, pattern, () => text, patience);
  } catch (error) {
    kill(program);
    throw error;
  } finally {
    for (const stream of streams) stream.off("data", look);
  }
}

function kill(program) {
  try {
    process.kill(-program.pid, "SIGKILL");
  } catch {
    // It leads no group, or has ended.
    program.kill("SIGKILL");
  }
}
