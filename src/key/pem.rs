//! Finds the private key in what a caller passed: PEM or DER, whole or mangled by an environment variable, a secret
//! store, an editor or a shell.
//!
//! Source of the form: RFC 7468 and, for the headers of OpenSSL's encrypted keys, RFC 1421.

use base64ct::{Base64, Encoding as _};
use zeroize::Zeroizing;

use crate::error::{Error, ErrorCode, Result, quoted};
use crate::key::openssl_encryption::DekInfo;
use crate::text;

/// One block of PEM, decoded.
pub(crate) struct Block {
    pub(crate) der: Zeroizing<Vec<u8>>,
    /// How OpenSSL encrypted it, where its headers say so.
    pub(crate) encryption: Option<DekInfo>,
}

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// What a key may be wrapped in: the bytes of a DER file, or a PEM block.
pub(crate) enum Container {
    Der(Zeroizing<Vec<u8>>),
    Pem(Block),
}

/// Reads DER as it is, and finds the block with the label that `wanted` accepts in everything else.
///
/// `code` is given where nothing can be read; `what` names in messages what was wanted.
pub(crate) fn read(input: &[u8], wanted: fn(&str) -> bool, code: ErrorCode, what: &str) -> Result<Container> {
    read_nested(input, wanted, code, what, 0)
}

fn read_nested(input: &[u8], wanted: fn(&str) -> bool, code: ErrorCode, what: &str, depth: u8) -> Result<Container> {
    if is_der(input) {
        return Ok(Container::Der(Zeroizing::new(input.to_vec())));
    }
    let text = text_of(input).ok_or_else(|| {
        Error::new(code, format!("the {what} is binary data that is not DER"))
            .with_hint("Pass the PEM file's text, or the bytes of a DER file.")
    })?;
    if !text::contains(&text, BEGIN) {
        // Base64 of the whole PEM or DER file, as secret stores and CI variables often hold it, or Base64 of that.
        if depth < 2
            && let Some(decoded) = decode_body(&text).filter(|bytes| !bytes.is_empty())
        {
            match read_nested(&decoded, wanted, code, what, depth + 1) {
                // PEM of another kind, or damaged: what is wrong with it is worth more than that it was Base64.
                Err(error) if decoded.windows(BEGIN.len()).any(|window| window == BEGIN.as_bytes()) => return Err(error),
                Ok(found) => return Ok(found),
                Err(_) => {}
            }
        }
        return Err(not_pem(&text, code, what));
    }
    let mut first_other = None;
    let mut rest = text::split_once(&text, BEGIN).map(|(_, after)| after);
    while let Some(after) = rest {
        let (block, next) = text::split_once(after, BEGIN).map_or((after, None), |(block, next)| (block, Some(next)));
        rest = next;
        let label = text::split_once(block, DASHES).map_or(block, |(label, _)| label);
        // Where the hyphens after it are damaged, what would be taken for the label is a part of the key.
        let is_label = matches!(label.len(), 1..=40) && label.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b' '));
        if !is_label || label.len() == block.len() {
            return Err(damaged_first_line(code, what));
        }
        if wanted(label) {
            return parse_block(block, label, code, what).map(Container::Pem);
        }
        if first_other.is_none() && label != "EC PARAMETERS" {
            first_other = Some(label.to_owned());
        }
    }
    Err(wrong_label(first_other.as_deref(), code, what))
}

/// Whether the bytes begin as DER does: a SEQUENCE whose length is written in two or more bytes, as every key's is.
pub(crate) fn is_der(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, 0x81..=0x84, ..]) || matches!(bytes, [0x30, length, rest @ ..] if usize::from(*length) == rest.len())
}

/// UTF-8, or UTF-16 as PowerShell writes it, without a byte order mark.
pub(crate) fn text_of(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let utf16 = |rest: &[u8], read: fn([u8; 2]) -> u16| {
        let units = Zeroizing::new(rest.as_chunks::<2>().0.iter().map(|pair| read(*pair)).collect::<Vec<u16>>());
        String::from_utf16(&units).ok()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    }
    .map(Zeroizing::new)
}

fn parse_block(block: &str, label: &str, code: ErrorCode, what: &str) -> Result<Block> {
    let after_label = block.get(label.len()..).and_then(|rest| rest.strip_prefix(DASHES)).ok_or_else(|| truncated(code, what))?;
    let Some((body, _)) = text::split_once(after_label, "-----END ") else { return Err(truncated(code, what)) };
    let (encryption, body) = match text::split_once(body, "DEK-Info:") {
        Some((_, rest)) => {
            let (dek_info, body) = DekInfo::read(rest)?;
            (Some(dek_info), body)
        }
        None => (None, body),
    };
    let der = decode_body(body).ok_or_else(|| {
        Error::new(code, format!("the {what}'s PEM block \"{label}\" holds text that is not Base64"))
            .with_hint("A character was lost or added in copying: compare its length with the original's.")
    })?;
    if der.is_empty() {
        return Err(truncated(code, what));
    }
    Ok(Block { der, encryption })
}

/// Decodes the Base64 of a block, whatever became of its line breaks: lost, turned into spaces, or into the two
/// characters `\n` (or `\r\n`, or with the backslash doubled); quotation marks and a comma may be around it.
pub(crate) fn decode_body(body: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut base64 = Zeroizing::new(String::with_capacity(body.len()));
    let mut characters = body.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                while characters.next_if_eq(&'\\').is_some() {}
                characters.next_if(|next| matches!(next, 'n' | 'r' | 't'))?;
            }
            '"' | '\'' | ',' | '\u{feff}' => {}
            _ if character.is_whitespace() => {}
            _ => base64.push(character),
        }
    }
    Base64::decode_vec(&base64).ok().map(Zeroizing::new)
}

fn truncated(code: ErrorCode, what: &str) -> Error {
    Error::new(code, format!("the {what}'s PEM block has no end, or nothing in it")).with_hint(
        "It was cut off: a variable's value ends at the first line break if it is not quoted. Pass the whole file, from \
         -----BEGIN to -----END.",
    )
}

fn not_pem(text: &str, code: ErrorCode, what: &str) -> Error {
    let trimmed = text.trim().trim_matches(['"', '\'']);
    if trimmed.is_empty() {
        return Error::new(code, format!("the {what} is empty"))
            .with_hint("Is the variable or the secret that it comes from set?");
    }
    if trimmed.starts_with("ssh-") || trimmed.starts_with("ecdsa-sha2-") {
        return Error::new(
            if what == "private key" { ErrorCode::NotAPrivateKey } else { code },
            format!("the {what} is an OpenSSH public key"),
        )
        .with_hint("Pass the file without .pub, converted to PEM: ssh-keygen -p -m PEM -f FILE.");
    }
    let found = Error::new(code, format!("the {what} is neither PEM nor DER"));
    if trimmed.starts_with("PuTTY-User-Key-File") {
        return found.with_hint("This is a PuTTY key: export it as an OpenSSH key in PuTTYgen, then convert it to PEM.");
    }
    if trimmed.starts_with('{') {
        return found.with_hint(if text::contains(trimmed, "\"kty\"") {
            "This is a JSON Web Key: convert it to PEM."
        } else {
            "This is JSON with no PEM in it: pass the value of the field that holds the key."
        });
    }
    // Only what has the form of a path is repeated in a message: anything else may be a part of the key.
    let is_path = trimmed.len() < 300
        && !trimmed.contains(char::is_whitespace)
        && [".pem", ".key", ".der", ".txt", ".pub"].iter().any(|ending| trimmed.ends_with(ending));
    if is_path {
        return Error::new(code, format!("the {what} is a path, {}", quoted(trimmed)))
            .with_hint("Read the file and pass what is in it.");
    }
    if text::contains(trimmed, "BEGIN")
        && (text::contains(trimmed, "–") || text::contains(trimmed, "—") || text::contains(trimmed, "‐"))
    {
        return found.with_hint("An editor turned its hyphens into dashes: paste it from the original file.");
    }
    if text::contains(trimmed, "BEGIN") {
        return damaged_first_line(code, what);
    }
    found.with_hint("Pass the whole text of the file, with the lines -----BEGIN …----- and -----END …-----.")
}

fn damaged_first_line(code: ErrorCode, what: &str) -> Error {
    Error::new(code, format!("the {what}'s first line is damaged")).with_hint(
        "It has to be five hyphens, BEGIN, a space, the kind in capitals and five hyphens: -----BEGIN PRIVATE KEY-----.",
    )
}

fn wrong_label(label: Option<&str>, code: ErrorCode, what: &str) -> Error {
    let found = |code, kind: &str| Error::new(code, format!("the {what} is {kind}"));
    let wants_private = what == "private key";
    let other = if wants_private { ErrorCode::NotAPrivateKey } else { code };
    match label {
        Some("PUBLIC KEY" | "RSA PUBLIC KEY" | "SSH2 PUBLIC KEY") if wants_private => found(other, "a public key")
            .with_hint("Pass the private key of the pair; the public one belongs in CloudFront's key group."),
        Some("CERTIFICATE" | "TRUSTED CERTIFICATE" | "X509 CERTIFICATE") => {
            found(other, "a certificate").with_hint(if wants_private {
                "Pass the private key; CloudFront needs no certificate for signed URLs."
            } else {
                "Take the public key out of it: openssl x509 -pubkey -noout -in FILE."
            })
        }
        Some("CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST") => {
            found(other, "a certificate request").with_hint("Pass the key itself.")
        }
        Some("OPENSSH PRIVATE KEY") if wants_private => {
            found(code, "in OpenSSH's own format").with_hint("Convert it to PEM: ssh-keygen -p -m PEM -f FILE.")
        }
        Some("DSA PRIVATE KEY") if wants_private => {
            found(ErrorCode::UnsupportedKey, "a DSA key; CloudFront accepts RSA of 2048 bits and ECDSA on P-256")
                .with_hint("Make a new one: countersign keygen.")
        }
        Some(label) if !wants_private && label.ends_with("PRIVATE KEY") => found(code, "a private key")
            .with_hint("Pass the public key: openssl pkey -pubout -in FILE, or countersign public-key."),
        Some(label) => {
            found(other, &format!("a PEM block of another kind, {}", quoted(label))).with_hint(format!("Pass a {what}."))
        }
        None => found(code, "only the parameters of a curve").with_hint("Pass the whole file, with the block that follows them."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der_of(input: &[u8]) -> Vec<u8> {
        match read(input, |label| label == "PRIVATE KEY", ErrorCode::InvalidPrivateKey, "private key") {
            Ok(Container::Pem(block)) => block.der.to_vec(),
            Ok(Container::Der(der)) => der.to_vec(),
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
