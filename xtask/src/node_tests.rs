//! Node's test files, each in a process of its own: one that hangs neither stops the others nor hides what they found.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};

use crate::deadline;
use crate::project::{command, name, path, say};
use crate::side_by_side::each;
use crate::summary::{Counts, counted, judged, node_counts};

/// The longest that a file may take: nearly twice what the longest takes on two cores that do something else too.
const LONGEST: Duration = Duration::from_mins(6);

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

/// The test files of a folder.
pub fn test_files(folder: &str) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(path(folder))?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    Ok(files)
}

/// Test files, and the programs and folders that they use, by the variables that name them.
pub struct Suite {
    pub files: Vec<PathBuf>,
    pub variables: Vec<(&'static str, PathBuf)>,
}

/// Runs the files of all suites, as many at once as there are processors, and returns the counts of each suite. One that could not be
/// set up has failed.
pub fn run_all(suites: Vec<(String, Result<Suite>)>) -> Vec<(String, Result<Counts>)> {
    let files = suites.iter().enumerate().filter_map(|(at, (_, suite))| Some((at, suite.as_ref().ok()?)));
    let files = files.flat_map(|(at, suite)| suite.files.iter().map(move |file| (at, file, &suite.variables)));
    let counted = each(files, |(at, file, variables)| anyhow::Ok((at, run_file(file, variables))));
    let counts = |at: usize| -> Result<Counts> {
        let counted = counted.as_ref().map_err(|error| anyhow!("{error:#}"))?;
        let counts: Counts = counted.iter().filter(|(of, _)| *of == at).map(|(_, counts)| counts).sum();
        ensure!(counts.passed + counts.failed > 0, "it ran no test");
        Ok(counts)
    };
    let counts: Vec<_> = (0..suites.len()).map(counts).collect();
    suites.into_iter().zip(counts).map(|((name, suite), counts)| (name, suite.and(counts))).collect()
}

/// Browsers hang now and then, so a file that did not end is run once more, which the summary says.
fn run_file(file: &Path, variables: &[(&'static str, PathBuf)]) -> Counts {
    let attempt = || {
        let mut node = command_for(file);
        node.envs(variables.iter().map(|(name, value)| (name, value)));
        let start = Instant::now();
        let (status, printed) = deadline::output_within(&mut node, LONGEST, false).with_context(|| name(&node))?;
        let shown = file.file_name().unwrap_or_default().to_string_lossy();
        println!("# {shown}, {} s\n{printed}", start.elapsed().as_secs());
        anyhow::Ok(judged(status, node_counts(&printed)))
    };
    let hung = |error: anyhow::Error| say(&format!("{}: {error:#}", file.display()));
    attempt().unwrap_or_else(|error| {
        hung(error);
        say("once more");
        let again = attempt().unwrap_or_else(|error| {
            hung(error);
            Counts::FAILED
        });
        Counts { hung: 1, ..again }
    })
}
