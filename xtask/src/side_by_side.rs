//! Work of the same kind, as much of it at once as there are processors.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result};

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
