//! Checks that the module is reproducible: a clean build in another folder, with another CARGO_HOME, must give the bytes of pkg/dist.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::build::{Core, Place, cargo_home, core, sha256};
use crate::project::{path, say};

/// The module's sources. Cargo needs the workspace's other member and the example with features of its own
/// to read the manifest.
const TREE: [&str; 7] = [".cargo", "Cargo.lock", "Cargo.toml", "examples/axum.rs", "src", "xtask/Cargo.toml", "xtask/src"];

pub fn check() -> Result<()> {
    let dist = path("pkg/dist");
    let first = Core { module: fs::read(dist.join("core.wasm"))?, glue: fs::read(dist.join("glue.js"))? };
    // Not inside this folder: Cargo would merge this folder's .cargo/config.toml.
    let elsewhere = std::env::temp_dir().join(format!("countersign, elsewhere {}", std::process::id()));
    let second = build_in(&elsewhere);
    fs::remove_dir_all(&elsewhere)?;
    let second = second?;
    if first != second {
        bail!(
            "a build in another folder gives another module: sha256 {} here, {} there; the glue is {}",
            sha256(&first.module),
            sha256(&second.module),
            if first.glue == second.glue { "the same" } else { "another one too" }
        );
    }
    say(&format!("built anew in another folder: the same core.wasm, sha256 {}", sha256(&second.module)));
    Ok(())
}

fn build_in(folder: &Path) -> Result<Core> {
    let place = Place { tree: folder.join("tree"), cargo_home: folder.join("cargo home"), target: path("target/reproducible") };
    if place.target.exists() {
        fs::remove_dir_all(&place.target)?;
    }
    for name in TREE {
        copy(&path(name), &place.tree.join(name)).with_context(|| format!("{name} cannot be copied"))?;
    }
    // The same registry under another name, so nothing is downloaded again.
    link(&cargo_home()?, &place.cargo_home)?;
    core(&place)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    fs::create_dir_all(to.parent().context("a file has no folder")?)?;
    fs::copy(from, to)?;
    Ok(())
}

#[cfg(unix)]
fn link(to: &Path, name: &Path) -> Result<()> {
    Ok(std::os::unix::fs::symlink(to, name)?)
}

#[cfg(windows)]
fn link(to: &Path, name: &Path) -> Result<()> {
    Ok(std::os::windows::fs::symlink_dir(to, name)?)
}
