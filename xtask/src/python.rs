//! Python: each requirements file gets its own virtual environment.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::programs::install;
use crate::project::{command, output, path, run, say};
use crate::side_by_side::alone;

/// A requirements file's environment: its folder.
pub struct Environment(PathBuf);

impl Environment {
    /// Creates it unless it exists.
    pub fn of(requirements: &str, name: &str) -> Result<Self> {
        let environment = Self(path("tests/.cache").join(name));
        alone(&environment.0, || environment.install(&path(requirements)))?;
        Ok(environment)
    }

    fn install(&self, requirements: &Path) -> Result<()> {
        let stamp = self.0.join("installed-requirements.txt");
        if same(&stamp, requirements) && self.program("python").exists() {
            return Ok(());
        }
        say(&format!("installing the Python packages of {} into a virtual environment", requirements.display()));
        // Debian packages the module `venv` separately.
        if output(command("python3").args(["-m", "venv", "--clear"]).arg(&self.0)).is_err() {
            install(&["python3-venv"]).context("Python's module venv does not work")?;
            run(command("python3").args(["-m", "venv", "--clear"]).arg(&self.0))?;
        }
        run(command(&self.program("python").to_string_lossy())
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(requirements))?;
        std::fs::copy(requirements, stamp)?;
        Ok(())
    }

    /// The path of a package's program, or of Python itself.
    pub fn program(&self, name: &str) -> PathBuf {
        self.0.join(if cfg!(windows) { "Scripts" } else { "bin" }).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}

fn same(one: &Path, other: &Path) -> bool {
    std::fs::read(one).is_ok_and(|one| std::fs::read(other).is_ok_and(|other| one == other))
}
