// A runtime's side: it makes the subjects, then runs the batches that it is asked for.
import { batchOf } from "./batch.mjs";
import { subjects } from "./subjects.mjs";

/**
 * Answers `{ keys }` with the names of the subjects and the engines, and `{ subject, count }` with microseconds. `others` makes
 * more subjects from the keys.
 */
export function host(countersign, awsSdk, others) {
  let made;
  const batches = {};
  return async ({ keys, subject, count }) => {
    if (keys) {
      const found = await subjects(countersign, keys, awsSdk);
      made = { ...found.made, ...(await others?.(keys)) };
      return { names: Object.keys(made), engines: found.engines };
    }
    // A Worker can neither sign outside a request nor continue in one what it began in another, so a batch begins when it is asked for.
    batches[subject] ??= batchOf(made[subject]);
    return batches[subject](count);
  };
}
