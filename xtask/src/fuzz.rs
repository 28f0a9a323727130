//! The fuzz targets of `fuzz/`: a fixed number of executions in the tests, or as long as you ask. `cargo fuzz run` runs the same
//! targets on a nightly toolchain; here its flags are passed to the toolchain at hand.

mod seeds;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::deadline;
use crate::project::{cargo, command, output, path, run, say};
use crate::side_by_side::each;
use crate::summary::Counts;

/// Each target with its executions in the tests: five to fifteen seconds of a core each.
const TARGETS: [(&str, u32); 9] = [
    ("cookies", 100_000),
    ("date", 100_000),
    ("inspect", 10_000),
    ("key", 10_000),
    ("manifest", 10_000),
    ("policy", 100_000),
    ("sign", 1_500),
    ("url", 20_000),
    ("verify", 2_500),
];

/// The flags of cargo-fuzz 0.13: libFuzzer sees every edge and comparison, and AddressSanitizer watches memory.
const FLAGS: [&str; 9] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    "-Zsanitizer=address",
    "--cfg=fuzzing",
    // As in the module.
    "--cfg=rsa_kernel=\"on\"",
];

/// The longest input. The time of some targets grows with its square.
const LONGEST: usize = 4_096;

/// One test for each target.
pub fn suite() -> Result<Counts> {
    let folder = build()?;
    let mut counts = Counts::default();
    each(TARGETS, |(target, runs)| {
        // Without earlier findings, so that the number of executions means the same everywhere.
        let found = path("target/fuzz/found").join(target);
        if found.exists() {
            fs::remove_dir_all(&found)?;
        }
        execute(&folder, target, &found, &format!("-runs={runs}"))
    })?
    .into_iter()
    .for_each(|passed| if passed { counts.passed += 1 } else { counts.failed += 1 });
    Ok(counts)
}

/// Runs each target for so many minutes. Findings are kept in `fuzz/corpus`, where the next run continues.
pub fn fuzz(minutes: &str) -> Result<()> {
    let minutes: u32 = minutes.parse().ok().filter(|minutes| *minutes > 0).context("--minutes takes a whole number from 1 on")?;
    let folder = build()?;
    let limit = format!("-max_total_time={}", minutes.saturating_mul(60));
    let passed = each(TARGETS, |(target, _)| execute(&folder, target, &path("fuzz/corpus").join(target), &limit))?;
    if passed.contains(&false) { bail!("a target failed: its input is in fuzz/artifacts") } else { Ok(()) }
}

/// Compiles the targets and returns their folder.
fn build() -> Result<PathBuf> {
    say("compiling the fuzz targets");
    let printed = output(command(&std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned())).arg("-vV"))?;
    let host = printed.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc does not say what machine this is")?;
    // With an explicit target, build scripts and macros are compiled without the flags.
    run(cargo()
        .args(["build", "--release", "--manifest-path", "fuzz/Cargo.toml", "--target", host, "--target-dir", "target/fuzz"])
        .env("RUSTFLAGS", FLAGS.join(" "))
        .env("RUSTC_BOOTSTRAP", "1")
        .env_remove("CARGO_ENCODED_RUSTFLAGS"))?;
    Ok(path("target/fuzz").join(host).join("release"))
}

/// Runs a target from its seeds and earlier findings, and writes new findings to `found`. Returns whether it passed.
fn execute(folder: &Path, target: &str, found: &Path, limit: &str) -> Result<bool> {
    let seeds = path("target/fuzz/seeds").join(target);
    seeds::write(target, &seeds)?;
    let artifacts = path("fuzz/artifacts").join(target);
    for folder in [found, &artifacts] {
        fs::create_dir_all(folder)?;
    }
    let log = path("target/fuzz").join(format!("{target}.log"));
    let mut fuzzer = command(&folder.join(target).to_string_lossy());
    fuzzer
        .args([limit, "-seed=1", "-timeout=20", "-rss_limit_mb=4096", "-print_final_stats=1", &format!("-max_len={LONGEST}")])
        .arg(format!("-dict={}", path("fuzz/dictionary.txt").display()))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args([found, &seeds])
        .stderr(File::create(&log)?);
    let passed = deadline::status(&mut fuzzer).with_context(|| target.to_owned())?.success();
    let printed =
        fs::read_to_string(&log).unwrap_or_else(|_| String::from_utf8_lossy(&fs::read(&log).unwrap_or_default()).into_owned());
    let number = |name: &str| printed.lines().rev().find_map(|line| line.strip_prefix(name)).map_or("?", str::trim).to_owned();
    let covered = printed.lines().rev().find_map(|line| line.split(" cov: ").nth(1)?.split(' ').next()).unwrap_or("?");
    println!("fuzz target {target}: {} executions, {covered} edges", number("stat::number_of_executed_units:"));
    if !passed {
        let tail: Vec<&str> = printed.lines().rev().take(60).collect();
        eprintln!("{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n"));
        eprintln!("the fuzz target {target} failed; its input is in fuzz/artifacts/{target}");
    }
    Ok(passed)
}
