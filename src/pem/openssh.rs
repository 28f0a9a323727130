//! Recognises the type of a key in OpenSSH's own formats: it is readable even if the key is encrypted.
//!
//! Sources: OpenSSH's `PROTOCOL.key`; RFC 4253, section 6.6; RFC 5656, section 3.1.

use crate::accepted_keys::bits;
use crate::pem::encoded;

/// What kind of key a file holds.
#[derive(Debug, PartialEq)]
pub(super) enum Kind {
    /// With so many bits.
    Rsa(usize),
    P256,
    /// By OpenSSH's name for it; nothing, if it is none that is known.
    Other(Option<&'static str>),
}

/// Of what is in a block `OPENSSH PRIVATE KEY`.
pub(super) fn of_private_key(bytes: &[u8]) -> Option<Kind> {
    let mut rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
    // The cipher, how its key is derived, and with what.
    for _ in 0..3 {
        string(&mut rest)?;
    }
    // How many keys there are; it is always one.
    let (_, mut rest) = rest.split_first_chunk::<4>()?;
    of_public_key(string(&mut rest)?)
}

/// Of a line `ssh-rsa AAAA… comment`.
pub(super) fn of_public_line(line: &str) -> Option<Kind> {
    let mut words = line.split_whitespace();
    let name = words.next().filter(|name| ["ssh-", "ecdsa-sha2-", "sk-"].iter().any(|prefix| name.starts_with(prefix)))?;
    let key = words.next().and_then(encoded::base64);
    Some(key.and_then(|key| of_public_key(&key)).unwrap_or_else(|| named(name.as_bytes())))
}

pub(super) fn of_public_key(mut rest: &[u8]) -> Option<Kind> {
    let name = string(&mut rest)?;
    Some(match name {
        b"ssh-rsa" => {
            string(&mut rest)?;
            let bits = bits(string(&mut rest)?);
            Kind::Rsa(Some(bits).filter(|bits| *bits > 0)?)
        }
        b"ecdsa-sha2-nistp256" => Kind::P256,
        other => named(other),
    })
}

/// Other names are not repeated: where the file is damaged, one may be a part of the key.
fn named(name: &[u8]) -> Kind {
    Kind::Other(str::from_utf8(name).ok().and_then(of_name))
}

/// A type that CloudFront does not accept, if it is one that is known.
pub(super) fn of_name(name: &str) -> Option<&'static str> {
    const NAMES: [&str; 7] = [
        "ssh-ed25519",
        "ssh-ed448",
        "ssh-dss",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
    ];
    NAMES.into_iter().find(|known| *known == name)
}

/// The next string, which has its length before it.
fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let (string, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    *rest = after;
    Some(string)
}
