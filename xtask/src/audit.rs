//! The supply chain: the project's dependencies, where they come from, their licences and their known vulnerabilities.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::project::{cargo, command, output, path, root, run, say};
use crate::python::Environment;
use crate::summary::Summary;

const LIST: &str = "docs/dependencies.md";
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Checks everything. Here the advisory databases must be available.
pub fn audit() -> Result<()> {
    licences_and_sources()?;
    reasons()?;
    lock_files()?;
    advisories()
}

pub fn test(summary: &mut Summary) {
    summary.check("licences, sources and duplicates (cargo-deny)", licences_and_sources);
    summary.check_or_skip("advisories (cargo-deny)", || match run(deny()?.args(["fetch", "db"])) {
        Ok(()) => run(deny()?.args(["check", "advisories"])).map(|()| None),
        Err(_) => Ok(Some("skipped: RustSec's database cannot be fetched here; the workflow on GitHub checks it".to_owned())),
    });
    summary.check("a reason for each dependency", reasons);
    summary.check("lock files", lock_files);
}

fn licences_and_sources() -> Result<()> {
    run(deny()?.args(["check", "licenses", "bans", "sources"]))
}

fn advisories() -> Result<()> {
    run(deny()?.args(["check", "advisories"]))
}

fn deny() -> Result<Command> {
    let program = Environment::of("xtask/requirements.txt", "tools")?.program("cargo-deny");
    let mut deny = command(&program.to_string_lossy());
    deny.args(["--workspace", "--locked"]);
    Ok(deny)
}

/// docs/dependencies.md names each direct dependency, and nothing else.
fn reasons() -> Result<()> {
    let text = fs::read_to_string(path(LIST))?;
    let metadata: Value =
        serde_json::from_str(&output(cargo().args(["metadata", "--format-version", "1", "--no-deps", "--locked"]))?)?;
    let targets: Value = serde_json::from_str(&output(cargo().args([
        "metadata",
        "--format-version",
        "1",
        "--no-deps",
        "--manifest-path",
        "fuzz/Cargo.toml",
    ]))?)?;
    let package: Value = serde_json::from_slice(&fs::read(path("xtask/package.json"))?)?;
    let crates = |package: &str, kind: Option<&str>| direct_crates(&metadata, package, kind);
    let mut wrong = Vec::new();
    for (section, used) in [
        ("The crate", crates("countersign", None)),
        ("Its tests", crates("countersign", Some("dev"))),
        ("The fuzz targets", direct_crates(&targets, "countersign-fuzz", None)),
        ("xtask", crates("xtask", None)),
        ("What makes and checks the package", names(&package["devDependencies"])),
        ("What checks the project", pinned_tools(&fs::read_to_string(path("xtask/requirements.txt"))?)),
    ] {
        let listed = listed(&text, section).with_context(|| format!("{LIST} has no section {section}"))?;
        wrong.extend(used.difference(&listed).map(|name| format!("{section}: {name} has no reason")));
        wrong.extend(listed.difference(&used).map(|name| format!("{section}: {name} is not used")));
    }
    ensure!(wrong.is_empty(), "{LIST}: {}", wrong.join("; "));
    Ok(())
}

fn direct_crates(metadata: &Value, package: &str, kind: Option<&str>) -> BTreeSet<String> {
    let packages = metadata["packages"].as_array().into_iter().flatten().filter(|found| found["name"] == package);
    let dependencies = packages.flat_map(|package| package["dependencies"].as_array().into_iter().flatten());
    let own = dependencies.filter(|dependency| dependency["kind"].as_str() == kind && dependency["path"].is_null());
    own.filter_map(|dependency| Some(dependency["name"].as_str()?.to_owned())).collect()
}

fn names(object: &Value) -> BTreeSet<String> {
    object.as_object().into_iter().flat_map(Map::keys).cloned().collect()
}

/// The direct dependencies only.
fn pinned_tools(requirements: &str) -> BTreeSet<String> {
    let asked = requirements.lines().filter_map(|line| line.strip_prefix("#   asked for: "));
    asked.flat_map(|line| line.split(", ")).map(str::to_owned).collect()
}

/// The names in the first column of a section's table.
fn listed(text: &str, section: &str) -> Option<BTreeSet<String>> {
    let (_, rest) = text.split_once(&format!("## {section}\n"))?;
    let section = rest.split("\n## ").next()?;
    Some(section.lines().filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned())).collect())
}

/// Every dependency is pinned, with its hash if the registry has one, and no lock file names a server.
fn lock_files() -> Result<()> {
    let mut wrong = cargo_lock(&fs::read_to_string(path("Cargo.lock"))?);
    wrong.extend(cargo_lock(&fs::read_to_string(path("fuzz/Cargo.lock"))?));
    let mut manifests = Vec::new();
    find("package.json", &root(), &mut manifests)?;
    ensure!(manifests.len() > 5, "only {} package.json were found", manifests.len());
    for manifest in manifests {
        let name = manifest.strip_prefix(root())?.display().to_string();
        let package: Value = serde_json::from_slice(&fs::read(&manifest)?).with_context(|| name.clone())?;
        let lock = manifest.with_file_name("package-lock.json");
        let lock = lock.exists().then(|| fs::read(&lock)).transpose()?;
        let lock: Option<Value> = lock.map(|lock| serde_json::from_slice(&lock)).transpose()?;
        wrong.extend(npm_package(&package, lock.as_ref()).into_iter().map(|what| format!("{name}: {what}")));
    }
    let mut requirements = Vec::new();
    find("requirements.txt", &root(), &mut requirements)?;
    ensure!(requirements.len() >= 2, "only {} requirements.txt were found", requirements.len());
    for file in requirements {
        let name = file.strip_prefix(root())?.display().to_string();
        wrong.extend(python(&fs::read_to_string(&file)?).into_iter().map(|what| format!("{name}: {what}")));
    }
    if !wrong.is_empty() {
        bail!("not pinned:\n{}", wrong.join("\n"));
    }
    say("every dependency is pinned");
    Ok(())
}

/// Every package outside the workspace comes from crates.io and has a hash.
fn cargo_lock(lock: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for package in lock.split("[[package]]\n").skip(1) {
        let value = |key: &str| package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"'));
        let name = value("name").unwrap_or("a package");
        match (value("source"), value("checksum")) {
            (None, _) if ["countersign", "countersign-fuzz", "xtask"].contains(&name) => {}
            (Some(CRATES_IO), Some(checksum)) if checksum.len() == 64 => {}
            (source, _) => wrong.push(format!("Cargo.lock: {name} from {}", source.unwrap_or("nowhere"))),
        }
    }
    wrong
}

/// Returns the problems of a package.json and its lock file.
fn npm_package(package: &Value, lock: Option<&Value>) -> Vec<String> {
    let mut wrong = Vec::new();
    let kinds = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];
    let dependencies: Vec<_> = kinds.iter().filter_map(|kind| package[*kind].as_object()).flatten().collect();
    if dependencies.is_empty() {
        return wrong;
    }
    for (name, version) in dependencies {
        let version = version.as_str().unwrap_or_default();
        // A second version of a package has an alias: "npm:express@4.22.3".
        let exact = version.rsplit_once('@').filter(|_| version.starts_with("npm:")).map_or(version, |(_, exact)| exact);
        if !version.starts_with("file:") && !exact.starts_with(|first: char| first.is_ascii_digit()) {
            wrong.push(format!("{name} is {version:?}, not one version"));
        }
    }
    let Some(packages) = lock.and_then(|lock| lock["packages"].as_object()) else {
        wrong.push("there is no package-lock.json of version 2 or 3 beside it".to_owned());
        return wrong;
    };
    for (name, entry) in packages {
        let resolved = entry["resolved"].as_str().unwrap_or_default();
        if resolved.contains("://") {
            wrong.push(format!("{name} comes from {resolved}"));
        }
        let ours = !name.contains("node_modules/") || entry["link"] == true || resolved.starts_with("file:");
        let bundled = entry["inBundle"] == true;
        if !ours && !bundled && !entry["integrity"].as_str().is_some_and(|hash| hash.starts_with("sha512-")) {
            wrong.push(format!("{name} has no hash"));
        }
    }
    wrong
}

/// Returns what a requirements file does not pin.
fn python(requirements: &str) -> Vec<String> {
    let lines = requirements.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let lines = lines.filter(|line| !line.starts_with("--hash=sha256:"));
    lines.filter(|line| !line.contains("==") || line.contains("://")).map(str::to_owned).collect()
}

/// The project's own files with a name.
fn find(name: &str, folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file = entry.path();
        let file_name = entry.file_name();
        let is_folder = entry.file_type()?.is_dir();
        if is_folder && !["node_modules", "target", "dist", ".git", ".cache"].iter().any(|other| file_name == *other) {
            find(name, &file, found)?;
        } else if !is_folder && file_name == name {
            found.push(file);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{cargo_lock, listed, npm_package, python};

    #[test]
    fn a_crate_from_elsewhere_or_without_hash_is_found() {
        let good = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
        let hash = format!("checksum = \"{}\"\n", "0".repeat(64));
        assert_eq!(cargo_lock(&format!("version = 4\n\n{good}{hash}")), [] as [&str; 0]);
        assert_eq!(cargo_lock(good).len(), 1);
        assert_eq!(cargo_lock(&format!("{}{hash}", good.replace("rust-lang", "somebody"))).len(), 1);
        assert_eq!(cargo_lock("[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n").len(), 1);
    }

    #[test]
    fn a_range_a_server_and_a_missing_hash_are_found() {
        let lock = |entry| json!({ "packages": { "": {}, "node_modules/a": entry } });
        let good = lock(json!({ "version": "1.0.0", "integrity": "sha512-AAAA" }));
        let package = json!({ "devDependencies": { "a": "1.0.0" } });
        assert_eq!(npm_package(&package, Some(&good)), [] as [&str; 0]);
        assert_eq!(npm_package(&json!({ "dependencies": { "a": "^1.0.0" } }), Some(&good)).len(), 1);
        assert_eq!(npm_package(&json!({ "dependencies": { "a": "latest" } }), Some(&good)).len(), 1);
        assert_eq!(npm_package(&package, None).len(), 1);
        assert_eq!(npm_package(&package, Some(&lock(json!({ "version": "1.0.0" })))).len(), 1);
        let elsewhere = json!({ "integrity": "sha512-AAAA", "resolved": "https://registry.example/a.tgz" });
        assert_eq!(npm_package(&package, Some(&lock(elsewhere))).len(), 1);
        assert_eq!(npm_package(&json!({}), None), [] as [&str; 0]);
    }

    #[test]
    fn a_python_package_without_a_version_is_found() {
        assert_eq!(python("# a\na==1.0\nb==2 ; python_version < '3.13' \\\n    --hash=sha256:00\n"), [] as [&str; 0]);
        assert_eq!(python("a>=1.0\nb\nc @ https://example.com/c.whl\n").len(), 3);
    }

    #[test]
    fn the_first_column_of_a_section_is_read() {
        let text = "## One\n\n| `a` | why |\n| --- | --- |\n\n## Two\n\n| `b` | why |\n";
        assert_eq!(listed(text, "One").unwrap().into_iter().collect::<Vec<_>>(), ["a"]);
        assert_eq!(listed(text, "Two").unwrap().into_iter().collect::<Vec<_>>(), ["b"]);
        assert!(listed(text, "Three").is_none());
    }
}
