//! Writes and checks the codes of src/error.rs and src/reason.rs in the TypeScript unions, docs/errors.md and docs/verifying.md, and
//! builds the pages of rustdoc and TypeDoc.

use std::fs;

use anyhow::{Context, Result, bail};
use countersign::ErrorCode;
use countersign::reason::ReasonCode;

use crate::home;
use crate::node_tests;
use crate::project::{cargo, npm_ci, path, run, say};
use crate::summary::Counts;

const UNION: &str = "pkg/index.d.cts";

/// The table of reasons. Only here are its sentences written.
const REASONS: &str = "docs/verifying.md";

/// A section for each code: its meaning is written here, cause and cure by hand.
const LIST: &str = "docs/errors.md";

/// Writes the codes and builds the pages.
pub fn docs() -> Result<()> {
    write()?;
    rustdoc()?;
    typedoc()?;
    say("the crate: target/doc/countersign/index.html; the package: target/doc/js/index.html");
    Ok(())
}

/// Warnings are errors. No feature adds to the pages: `cli` is a program, and `js` is only for WebAssembly.
pub fn rustdoc() -> Result<()> {
    run(cargo().args(["doc", "--package", "countersign", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}

/// The same; every export must be documented.
pub fn typedoc() -> Result<Counts> {
    npm_ci("tests/typedoc")?;
    node_tests::run(&mut node_tests::command_for(&path("tests/typedoc/declarations.test.mjs")))
}

fn write() -> Result<()> {
    for (file, new) in copies()? {
        if fs::read_to_string(path(file))? != new {
            fs::write(path(file), new)?;
            say(&format!("{file} has been written anew"));
        }
    }
    home::write()
}

pub fn check() -> Result<()> {
    for (file, new) in copies()? {
        if fs::read_to_string(path(file))? != new {
            bail!("{file} does not list the codes of src/error.rs and src/reason.rs: run cargo xtask docs");
        }
    }
    let list = list()?;
    let without = without_cure(&list);
    if !without.is_empty() {
        bail!("{LIST} does not say what to do about {}", without.join(", "));
    }
    home::check()
}

fn copies() -> Result<[(&'static str, String); 3]> {
    Ok([(UNION, unions()?), (LIST, list()?), (REASONS, reasons()?)])
}

fn unions() -> Result<String> {
    let union = |name: &str, codes: Vec<&str>| {
        let members: String = codes.iter().map(|code| format!("\n  | \"{code}\"")).collect();
        format!("export type {name} ={members};\n")
    };
    let errors = union("ErrorCode", ErrorCode::ALL.iter().map(|code| code.as_str()).collect());
    let reasons = union("ReasonCode", ReasonCode::ALL.iter().map(|code| code.as_str()).collect());
    let text = between(&fs::read_to_string(path(UNION))?, "// codes: begin\n", "// codes: end", &errors)?;
    between(&text, "// reasons: begin\n", "// reasons: end", &reasons)
}

fn reasons() -> Result<String> {
    let escaped = |sentence: &str| sentence.replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*");
    let rows: String = ReasonCode::ALL.iter().map(|code| format!("| `{code}` | {} |\n", escaped(code.sentence()))).collect();
    let table = format!("| code | sentence |\n| --- | --- |\n{rows}");
    between(&fs::read_to_string(path(REASONS))?, "<!-- reasons: begin -->\n", "<!-- reasons: end -->", &table)
}

/// Replaces the text between two marks.
fn between(old: &str, begin: &str, end: &str, text: &str) -> Result<String> {
    let (before, rest) = old.split_once(begin).with_context(|| format!("{} is nowhere", begin.trim()))?;
    let (_, after) = rest.split_once(end).with_context(|| format!("{end} is nowhere"))?;
    Ok(format!("{before}{begin}{text}{end}{after}"))
}

fn list() -> Result<String> {
    Ok(list_from(&fs::read_to_string(path(LIST))?))
}

/// The sections in the order of the codes, with current meanings and without codes that are gone.
fn list_from(old: &str) -> String {
    let (introduction, sections) = old.split_once("\n## `").unwrap_or((old, ""));
    let sections: Vec<&str> = sections.split("\n## `").collect();
    let mut new = introduction.trim_end().to_owned() + "\n";
    for code in ErrorCode::ALL {
        let cure = sections.iter().find_map(|section| section.strip_prefix(&format!("{code}`\n\n"))?.split_once("\n\n"));
        let cure = cure.map_or(String::new(), |(_, cure)| format!("\n{}\n", cure.trim()));
        new += &format!("\n## `{code}`\n\n{}\n{cure}", code.meaning());
    }
    new
}

fn without_cure(list: &str) -> Vec<&str> {
    let sections = list.split("\n## `").skip(1);
    sections
        .filter(|section| !section.contains("\n\n**Cure**: "))
        .filter_map(|section| Some(section.split_once('`')?.0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_keeps_its_cure_and_gets_its_meaning() {
        let old = "# Errors\n\nText.\n\n## `GONE`\n\nOld.\n\n**Cure**: none.\n\n## `FREED`\n\nOld.\n\n**Cause**: a call.\n\n**Cure**: another.\n";
        let new = list_from(old);
        assert!(new.starts_with("# Errors\n\nText.\n\n## `INVALID_URL`\n\nThe URL "));
        assert!(!new.contains("GONE") && !new.contains("Old."));
        let freed = format!("\n## `FREED`\n\n{}\n\n**Cause**: a call.\n\n**Cure**: another.\n", ErrorCode::Freed.meaning());
        assert!(new.contains(&freed));
        assert_eq!(list_from(&new), new);
        let without = without_cure(&new);
        assert!(without.contains(&"INVALID_URL") && !without.contains(&"FREED"));
        assert_eq!(without.len(), ErrorCode::ALL.len() - 1);
    }
}
