//! DER (ITU-T X.690) as keys and signatures have it: PKCS#1 (RFC 8017), PKCS#8 (RFC 5958), SubjectPublicKeyInfo (RFC 5280), SEC1 (RFC 5915)
//! and the value of an ECDSA signature (RFC 3279).
//!
//! The crates for it decode each structure by generic code of its own, which took a tenth of the WebAssembly module. What they
//! refuse is refused here: lengths that are indefinite or longer than they need to be, INTEGERs that are negative or begin with a byte too
//! many, and bytes that are left over. Object identifiers are compared as bytes.

use zeroize::Zeroizing;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
/// `[0]`, with members in it.
pub(super) const CONTEXT_0: u8 = 0xa0;
/// `[1]`, with members in it.
pub(super) const CONTEXT_1: u8 = 0xa1;
/// `[1]` in the place of the tag of something that has no members.
const CONTEXT_1_PLAIN: u8 = 0x81;

/// 1.2.840.113549.1.1.1
pub(super) const RSA_ENCRYPTION: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
/// 1.2.840.10045.2.1
pub(super) const EC_PUBLIC_KEY: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
/// 1.2.840.10045.3.1.7
pub(super) const P256: &[u8] = b"\x2a\x86\x48\xce\x3d\x03\x01\x07";

/// The `AlgorithmIdentifier` of a key of RSA, as it is written.
pub(super) const RSA_ALGORITHM: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
/// The `AlgorithmIdentifier` of a key of ECDSA on P-256, as it is written.
pub(super) const P256_ALGORITHM: &[u8] = b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";

/// A tag and the value that follows it.
pub(super) type Element<'a> = (u8, &'a [u8]);

/// Reads one element after the other. Everything is nothing where the bytes are not DER, or another element than asked for.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Of the members of a SEQUENCE, where the bytes are that SEQUENCE and nothing else.
    pub(super) fn of_sequence(der: &'a [u8]) -> Option<Self> {
        let mut reader = Self { rest: der };
        let members = reader.sequence()?;
        reader.end()?;
        Some(members)
    }

    /// Of the members of a value.
    pub(super) fn of(value: &'a [u8]) -> Self {
        Self { rest: value }
    }

    /// The next element, of whatever tag that is one byte.
    #[inline(never)]
    pub(super) fn any(&mut self) -> Option<Element<'a>> {
        let [tag, first, rest @ ..] = self.rest else { return None };
        let (length, rest) = match *first {
            short @ 0..=0x7f => (usize::from(short), rest),
            long @ 0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(long & 7))?;
                let length = bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
                let is_shortest = length >= 0x80 && bytes.first() != Some(&0);
                (is_shortest.then_some(length)?, rest)
            }
            _ => return None,
        };
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (value, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some((*tag, value))
    }

    /// The value of the next element, if it has this tag.
    pub(super) fn value(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.any().and_then(|(found, value)| (found == tag).then_some(value))
    }

    /// The same of an element that may be left out. Another one stays to be read.
    pub(super) fn optional(&mut self, tag: u8) -> Option<Option<&'a [u8]>> {
        if self.rest.first() == Some(&tag) { self.value(tag).map(Some) } else { Some(None) }
    }

    pub(super) fn sequence(&mut self) -> Option<Self> {
        self.value(SEQUENCE).map(Self::of)
    }

    /// The bytes of an INTEGER that is not negative, the highest first; it begins with a zero only if it is zero.
    #[inline(never)]
    pub(super) fn integer(&mut self) -> Option<&'a [u8]> {
        match self.value(INTEGER)? {
            [0, magnitude @ ..] if matches!(magnitude, [0x80..=0xff, ..]) => Some(magnitude),
            magnitude @ ([0] | [1..=0x7f, ..]) => Some(magnitude),
            _ => None,
        }
    }

    /// The bytes of a BIT STRING of whole bytes.
    pub(super) fn bit_string(&mut self) -> Option<&'a [u8]> {
        whole_bytes(self.value(BIT_STRING)?)
    }

    /// An `AlgorithmIdentifier`: the object identifier, and the parameters.
    #[inline(never)]
    pub(super) fn algorithm(&mut self) -> Option<(&'a [u8], Option<Element<'a>>)> {
        let mut members = self.sequence()?;
        let name = members.value(OBJECT_IDENTIFIER)?;
        let parameters = if members.rest.is_empty() { None } else { Some(members.any()?) };
        members.end()?;
        Some((name, parameters))
    }

    /// Nothing, if something is left over.
    pub(super) fn end(self) -> Option<()> {
        self.rest.is_empty().then_some(())
    }
}

fn whole_bytes(bit_string: &[u8]) -> Option<&[u8]> {
    let [0, bytes @ ..] = bit_string else { return None };
    Some(bytes)
}

/// The members of a SEQUENCE of so many INTEGERs, as [`Reader::integer`] reads them: 9 are a private key of PKCS#1 (the first, its
/// version, is 0 where there are two primes and nothing follows), 2 a public one, or a signature of ECDSA.
pub(super) fn integers<const N: usize>(der: &[u8]) -> Option<[&[u8]; N]> {
    let mut numbers = [[].as_slice(); N];
    read_integers(der, &mut numbers)?;
    Some(numbers)
}

#[inline(never)]
fn read_integers<'a>(der: &'a [u8], numbers: &mut [&'a [u8]]) -> Option<()> {
    let mut members = Reader::of_sequence(der)?;
    for number in numbers {
        *number = members.integer()?;
    }
    members.end()
}

/// What a key is wrapped in: its algorithm with its parameters, and the bytes of the key.
pub(super) struct Wrapped<'a> {
    pub(super) algorithm: &'a [u8],
    pub(super) parameters: Option<Element<'a>>,
    pub(super) key: &'a [u8],
}

impl<'a> Wrapped<'a> {
    /// PKCS#8, of either version: in the second one a public key follows, which the private key has with it in any case.
    pub(super) fn pkcs8(der: &'a [u8]) -> Option<Self> {
        let mut members = Reader::of_sequence(der)?;
        let version = members.integer()?;
        let (algorithm, parameters) = members.algorithm()?;
        let key = members.value(OCTET_STRING)?;
        members.optional(CONTEXT_0)?;
        let public_key = members.optional(CONTEXT_1_PLAIN)?;
        members.end()?;
        match (version, public_key) {
            ([0], None) => {}
            ([1], Some(public_key)) => _ = whole_bytes(public_key)?,
            _ => return None,
        }
        Some(Self { algorithm, parameters, key })
    }

    /// `SubjectPublicKeyInfo`.
    pub(super) fn spki(der: &'a [u8]) -> Option<Self> {
        let mut members = Reader::of_sequence(der)?;
        let (algorithm, parameters) = members.algorithm()?;
        let key = members.bit_string()?;
        members.end()?;
        Some(Self { algorithm, parameters, key })
    }
}

/// A private key on an elliptic curve.
pub(super) struct Sec1<'a> {
    pub(super) private_key: &'a [u8],
    /// What says which curve it is.
    pub(super) parameters: Option<Element<'a>>,
    pub(super) public_key: Option<&'a [u8]>,
}

impl<'a> Sec1<'a> {
    pub(super) fn read(der: &'a [u8]) -> Option<Self> {
        let mut members = Reader::of_sequence(der)?;
        let [1] = members.integer()? else { return None };
        let private_key = members.value(OCTET_STRING)?;
        let only = |value| {
            let mut reader = Reader::of(value);
            let element = reader.any()?;
            reader.end()?;
            Some(element)
        };
        let parameters = match members.optional(CONTEXT_0)? {
            Some(value) => Some(only(value)?),
            None => None,
        };
        let public_key = match members.optional(CONTEXT_1)? {
            Some(value) => {
                let (BIT_STRING, bits) = only(value)? else { return None };
                Some(whole_bytes(bits)?)
            }
            None => None,
        };
        members.end()?;
        Some(Self { private_key, parameters, public_key })
    }
}

/// An object identifier in digits and dots.
pub(super) fn dotted(name: &[u8]) -> String {
    let mut text = String::new();
    let mut number = 0u32;
    for byte in name {
        number = number << 7 | u32::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if text.is_empty() {
                let first = (number / 40).min(2);
                text = first.to_string();
                number -= first * 40;
            }
            text.push('.');
            text.push_str(&number.to_string());
            number = 0;
        }
    }
    text
}

/// Writes an element whose value is these parts, one after the other.
#[inline(never)]
pub(super) fn element(tag: u8, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    // Of its full size at once, so that no key is left behind in a smaller one.
    let mut der = Zeroizing::new(Vec::with_capacity(length + 6));
    der.push(tag);
    // No key is longer than four bytes can say.
    let length = length as u32;
    let zeros = length.leading_zeros() / 8;
    if length >= 0x80 {
        der.push(0x84 - zeros as u8);
    }
    der.extend(length.to_be_bytes().iter().skip(zeros.min(3) as usize));
    for part in parts {
        der.extend_from_slice(part);
    }
    der
}

/// A SEQUENCE of INTEGERs whose bytes these are, the highest first, zeros before it or not.
pub(super) fn of_integers(numbers: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let mut members = Zeroizing::new(Vec::with_capacity(numbers.iter().map(|number| number.len() + 7).sum()));
    for number in numbers {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        let magnitude = number.get(zeros..).unwrap_or_default();
        let sign: &[u8] = if matches!(magnitude, [] | [0x80..=0xff, ..]) { &[0] } else { &[] };
        members.extend_from_slice(&element(INTEGER, &[sign, magnitude]));
    }
    element(SEQUENCE, &[&members])
}

/// PKCS#8 of a key in its own format.
pub(super) fn to_pkcs8(algorithm: &[u8], private_key: &[u8]) -> Zeroizing<Vec<u8>> {
    element(SEQUENCE, &[&[INTEGER, 1, 0], algorithm, &element(OCTET_STRING, &[private_key])])
}

/// `SubjectPublicKeyInfo` of a key in its own format.
pub(super) fn to_spki(algorithm: &[u8], public_key: &[u8]) -> Zeroizing<Vec<u8>> {
    element(SEQUENCE, &[algorithm, &element(BIT_STRING, &[&[0], public_key])])
}

/// SEC1 within PKCS#8, where the curve is said outside of it.
pub(super) fn to_sec1(private_key: &[u8], public_key: &[u8]) -> Zeroizing<Vec<u8>> {
    let public_key = element(BIT_STRING, &[&[0], public_key]);
    element(SEQUENCE, &[&[INTEGER, 1, 1], &element(OCTET_STRING, &[private_key]), &element(CONTEXT_1, &[&public_key])])
}

#[cfg(test)]
mod tests;
