//! The facts that stand in src/error.rs and are shown elsewhere: written there between two marks, and checked.

use std::fs;

use anyhow::{Context, Result, bail};
use countersign::ErrorCode;

use crate::project::{path, say};

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

pub fn write() -> Result<()> {
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
