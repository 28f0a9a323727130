//! The end of the tests' output: a line with counts for each suite.

use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use crate::deadline;
use crate::project::{name, say};

#[derive(Default)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
    /// Test files that did not end, and were run once more.
    pub hung: usize,
}

impl Counts {
    /// Those of one check.
    pub const PASSED: Self = Self { passed: 1, failed: 0, skipped: 0, hung: 0 };
    pub const FAILED: Self = Self { passed: 0, failed: 1, skipped: 0, hung: 0 };
}

impl<'a> std::iter::Sum<&'a Counts> for Counts {
    fn sum<I: Iterator<Item = &'a Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            passed: sum.passed + one.passed,
            failed: sum.failed + one.failed,
            skipped: sum.skipped + one.skipped,
            hung: sum.hung + one.hung,
        })
    }
}

#[derive(Default)]
pub struct Summary {
    /// Runs only suites with this in their names.
    only: Option<String>,
    lines: Vec<(String, Counts, String)>,
    times: Vec<(Duration, String)>,
}

impl Summary {
    pub fn only(name: Option<&str>) -> Self {
        Self { only: name.map(str::to_lowercase), ..Self::default() }
    }

    /// A suite that is one check.
    pub fn check(&mut self, name: &str, check: impl FnOnce() -> Result<()>) {
        self.suite(name, || check().map(|()| Counts::PASSED));
    }

    /// A suite that is one check, or says why it cannot run here.
    pub fn check_or_skip(&mut self, name: &str, check: impl FnOnce() -> Result<Option<String>>) {
        let mut why = None;
        self.suite(name, || {
            why = check()?;
            let skipped = usize::from(why.is_some());
            Ok(Counts { passed: 1 - skipped, skipped, ..Counts::default() })
        });
        if let Some(why) = why {
            self.say_why(why);
        }
    }

    /// A suite that leaves out tests and says why.
    pub fn suite_but(&mut self, name: &str, left_out: usize, why: &str, suite: impl FnOnce() -> Result<Counts>) {
        let mut is_run = false;
        self.suite(name, || {
            let counts = suite()?;
            is_run = true;
            Ok(Counts { skipped: counts.skipped + left_out, ..counts })
        });
        if is_run {
            self.say_why(why.to_owned());
        }
    }

    fn say_why(&mut self, why: String) {
        if let Some((_, _, shown)) = self.lines.last_mut() {
            *shown = why;
        }
    }

    /// Whether a suite of that name is to run.
    pub fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.to_lowercase().contains(only))
    }

    /// A suite with counts. One that cannot run has failed.
    pub fn suite(&mut self, name: &str, suite: impl FnOnce() -> Result<Counts>) {
        if self.wants(name) {
            self.suites(name, |_| vec![(name.to_owned(), suite())]);
        }
    }

    /// Suites that run at the same time, `name` together.
    pub fn suites(&mut self, name: &str, suites: impl FnOnce(&Self) -> Vec<(String, Result<Counts>)>) {
        let so_far: Duration = self.times.iter().map(|(time, _)| *time).sum();
        say(&format!("{name}, after {} s", so_far.as_secs()));
        let start = Instant::now();
        let suites = if deadline::run_is_over() {
            vec![(name.to_owned(), Err(anyhow!("not run: the whole run takes too long")))]
        } else {
            suites(self)
        };
        self.times.push((start.elapsed(), name.to_owned()));
        for (name, counts) in suites {
            let (counts, why) = match counts {
                Ok(counts) => (counts, String::new()),
                Err(error) => (Counts::FAILED, format!("{error:#}")),
            };
            if !why.is_empty() {
                eprintln!("{why}");
            }
            self.lines.push((name, counts, why));
        }
    }

    /// Prints what took longest, then the lines. Returns whether nothing failed.
    pub fn print(&mut self) -> bool {
        self.times.sort_by(|one, other| other.cmp(one));
        let total: Duration = self.times.iter().map(|(time, _)| *time).sum();
        let longest: Vec<_> = self.times.iter().take(12).map(|(time, name)| format!("{name} {} s", time.as_secs())).collect();
        println!("\n{} minutes, of which: {}\n", total.as_secs() / 60, longest.join(", "));
        for (name, counts, why) in &self.lines {
            let hung = if counts.hung > 0 { format!(", {} hung and run once more", counts.hung) } else { String::new() };
            let why = why.lines().next().map(|line| format!(" ({line})")).unwrap_or_default();
            println!("{name}: {} passed, {} failed, {} skipped{hung}{why}", counts.passed, counts.failed, counts.skipped);
        }
        let total: Counts = self.lines.iter().map(|(_, counts, _)| counts).sum();
        println!("\ntotal: {} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped);
        // No suite has that name.
        total.failed == 0 && !self.lines.is_empty()
    }
}

/// Runs a test program, shows what it prints, and reads its counts.
pub fn counted(command: &mut Command, read: fn(&str) -> Counts) -> Result<Counts> {
    let (status, printed) = deadline::output(command.stderr(Stdio::inherit()), true).with_context(|| name(command))?;
    let counts = judged(status, read(&printed));
    if status.success() && counts.passed == 0 {
        anyhow::bail!("it ran no test");
    }
    Ok(counts)
}

/// The counts of a test program that ended so. One that fails without counting a failure did not compile, or was killed.
pub fn judged(status: ExitStatus, counts: Counts) -> Counts {
    Counts { failed: counts.failed.max(usize::from(!status.success())), ..counts }
}

/// `test result: ok. 25 passed; 0 failed; 0 ignored; …` of cargo test, summed up.
pub fn cargo_counts(printed: &str) -> Counts {
    let mut counts = Counts::default();
    for line in printed.lines().filter_map(|line| line.strip_prefix("test result: ")) {
        for part in line.split(['.', ';']).map(str::trim) {
            match part.split_once(' ') {
                Some((number, "passed")) => counts.passed += number.parse().unwrap_or(0),
                Some((number, "failed")) => counts.failed += number.parse().unwrap_or(0),
                Some((number, "ignored")) => counts.skipped += number.parse().unwrap_or(0),
                _ => {}
            }
        }
    }
    counts
}

/// `# pass 25`, `# fail 0`, `# skipped 0`, `# todo 0` of Node's test runner in its TAP form.
pub fn node_counts(printed: &str) -> Counts {
    let number =
        |name: &str| printed.lines().rev().find_map(|line| line.strip_prefix(name)?.trim().parse::<usize>().ok()).unwrap_or(0);
    Counts {
        passed: number("# pass "),
        failed: number("# fail ") + number("# cancelled "),
        skipped: number("# skipped ") + number("# todo "),
        hung: 0,
    }
}
