// Times subjects side by side: in each round every subject runs one batch, in rotating order, so that other load on the machine
// affects all alike.
import { batchOf } from "./batch.mjs";

/** Only a few rounds, to see that everything runs. */
export const quick = process.argv.includes("--quick");

/** How often a subject runs in a batch of about this many microseconds. Meanwhile the engine compiles it. */
async function calibrate(batch, microseconds) {
  let count = 1;
  for (;;) {
    // During the first batch the engine may compile the subject, or a clock of whole milliseconds may tick at a bad moment.
    const taken = Math.min(await batch(count), await batch(count));
    if (taken > microseconds / 2) return Math.max(1, Math.round((count * microseconds) / taken));
    count *= 4;
  }
}

export const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

/** The median, the tenth and the ninetieth percentile. */
export function spread(times) {
  const sorted = [...times].sort((one, other) => one - other);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.1), high: quantile(sorted, 0.9) };
}

/** Microseconds for one run of each subject: `{ name: { median, low, high } }`. A subject is a function. */
export const sideBySide = (subjects, options) =>
  batchesSideBySide(Object.fromEntries(Object.entries(subjects).map(([name, run]) => [name, batchOf(run)])), options);

/** The same for batches: functions that take a count and return the microseconds. */
export async function batchesSideBySide(subjects, { rounds = 31, milliseconds = 20 } = {}) {
  if (quick) rounds = 3;
  const entries = [];
  for (const [name, batch] of Object.entries(subjects)) {
    entries.push({ name, batch, count: await calibrate(batch, milliseconds * 1000), times: [] });
  }
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < entries.length; i++) {
      const { batch, count, times } = entries[(i + round) % entries.length];
      times.push((await batch(count)) / count);
    }
  }
  return Object.fromEntries(entries.map(({ name, times }) => [name, spread(times)]));
}

/** Divides times by how many a subject does in one run. */
export const each = (times, many) => Object.fromEntries(Object.entries(times).map(([name, value]) => [name, value / many]));
