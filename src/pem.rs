//! Finds the key in what a caller passed: PEM or DER, whole or mangled by an environment variable, a secret store or an editor.
//!
//! In go text or bytes, and which half of a key pair is meant. Out comes [`Found`]: DER that nobody has read yet, with the label of
//! its block, how OpenSSL encrypted it, and what was repaired. Or an error, which names what was passed instead.
//!
//! A mangled text is repaired if only one reading is possible: DER begins with its length, which shows a lost or added byte. If there
//! is no reading, the error says what is wrong.
//!
//! Source of the form: RFC 7468 and, for the headers of OpenSSL's encrypted keys, RFC 1421.

mod block;
mod body;
mod encoded;
mod found;
mod half;
pub(crate) mod instead;
mod openssh;
mod plain;
mod repair;

use zeroize::Zeroizing;

use crate::der::contained;
use crate::error::{Error, Result};
use block::{Block, LABELS, blocks};
use encoded::is_der;
pub(crate) use found::Found;
pub(crate) use half::Half;
use instead::Instead;
use repair::{Repairs, note, text_of, undo};

/// Secret stores hold Base64 of what was Base64 already.
const DEEPEST: u8 = 4;

/// Reads DER as it is, and finds the block that holds such a half of a key in everything else.
pub(crate) fn read(input: &[u8], half: Half) -> Result<Found> {
    match plain::read(input, half) {
        Some(found) => Ok(found),
        None => read_nested(input, half, Repairs::new(), 0).map_err(|instead| instead.error),
    }
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
    let mut found: Option<Found> = None;
    let has_crlf = raw.contains("\r\n");
    for block in &blocks {
        let mut repairs = repairs.clone();
        let Some((label, _)) = LABELS.iter().find(|(label, of)| *label == block.label && *of == half) else {
            note(&mut repairs, "its first line was damaged");
            if let Some(other) = under_another_label(block, half, repairs, depth) {
                found = Some(the_one(found, other, half)?);
            }
            continue;
        };
        look_at_the_lines(block, had_escapes, has_crlf, &mut repairs);
        match body::read(block, label, half, repairs) {
            Ok(other) => found = Some(the_one(found, other, half)?),
            Err(error) if damaged.as_ref().is_none_or(|(length, _)| *length < block.rest.len()) => {
                damaged = Some((block.rest.len(), error));
            }
            Err(_) => {}
        }
    }
    if let Some(found) = found {
        return Ok(found);
    }
    let other = blocks.iter().find(|block| block.label != "EC PARAMETERS").unwrap_or(first);
    let error = damaged.map_or_else(|| instead::of_block(&other.label, other.rest, half), |(_, error)| error);
    Err(Instead::known(error))
}

/// `certutil -encode` of Windows writes any file under the label of a certificate. A key of DSA looks like one of RSA.
fn under_another_label(block: &Block<'_>, half: Half, repairs: Repairs, depth: u8) -> Option<Found> {
    let may_lie = block.label == "CERTIFICATE" || block.label.ends_with("KEY") && !block.label.starts_with("DSA");
    let (body, _) = block.rest.split_once("-----END").filter(|_| may_lie && depth < DEEPEST)?;
    let found = read_nested(&encoded::base64(body)?, half, repairs, depth.saturating_add(1)).ok()?;
    may_be_meant(&found, half).then_some(found)
}

/// The whole PEM or DER file once more, as secret stores and CI variables often hold it, or in the value of a field.
fn read_whole(raw: &str, text: &str, half: Half, repairs: &Repairs, depth: u8) -> Result<Found, Instead> {
    let mut instead = instead::of_text(raw, half);
    if depth >= DEEPEST || instead.is_known {
        return Err(instead);
    }
    let mut is_first = true;
    let mut found: Option<Found> = None;
    for (decoded, repair) in encoded::whole(raw, text) {
        let mut repairs = repairs.clone();
        repairs.push(repair);
        match read_nested(&decoded, half, repairs, depth.saturating_add(1)) {
            Ok(other) => found = Some(the_one(found, other, half)?),
            // What it is is worth more than that it was Base64.
            Err(inner) if inner.is_known && is_first => (instead, is_first) = (inner, false),
            Err(_) => {}
        }
    }
    found.ok_or(instead)
}

/// Of two things that were found, the one that may be meant; an error, if both may be.
fn the_one(found: Option<Found>, other: Found, half: Half) -> Result<Found, Instead> {
    match found {
        Some(first) if !may_be_meant(&other, half) || contained(&first.der) == contained(&other.der) => Ok(first),
        Some(first) if may_be_meant(&first, half) => Err(Instead::known(half.is(
            "not one key: the text holds more than one",
            "Pass one of them: the one whose public half belongs to the key pair ID.",
        ))),
        _ => Ok(other),
    }
}

fn may_be_meant(found: &Found, half: Half) -> bool {
    found.encryption.is_some() || half.holds(&found.der)
}

fn look_at_the_lines(block: &Block<'_>, had_escapes: bool, has_crlf: bool, repairs: &mut Repairs) {
    let body = block.rest.split_once("-----END").map_or(block.rest, |(body, _)| body);
    if !had_escapes && !body.trim_matches(' ').contains('\n') {
        note(repairs, if body.trim().contains(' ') { "its line breaks were spaces" } else { "its line breaks were lost" });
    }
    if has_crlf {
        note(repairs, "its lines ended in CR and LF");
    }
    if body.contains("\n ") || body.contains("\n\t") {
        note(repairs, "it was indented");
    }
    if block.before.ends_with(['"', '\'']) {
        note(repairs, "quotation marks stood around it");
    }
}
