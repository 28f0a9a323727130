//! Finds the key in what a caller passed: PEM or DER, whole or mangled by an environment variable, a secret store, an editor or a shell.
//!
//! A mangled text is repaired if only one reading is possible: DER begins with its length, which shows a lost or added byte. If there
//! is no reading, the error says what is wrong.
//!
//! Source of the form: RFC 7468 and, for the headers of OpenSSL's encrypted keys, RFC 1421.

use base64ct::{Base64, Base64Unpadded, Encoding as _};
use zeroize::Zeroizing;

use crate::error::{Error, ErrorCode, Result, quoted};
use crate::key::accepted::{RSA_BITS, unsupported, unsupported_rsa_size};
use crate::key::mangled::{Repairs, lines_joined_by_n, note, spaces_to_plus, text_of, undo};
use crate::key::openssh::{self, Kind};
use crate::key::openssl_encryption::DekInfo;

/// The half of a key pair that the caller wants.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Half {
    Private,
    Public,
}

impl Half {
    fn name(self) -> &'static str {
        match self {
            Self::Private => "private key",
            Self::Public => "public key",
        }
    }

    /// The error code if nothing can be read.
    fn code(self) -> ErrorCode {
        match self {
            Self::Private => ErrorCode::InvalidPrivateKey,
            Self::Public => ErrorCode::InvalidPublicKey,
        }
    }
}

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
    read_nested(input, half, Repairs::new(), 0)
}

fn read_nested(input: &[u8], half: Half, mut repairs: Repairs, depth: u8) -> Result<Found> {
    let (code, what) = (half.code(), half.name());
    if is_der(input) {
        return Ok(Found { der: Zeroizing::new(input.to_vec()), label: None, encryption: None, repairs });
    }
    let raw = text_of(input, &mut repairs).ok_or_else(|| not_text(input, half))?;
    let mut undone = Repairs::new();
    let text = undo(&raw, &mut undone);
    let blocks = blocks(&text);
    if blocks.is_empty() {
        // The whole PEM or DER file once more, as secret stores and CI variables often hold it.
        if depth < 2
            && let Some((decoded, repair)) = decode_whole(&text)
        {
            repairs.extend(undone);
            repairs.push(repair);
            match read_nested(&decoded, half, repairs, depth + 1) {
                // PEM of another kind, or damaged: what is wrong with it is worth more than that it was Base64.
                Err(error) if decoded.windows(5).any(|window| window == b"BEGIN") => return Err(error),
                Ok(found) => return Ok(found),
                Err(_) => {}
            }
        }
        return Err(not_pem(&raw, half));
    }
    for block in &blocks {
        if let Some((label, _)) = LABELS.iter().find(|(label, of)| *label == block.label && *of == half) {
            let had_escapes = !undone.is_empty();
            undone.into_iter().for_each(|repair| note(&mut repairs, repair));
            look_at_the_lines(&raw, block, had_escapes, &mut repairs);
            return parse(block, label, half, repairs);
        }
    }
    let other = blocks.iter().find(|block| block.label != "EC PARAMETERS");
    match other {
        Some(block) => Err(wrong_label(block, half)),
        None => Err(Error::new(code, format!("the {what} is only the parameters of a curve"))
            .with_hint("Pass the whole file, with the block that follows them.")),
    }
}

/// Whether the bytes begin as DER does: a SEQUENCE whose length is written in two or more bytes, as every key's is.
fn is_der(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, 0x81..=0x84, ..]) || is_whole(bytes)
}

/// Whether these are a SEQUENCE, all of it and nothing else.
fn is_whole(der: &[u8]) -> bool {
    announced(der) == Some(der.len())
}

/// How many bytes a SEQUENCE says that it has, with what says so.
fn announced(der: &[u8]) -> Option<usize> {
    let [0x30, first, rest @ ..] = der else { return None };
    match *first {
        short @ 0..=0x7f => Some(2 + usize::from(short)),
        long @ 0x81..=0x84 => {
            let bytes = rest.get(..usize::from(long & 7))?;
            Some(2 + bytes.len() + bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))
        }
        _ => None,
    }
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
    for (at, _) in text.match_indices("BEGIN").chain(text.match_indices("begin")) {
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
    blocks
}

/// What a block calls itself, in capitals, and how many bytes that has; `text` is what follows BEGIN.
fn label(text: &str) -> Option<(String, usize)> {
    let is_of_label = |character: char| character.is_ascii_alphanumeric() || matches!(character, ' ' | '+' | '_');
    if !text.starts_with([' ', '+', '_']) {
        return None;
    }
    let capitals = |text: &str| text.trim_matches([' ', '+', '_']).to_ascii_uppercase().replace(['+', '_'], " ");
    let end = text.find(|character| !is_of_label(character)).unwrap_or(text.len());
    let (found, after) = text.split_at(end);
    // What else it is may be a part of the key, which is not to be repeated.
    let is_label =
        found.split([' ', '+', '_']).all(|word| word.len() <= 12) && !found.contains(|letter: char| letter.is_ascii_lowercase());
    if after.starts_with('-') && is_label && (2..=60).contains(&found.len()) {
        return Some((capitals(found), end));
    }
    // Without hyphens the label ends with the line, or the key follows at once.
    let found = text.get(..60.min(text.len())).unwrap_or(text);
    LABELS.iter().find_map(|(known, _)| {
        let length = known.len() + 1;
        found.get(..length).filter(|start| capitals(start) == *known).map(|_| ((*known).to_owned(), length))
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
    for (body, repair) in bodies(rest, label) {
        for (reading, of_reading) in readings(body) {
            if let Some(der) = reading.and_then(|text| decode(&text)).filter(|der| is_right(der)) {
                repairs.extend(repair);
                repairs.extend(of_reading);
                return Ok(Found { der, label: Some(label), encryption, repairs });
            }
        }
    }
    let Some((body, None | Some("its last line was damaged"))) = bodies(rest, label).into_iter().next() else {
        return Err(truncated(half));
    };
    let Some(der) = decode(body) else { return Err(not_base64(body, label, half)) };
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

/// As it is, or with what became of line breaks and plus signs undone.
fn readings(body: &str) -> [(Option<Zeroizing<String>>, Option<&'static str>); 3] {
    [
        (Some(Zeroizing::new(body.to_owned())), None),
        (lines_joined_by_n(body), Some("its line breaks were the letter n")),
        (spaces_to_plus(body), Some("its plus signs were spaces")),
    ]
}

/// Decodes Base64, whatever became of its line breaks; quotation marks and a comma may be around it.
fn decode(body: &str) -> Option<Zeroizing<Vec<u8>>> {
    Base64::decode_vec(&symbols(body)).ok().map(Zeroizing::new)
}

fn symbols(body: &str) -> Zeroizing<String> {
    let mut symbols = Zeroizing::new(String::with_capacity(body.len()));
    symbols.extend(body.chars().filter(|character| !character.is_whitespace() && !matches!(character, '"' | '\'' | ',')));
    symbols
}

/// What a text without a block is the Base64 or the hexadecimal digits of.
fn decode_whole(text: &str) -> Option<(Zeroizing<Vec<u8>>, &'static str)> {
    let symbols = symbols(text);
    if symbols.starts_with("30") && symbols.len().is_multiple_of(2) && symbols.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let digits = symbols.as_bytes().as_chunks::<2>().0.iter();
        let bytes = digits
            .map(|pair| str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
            .collect::<Option<Vec<u8>>>();
        if let Some(bytes) = bytes.filter(|bytes| is_whole(bytes)) {
            return Some((Zeroizing::new(bytes), "the whole of it was in hexadecimal"));
        }
    }
    // The alphabet for URLs, and without padding, too.
    let standard = Zeroizing::new(symbols.trim_end_matches('=').replace('-', "+").replace('_', "/"));
    let decoded = Base64Unpadded::decode_vec(&standard).ok().filter(|bytes| !bytes.is_empty())?;
    Some((Zeroizing::new(decoded), "the whole of it was in Base64"))
}

fn truncated(half: Half) -> Error {
    Error::new(half.code(), format!("the {}'s PEM block has no end, or nothing in it", half.name())).with_hint(
        "It was cut off: a variable's value ends at the first line break if it is not quoted. Pass the whole file, from \
         -----BEGIN to -----END.",
    )
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

fn not_text(input: &[u8], half: Half) -> Error {
    let found = |kind: &str| Error::new(half.code(), format!("the {} is {kind}", half.name()));
    match input {
        [0xfe, 0xed, 0xfe, 0xed, ..] => found("a Java key store").with_hint("Export the key from it, as PKCS#8 in PEM."),
        [0x1f, 0x8b, ..] => found("compressed by gzip").with_hint("Decompress it first: gunzip FILE."),
        _ => found("binary data that is not DER").with_hint("Pass the PEM file's text, or the bytes of a DER file."),
    }
}

fn not_pem(text: &str, half: Half) -> Error {
    let (code, what) = (half.code(), half.name());
    let text = text.trim_start_matches('\u{feff}').trim().trim_matches(['"', '\'']);
    let found = |kind: &str| Error::new(code, format!("the {what} is {kind}"));
    if text.is_empty() {
        return found("empty").with_hint("Is the variable or the secret set?");
    }
    if let Some(kind) = openssh::of_public_line(text) {
        return match half {
            Half::Private => Error::new(ErrorCode::NotAPrivateKey, "the private key is an OpenSSH public key")
                .with_hint("Pass the private key of the pair: the file of the same name without .pub."),
            Half::Public => in_openssh_format(kind, half, "an OpenSSH public key", "ssh-keygen -e -m PKCS8 -f FILE.pub"),
        };
    }
    if text.starts_with("PuTTY-User-Key-File") {
        return found("a PuTTY key").with_hint("In PuTTYgen, export it as an OpenSSH key (Conversions).");
    }
    if matches!(text.as_bytes(), [b'$', ..] | [b'{', b'{', ..]) && text.len() < 100 && !text.contains(char::is_whitespace) {
        return found("a placeholder that was never filled in").with_hint("Is the variable or the secret set?");
    }
    if text.starts_with('{') {
        return if text.contains("\"kty\"") {
            found("a JSON Web Key").with_hint(match half {
                Half::Private => {
                    "In Node: crypto.createPrivateKey({ key: jwk, format: \"jwk\" }).export({ type: \"pkcs8\", format: \"pem\" })."
                }
                Half::Public => "In Node: crypto.createPublicKey({ key: jwk, format: \"jwk\" }).export({ type: \"spki\", format: \"pem\" }).",
            })
        } else {
            found("JSON with no PEM in it").with_hint("Pass the value of the field that holds the key.")
        };
    }
    if text.starts_with('<') {
        return found("a web page or XML").with_hint("Did the download need a login? Pass the key's PEM.");
    }
    if text.starts_with("arn:") {
        return found("the name of an AWS secret").with_hint("Fetch the secret's value, and pass that.");
    }
    if ["undefined", "null", "None", "nil", "[object Object]", "[object Promise]"].contains(&text) {
        return found(&format!("the text {}", quoted(text))).with_hint("Is the variable or the secret set?");
    }
    // Only what has the form of a path is repeated in a message: anything else may be a part of the key.
    let is_path = text.len() < 300
        && !text.contains(char::is_whitespace)
        && (text.starts_with("file://")
            || [".pem", ".key", ".der", ".txt", ".pub", ".p12", ".pfx"].iter().any(|ending| text.ends_with(ending)));
    if is_path {
        return found(&format!("a path, {}", quoted(text))).with_hint("Read the file and pass what is in it.");
    }
    if text.contains("BEGIN") {
        return Error::new(code, format!("the {what}'s first line is damaged")).with_hint(
            "It must be five hyphens, BEGIN, a space, the kind in capitals and five hyphens: -----BEGIN PRIVATE KEY-----.",
        );
    }
    found("neither PEM nor DER")
        .with_hint("Pass the whole text of the file, with the lines -----BEGIN …----- and -----END …-----.")
}

/// What to do with a key in a format of OpenSSH's: it is converted, if it is one that CloudFront accepts.
fn in_openssh_format(kind: Kind, half: Half, format: &str, command: &str) -> Error {
    let refused = |error: Error| if half == Half::Public { error.with_code(half.code()) } else { error };
    match kind {
        Kind::Rsa(bits) if bits != RSA_BITS => refused(unsupported_rsa_size(ErrorCode::UnsupportedKey, bits)),
        Kind::Other(Some(name)) => refused(unsupported(&format!("an OpenSSH key of the type {name}"))),
        Kind::Other(None) => refused(unsupported("an OpenSSH key of another type")),
        Kind::Rsa(_) | Kind::P256 => Error::new(half.code(), format!("the {} is {format}", half.name()))
            .with_hint(format!("Convert it to PEM: {command}.")),
    }
}

fn wrong_label(block: &Block<'_>, half: Half) -> Error {
    let (code, what) = (half.code(), half.name());
    let found = |code, kind: &str| Error::new(code, format!("the {what} is {kind}"));
    let other = if half == Half::Private { ErrorCode::NotAPrivateKey } else { code };
    match (block.label.as_str(), half) {
        ("OPENSSH PRIVATE KEY", _) => {
            let body = block.rest.split_once('-').map_or(block.rest, |(body, _)| body);
            match decode(body).and_then(|key| openssh::of_private_key(&key)) {
                Some(kind) if half == Half::Private => {
                    in_openssh_format(kind, half, "in OpenSSH's own format", "ssh-keygen -p -m PEM -f FILE")
                }
                Some(kind) => in_openssh_format(kind, half, "an OpenSSH private key", "ssh-keygen -e -m PKCS8 -f FILE"),
                None => {
                    found(code, "in OpenSSH's own format, and damaged").with_hint("Copy it again, from -----BEGIN to -----END.")
                }
            }
        }
        ("PUBLIC KEY" | "RSA PUBLIC KEY" | "SSH2 PUBLIC KEY", Half::Private) => found(other, "a public key")
            .with_hint("Pass the private key of the pair; the public one belongs in CloudFront's key group."),
        ("SSH2 PUBLIC KEY", Half::Public) => found(code, "in the format of SSH2 (RFC 4716)")
            .with_hint("Convert it to PEM: ssh-keygen -i -f FILE > FILE.pub, then ssh-keygen -e -m PKCS8 -f FILE.pub."),
        ("SSH2 ENCRYPTED PRIVATE KEY", _) => {
            found(code, "in the format of SSH2").with_hint("Export it as PEM in the program that made it.")
        }
        ("CERTIFICATE" | "TRUSTED CERTIFICATE" | "X509 CERTIFICATE", Half::Private) => {
            found(other, "a certificate").with_hint("Pass the private key; CloudFront needs no certificate for signed URLs.")
        }
        ("CERTIFICATE" | "TRUSTED CERTIFICATE" | "X509 CERTIFICATE", Half::Public) => {
            found(other, "a certificate").with_hint("Take the public key out of it: openssl x509 -pubkey -noout -in FILE.")
        }
        ("CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST", Half::Private) => {
            found(other, "a certificate request").with_hint("Pass the key itself.")
        }
        ("CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST", Half::Public) => {
            found(other, "a certificate request").with_hint("Take the public key out of it: openssl req -pubkey -noout -in FILE.")
        }
        ("DSA PRIVATE KEY", Half::Private) => {
            found(ErrorCode::UnsupportedKey, "a DSA key; CloudFront accepts RSA of 2048 bits and ECDSA on P-256")
                .with_hint("Make a new one: countersign keygen.")
        }
        (label, Half::Public) if label.ends_with("PRIVATE KEY") => found(code, "a private key")
            .with_hint("Pass the public key: openssl pkey -pubout -in FILE, or countersign public-key."),
        (label, _) => {
            found(other, &format!("a PEM block of another kind, {}", quoted(label))).with_hint(format!("Pass a {what}."))
        }
    }
}

#[cfg(test)]
mod tests {
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
