// Times subjects side by side: in each round every subject runs one batch, in an order that turns, so that what else the machine
// does falls on all of them alike.

const now = () => Number(process.hrtime.bigint()) / 1000;

async function batch(run, count, isAsync) {
  const start = now();
  if (isAsync) for (let i = 0; i < count; i++) await run();
  else for (let i = 0; i < count; i++) run();
  return now() - start;
}

/** How often a subject runs in a batch of about these microseconds; by the way, the engine compiles it. */
async function calibrate(run, microseconds, isAsync) {
  let count = 1;
  for (;;) {
    const taken = await batch(run, count, isAsync);
    if (taken > microseconds / 2) return Math.max(1, Math.round((count * microseconds) / taken));
    count *= 4;
  }
}

export const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

/** The median of times, and the tenth and the ninetieth of a hundred. */
export function spread(times) {
  const sorted = [...times].sort((one, other) => one - other);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.1), high: quantile(sorted, 0.9) };
}

/** Microseconds that one run of each subject takes: `{ name: { median, low, high } }`. */
export async function sideBySide(subjects, { rounds = 31, milliseconds = 20 } = {}) {
  const entries = [];
  for (const [name, run] of Object.entries(subjects)) {
    const isAsync = run() instanceof Promise;
    entries.push({ name, run, isAsync, count: await calibrate(run, milliseconds * 1000, isAsync), times: [] });
  }
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[(i + round) % entries.length];
      entry.times.push((await batch(entry.run, entry.count, entry.isAsync)) / entry.count);
    }
  }
  return Object.fromEntries(entries.map(({ name, times }) => [name, spread(times)]));
}
