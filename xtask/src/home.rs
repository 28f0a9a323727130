//! The project's address. `repository` in Cargo.toml has it, and every other file that names it is updated from there.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::project::{path, say};

/// The files that name the address.
const FILES: [&str; 5] = ["CONTRIBUTING.md", "pkg/README.md", "pkg/package.json", "pkg/cli/README.md", "pkg/cli/package.json"];

/// The owner until the project has one.
pub const PLACEHOLDER: &str = "OWNER";

const BEGIN: &str = "https://github.com/";
const END: &str = "/countersign";

pub fn write() -> Result<()> {
    let home = home()?;
    for file in FILES {
        let text = fs::read_to_string(path(file))?;
        let new = with_home(&text, &home);
        if new != text {
            fs::write(path(file), new)?;
            say(&format!("{file} names {home}"));
        }
    }
    Ok(())
}

pub fn check() -> Result<()> {
    let home = home()?;
    for file in FILES {
        let text = fs::read_to_string(path(file))?;
        if !text.contains(&home) || with_home(&text, &home) != text {
            bail!("{file} does not name {home}, the repository of Cargo.toml: run cargo xtask docs");
        }
    }
    Ok(())
}

fn home() -> Result<String> {
    let manifest = fs::read_to_string(path("Cargo.toml"))?;
    let home = manifest.lines().find_map(|line| line.strip_prefix("repository = \"")?.strip_suffix('"'));
    Ok(home.context("Cargo.toml names no repository")?.to_owned())
}

/// Replaces every address of a project of this name by `home`.
fn with_home(text: &str, home: &str) -> String {
    let mut parts = text.split(BEGIN);
    let mut new = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(END) {
            Some((owner, rest)) if !owner.contains(|c: char| !(c.is_ascii_alphanumeric() || c == '-')) => {
                new += home;
                new += rest;
            }
            _ => {
                new += BEGIN;
                new += part;
            }
        }
    }
    new
}

#[cfg(test)]
mod tests {
    use super::with_home;

    #[test]
    fn every_address_of_the_project_is_replaced_and_no_other() {
        let text = "git+https://github.com/OWNER/countersign.git, https://github.com/OWNER/countersign/issues, https://github.com/aws/aws-sdk-js-v3/countersign";
        assert_eq!(
            with_home(text, "https://github.com/somebody/else"),
            "git+https://github.com/somebody/else.git, https://github.com/somebody/else/issues, https://github.com/aws/aws-sdk-js-v3/countersign"
        );
    }
}
