//! Programs of the machine that the tests use; on Debian what is missing is installed.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::project::{command, run, say};

/// What each is called, and the Debian package that has it.
const CHROMIUM: ([&str; 4], &str) = (["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"], "chromium");
const CURL: ([&str; 1], &str) = (["curl"], "curl");
const VALGRIND: ([&str; 1], &str) = (["valgrind"], "valgrind");
const PS: ([&str; 1], &str) = (["ps"], "procps");

/// A browser; the variable `CHROMIUM` names another one.
pub fn chromium() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Ok(named.into());
    }
    let places = chromium_places(std::env::consts::OS, |name| std::env::var(name).ok());
    match places.into_iter().find(|place| place.is_file()) {
        Some(found) => Ok(found),
        None => program(&CHROMIUM.0, CHROMIUM.1).context("the variable CHROMIUM can name a Chromium or Chrome"),
    }
}

/// Where a browser is kept that is not on the path.
fn chromium_places(system: &str, variable: impl Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    match system {
        "macos" => ["Chromium", "Google Chrome"]
            .map(|name| Path::new("/Applications").join(format!("{name}.app/Contents/MacOS/{name}")))
            .to_vec(),
        "windows" => ["ProgramFiles", "ProgramFiles(x86)", "LocalAppData"]
            .into_iter()
            .filter_map(variable)
            .map(|folder| Path::new(&folder).join("Google").join("Chrome").join("Application").join("chrome.exe"))
            .collect(),
        _ => Vec::new(),
    }
}

/// What the tests of `countersign serve` call by name. Windows is asked through PowerShell, which it has.
pub fn install_for_serve() -> Result<()> {
    program(&CURL.0, CURL.1)?;
    if !cfg!(windows) {
        program(&PS.0, PS.1)?;
    }
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
    install(package).with_context(|| format!("there is no {}: install it", names.join(" or ")))?;
    on_the_path(names).with_context(|| format!("there is no {}: install it", names.join(" or ")))
}

/// Installs a package of Debian's, which takes root.
pub fn install(package: &str) -> Result<()> {
    if on_the_path(&["apt-get"]).is_none() {
        bail!("only Debian's packages are installed here, and this machine has no apt-get");
    }
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::chromium_places;

    #[test]
    fn browsers_are_looked_for_where_each_system_keeps_them() {
        let places = chromium_places("macos", |_| None);
        assert!(places.contains(&Path::new("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome").to_owned()));
        let places = chromium_places("windows", |name| (name == "ProgramFiles").then(|| "programs".to_owned()));
        assert_eq!(places, [Path::new("programs").join("Google").join("Chrome").join("Application").join("chrome.exe")]);
        assert!(chromium_places("linux", |_| Some("anything".to_owned())).is_empty());
    }
}
