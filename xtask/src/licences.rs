//! The licences of everything that is compiled into the module, which must be distributed with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::project::{cargo, output};
use crate::sbom::{crates_of_the_command, crates_of_the_module};
use crate::wasm_toolchain::{TARGET, WASI};

/// Name and version, and the licence.
type Crates = BTreeMap<(String, String), String>;

/// The text of the package's dist/LICENSE-THIRD-PARTY.
pub fn of_the_module() -> Result<String> {
    third_party("core.wasm", crates_of_the_module()?, &folders("js", TARGET)?)
}

/// The same for the command's package.
pub fn of_the_command() -> Result<String> {
    third_party("countersign.wasm", crates_of_the_command()?, &folders("cli", WASI)?)
}

fn third_party(module: &str, crates: Crates, folders: &BTreeMap<(String, String), PathBuf>) -> Result<String> {
    let mut apache = vec!["the standard library of Rust".to_owned()];
    // Each text with its owners: many share one.
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for ((name, version), licence) in crates {
        let folder = folders.get(&(name.clone(), version.clone())).with_context(|| format!("{name} {version} is nowhere"))?;
        let one = format!("{name} {version}");
        let chosen = is_apache(&licence);
        let files = files(folder, if chosen { &["NOTICE"] } else { &["LICENSE", "LICENCE", "COPYING", "NOTICE"] })?;
        ensure!(chosen || !files.is_empty(), "{one} ({licence}) comes without the text of its licence");
        if chosen {
            apache.push(one.clone());
        }
        for file in files {
            let text = fs::read_to_string(file)?.replace("\r\n", "\n");
            texts.entry(text.trim().to_owned()).or_default().push(format!("{one} ({licence})"));
        }
    }
    let mut document = format!(
        "{module} has compiled code of these in it.\n\nUnder the Apache License 2.0, whose text is in LICENSE-APACHE:\n\n{}\n",
        apache.join(", ")
    );
    for (text, whose) in texts {
        document += &format!("\n{}\n\n{}:\n\n{text}\n", "-".repeat(80), whose.join(", "));
    }
    Ok(document)
}

/// Whether Apache 2.0 alone suffices.
fn is_apache(licence: &str) -> bool {
    !licence.contains(" AND ") && licence.split(" OR ").any(|one| one == "Apache-2.0")
}

/// The folder of each crate.
fn folders(features: &str, target: &str) -> Result<BTreeMap<(String, String), PathBuf>> {
    let arguments = ["metadata", "--format-version", "1", "--locked", "--features", features, "--filter-platform", target];
    let metadata: Value = serde_json::from_str(&output(cargo().args(arguments))?)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let found = packages.filter_map(|package| {
        let folder = Path::new(package["manifest_path"].as_str()?).parent()?;
        Some(((package["name"].as_str()?.to_owned(), package["version"].as_str()?.to_owned()), folder.to_owned()))
    });
    Ok(found.collect())
}

/// A folder's files whose names begin like this, in any case.
fn files(folder: &Path, names: &[&str]) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        file.is_file() && names.iter().any(|wanted| name.starts_with(wanted))
    });
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::is_apache;

    #[test]
    fn apache_is_chosen_where_there_is_a_choice() {
        assert!(["Apache-2.0", "MIT OR Apache-2.0", "Apache-2.0 OR MIT", "MIT OR Zlib OR Apache-2.0"].into_iter().all(is_apache));
        let others = ["MIT", "BSD-3-Clause", "(MIT OR Apache-2.0) AND Unicode-3.0", "Apache-2.0 WITH LLVM-exception"];
        assert!(!others.into_iter().any(is_apache));
    }
}
