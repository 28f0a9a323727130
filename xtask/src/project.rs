//! The project's folder, and running commands in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::deadline;
use crate::side_by_side::alone;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new(".")).to_owned()
}

pub fn path(relative: &str) -> PathBuf {
    root().join(relative)
}

pub fn crate_version() -> Result<String> {
    let manifest = std::fs::read_to_string(path("Cargo.toml"))?;
    let version = manifest.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    Ok(version.context("Cargo.toml has no version")?.to_owned())
}

/// The command `countersign` that `cargo build` makes.
pub fn binary() -> PathBuf {
    path("target/debug").join(format!("countersign{}", std::env::consts::EXE_SUFFIX))
}

/// Announces a step that takes time.
pub fn say(what: &str) {
    eprintln!("==> {what}");
}

/// A command in the project's folder.
pub fn command(program: &str) -> Command {
    let mut command = Command::new(name_on(std::env::consts::OS, program));
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// A program's name on this system. On Windows npm is a script and needs its extension, and Python has no number.
fn name_on<'a>(system: &str, program: &'a str) -> &'a str {
    match (system, program) {
        ("windows", "npm") => "npm.cmd",
        ("windows", "python3") => "python",
        _ => program,
    }
}

/// The cargo that runs this.
pub fn cargo() -> Command {
    command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
}

pub fn run(command: &mut Command) -> Result<()> {
    let status = deadline::status(command).with_context(|| name(command))?;
    if !status.success() {
        bail!("{} failed: {status}", shown(command));
    }
    Ok(())
}

/// Runs a command and returns its output, which is also shown if it fails.
pub fn output(command: &mut Command) -> Result<String> {
    let (status, printed) = deadline::output(command.stderr(Stdio::inherit()), false).with_context(|| name(command))?;
    if !status.success() {
        bail!("{} failed: {status}\n{printed}", shown(command));
    }
    Ok(printed)
}

/// The program that a command starts.
pub fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Installs the packages of a folder's lock file, unless they are there.
pub fn npm_ci(folder: &str) -> Result<()> {
    npm(folder, &["ci"])
}

/// The same for a lock file that lacks other systems' packages, with which `npm ci` fails. It installs the locked versions, too.
pub fn npm_install(folder: &str) -> Result<()> {
    npm(folder, &["install", "--no-save"])
}

fn npm(folder: &str, how: &[&str]) -> Result<()> {
    let place = path(folder);
    alone(&place, || {
        let lock = std::fs::read(place.join("package-lock.json"))?;
        let stamp = place.join("node_modules/.installed-lock.json");
        if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
            return Ok(());
        }
        say(&format!("installing the npm packages of {folder}"));
        run(command("npm")
            .args(how)
            .args(["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"])
            .current_dir(&place))?;
        Ok(std::fs::write(stamp, lock)?)
    })
}

#[cfg(test)]
mod tests {
    use super::name_on;

    #[test]
    fn programs_have_other_names_on_windows() {
        assert_eq!(["npm", "python3", "node"].map(|name| name_on("windows", name)), ["npm.cmd", "python", "node"]);
        assert_eq!(["npm", "python3", "node"].map(|name| name_on("macos", name)), ["npm", "python3", "node"]);
    }
}
