// One batch of a subject, in any runtime.

/** Returns a function that runs a subject so many times and returns the microseconds by the runtime's clock. */
export function batchOf(run) {
  const isAsync = run() instanceof Promise;
  return async (count) => {
    const start = performance.now();
    if (isAsync) for (let i = 0; i < count; i++) await run();
    else for (let i = 0; i < count; i++) run();
    return (performance.now() - start) * 1000;
  };
}
