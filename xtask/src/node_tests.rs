//! Node's test files, each in a process of its own: one that hangs neither stops the others nor hides what they found.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::deadline;
use crate::project::{command, name, say};
use crate::side_by_side::each;
use crate::summary::{Counts, counted, judged, node_counts};

/// The longest that a file may take: more than twice what the longest takes on two cores that do something else too.
const LONGEST: Duration = Duration::from_mins(8);

/// Node's test runner.
pub fn command_for(file: &Path) -> Command {
    let mut node = command("node");
    node.args(["--test", "--test-reporter=tap"]).arg(file).stderr(Stdio::inherit());
    node
}

/// Runs one file.
pub fn run(node: &mut Command) -> Result<Counts> {
    counted(node, node_counts)
}

/// Runs files, as many at once as there are processors; `prepare` sets what they need. Browsers hang now and then, so a file that
/// did not end is run once more, which is said.
pub fn run_all(files: &[PathBuf], prepare: impl Fn(&mut Command) + Sync) -> Result<Counts> {
    let counts = each(files, |file| {
        let attempt = || {
            let mut node = command_for(file);
            prepare(&mut node);
            let start = Instant::now();
            let (status, printed) = deadline::output_within(&mut node, LONGEST, false).with_context(|| name(&node))?;
            let shown = file.file_name().unwrap_or_default().to_string_lossy();
            println!("# {shown}, {} s\n{printed}", start.elapsed().as_secs());
            anyhow::Ok(judged(status, node_counts(&printed)))
        };
        let hung = |error: anyhow::Error| say(&format!("{}: {error:#}", file.display()));
        attempt().or_else(|error| {
            hung(error);
            say("once more");
            attempt().or_else(|error| {
                hung(error);
                Ok(Counts { failed: 1, ..Counts::default() })
            })
        })
    })?;
    let counts: Counts = counts.iter().sum();
    ensure!(counts.passed + counts.failed > 0, "it ran no test");
    Ok(counts)
}
