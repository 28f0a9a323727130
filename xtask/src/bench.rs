//! The benchmark: runs benches/js, shows the table, and says which figures of the README are out of date.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use countersign::date;
use serde::Deserialize;
use wasm_bindgen_cli_support::Bindgen;

use crate::build;
use crate::project::{command, npm_ci, path, run, say};
use crate::wasm_toolchain::{TARGET, cargo_rustc};

const README: &str = "README.md";
const BEGIN: &str = "<!-- measured: begin -->\n";
const END: &str = "<!-- measured: end -->";

/// A ratio that has changed by more than this factor is out of date; two runs on a shared machine differ by less.
const NOISE: f64 = 1.35;

#[derive(Deserialize)]
struct Results {
    node: String,
    module: Module,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Module {
    bytes: usize,
    gzip: usize,
    brotli: usize,
}

/// Something done by us and by a peer, in one run.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    work: String,
    ours: Times,
    peer: String,
    peer_times: Times,
    ratio: f64,
    least: Option<f64>,
}

/// Microseconds.
#[derive(Deserialize)]
struct Times {
    median: f64,
    low: f64,
    high: f64,
}

/// Measures and compares with the README, or writes it there.
pub fn bench(write: bool) -> Result<()> {
    build::build()?;
    npm_ci("benches/js")?;
    let peer = rsa_peer()?;
    say("timing side by side, about a minute");
    let folder = path("target/bench");
    fs::create_dir_all(&folder)?;
    let json = folder.join("bench.json");
    run(command("node").arg(path("benches/js/bench.mjs")).args([&json, &peer]))?;
    let results: Results = serde_json::from_slice(&fs::read(&json)?)?;
    let table = table(&results)?;
    println!("{table}");
    println!("written as JSON to target/bench/bench.json");

    let readme = fs::read_to_string(path(README))?;
    let (before, rest) = readme.split_once(BEGIN).context("README.md has no place for the figures")?;
    let (stated, after) = rest.split_once(END).context("README.md has no end of the figures")?;
    if write {
        fs::write(path(README), format!("{before}{BEGIN}{table}{END}{after}"))?;
        say("README.md has the new figures");
        return Ok(());
    }
    let stale: Vec<String> = results.rows.iter().filter_map(|row| out_of_date(row, stated)).collect();
    if stale.is_empty() {
        println!("the README's figures hold");
        return Ok(());
    }
    println!("out of date in the README (cargo xtask bench --write writes them anew):\n{}", stale.join("\n"));
    Ok(())
}

/// The crate `rsa` in WebAssembly with its defaults, and the glue for it: a folder.
fn rsa_peer() -> Result<PathBuf> {
    say("compiling the crate rsa to WebAssembly, to compare with");
    let folder = path("target/bench/rsa_wasm");
    // Set, so that the width of limbs that .cargo/config.toml chooses for this project is not the peer's.
    run(cargo_rustc()?
        .args(["--release", "--manifest-path", "benches/rsa_wasm/Cargo.toml", "--target-dir"])
        .arg(&folder)
        .env("RUSTFLAGS", "-Cdebuginfo=0"))?;
    let glue = folder.join("glue");
    Bindgen::new()
        .input_path(folder.join(TARGET).join("release/rsa_wasm_peer.wasm"))
        .bundler(true)?
        .typescript(false)
        .generate(&glue)?;
    // The glue is an ES module, whatever the folders above say.
    fs::write(glue.join("package.json"), "{ \"type\": \"module\" }\n")?;
    Ok(glue)
}

fn table(results: &Results) -> Result<String> {
    if results.rows.is_empty() {
        bail!("nothing was measured");
    }
    let day = date::utc(date::now()?);
    let day = day.split('T').next().unwrap_or(&day);
    let mut table = format!(
        "`cargo xtask bench`, {day}, Node {}: medians, and in brackets the tenth and the ninetieth of a hundred.\n\n\
         | work | takes | held against | takes | times as fast | wanted |\n| --- | --- | --- | --- | --- | --- |\n",
        results.node
    );
    for row in &results.rows {
        let wanted = row.least.map_or(String::new(), |least| {
            format!("{}{}", number(least), if row.ratio >= least { "" } else { ": **not reached**" })
        });
        table += &format!(
            "| {} | {} | {} | {} | {} | {wanted} |\n",
            row.work,
            times(&row.ours),
            row.peer,
            times(&row.peer_times),
            number(row.ratio)
        );
    }
    let Module { bytes, gzip, brotli } = results.module;
    table += &format!("\nThe module with everything in it: {bytes} bytes; {gzip} compressed by gzip, {brotli} by Brotli.\n");
    Ok(table)
}

fn times(Times { median, low, high }: &Times) -> String {
    format!("{} µs ({}…{})", number(*median), number(*low), number(*high))
}

/// Three figures, as many as such a measurement has.
fn number(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

fn out_of_date(row: &Row, stated: &str) -> Option<String> {
    let name = format!("{} against {}", row.work, row.peer);
    let cells = stated.lines().map(|line| line.split(" | ").collect::<Vec<_>>());
    let mut found =
        cells.filter(|cells| cells.len() >= 5 && cells[0].trim_start_matches("| ") == row.work && cells[2] == row.peer);
    let Some(ratio) = found.next().and_then(|cells| cells[4].parse::<f64>().ok()) else {
        return Some(format!("- {name}: not there"));
    };
    let change = (row.ratio / ratio).max(ratio / row.ratio);
    (change > NOISE).then(|| format!("- {name}: {} there, {} now", number(ratio), number(row.ratio)))
}
