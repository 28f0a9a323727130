//! The layers of docs/architecture.md: modules depend on one another in one direction, and only `src/wasm/` names JavaScript's crates.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Modules = BTreeMap<String, BTreeSet<String>>;

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The library's code, without comments and unit tests, by the module at the top.
fn code() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let code = files(&src).into_iter().filter_map(|file| {
        let module = file.strip_prefix(&src).unwrap().iter().next()?.to_str()?.trim_end_matches(".rs").to_owned();
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next()?.lines().filter(|line| !line.trim_start().starts_with("//"));
        Some((module, code.collect::<Vec<_>>().join("\n")))
    });
    code.filter(|(module, _)| !["lib", "bin"].contains(&module.as_str())).collect()
}

/// All that a module needs, also by way of others.
fn reached<'a>(modules: &'a Modules, from: &str, seen: &mut BTreeSet<&'a str>) {
    for needed in modules.get(from).into_iter().flatten() {
        if seen.insert(needed) {
            reached(modules, needed, seen);
        }
    }
}

#[test]
fn modules_depend_on_one_another_in_one_direction() {
    let mut modules = Modules::new();
    for (module, code) in code() {
        let needed =
            code.split("crate::").skip(1).map(|rest| rest.split(|c: char| c != '_' && !c.is_alphanumeric()).next().unwrap());
        let needed: Vec<String> = needed.filter(|needed| *needed != module).map(str::to_owned).collect();
        modules.entry(module).or_default().extend(needed);
    }
    for (module, needed) in &modules {
        for needed in needed {
            assert!(modules.contains_key(needed), "{module} names crate::{needed}, which is no module");
        }
        let mut seen = BTreeSet::new();
        reached(&modules, module, &mut seen);
        assert!(!seen.contains(module.as_str()), "{module} needs itself, by way of {seen:?}");
    }
    for (module, upper) in
        [("encoding", "policy"), ("date", "policy"), ("key", "policy"), ("policy", "signer"), ("policy", "verifier")]
    {
        let mut seen = BTreeSet::new();
        reached(&modules, module, &mut seen);
        assert!(!seen.contains(upper), "{module} needs {upper}");
    }
}

#[test]
fn only_one_folder_knows_javascript() {
    for (module, code) in code() {
        let knows = ["wasm_bindgen", "js_sys", "serde_wasm_bindgen"].iter().any(|name| code.contains(name));
        assert!(module == "wasm" || !knows, "{module}");
    }
}
