//! The facts that stand in src/error.rs and are shown elsewhere: written there between two marks, and checked. And the pages that
//! rustdoc and TypeDoc make.

use std::fs;

use anyhow::{Context, Result, bail};
use countersign::ErrorCode;

use crate::project::{cargo, node_tests, npm_ci, path, run, say};
use crate::summary::{Counts, counted, node_counts};

struct Copy {
    file: &'static str,
    begin: &'static str,
    end: &'static str,
    text: fn() -> String,
}

const COPIES: [Copy; 2] = [
    Copy { file: "README.md", begin: "<!-- codes: begin -->\n", end: "<!-- codes: end -->", text: readme_table },
    Copy { file: "pkg/index.d.cts", begin: "// codes: begin\n", end: "// codes: end", text: typescript_union },
];

fn readme_table() -> String {
    let rows = ErrorCode::ALL.iter().map(|code| format!("| `{code}` | {} |\n", code.meaning()));
    format!("| code | when |\n| --- | --- |\n{}", rows.collect::<String>())
}

fn typescript_union() -> String {
    let members = ErrorCode::ALL.iter().map(|code| format!("\n  | \"{code}\""));
    format!("export type ErrorCode ={};\n", members.collect::<String>())
}

/// Writes the facts anew, and makes the pages.
pub fn docs() -> Result<()> {
    write()?;
    rustdoc()?;
    typedoc()?;
    say("the crate: target/doc/countersign/index.html; the package: target/doc/js/index.html");
    Ok(())
}

/// A warning ends it. No feature adds to the pages: `cli` is a program, and `js` is for WebAssembly alone.
pub fn rustdoc() -> Result<()> {
    run(cargo().args(["doc", "--package", "countersign", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}

/// The same, and everything that is exported has to be explained.
pub fn typedoc() -> Result<Counts> {
    npm_ci("tests/typedoc")?;
    let mut node = node_tests();
    counted(node.arg(path("tests/typedoc/declarations.test.mjs")), node_counts)
}

fn write() -> Result<()> {
    for copy in &COPIES {
        let (old, new) = copy.texts()?;
        if old != new {
            fs::write(path(copy.file), new)?;
            say(&format!("{} has been written anew", copy.file));
        }
    }
    Ok(())
}

pub fn check() -> Result<()> {
    for copy in &COPIES {
        let (old, new) = copy.texts()?;
        if old != new {
            bail!("{} does not list the codes of src/error.rs: run cargo xtask docs", copy.file);
        }
    }
    Ok(())
}

impl Copy {
    fn texts(&self) -> Result<(String, String)> {
        let old = fs::read_to_string(path(self.file))?;
        let (before, rest) = old.split_once(self.begin).with_context(|| format!("{} has no {}", self.file, self.begin.trim()))?;
        let (_, after) = rest.split_once(self.end).with_context(|| format!("{} has no {}", self.file, self.end))?;
        let new = format!("{before}{}{}{}{after}", self.begin, (self.text)(), self.end);
        Ok((old, new))
    }
}
