//! What is in a block of PEM: DER, by the first reading that gives a whole key, or what is wrong with it.

use crate::error::{Error, Result};
use crate::key_encryption::DekInfo;
use crate::pem::block::Block;
use crate::pem::encoded::{self, announced, is_whole, symbols};
use crate::pem::found::Found;
use crate::pem::half::Half;
use crate::pem::repair::{READINGS, Repairs, note, undecorated};

const COPY_AGAIN: &str = "A character was lost, added or changed in copying: copy it again.";

/// One block, by the first reading that gives a whole key.
pub(super) fn read(block: &Block<'_>, label: &'static str, half: Half, mut repairs: Repairs) -> Result<Found> {
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
            let change = if length > der.len() { "A part of it was lost" } else { "Something was added" };
            Err(half.has(&found, "").with_hint([change, " in copying: copy it again."].concat()))
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
