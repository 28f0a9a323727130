/** What a function returns; undefined, if it throws. */
export function attempt(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}
