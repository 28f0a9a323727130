// A runtime's part: it makes the subjects, then runs the batches that it is asked for.
import { batchOf } from "./batch.mjs";
import { subjects } from "./subjects.mjs";

/**
 * Answers `{ keys }` with the names of the subjects and the engines, and `{ subject, count }` with microseconds. What `others` makes of
 * the keys are subjects too.
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
    // A Worker may not do in one request what it began in another, nor sign outside of one: so no batch is begun before it is asked for.
    batches[subject] ??= batchOf(made[subject]);
    return batches[subject](count);
  };
}
