//! Work of the same kind, as much of it at once as there are processors; and work that must be done alone.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result};

/// Does work on something after all other threads' work on it.
pub fn alone<R>(what: &Path, work: impl FnOnce() -> R) -> R {
    static LOCKS: Mutex<BTreeMap<PathBuf, Arc<Mutex<()>>>> = Mutex::new(BTreeMap::new());
    let lock = Arc::clone(LOCKS.lock().unwrap_or_else(PoisonError::into_inner).entry(what.to_owned()).or_default());
    let _guard = lock.lock().unwrap_or_else(PoisonError::into_inner);
    work()
}

/// Does each; what came of it, in any order.
pub fn each<T: Send, R: Send>(items: impl IntoIterator<Item = T>, work: impl Fn(T) -> Result<R> + Sync) -> Result<Vec<R>> {
    let waiting: Mutex<VecDeque<T>> = Mutex::new(items.into_iter().collect());
    let next = || waiting.lock().ok()?.pop_front();
    let worker = || -> Result<Vec<R>> {
        let mut done = Vec::new();
        while let Some(item) = next() {
            done.push(work(item)?);
        }
        Ok(done)
    };
    thread::scope(|scope| {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        let mut done = Vec::new();
        for worker in workers {
            done.extend(worker.join().ok().context("a thread ended badly")??);
        }
        Ok(done)
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;
    use std::time::Duration;

    use super::alone;

    #[test]
    fn one_thread_at_a_time_works_on_the_same_thing() {
        let is_busy = AtomicBool::new(false);
        let work = || {
            alone(Path::new("the same"), || {
                assert!(!is_busy.swap(true, Ordering::SeqCst));
                thread::sleep(Duration::from_millis(2));
                is_busy.store(false, Ordering::SeqCst);
            });
        };
        thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(work))));
    }

    #[test]
    fn work_on_another_thing_does_not_wait() {
        let (one, other) =
            alone(Path::new("one"), || (1, thread::scope(|scope| scope.spawn(|| alone(Path::new("other"), || 2)).join())));
        assert_eq!((one, other.unwrap()), (1, 2));
    }
}
