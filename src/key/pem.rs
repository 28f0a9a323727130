//! Finds the key in what a caller passed: PEM or DER, whole or mangled by an environment variable, a secret store, an editor or a shell.
//!
//! A mangled text is repaired if only one reading is possible: DER begins with its length, which shows a lost or added byte. If there
//! is no reading, the error says what is wrong.
//!
//! Source of the form: RFC 7468 and, for the headers of OpenSSL's encrypted keys, RFC 1421.

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::key::encoded::{self, announced, is_der, is_whole, symbols};
use crate::key::half::Half;
use crate::key::instead::{self, Instead};
use crate::key::mangled::{READINGS, Repairs, note, text_of, undecorated, undo};
use crate::key::openssl_encryption::DekInfo;

/// A key, taken out of its text.
pub(super) struct Found {
    pub(super) der: Zeroizing<Vec<u8>>,
    /// The label of the PEM block; `None` for DER.
    pub(super) label: Option<&'static str>,
    /// How OpenSSL encrypted it, where its headers say so.
    pub(super) encryption: Option<DekInfo>,
    /// What was repaired.
    pub(super) repairs: Repairs,
}

/// The labels of blocks that hold keys, the longer before what they end in.
pub(super) const LABELS: [(&str, Half); 6] = [
    ("ENCRYPTED PRIVATE KEY", Half::Private),
    ("RSA PRIVATE KEY", Half::Private),
    ("EC PRIVATE KEY", Half::Private),
    ("PRIVATE KEY", Half::Private),
    ("RSA PUBLIC KEY", Half::Public),
    ("PUBLIC KEY", Half::Public),
];

const COPY_AGAIN: &str = "A character was lost, added or changed in copying: copy it again.";

/// Reads DER as it is, and finds the block that holds such a half of a key in everything else.
pub(super) fn read(input: &[u8], half: Half) -> Result<Found> {
    read_nested(input, half, Repairs::new(), 0).map_err(|instead| instead.error)
}

fn read_nested(input: &[u8], half: Half, mut repairs: Repairs, depth: u8) -> Result<Found, Instead> {
    if is_der(input) {
        return Ok(Found { der: Zeroizing::new(input.to_vec()), label: None, encryption: None, repairs });
    }
    let raw = text_of(input, &mut repairs).ok_or_else(|| instead::of_bytes(input, half))?;
    let known = repairs.len();
    let text = undo(&raw, &mut repairs);
    let had_escapes = repairs.len() > known;
    let blocks = blocks(&text);
    let Some(first) = blocks.first() else { return read_whole(&raw, &text, half, &repairs, depth) };
    // A first line may stand twice: what is said is said of the block that has more in it.
    let mut damaged: Option<(usize, Error)> = None;
    for block in &blocks {
        let Some((label, _)) = LABELS.iter().find(|(label, of)| *label == block.label && *of == half) else { continue };
        let mut repairs = repairs.clone();
        look_at_the_lines(&raw, block, had_escapes, &mut repairs);
        match parse(block, label, half, repairs) {
            Ok(found) => return Ok(found),
            Err(error) if damaged.as_ref().is_none_or(|(length, _)| *length < block.rest.len()) => {
                damaged = Some((block.rest.len(), error));
            }
            Err(_) => {}
        }
    }
    let other = blocks.iter().find(|block| block.label != "EC PARAMETERS").unwrap_or(first);
    let error = damaged.map_or_else(|| instead::of_block(&other.label, other.rest, half), |(_, error)| error);
    Err(Instead::known(error))
}

/// The whole PEM or DER file once more, as secret stores and CI variables often hold it, or in the value of a field.
fn read_whole(raw: &str, text: &str, half: Half, repairs: &Repairs, depth: u8) -> Result<Found, Instead> {
    /// Secret stores hold Base64 of what was Base64 already.
    const DEEPEST: u8 = 4;
    let mut instead = instead::of_text(raw, half);
    // Where it is only known that it was binary, it may be known what.
    let may_be_latin1 = raw.contains(|character| ('\u{80}'..='\u{ff}').contains(&character));
    if depth >= DEEPEST || instead.is_known && !may_be_latin1 {
        return Err(instead);
    }
    let mut is_first = true;
    for (decoded, repair) in encoded::whole(raw, text) {
        let mut repairs = repairs.clone();
        repairs.push(repair);
        match read_nested(&decoded, half, repairs, depth.saturating_add(1)) {
            Ok(found) => return Ok(found),
            // What it is is worth more than that it was Base64.
            Err(inner) if inner.is_known && is_first => (instead, is_first) = (inner, false),
            Err(_) => {}
        }
    }
    Err(instead)
}

/// A block of PEM, and what is not as it should be at its first line.
struct Block<'a> {
    label: String,
    is_damaged: bool,
    before: &'a str,
    /// From the first line to the next block, or to the end.
    rest: &'a str,
}

/// Every place that looks like the first line of a block.
fn blocks(text: &str) -> Vec<Block<'_>> {
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
    let after = text.trim_start_matches(is_of_label);
    let found = text.get(..text.len() - after.len())?;
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

fn look_at_the_lines(raw: &str, block: &Block<'_>, had_escapes: bool, repairs: &mut Repairs) {
    let body = block.rest.split_once("-----END").map_or(block.rest, |(body, _)| body);
    if !had_escapes && !body.trim_matches(' ').contains('\n') {
        note(repairs, if body.trim().contains(' ') { "its line breaks were spaces" } else { "its line breaks were lost" });
    }
    if raw.contains("\r\n") {
        note(repairs, "its lines ended in CR and LF");
    }
    if body.contains("\n ") || body.contains("\n\t") {
        note(repairs, "it was indented");
    }
    if block.before.ends_with(['"', '\'']) {
        note(repairs, "quotation marks stood around it");
    }
}

/// One block, by the first reading that gives a whole key.
fn parse(block: &Block<'_>, label: &'static str, half: Half, mut repairs: Repairs) -> Result<Found> {
    let (encryption, rest) = match block.rest.split_once("DEK-Info:") {
        Some((_, header)) => DekInfo::read(header).map(|(dek_info, rest)| (Some(dek_info), rest))?,
        None => (None, block.rest),
    };
    if block.is_damaged {
        note(&mut repairs, "its first line was damaged");
    }
    // Nothing is known of what is encrypted, so that only one reading of it is tried.
    let is_encrypted = encryption.is_some();
    let is_right = |der: &[u8]| if is_encrypted { !der.is_empty() && der.len().is_multiple_of(8) } else { is_whole(der) };
    let undecorated = undecorated(block.before, rest);
    let mut texts = vec![(rest, None)];
    texts.extend(undecorated.as_ref().map(|text| (text.as_str(), Some("something stood around each line"))));
    for (text, of_text) in texts {
        for (body, of_body) in bodies(text, label) {
            for (reading, of_reading) in READINGS.iter().take(if is_encrypted { 1 } else { READINGS.len() }) {
                let Some(der) = reading(body).and_then(|text| encoded::base64(&text)) else { continue };
                if is_right(&der) {
                    repairs.extend([of_text, of_body, *of_reading].into_iter().flatten());
                    return Ok(Found { der, label: Some(label), encryption, repairs });
                }
            }
        }
    }
    let body = match bodies(rest, label).into_iter().next() {
        Some((body, None | Some(END_DAMAGED))) => body,
        _ => return Err(truncated(half)),
    };
    if let Some(error) = one_case(body, half) {
        return Err(error);
    }
    let Some(der) = encoded::base64(body) else { return Err(not_base64(body, label, half)) };
    match announced(&der) {
        _ if der.is_empty() => Err(truncated(half)),
        Some(length) if !is_encrypted && length != der.len() => {
            let found = format!("PEM block \"{label}\" holds {} bytes instead of {length}", der.len());
            let is_cut = length > der.len();
            Err(half.has(
                &found,
                if is_cut {
                    "A part of it was lost in copying: copy it again."
                } else {
                    "Something was added in copying: copy it again."
                },
            ))
        }
        // Whoever reads it says what it is.
        _ => Ok(Found { der, label: Some(label), encryption, repairs }),
    }
}

const END_DAMAGED: &str = "its last line was damaged";

/// Where the Base64 may end, the likeliest first, and what is wrong if it does.
fn bodies<'a>(rest: &'a str, label: &str) -> Vec<(&'a str, Option<&'static str>)> {
    let mut bodies = Vec::new();
    for mark in ["-----END ", "-", "END ", "end ", "END_", "END+"] {
        if let Some((body, end)) = rest.split_once(mark) {
            let is_right = end.strip_prefix(label).is_some_and(|after| after.starts_with("-----")) && bodies.is_empty();
            bodies.push((body.trim_end_matches('-'), if is_right { None } else { Some(END_DAMAGED) }));
        }
    }
    bodies.push((rest, Some("its last line was missing")));
    bodies
}

fn truncated(half: Half) -> Error {
    half.has(
        "PEM block has no end, or nothing in it",
        "It was cut off: a variable's value ends at the first line break if it is not quoted. Pass the whole file, from \
         -----BEGIN to -----END.",
    )
}

/// Base64 has capitals and small letters.
fn one_case(body: &str, half: Half) -> Option<Error> {
    const SHORTEST: usize = 100;
    let capitals = body.bytes().filter(u8::is_ascii_uppercase).count();
    let small = body.bytes().filter(u8::is_ascii_lowercase).count();
    let found = match (capitals, small) {
        (SHORTEST.., 0) => "PEM block has capitals only, and Base64 has both",
        (0, SHORTEST..) => "PEM block has small letters only, and Base64 has both",
        _ => return None,
    };
    Some(half.has(found, "Something on the way changed the letters' case: copy it again."))
}

/// Names the first wrong character, which is not part of the key.
fn not_base64(body: &str, label: &str, half: Half) -> Error {
    let is_symbol = |character: &char| character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '=');
    let found = match symbols(body).chars().find(|character| !is_symbol(character)) {
        Some(character) if character.is_ascii_graphic() => format!("'{character}', which is not Base64"),
        Some(character) => format!("the character U+{:04X}, which is not Base64", u32::from(character)),
        None => "text that is not Base64: a character is missing, or one too many".to_owned(),
    };
    half.has(&["PEM block \"", label, "\" holds ", &found].concat(), COPY_AGAIN)
}
