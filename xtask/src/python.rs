//! Python: each requirements file gets its own virtual environment.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::programs::install;
use crate::project::{command, output, path, run, say};

/// A requirements file's environment: its folder.
pub struct Environment(PathBuf);

impl Environment {
    /// Creates it unless it exists.
    pub fn of(requirements: &str, name: &str) -> Result<Self> {
        let folder = path("tests/.cache").join(name);
        let environment = Self(folder.clone());
        let requirements = path(requirements);
        let stamp = folder.join("installed-requirements.txt");
        if same(&stamp, &requirements) && environment.program("python").exists() {
            return Ok(environment);
        }
        say(&format!("installing the Python packages of {} into a virtual environment", requirements.display()));
        // Debian packages the module `venv` separately.
        if output(command("python3").args(["-m", "venv", "--clear"]).arg(&folder)).is_err() {
            install("python3-venv").context("Python's module venv does not work")?;
            run(command("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        }
        run(command(&environment.program("python").to_string_lossy())
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(&requirements))?;
        std::fs::copy(requirements, stamp)?;
        Ok(environment)
    }

    /// The path of a package's program, or of Python itself.
    pub fn program(&self, name: &str) -> PathBuf {
        self.0.join(if cfg!(windows) { "Scripts" } else { "bin" }).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}

fn same(one: &Path, other: &Path) -> bool {
    std::fs::read(one).is_ok_and(|one| std::fs::read(other).is_ok_and(|other| one == other))
}
