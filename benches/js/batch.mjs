// One batch of a subject, in whatever runtime this is.

/** A function that runs a subject so many times, and gives the microseconds that it took by the clock of the runtime. */
export function batchOf(run) {
  const isAsync = run() instanceof Promise;
  return async (count) => {
    const start = performance.now();
    if (isAsync) for (let i = 0; i < count; i++) await run();
    else for (let i = 0; i < count; i++) run();
    return (performance.now() - start) * 1000;
  };
}
