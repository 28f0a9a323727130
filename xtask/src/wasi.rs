//! What is compiled for WASI: the command of the npm package countersign-cli, and the example for edges that run WebAssembly.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::build::{cargo_home, check_versions, gzip_size};
use crate::licences;
use crate::node_tests;
use crate::project::{cargo, path, root, run, say};
use crate::python::Environment;
use crate::summary::{Summary, cargo_counts, counted};
use crate::wasm_toolchain::{self, WASI as TARGET};

const NO_TARGET: &str = "there is no Rust with the target wasm32-wasip1, and rustup cannot add it";
const EXAMPLE: &str = "examples/wasi/Cargo.toml";

/// The name of the check that [`command_line`] is.
pub const COMMAND_LINE: &str = "command line in WebAssembly";

/// Whether this can be compiled at all.
pub fn has_target() -> bool {
    wasm_toolchain::has_target(TARGET)
}

/// Makes pkg/cli/dist.
pub fn command_line() -> Result<()> {
    check_versions()?;
    if !has_target() {
        bail!("{NO_TARGET}. Run: rustup target add {TARGET}");
    }
    say("compiling the command line to WebAssembly");
    let target = path("target/wasi");
    run(cargo()
        .args(["build", "--profile", "wasi", "--locked", "--target", TARGET, "--features", "cli", "--bin", "countersign"])
        .args(["--config", &flags()?])
        .arg("--target-dir")
        .arg(&target)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS"))?;
    let module = fs::read(target.join(TARGET).join("wasi/countersign.wasm"))?;
    let dist = path("pkg/cli/dist");
    fs::create_dir_all(&dist)?;
    fs::write(dist.join("countersign.wasm"), &module)?;
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        fs::copy(path(licence), dist.join(licence))?;
    }
    fs::write(dist.join("LICENSE-THIRD-PARTY"), licences::of_the_command()?)?;
    say(&format!("countersign.wasm: {} bytes, {} compressed by gzip", module.len(), gzip_size(&module)?));
    Ok(())
}

/// Runs the shell's tests with the npm package's command, which is there already, and tests the example.
pub fn test(summary: &mut Summary) {
    if !has_target() {
        for name in [COMMAND_LINE, "command line from npm", "example for WASI"] {
            summary.check_or_skip(name, || Ok(Some(format!("skipped: {NO_TARGET}"))));
        }
        return;
    }
    let of_the_binary =
        ["a_terminal_has_colours_and_progress_unless_it_is_told_otherwise", "a_line_without_end_is_an_error_in_little_memory"];
    let why = "the binary's alone: WebAssembly knows no terminal, and the memory of the process is Node's";
    summary.suite_but("command line from npm", of_the_binary.len(), why, || {
        let tests = ["test", "--features", "cli", "--no-fail-fast", "--test", "cli", "--test", "cli_lists"];
        let without = of_the_binary.map(|name| ["--skip", name]).concat();
        counted(
            cargo().args(tests).arg("--").args(without).env("COUNTERSIGN_CLI_JS", path("pkg/cli/countersign.js")),
            cargo_counts,
        )
    });
    summary.suite("example for WASI", || {
        let python = Environment::of("tests/wasi/requirements.txt", "wasi")?.program("python");
        let program = example()?;
        let mut node = node_tests::command_for(&path("tests/wasi/example.test.mjs"));
        node.env("WASMTIME_PYTHON", python).env("WASI_PROGRAM", program);
        node_tests::run(&mut node)
    });
}

/// Builds the example without warnings, and returns its program's path.
fn example() -> Result<PathBuf> {
    let target = path("target/wasi-example");
    run(cargo()
        .args(["build", "--release", "--target", TARGET, "--manifest-path", EXAMPLE, "--config", &flags()?])
        .arg("--target-dir")
        .arg(&target)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS"))?;
    Ok(target.join(TARGET).join("release/countersign-example-wasi.wasm"))
}

/// Warnings are errors, and the build machine's paths stay out of the module. `.cargo/config.toml` has more flags.
fn flags() -> Result<String> {
    let mut flags = vec!["'-Dwarnings'".to_owned()];
    for (folder, name) in [(cargo_home()?, "cargo"), (root(), "countersign")] {
        flags.push(format!("'--remap-path-prefix={}={name}'", folder.display()));
    }
    Ok(format!("target.{TARGET}.rustflags=[{}]", flags.join(",")))
}
