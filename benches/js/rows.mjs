// The tables' rows, in order.

export const rows = [];
export const memory = [];

let section;
/** Begins a section. */
export function begin(name) {
  section = name;
  console.error(`  ${name}`);
}

/** Adds a row. `least` is the target in docs/benchmarks.md: how many times as fast as the peer we want to be. */
export function row(work, ours, peer, peerTimes, least) {
  const ratio = peerTimes.median / ours.median;
  if (!(ratio > 0 && ratio < Infinity)) throw new Error(`${work} against ${peer}: ${JSON.stringify([ours, peerTimes])}`);
  rows.push({ section, work, ours, peer, peerTimes, ratio, ...(least && { least }) });
  console.error(`    ${work}: ${ours.median.toFixed(1)} µs; ${peer}: ${peerTimes.median.toFixed(1)} µs`);
}
