//! Every place in a text that looks like the first line of a block of PEM.

use zeroize::Zeroizing;

use crate::pem::half::Half;

/// The labels of blocks that hold keys, the longer before what they end in.
pub(super) const LABELS: [(&str, Half); 6] = [
    ("ENCRYPTED PRIVATE KEY", Half::Private),
    ("RSA PRIVATE KEY", Half::Private),
    ("EC PRIVATE KEY", Half::Private),
    ("PRIVATE KEY", Half::Private),
    ("RSA PUBLIC KEY", Half::Public),
    ("PUBLIC KEY", Half::Public),
];

/// A block of PEM, and what is not as it should be at its first line.
pub(super) struct Block<'a> {
    pub(super) label: String,
    pub(super) is_damaged: bool,
    pub(super) before: &'a str,
    /// From the first line to the next block, or to the end.
    pub(super) rest: &'a str,
}

/// Every place that looks like the first line of a block.
pub(super) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let lower = Zeroizing::new(text.to_ascii_lowercase());
    for (at, _) in lower.match_indices("begin") {
        let Some((before, found)) = text.split_at_checked(at) else { continue };
        let before = before.trim_end_matches(' ');
        let begin = before.trim_end_matches('-');
        let Some((label, after)) = found.get(5..).and_then(label) else { continue };
        let rest = after.trim_start_matches(' ').trim_start_matches('-');
        // Where hyphens are lost, only what is a key's label is taken for one.
        let has_hyphens = before.len() > begin.len() && rest.len() < after.len();
        if !has_hyphens && !LABELS.iter().any(|(known, _)| *known == label) {
            continue;
        }
        let right = ["BEGIN ", &label, "-----"].concat();
        let is_right =
            before.len() - begin.len() == 5 && found.strip_prefix(right.as_str()).is_some_and(|after| !after.starts_with('-'));
        if let Some(last) = blocks.last_mut() {
            let end = last.rest.len().saturating_sub(text.len() - begin.len());
            last.rest = last.rest.get(..end).unwrap_or_default();
        }
        blocks.push(Block { label, is_damaged: !is_right, before: begin, rest });
    }
    if blocks.is_empty()
        && let Some((_, end)) = text.split_once("-----END ")
        && let Some((label, _)) = known_label(end)
    {
        // The first line is lost, and the last one says the same.
        blocks.push(Block { label: label.to_owned(), is_damaged: true, before: "", rest: text });
    }
    blocks
}

/// What a block calls itself, in capitals, and what is after it; `text` is what follows BEGIN.
fn label(text: &str) -> Option<(String, &str)> {
    const SPACES: [char; 3] = [' ', '+', '_'];
    if let Some((known, after)) = known_label(text) {
        return Some((known.to_owned(), after));
    }
    let is_of_label = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, ' ' | '+' | '_' | '.' | '#');
    let length = text.bytes().take(61).position(|byte| !is_of_label(char::from(byte)))?;
    let (found, after) = text.split_at_checked(length)?;
    // What else it is may be a part of the key, which is not to be repeated.
    let is_label = found.starts_with(SPACES)
        && after.starts_with('-')
        && (2..=60).contains(&found.len())
        && found.split(SPACES).all(|word| word.len() <= 12);
    is_label.then(|| (found.trim_matches(SPACES).replace(['+', '_'], " "), after))
}

/// A key's label, whatever became of its spaces and its capitals, and what is after it.
fn known_label(text: &str) -> Option<(&'static str, &str)> {
    LABELS.iter().find_map(|(known, _)| {
        let mut rest = text;
        for letter in known.chars().filter(|letter| *letter != ' ') {
            rest = rest.trim_start_matches([' ', '+', '_', '\t', '\r', '\n']);
            rest = rest.strip_prefix([letter, letter.to_ascii_lowercase()])?;
        }
        // A longer word is another one: PRIVATE KEYS.
        let goes_on = rest.starts_with(|after: char| after.is_ascii_alphabetic() && !matches!(after, 'n' | 'r' | 'M'));
        (!goes_on).then_some((*known, rest))
    })
}
