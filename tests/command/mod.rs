//! The command under test: the binary or, if the variable COUNTERSIGN_CLI_JS names `pkg/cli/countersign.js`, the npm package's command
//! in Node. Both must behave alike.

use std::ffi::OsString;
use std::process::Command;

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
