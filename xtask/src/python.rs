//! Python: each list of requirements gets a virtual environment of its own.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::programs::install;
use crate::project::{command, output, path, run, say};

/// The environment of a requirements file, as a folder.
pub struct Environment(PathBuf);

impl Environment {
    /// Makes it unless it is there already.
    pub fn of(requirements: &str, name: &str) -> Result<Self> {
        let folder = path("tests/.cache").join(name);
        let environment = Self(folder.clone());
        let requirements = path(requirements);
        let stamp = folder.join("installed-requirements.txt");
        if same(&stamp, &requirements) && environment.program("python").exists() {
            return Ok(environment);
        }
        say(&format!("installing the Python packages of {} into a virtual environment", requirements.display()));
        // Debian keeps the module `venv` in a package of its own.
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

    /// A program that a package has brought, and Python itself.
    pub fn program(&self, name: &str) -> PathBuf {
        self.0.join(if cfg!(windows) { "Scripts" } else { "bin" }).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}

fn same(one: &Path, other: &Path) -> bool {
    std::fs::read(one).is_ok_and(|one| std::fs::read(other).is_ok_and(|other| one == other))
}
