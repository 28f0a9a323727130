//! Test data of crates that are no dependencies.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::build::cargo_home;
use crate::project::{cargo, output, say};

/// The folder with the sources of a published crate. `cargo info` downloads and checks them, and none of the crate's dependencies.
pub fn sources(name: &str, version: &str) -> Result<PathBuf> {
    let folder = format!("{name}-{version}");
    if let Some(found) = unpacked(&folder) {
        return Ok(found);
    }
    say(&format!("downloading the crate {name} {version}"));
    output(cargo().args(["info", "--quiet", &format!("{name}@{version}")]))?;
    unpacked(&folder).with_context(|| format!("cargo info did not unpack {folder}"))
}

/// Where Cargo has unpacked a crate, from any registry.
fn unpacked(folder: &str) -> Option<PathBuf> {
    let registries = std::fs::read_dir(cargo_home().ok()?.join("registry/src")).ok()?.flatten();
    // Cargo writes this file last.
    registries.map(|registry| registry.path().join(folder)).find(|place| place.join(".cargo-ok").is_file())
}
