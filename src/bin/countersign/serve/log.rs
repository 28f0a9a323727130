//! The log, on standard error. A thread of its own writes it, so that a slow reader delays no request; lines that do not fit into
//! its queue are counted and dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use crate::output::{Failure, tell};

/// How many lines wait.
const WAITING: usize = 4_096;

/// At its end the program waits this long for a reader.
const READ_WITHIN: Duration = Duration::from_secs(1);

enum Entry {
    Line(String),
    /// Tells when all before it are written.
    Last(SyncSender<()>),
}

pub struct Log {
    entries: SyncSender<Entry>,
    lost: Arc<AtomicUsize>,
}

impl Log {
    pub fn start() -> Result<Self, Failure> {
        let (entries, waiting) = sync_channel(WAITING);
        let lost = Arc::new(AtomicUsize::new(0));
        let of_writer = Arc::clone(&lost);
        std::thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || write(&waiting, &of_writer))
            .map_err(|error| Failure::other(format!("the log cannot be started: {error}")))?;
        Ok(Self { entries, lost })
    }

    pub fn tell(&self, line: String) {
        if let Err(TrySendError::Full(_)) = self.entries.try_send(Entry::Line(line)) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub fn finish(&self) {
        let (done, written) = sync_channel(1);
        if self.entries.try_send(Entry::Last(done)).is_ok() {
            let _ = written.recv_timeout(READ_WITHIN);
        }
    }
}

fn write(waiting: &Receiver<Entry>, lost: &AtomicUsize) {
    for entry in waiting {
        match entry {
            Entry::Line(line) => tell(&line),
            Entry::Last(done) => {
                let _ = done.send(());
            }
        }
        match lost.swap(0, Ordering::Relaxed) {
            0 => {}
            lost => tell(&format_args!("{lost} lines were left out: nobody read them")),
        }
    }
}
