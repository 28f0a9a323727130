//! The command that the shell's tests run: the binary or, where the variable COUNTERSIGN_CLI_JS names `pkg/cli/countersign.js`, the npm
//! package's, in Node. Both have to do the same.

use std::ffi::OsString;
use std::process::Command;

/// The npm package's script, if that is what is tried.
pub(crate) fn script() -> Option<OsString> {
    std::env::var_os("COUNTERSIGN_CLI_JS")
}

pub(crate) fn command() -> Command {
    let mut words = words().into_iter();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    command
}

/// The words that it begins with.
pub(crate) fn words() -> Vec<OsString> {
    match script() {
        Some(script) => vec![std::env::var_os("COUNTERSIGN_CLI_NODE").unwrap_or("node".into()), script],
        None => vec![env!("CARGO_BIN_EXE_countersign").into()],
    }
}
