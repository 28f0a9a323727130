//! The command under test: the binary or, if the variable COUNTERSIGN_CLI_JS names `pkg/cli/countersign.js`, the npm package's command
//! in Node. Both must behave alike.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

/// The npm package's script, if that is under test.
pub(crate) fn script() -> Option<OsString> {
    std::env::var_os("COUNTERSIGN_CLI_JS")
}

pub(crate) fn command() -> Command {
    let mut words = words().into_iter();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    command
}

/// The command line's first words.
pub(crate) fn words() -> Vec<OsString> {
    match script() {
        Some(script) => vec![std::env::var_os("COUNTERSIGN_CLI_NODE").unwrap_or("node".into()), script],
        None => vec![env!("CARGO_BIN_EXE_countersign").into()],
    }
}

/// Runs it with this on standard input. The program may stop reading early.
pub(crate) fn with_input(mut command: Command, input: &[u8]) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input));
        child.wait_with_output().unwrap()
    })
}

/// The exit status, and what was printed on standard output and on standard error.
pub(crate) fn text(output: &Output) -> (Option<i32>, String, String) {
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), lossy(&output.stdout), lossy(&output.stderr))
}
