//! Which lines of the core the Rust tests reach, by the compiler's own instrumentation and cargo-llvm-cov.

use anyhow::Result;

use crate::project::{cargo, command, path, run, say};

const VERSION: &str = "0.9.1";

/// Files outside the core: the two interfaces, xtask and the tests.
const ELSEWHERE: &str = "(src/bin|src/wasm|xtask|tests)/";

/// Prints a table, and the lines that no test reaches. docs/coverage.md says why each is left.
pub fn coverage() -> Result<()> {
    let tools = path("target/tools");
    let tool = tools.join("bin").join(format!("cargo-llvm-cov{}", std::env::consts::EXE_SUFFIX));
    if !tool.exists() {
        say("installing cargo-llvm-cov into target/tools");
        run(cargo().args(["install", "--quiet", "cargo-llvm-cov", "--version", VERSION, "--locked", "--root"]).arg(&tools))?;
    }
    run(command(&tool.to_string_lossy())
        .args(["llvm-cov", "--features", "cli", "--show-missing-lines", "--ignore-filename-regex", ELSEWHERE])
        // Tests kill programs, which then leave half a measurement: that alone is no failure.
        .args(["--failure-mode", "all"])
        .arg("--")
        // This test leaves no room for files, but the instrumentation writes one.
        .args(["--skip", "no_room_for_the_files"])
        // This one runs an example, which cargo-llvm-cov does not build.
        .args(["--skip", "every_generated_line_has_the_reason"])
        // It installs llvm-tools with rustup, without asking.
        .env("CARGO_LLVM_COV_SETUP", "yes"))
}
