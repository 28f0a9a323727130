//! Runs the tests of pure code under Miri, which finds undefined behaviour in this crate and its dependencies. Only nightly toolchains
//! have Miri; without it, nothing is installed, and the summary says so.

use std::process::{Command, Stdio};

use anyhow::Result;

use crate::project::{command, path, run};

/// Miri is a hundred times as slow, so exhaustive and random tests are left out.
const TESTS: [&str; 7] = [
    "encoding::tests",
    "date::tests",
    "ip_address::tests",
    "policy::tests",
    "resource::tests::brings_patterns_to_the_form_of_requests",
    "resource::tests::matches_as_aws_documents_it",
    "url::tests",
];

const WITHOUT: [&str; 3] =
    ["has_the_calendar_of_jiff", "writes_and_reads_what_the_crate_does", "reads_any_address_as_the_standard_library_does"];

const MISSING: &str = "skipped: there is no Miri; rustup toolchain install nightly --component miri --component rust-src";

pub fn check() -> Result<Option<String>> {
    let found = miri().arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        return Ok(Some(MISSING.to_owned()));
    }
    let without = WITHOUT.map(|name| ["--skip", name]).concat();
    run(miri().args(["test", "--lib", "--target-dir"]).arg(path("target/miri")).arg("--").args(TESTS).args(without))?;
    Ok(None)
}

fn miri() -> Command {
    let mut cargo = command("cargo");
    cargo.args(["+nightly", "miri"]);
    // Set by the toolchain that runs this.
    for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        cargo.env_remove(variable);
    }
    cargo
}
