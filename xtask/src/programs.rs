//! Programs of the machine that the tests use; on Debian what is missing is installed.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::project::{command, run, say};

/// What each is called, and the Debian package that has it.
const CHROMIUM: ([&str; 4], &str) = (["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"], "chromium");
const CURL: ([&str; 1], &str) = (["curl"], "curl");
const VALGRIND: ([&str; 1], &str) = (["valgrind"], "valgrind");
const PS: ([&str; 1], &str) = (["ps"], "procps");

/// A browser; the variable `CHROMIUM` names another one.
pub fn chromium() -> Result<PathBuf> {
    match std::env::var_os("CHROMIUM") {
        Some(named) => Ok(named.into()),
        None => program(&CHROMIUM.0, CHROMIUM.1),
    }
}

/// What the tests of `countersign serve` call by name.
pub fn install_for_serve() -> Result<()> {
    program(&CURL.0, CURL.1)?;
    program(&PS.0, PS.1)?;
    Ok(())
}

/// What lists each instruction and each access to memory.
pub fn valgrind() -> Result<PathBuf> {
    program(&VALGRIND.0, VALGRIND.1)
}

fn program(names: &[&str], package: &str) -> Result<PathBuf> {
    if let Some(found) = on_the_path(names) {
        return Ok(found);
    }
    say(&format!("installing Debian's package {package}"));
    install(package)?;
    on_the_path(names).with_context(|| format!("there is no {}: install it", names.join(" or ")))
}

/// Installs a package of Debian's, which takes root.
pub fn install(package: &str) -> Result<()> {
    run(command("apt-get").args(["update", "-qq"]))?;
    run(command("apt-get")
        .args(["install", "-y", "-qq", "--no-install-recommends", package])
        .env("DEBIAN_FRONTEND", "noninteractive"))
}

fn on_the_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let suffix = std::env::consts::EXE_SUFFIX;
    let mut files = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(format!("{name}{suffix}"))));
    files.find(|file| file.is_file())
}
