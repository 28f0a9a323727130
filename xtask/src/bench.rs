//! Runs the benchmarks, shows the tables, and lists figures in the documents that are out of date.

mod command_line;
mod native;
mod report;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use wasm_bindgen_cli_support::Bindgen;

use crate::programs::{browsers, chromium};
use crate::project::{command, npm_ci, npm_install, path, run, say};
use crate::python::Environment;
use crate::summary::Counts;
use crate::wasm_toolchain::{TARGET, cargo_rustc};
use crate::{build, demo};
use report::Results;

/// Measures, then compares with the documents or updates them.
pub fn bench(write: bool) -> Result<()> {
    build::build()?;
    let folder = path("target/bench");
    fs::create_dir_all(&folder)?;
    let peer = rsa_peer()?;
    let native = native::rows(&folder)?;
    let (command_line, log_memory) = command_line::rows(&folder)?;
    say("timing side by side, four minutes");
    let json = folder.join("bench.json");
    let mut results = javascript(&json, &["--rsa-crate".as_ref(), peer.as_ref()])?;
    results.rows.extend(native);
    results.rows.extend(command_line);
    results.log_memory = log_memory;
    fs::write(&json, serde_json::to_vec_pretty(&results)?)?;
    println!("{}\nwritten as JSON to target/bench/bench.json", results.tables()?);
    if write {
        return results.write();
    }
    let stale = results.out_of_date()?;
    if stale.is_empty() {
        println!("the figures of README.md and docs/benchmarks.md hold");
    } else {
        println!("out of date (cargo xtask bench --write updates them):\n{}", stale.join("\n"));
    }
    Ok(())
}

/// A few rounds of everything that needs no compiling, with the existing module. Checks that every row is produced, and prints no
/// times.
pub fn quick() -> Result<Counts> {
    let folder = path("target/bench");
    fs::create_dir_all(&folder)?;
    let results = javascript(&folder.join("quick.json"), &["--quick".as_ref()])?;
    Ok(Counts { passed: results.check_rows(&[native::SECTION, command_line::SECTION])?, ..Counts::default() })
}

fn javascript(json: &Path, options: &[&Path]) -> Result<Results> {
    npm_ci("benches/js")?;
    npm_install("tests/packaging")?;
    npm_ci("tests/browsers")?;
    npm_ci("www")?;
    let page = path("target/bench/page");
    demo::write_page(&page)?;
    let python = Environment::of("tests/js/requirements.txt", "python")?.program("python");
    let mut node = command("node");
    node.envs(browsers()?);
    run(node
        .arg(path("benches/js/bench.mjs"))
        .arg("--json")
        .arg(json)
        .arg("--python")
        .arg(python)
        .arg("--chromium")
        .arg(chromium()?)
        .arg("--page")
        .arg(page)
        .args(options))?;
    Ok(serde_json::from_slice(&fs::read(json)?)?)
}

/// Compiles the crate `rsa` to WebAssembly with its defaults, and returns the folder of its glue.
fn rsa_peer() -> Result<PathBuf> {
    say("compiling the crate rsa to WebAssembly, to compare with");
    let folder = path("target/bench/rsa_wasm");
    // Keeps .cargo/config.toml's limb width from applying to the peer.
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
    // The glue is an ES module, whatever the parent folders say.
    fs::write(glue.join("package.json"), "{ \"type\": \"module\" }\n")?;
    Ok(glue)
}
