//! Work on every core, with the results in the order of what came in.

/// Takes what `source` gives, works on it and passes the results on in its order. How much is under way at a time is bounded.
#[cfg(not(target_family = "wasm"))]
pub fn in_order<T: Send, R: Send, E>(
    source: impl Iterator<Item = T> + Send,
    work: impl Fn(T) -> R + Sync,
    mut sink: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    use std::sync::mpsc::{Receiver, sync_channel};

    let work = &work;
    let (queue, results) = sync_channel::<Receiver<R>>(4 * rayon::current_num_threads());
    rayon::in_place_scope(|cores| {
        std::thread::scope(|threads| {
            threads.spawn(move || {
                for item in source {
                    let (done, result) = sync_channel(1);
                    // Nobody takes results any more: the sink has failed.
                    if queue.send(result).is_err() {
                        break;
                    }
                    cores.spawn(move |_| {
                        let _ = done.send(work(item));
                    });
                }
            });
            // Drops the queue before the thread is waited for, which may be waiting for room in it.
            results.into_iter().flatten().try_for_each(&mut sink)
        })
    })
}

/// WebAssembly has one core.
#[cfg(target_family = "wasm")]
pub fn in_order<T, R, E>(
    source: impl Iterator<Item = T>,
    work: impl Fn(T) -> R,
    sink: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    source.map(work).try_for_each(sink)
}
