//! Bills of materials as CycloneDX JSON: what is compiled into the crate's program and into the package's module.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::project::{cargo, command, crate_version, output, path, run};
use crate::python::Environment;
use crate::wasm_toolchain::{TARGET, WASI, compiler};

/// Validates a file strictly against the schema.
const VALIDATE: &str = "
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
for file in sys.argv[1:]:
    errors = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(file, encoding='utf-8').read(), all_errors=True)
    if errors:
        sys.exit('\\n'.join(f'{file}: {error}' for error in errors))
";

const OF_THE_MODULE: [&str; 4] = ["--features", "js", "--target", TARGET];
const OF_THE_COMMAND: [&str; 4] = ["--features", "cli", "--target", WASI];

#[derive(Default)]
struct Graph {
    /// Name and version, and the licence.
    crates: BTreeMap<(String, String), String>,
    /// Dependencies by dependent.
    edges: BTreeMap<(String, String), BTreeSet<(String, String)>>,
}

/// The crate with its program, on every platform.
pub fn of_the_crate() -> Result<Value> {
    bill(&["--features", "cli", "--target", "all"], &format!("pkg:cargo/countersign@{}", crate_version()?), &[])
}

/// The package: what is compiled into its module, with the module's hash.
pub fn of_the_package(module_sha256: &str) -> Result<Value> {
    of_npm("countersign", &OF_THE_MODULE, "dist/core.wasm", module_sha256)
}

/// The command's package.
pub fn of_the_command(module_sha256: &str) -> Result<Value> {
    of_npm("countersign-cli", &OF_THE_COMMAND, "dist/countersign.wasm", module_sha256)
}

fn of_npm(package: &str, compiled: &[&str], module: &str, sha256: &str) -> Result<Value> {
    let module =
        json!({ "type": "file", "bom-ref": module, "name": module, "hashes": [{ "alg": "SHA-256", "content": sha256 }] });
    bill(compiled, &format!("pkg:npm/{package}@{}", crate_version()?), &[module])
}

/// Validates against CycloneDX's own schema.
pub fn validate(files: &[std::path::PathBuf]) -> Result<()> {
    let python = Environment::of("xtask/requirements.txt", "tools")?.program("python");
    run(command(&python.to_string_lossy()).args(["-X", "utf8", "-c", VALIDATE]).args(files))
}

/// What is compiled into the module, with licences.
pub fn crates_of_the_module() -> Result<BTreeMap<(String, String), String>> {
    crates_of(&OF_THE_MODULE)
}

/// The same for the command in WebAssembly.
pub fn crates_of_the_command() -> Result<BTreeMap<(String, String), String>> {
    crates_of(&OF_THE_COMMAND)
}

fn crates_of(product: &[&str]) -> Result<BTreeMap<(String, String), String>> {
    let mut crates = tree(product)?.crates;
    crates.remove(&("countersign".to_owned(), crate_version()?));
    Ok(crates)
}

fn bill(arguments: &[&str], purl: &str, parts: &[Value]) -> Result<Value> {
    let graph = tree(arguments)?;
    let checksums = checksums(&fs::read_to_string(path("Cargo.lock"))?);
    let root = ("countersign".to_owned(), crate_version()?);
    ensure!(graph.crates.contains_key(&root) && graph.crates.len() > 10, "cargo tree gave {} crates", graph.crates.len());
    let reference =
        |one: &(String, String)| if *one == root { purl.to_owned() } else { format!("pkg:cargo/{}@{}", one.0, one.1) };
    let components: Vec<Value> = graph
        .crates
        .iter()
        .filter(|(one, _)| **one != root)
        .map(|(one, licence)| {
            let checksum = checksums.get(one).with_context(|| format!("Cargo.lock has no checksum of {} {}", one.0, one.1))?;
            Ok(json!({
                "type": "library",
                "bom-ref": reference(one),
                "name": one.0,
                "version": one.1,
                "scope": "required",
                "hashes": [{ "alg": "SHA-256", "content": checksum }],
                "licenses": [{ "expression": licence }],
                "purl": reference(one),
            }))
        })
        .collect::<Result<_>>()?;
    let dependencies: Vec<Value> = graph
        .crates
        .keys()
        .map(|one| {
            let on: Vec<String> = graph.edges.get(one).into_iter().flatten().map(reference).collect();
            json!({ "ref": reference(one), "dependsOn": on })
        })
        .collect();
    let mut product = json!({
        "type": "library",
        "bom-ref": purl,
        "name": root.0,
        "version": root.1,
        "licenses": [{ "expression": "MIT OR Apache-2.0" }],
        "purl": purl,
    });
    if !parts.is_empty() {
        product["components"] = parts.into();
    }
    let (rustc, tools) = (compiler()?, fs::read(path("xtask/package.json"))?);
    let tools: Value = serde_json::from_slice(&tools)?;
    let tool = |name: &str, version: &str| json!({ "type": "application", "name": name, "version": version });
    let tools = ["binaryen", "esbuild"].map(|name| tool(name, tools["devDependencies"][name].as_str().unwrap_or_default()));
    // No serial number and no time: the same tree gives the same bill.
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": { "components": [tool("rustc", rustc.trim_start_matches("rustc ")), tools[0], tools[1]] },
            "component": product,
        },
        "components": components,
        "dependencies": dependencies,
    }))
}

/// Macros and build scripts run only in the compiler, so they are not in the product.
fn tree(arguments: &[&str]) -> Result<Graph> {
    let edges = ["tree", "--locked", "--package", "countersign", "--edges", "normal,no-proc-macro", "--prefix", "depth"];
    let printed = output(cargo().args(edges).args(["--format", "|{p}|{l}|"]).args(arguments))?;
    graph(&printed)
}

/// Reads `1|aes v0.9.2|MIT OR Apache-2.0|`, where the number is the depth.
fn graph(tree: &str) -> Result<Graph> {
    let mut graph = Graph::default();
    let mut above: Vec<(String, String)> = Vec::new();
    for line in tree.lines().filter(|line| !line.trim().is_empty()) {
        let mut parts = line.split('|');
        let (depth, package, licence) = (parts.next(), parts.next(), parts.next());
        let depth: usize = depth.unwrap_or_default().parse().with_context(|| format!("cargo tree printed {line:?}"))?;
        let mut words = package.unwrap_or_default().split(' ');
        let name = words.next().unwrap_or_default().to_owned();
        let version = words.next().and_then(|word| word.strip_prefix('v')).with_context(|| format!("no version: {line:?}"))?;
        let one = (name, version.to_owned());
        // SPDX's former notation.
        let licence = licence.unwrap_or_default().replace('/', " OR ");
        ensure!(!licence.is_empty(), "{} has no licence", one.0);
        above.truncate(depth);
        if let Some(parent) = above.last() {
            graph.edges.entry(parent.clone()).or_default().insert(one.clone());
        }
        graph.crates.insert(one.clone(), licence);
        above.push(one);
    }
    Ok(graph)
}

fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let packages = lock.split("[[package]]\n").skip(1);
    packages
        .filter_map(|package| {
            let value =
                |key: &str| package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"'));
            Some(((value("name")?.to_owned(), value("version")?.to_owned()), value("checksum")?.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{checksums, graph};

    #[test]
    fn the_tree_is_read_as_a_graph() {
        let read =
            graph("0|a v1.0.0 (/somewhere)|MIT|\n1|b v2.0.0|MIT/Apache-2.0|\n2|c v3.0.0|Zlib|\n1|c v3.0.0|Zlib| (*)\n").unwrap();
        let one = |name: &str, version: &str| (name.to_owned(), version.to_owned());
        let (a, b, c) = (one("a", "1.0.0"), one("b", "2.0.0"), one("c", "3.0.0"));
        assert_eq!(read.crates.keys().collect::<Vec<_>>(), [&a, &b, &c]);
        assert_eq!(read.crates[&b], "MIT OR Apache-2.0");
        assert_eq!(read.edges[&a].iter().collect::<Vec<_>>(), [&b, &c]);
        assert_eq!(read.edges[&b].iter().collect::<Vec<_>>(), [&c]);
        assert!(graph("0|a v1.0.0||\n").is_err());
        assert!(graph("what is this\n").is_err());
    }

    #[test]
    fn checksums_are_read() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nchecksum = \"00\"\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\n";
        assert_eq!(checksums(lock).into_iter().collect::<Vec<_>>(), [(("a".to_owned(), "1.0.0".to_owned()), "00".to_owned())]);
    }
}
