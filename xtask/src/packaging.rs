//! Installs the tarball that npm would publish into an empty folder, and tests it in every runtime and with every bundler.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::node_tests::{Suite, test_files};
use crate::programs::browsers;
use crate::project::{command, npm_ci, npm_install, output, path, say};

/// The beginning of the suites' names.
pub const NAME: &str = "packaging";

/// The browsers, by the variables that name them, and the npm packages.
pub fn install() -> Result<Vec<(&'static str, PathBuf)>> {
    npm_install("tests/packaging")?;
    npm_ci("tests/browsers")?;
    npm_install("tests/tools")?;
    browsers()
}

/// One suite for each test file, with its name.
pub fn suites() -> Result<Vec<(String, Suite)>> {
    let mut variables = install()?;
    variables.extend([("PACKAGE_INSTALLED", install_tarball()?), ("CORPUS_NATIVE", path("target/tmp/corpus-native.json"))]);
    let suite = |file: PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy().replace(".test.mjs", "");
        (format!("{NAME}, {name}"), Suite { files: vec![file], variables: variables.clone() })
    };
    Ok(test_files("tests/packaging")?.into_iter().map(suite).collect())
}

fn install_tarball() -> Result<PathBuf> {
    say("installing the packed tarball into an empty folder");
    let folder = path("target/packaging");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    output(npm(&path("pkg")).args(["pack", "--silent", "--pack-destination"]).arg(&folder))?;
    let tarball = fs::read_dir(&folder)?.next().context("npm pack has made no file")??.path();
    fs::write(folder.join("package.json"), "{ \"private\": true }\n")?;
    output(npm(&folder).args(["install", "--silent", "--no-audit", "--no-fund", "--offline"]).arg(tarball))?;
    Ok(folder)
}

fn npm(folder: &Path) -> std::process::Command {
    let mut npm = command("npm");
    npm.current_dir(folder);
    npm
}
