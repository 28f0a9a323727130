//! Checks the documents' spelling and grammar with Harper. The project's own words are in xtask/words.txt.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::project::{command, path, root};
use crate::python::Environment;
use crate::summary::Counts;

const WORDS: &str = "xtask/words.txt";

/// Rules that this project does not follow, or that mistake code, tables and lists for sentences.
const IGNORED: [&str; 26] = [
    // Matters of taste.
    "OxfordComma",
    "UseTitleCase",
    "CompoundNouns",
    "DiscourseMarkers",
    "ExpandMemoryShorthands",
    "ExpandStandardInputAndOutput",
    "NumericRangeEnDash",
    "SpelledNumbers",
    "ExpandTimeShorthands",
    "AvoidAndAlso",
    "Dashes",
    "QuoteSpacing",
    "CondenseAllThe",
    "ExpandControl",
    "FindOut",
    "OutOfDate",
    "DisjointPrefixes",
    // DES is a cipher.
    "WrongNegative",
    // Table cells, and list items after a colon, begin in lower case.
    "SentenceCapitalization",
    "OrthographicConsistency",
    // Program names, and fragments beside code.
    "SplitWords",
    "MergeWords",
    "MissingPreposition",
    "MissingTo",
    "MassNouns",
    "ItsContraction",
];

#[derive(Deserialize)]
struct Document {
    lints: Vec<Lint>,
}

#[derive(Deserialize)]
struct Lint {
    rule: String,
    line: usize,
    message: String,
    matched_text: String,
}

/// Runs the suite alone.
pub fn prose() -> Result<()> {
    let Counts { passed, failed, .. } = suite()?;
    println!("{passed} documents are right, {failed} are not; add words that are right to {WORDS}");
    if failed == 0 { Ok(()) } else { bail!("spelling or grammar is wrong") }
}

/// Checks every document; each counts as a test.
pub fn suite() -> Result<Counts> {
    let folder = path("target/prose");
    fs::create_dir_all(&folder)?;
    let wrong = folder.join("wrong.md");
    fs::write(&wrong, "It recieves a answer.\n")?;
    let found = lint(&[wrong])?;
    let rules: Vec<&str> = found.iter().flat_map(|document| &document.lints).map(|lint| lint.rule.as_str()).collect();
    ensure!(
        rules.contains(&"SpellCheck") && rules.contains(&"AnA"),
        "Harper finds nothing wrong with \"It recieves a answer.\": {rules:?}"
    );

    let words = fs::read_to_string(path(WORDS))?;
    let files = documents()?;
    ensure!(files.len() > 30, "only {} documents were found", files.len());
    let mut counts = Counts::default();
    for (file, mut document) in files.iter().zip(lint(&files)?) {
        let name = file.strip_prefix(root()).unwrap_or(file).display();
        let text = fs::read_to_string(file)?;
        document.lints.retain(|lint| {
            let is_right = lint.rule == "SpellCheck" && is_word(&lint.matched_text, &words);
            !is_right && !is_generated(&text, lint.line)
        });
        for Lint { rule, line, message, matched_text } in &document.lints {
            println!("{name}:{line}: {matched_text:?}: {message} ({rule})");
        }
        if document.lints.is_empty() {
            counts.passed += 1;
        } else {
            counts.failed += 1;
        }
    }
    Ok(counts)
}

/// Harper does not accept possessives of a user's words, and prefers its dialect's spelling to them. Units and versions are not words.
fn is_word(text: &str, words: &str) -> bool {
    let text = text.trim_end_matches('.');
    let text = text.strip_suffix("'s").unwrap_or(text);
    text.chars().count() == 1 || text.contains(|c: char| c.is_ascii_digit()) || words.lines().any(|word| word == text)
}

/// Whether a program wrote the line: it stands between marks such as `<!-- codes: begin -->` and `<!-- codes: end -->`.
fn is_generated(text: &str, line: usize) -> bool {
    let mark = text.lines().take(line).filter(|line| line.starts_with("<!-- ")).last();
    mark.is_some_and(|mark| mark.ends_with(": begin -->"))
}

/// Returns Harper's findings for each file, in the order of the files.
fn lint(files: &[PathBuf]) -> Result<Vec<Document>> {
    let harper = Environment::of("xtask/requirements.txt", "tools")?.program("harper");
    // Harper exits with an error if it finds something. Its output is valid all the same.
    let output = command(&harper.to_string_lossy())
        .args([
            "lint",
            "--quiet",
            "--format",
            "json",
            "--dialect",
            "uk",
            "--user-dict-path",
            WORDS,
            "--ignore",
            &IGNORED.join(","),
        ])
        .args(files)
        .stderr(Stdio::piped())
        .output()?;
    let found: Vec<Document> = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("Harper failed: {}", String::from_utf8_lossy(&output.stderr)))?;
    ensure!(found.len() == files.len(), "Harper read {} of {} files", found.len(), files.len());
    Ok(found)
}

/// Every English document except the changelog, which many write at once.
fn documents() -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_dir() {
                let left_out = name.starts_with('.') || ["node_modules", "target", "dist"].contains(&name.as_str());
                if !left_out {
                    folders.push(entry.path());
                }
            } else if name.ends_with(".md") && !name.ends_with(".ja.md") && name != "CHANGELOG.md" {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{is_generated, is_word};

    #[test]
    fn what_a_program_writes_is_left_out() {
        let text = "One.\n<!-- codes: begin -->\nTwo.\n<!-- codes: end -->\nThree.\n";
        assert_eq!([1, 3, 5].map(|line| is_generated(text, line)), [false, true, false]);
    }

    #[test]
    fn words_of_the_project_are_words_with_and_without_an_ending() {
        let words = "KMS\nbehavior\n";
        assert!(["KMS", "KMS's", "behavior", "s.", "v20"].into_iter().all(|word| is_word(word, words)));
        assert!(!["kms", "recieves", "behaviors"].into_iter().any(|word| is_word(word, words)));
    }
}
