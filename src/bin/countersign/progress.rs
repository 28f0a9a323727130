//! Progress on a terminal, never in a file and never among results.

#[cfg(not(target_family = "wasm"))]
mod bar {
    use std::time::{Duration, Instant};

    use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

    use crate::output::Results;

    pub struct Progress {
        bar: ProgressBar,
        begun: Instant,
        done: std::cell::Cell<u64>,
        what: String,
    }

    impl Progress {
        /// `size` is how many bytes there are, if that is known; `what` names the lines.
        pub fn of_bytes(size: Option<u64>, what: &str) -> Self {
            let target = if Results::are_on_a_terminal() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
            let template = match size {
                Some(_) => "{bar:30} {percent:>3} %  {msg}  {eta} left",
                None => "{spinner} {msg}",
            };
            let bar = ProgressBar::with_draw_target(size, target);
            // Without a style it has another look.
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            if !bar.is_hidden() {
                bar.enable_steady_tick(Duration::from_millis(200));
            }
            Self { bar, begun: Instant::now(), done: 0.into(), what: what.to_owned() }
        }

        pub fn add(&self, bytes: u64, lines: u64) {
            if self.bar.is_hidden() {
                return;
            }
            self.done.set(self.done.get() + lines);
            let a_second = self.done.get() as f64 / self.begun.elapsed().as_secs_f64().max(0.001);
            self.bar.set_message(format!("{} {}, {a_second:.0}/s", self.done.get(), self.what));
            self.bar.inc(bytes);
        }

        /// Writes something else in between.
        pub fn suspended(&self, write: impl FnOnce()) {
            self.bar.suspend(write);
        }

        pub fn finish(&self) {
            self.bar.finish_and_clear();
        }
    }
}

#[cfg(target_family = "wasm")]
mod bar {
    /// WebAssembly does not know a terminal.
    pub struct Progress;

    impl Progress {
        pub fn of_bytes(_size: Option<u64>, _what: &str) -> Self {
            Self
        }

        pub fn add(&self, _bytes: u64, _lines: u64) {}

        pub fn suspended(&self, write: impl FnOnce()) {
            write();
        }

        pub fn finish(&self) {}
    }
}

pub use bar::Progress;
