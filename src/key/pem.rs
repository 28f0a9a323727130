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
const LABELS: [(&str, Half); 6] = [
    ("ENCRYPTED PRIVATE KEY", Half::Private),
    ("RSA PRIVATE KEY", Half::Private),
    ("EC PRIVATE KEY", Half::Private),
    ("PRIVATE KEY", Half::Private),
    ("RSA PUBLIC KEY", Half::Public),
    ("PUBLIC KEY", Half::Public),
];

/// Reads DER as it is, and finds the block that holds such a half of a key in everything else.
pub(super) fn read(input: &[u8], half: Half) -> Result<Found> {
    read_nested(input, half, Repairs::new(), 0).map_err(Instead::into_error)
}

fn read_nested(input: &[u8], half: Half, mut repairs: Repairs, depth: u8) -> Result<Found, Instead> {
    /// Secret stores hold Base64 of what was Base64 already.
    const DEEPEST: u8 = 4;
    if is_der(input) {
        return Ok(Found { der: Zeroizing::new(input.to_vec()), label: None, encryption: None, repairs });
    }
    let raw = text_of(input, &mut repairs).ok_or_else(|| instead::of_bytes(input, half))?;
    let mut undone = Repairs::new();
    let text = undo(&raw, &mut undone);
    let blocks = blocks(&text);
    if blocks.is_empty() {
        return read_whole(&raw, &text, half, &[repairs, undone].concat(), depth, DEEPEST);
    }
    let mut damaged: Option<(usize, Error)> = None;
    let of_half =
        |block: &Block<'_>| LABELS.iter().find(|(label, of)| *label == block.label && *of == half).map(|(label, _)| *label);
    for (block, label) in blocks.iter().filter_map(|block| Some((block, of_half(block)?))) {
        let mut repairs = repairs.clone();
        undone.iter().for_each(|repair| note(&mut repairs, repair));
        look_at_the_lines(&raw, block, !undone.is_empty(), &mut repairs);
        match parse(block, label, half, repairs) {
            Ok(found) => return Ok(found),
            // A first line may stand twice: what is said is said of the block that has more in it.
            Err(error) if damaged.as_ref().is_none_or(|(length, _)| *length < block.rest.len()) => {
                damaged = Some((block.rest.len(), error));
            }
            Err(_) => {}
        }
    }
    let other = blocks.iter().find(|block| block.label != "EC PARAMETERS").or(blocks.first());
    Err(Instead::Known(match (damaged, other) {
        (Some((_, error)), _) => error,
        (None, Some(block)) => instead::of_block(&block.label, block.rest, half),
        (None, None) => truncated(half),
    }))
}

/// The whole PEM or DER file once more, as secret stores and CI variables often hold it, or in the value of a field.
fn read_whole(raw: &str, text: &str, half: Half, repairs: &Repairs, depth: u8, deepest: u8) -> Result<Found, Instead> {
    let instead = match instead::of_text(raw, half) {
        // Where it is only known that it was binary, it may be known what.
        Instead::Known(error) if !raw.contains(|character| ('\u{80}'..='\u{ff}').contains(&character)) => {
            return Err(Instead::Known(error));
        }
        other => other,
    };
    if depth >= deepest {
        return Err(instead);
    }
    let mut known = None;
    for (decoded, repair) in encoded::whole(raw, text) {
        let repairs = repairs.iter().copied().chain([repair]).collect();
        match read_nested(&decoded, half, repairs, depth.saturating_add(1)) {
            Ok(found) => return Ok(found),
            // What it is is worth more than that it was Base64.
            Err(Instead::Known(error)) => known = known.or(Some(error)),
            Err(Instead::Unknown(_)) => {}
        }
    }
    Err(known.map_or(instead, Instead::Known))
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
    let mut starts: Vec<usize> = Vec::new();
    let lower = Zeroizing::new(text.to_ascii_lowercase());
    for (at, _) in lower.match_indices("begin") {
        let (before, after) = text.split_at(at);
        let before = before.trim_end_matches(' ');
        let hyphens = before.len() - before.trim_end_matches('-').len();
        let Some((label, length)) = label(after.get(5..).unwrap_or_default()) else { continue };
        let after = after.get(5 + length..).unwrap_or_default();
        let rest = after.trim_start_matches(' ').trim_start_matches('-');
        // Where hyphens are lost, only what is a key's label is taken for one.
        let is_key = LABELS.iter().any(|(known, _)| *known == label);
        if (hyphens == 0 || rest.len() == after.len()) && !is_key {
            continue;
        }
        let is_right = text.get(at..).is_some_and(|found| found.starts_with(&format!("BEGIN {label}-----")));
        let is_damaged = hyphens != 5 || !is_right || after.starts_with("------");
        starts.push(at - (text.get(..at).map_or(0, str::len) - before.len()) - hyphens);
        blocks.push(Block { label, is_damaged, before: before.trim_end_matches('-'), rest });
    }
    // Each ends where the next begins.
    let ends: Vec<usize> = blocks.iter().map(|block| text.len() - block.rest.len()).collect();
    for (block, begin) in blocks.iter_mut().zip(ends) {
        let end = starts.iter().copied().filter(|start| *start >= begin).min().unwrap_or(text.len());
        block.rest = text.get(begin..end).unwrap_or_default();
    }
    if blocks.is_empty()
        && let Some((body, end)) = text.split_once("-----END ")
        && let Some((label, _)) = known_label(end)
    {
        // The first line is lost, and the last one says the same.
        blocks.push(Block {
            label: label.to_owned(),
            is_damaged: true,
            before: "",
            rest: text.get(..body.len() + "-----END ".len() + end.len()).unwrap_or(text),
        });
    }
    blocks
}

/// What a block calls itself, in capitals, and how many bytes that has; `text` is what follows BEGIN.
fn label(text: &str) -> Option<(String, usize)> {
    if let Some((known, length)) = known_label(text) {
        return Some((known.to_owned(), length));
    }
    let is_of_label = |character: char| character.is_ascii_alphanumeric() || matches!(character, ' ' | '+' | '_' | '.' | '#');
    if !text.starts_with([' ', '+', '_']) {
        return None;
    }
    let end = text.find(|character| !is_of_label(character)).unwrap_or(text.len());
    let (found, after) = text.split_at(end);
    // What else it is may be a part of the key, which is not to be repeated.
    let is_label =
        found.split([' ', '+', '_']).all(|word| word.len() <= 12) && !found.contains(|letter: char| letter.is_ascii_lowercase());
    (after.starts_with('-') && is_label && (2..=60).contains(&found.len()))
        .then(|| (found.trim_matches([' ', '+', '_']).to_ascii_uppercase().replace(['+', '_'], " "), end))
}

/// A key's label, whatever became of its spaces and its capitals.
fn known_label(text: &str) -> Option<(&'static str, usize)> {
    LABELS.iter().find_map(|(known, _)| {
        let mut rest = text;
        for letter in known.chars().filter(|letter| *letter != ' ') {
            rest = rest.trim_start_matches([' ', '+', '_', '\t', '\r', '\n']);
            rest = rest.strip_prefix([letter, letter.to_ascii_lowercase()])?;
        }
        // A longer word is another one: PRIVATE KEYS.
        (!rest.starts_with(|after: char| after.is_ascii_alphabetic() && after != 'n' && after != 'r' && after != 'M'))
            .then(|| (*known, text.len() - rest.len()))
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
    let (code, what) = (half.code(), half.name());
    let (encryption, rest) = match block.rest.split_once("DEK-Info:") {
        Some((_, rest)) => {
            let (dek_info, rest) = DekInfo::read(rest)?;
            (Some(dek_info), rest)
        }
        None => (None, block.rest),
    };
    if block.is_damaged {
        note(&mut repairs, "its first line was damaged");
    }
    // Nothing is known of what is encrypted.
    let is_right = |der: &[u8]| if encryption.is_some() { !der.is_empty() && der.len().is_multiple_of(8) } else { is_whole(der) };
    let undecorated = undecorated(block.before, rest);
    let texts = [(Some(rest), None), (undecorated.as_ref().map(|text| text.as_str()), Some("something stood around each line"))];
    for (text, of_text) in texts.into_iter().filter_map(|(text, repair)| Some((text?, repair))) {
        for (body, of_body) in bodies(text, label) {
            // Where nothing is known, nothing is tried.
            let readings = READINGS.iter().take(if encryption.is_some() { 1 } else { READINGS.len() });
            for (reading, of_reading) in readings {
                if let Some(der) = reading(body).and_then(|text| encoded::base64(&text)).filter(|der| is_right(der)) {
                    repairs.extend(of_text.into_iter().chain(of_body).chain(*of_reading));
                    return Ok(Found { der, label: Some(label), encryption, repairs });
                }
            }
        }
    }
    let Some((body, None | Some("its last line was damaged"))) = bodies(rest, label).into_iter().next() else {
        return Err(truncated(half));
    };
    if let Some(error) = one_case(body, half) {
        return Err(error);
    }
    let Some(der) = encoded::base64(body) else { return Err(not_base64(body, label, half)) };
    match announced(&der) {
        _ if der.is_empty() => Err(truncated(half)),
        Some(length) if encryption.is_none() && length != der.len() => {
            Err(Error::new(code, format!("the {what}'s PEM block \"{label}\" holds {} bytes instead of {length}", der.len()))
                .with_hint(if length > der.len() {
                    "A part of it was lost in copying: copy it again."
                } else {
                    "Something was added in copying: copy it again."
                }))
        }
        // Whoever reads it says what it is.
        _ => Ok(Found { der, label: Some(label), encryption, repairs }),
    }
}

/// Where the Base64 may end, the likeliest first, and what is wrong if it does.
fn bodies<'a>(rest: &'a str, label: &str) -> Vec<(&'a str, Option<&'static str>)> {
    let mut bodies = Vec::new();
    if let Some((body, end)) = rest.split_once("-----END ") {
        let is_right = end.starts_with(label) && end.get(label.len()..).is_some_and(|after| after.starts_with("-----"));
        bodies.push((body.trim_end_matches('-'), if is_right { None } else { Some("its last line was damaged") }));
    }
    for mark in ["-", "END ", "end ", "END_", "END+"] {
        if let Some((body, _)) = rest.split_once(mark) {
            bodies.push((body, Some("its last line was damaged")));
        }
    }
    bodies.push((rest, Some("its last line was missing")));
    bodies
}

fn truncated(half: Half) -> Error {
    Error::new(half.code(), format!("the {}'s PEM block has no end, or nothing in it", half.name())).with_hint(
        "It was cut off: a variable's value ends at the first line break if it is not quoted. Pass the whole file, from \
         -----BEGIN to -----END.",
    )
}

/// Base64 has capitals and small letters.
fn one_case(body: &str, half: Half) -> Option<Error> {
    const SHORTEST: usize = 100;
    let count = |is_of_case: fn(&u8) -> bool| body.bytes().filter(is_of_case).count();
    let (capitals, small) = (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    if capitals.min(small) > 0 || capitals.max(small) < SHORTEST {
        return None;
    }
    let found = if small == 0 { "capitals" } else { "small letters" };
    let error = Error::new(half.code(), format!("the {}'s PEM block has {found} only, and Base64 has both", half.name()));
    Some(error.with_hint("Something on the way changed the letters' case: copy it again."))
}

/// Names the first wrong character, which is not part of the key.
fn not_base64(body: &str, label: &str, half: Half) -> Error {
    let is_symbol = |character: &char| character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '=');
    let found = match symbols(body).chars().find(|character| !is_symbol(character)) {
        Some(character) if character.is_ascii_graphic() => format!("'{character}', which is not Base64"),
        Some(character) => format!("the character U+{:04X}, which is not Base64", u32::from(character)),
        None => "text that is not Base64: a character is missing, or one too many".to_owned(),
    };
    Error::new(half.code(), format!("the {}'s PEM block \"{label}\" holds {found}", half.name()))
        .with_hint("A character was lost, added or changed in copying: copy it again.")
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64, Encoding as _};

    use super::*;

    fn der_of(input: &[u8]) -> Vec<u8> {
        match read(input, Half::Private) {
            Ok(found) => found.der.to_vec(),
            Err(error) => panic!("{error:?}"),
        }
    }

    #[test]
    fn repairs_what_happens_to_pem_on_its_way() {
        let der: Vec<u8> = [0x30, 0x81, 0xfc].into_iter().chain(0..252).collect();
        let base64 = Base64::encode_string(&der);
        let lines: Vec<&str> = (0..base64.len()).step_by(64).map(|at| &base64[at..base64.len().min(at + 64)]).collect();
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"));
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(pem.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for mangled in [
            pem.clone(),
            pem.replace('\n', "\r\n"),
            pem.replace('\n', "\\n"),
            pem.replace('\n', "\\\\n"),
            pem.replace('\n', "\\r\\n"),
            pem.replace('\n', " "),
            pem.replace('\n', ""),
            pem.replace('\n', "\n    "),
            pem.replace('\n', "\n\n"),
            format!("\"{pem}\""),
            format!("'{}'", pem.replace('\n', "\\n")),
            format!("\u{feff}{pem}"),
            format!("{{\"privateKey\":\"{}\",\"other\":\"x\"}}", pem.replace('\n', "\\n")),
            format!("Bag Attributes\n    friendlyName: x\nKey Attributes: <No Attributes>\n{pem}trailing junk"),
            format!("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{pem}"),
            Base64::encode_string(pem.as_bytes()),
            Base64::encode_string(Base64::encode_string(pem.as_bytes()).as_bytes()),
            format!("'{}'\n", Base64::encode_string(pem.as_bytes())),
            Base64::encode_string(&der),
            lines.join("\n"),
        ] {
            assert_eq!(der_of(mangled.as_bytes()), der, "{mangled}");
        }
        assert_eq!(der_of(&utf16), der);
        assert_eq!(der_of(&der), der);
    }
}
