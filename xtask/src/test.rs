//! Every test, with all of its set-up.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::programs::{chromium, install, install_for_serve};
use crate::project::{cargo, command, npm_ci, output, path, run, say};
use crate::summary::{Summary, cargo_counts, counted, node_counts};
use crate::{build, demo, docs, packaging};

pub fn test() -> Result<()> {
    let mut summary = Summary::default();
    summary.check("format", || run(cargo().args(["fmt", "--all", "--check"])));
    summary.check("clippy", || {
        run(cargo().args(["clippy", "--workspace", "--all-targets", "--features", "countersign/cli", "--", "-D", "warnings"]))
    });
    summary.suite("rust", || counted(cargo().args(["test", "--features", "cli", "--no-fail-fast"]), cargo_counts));
    summary.check("rustdoc", || {
        run(cargo().args(["doc", "--package", "countersign", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
    });
    summary.check("documents", docs::check);
    summary.check("module", build::build);
    summary.suite("javascript", || {
        let python = peers_python()?;
        let chromium = chromium()?;
        install_for_serve()?;
        // The library too: a sample of the demo page is compiled against it.
        run(cargo().args(["build", "--features", "cli", "--lib", "--bin", "countersign"]))?;
        npm_ci("tests/js")?;
        npm_ci("www")?;
        npm_ci("examples/kms")?;
        npm_ci("examples/node")?;
        let exported = path("target/page");
        demo::write_page(&exported)?;
        let mut node = command("node");
        node.args(["--test", "--test-reporter=tap"])
            .args(suites("tests/js")?)
            .env("PEER_PYTHON", python)
            .env("CHROMIUM", chromium)
            .env("EXPORTED_PAGE", exported)
            .env("CORPUS_NATIVE", path("target/tmp/corpus-native.json"))
            .env("WYCHEPROOF", path("target/tmp/wycheproof.json"))
            .env("COUNTERSIGN_BIN", binary());
        counted(&mut node, node_counts)
    });
    if let Err(error) = packaging::test(&mut summary) {
        summary.check("packaging", || Err(error));
    }
    summary.check("demo", demo::show);
    if summary.print() { Ok(()) } else { bail!("a test failed") }
}

pub fn binary() -> PathBuf {
    path("target/debug").join(format!("countersign{}", std::env::consts::EXE_SUFFIX))
}

/// The test files of a folder.
pub fn suites(folder: &str) -> Result<Vec<PathBuf>> {
    let mut suites: Vec<PathBuf> = std::fs::read_dir(path(folder))?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    suites.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    suites.sort();
    Ok(suites)
}

/// A Python with the peers that tests/js/requirements.txt names, in a virtual environment of the project's own.
fn peers_python() -> Result<PathBuf> {
    let folder = path("tests/.cache/python");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let requirements = path("tests/js/requirements.txt");
    let stamp = folder.join("installed-requirements.txt");
    if same(&stamp, &requirements) && python.exists() {
        return Ok(python);
    }
    say("installing botocore, awscli and moto into a virtual environment");
    // Debian keeps the module `venv` in a package of its own.
    if output(command("python3").args(["-m", "venv", "--clear"]).arg(&folder)).is_err() {
        install("python3-venv")?;
        run(command("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    }
    run(command(&python.to_string_lossy()).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&requirements))?;
    std::fs::copy(requirements, stamp)?;
    Ok(python)
}

fn same(one: &Path, other: &Path) -> bool {
    std::fs::read(one).is_ok_and(|one| std::fs::read(other).is_ok_and(|other| one == other))
}
