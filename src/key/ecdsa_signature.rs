//! What a signature of ECDSA on P-256 consists of (FIPS 186-5), and how it is written (RFC 3279).

use std::borrow::Cow;

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::key::{Algorithm, der};

/// A number, the highest byte first.
pub(super) type Scalar = [u8; 32];

/// How many points the curve has.
pub(super) const ORDER: Scalar =
    *b"\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";

/// The order less a number, and whether that is negative; all bytes are treated alike.
pub(super) fn less_from_order(number: &Scalar) -> (Scalar, bool) {
    let mut difference = [0; 32];
    let mut borrow = 0;
    for ((difference, order), number) in difference.iter_mut().zip(&ORDER).zip(number).rev() {
        let rest = i16::from(*order) - i16::from(*number) - borrow;
        *difference = rest as u8;
        borrow = rest >> 15 & 1;
    }
    (difference, borrow == 1)
}

/// Whether it is one of those that a key, a nonce or a number of a signature is: below the order, and not zero.
pub(super) fn is_in_range(number: &Scalar) -> bool {
    let is_zero = |number: &Scalar| number.iter().fold(0, |all, byte| all | byte) == 0;
    let (difference, is_negative) = less_from_order(number);
    !(is_negative | is_zero(number) | is_zero(&difference))
}

/// The hash of a message, as the number that is signed.
pub(super) fn hash(algorithm: Algorithm, message: &[u8]) -> Scalar {
    match algorithm {
        Algorithm::Sha1 => left_padded(&Sha1::digest(message)),
        Algorithm::Sha256 => Sha256::digest(message).into(),
    }
}

/// A number of fewer bytes, as a hash may be, is the same number with zeros before it.
pub(super) fn left_padded(number: &[u8]) -> Scalar {
    let mut padded = [0; 32];
    for (to, from) in padded.iter_mut().rev().zip(number.iter().rev()) {
        *to = *from;
    }
    padded
}

/// `r` and `s` of a signature in DER (RFC 3279, section 2.2.3), if they are in range.
pub(super) fn from_der(der: &[u8]) -> Option<[Scalar; 2]> {
    let numbers = der::integers::<2>(der)?;
    if numbers.iter().any(|number| number.len() > ORDER.len()) {
        return None;
    }
    let numbers = numbers.map(left_padded);
    numbers.iter().all(is_in_range).then_some(numbers)
}

pub(super) fn to_der([r, s]: &[Scalar; 2]) -> Vec<u8> {
    der::of_integers(&[r, s]).to_vec()
}

/// The signature in DER, of DER or of `r` and `s` in 64 bytes, as WebCrypto has it.
pub(crate) fn in_der(signature: &[u8]) -> Option<Cow<'_, [u8]>> {
    if from_der(signature).is_some() {
        return Some(Cow::Borrowed(signature));
    }
    let ([r, s], []) = signature.as_chunks::<32>() else { return None };
    [r, s].into_iter().all(is_in_range).then(|| Cow::Owned(to_der(&[*r, *s])))
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::Signature;

    use super::*;

    #[test]
    fn der_is_read_and_written_as_by_the_crate() {
        for (r, s) in [(1u8, 1u8), (0x7f, 0x80), (0xff, 1)] {
            for zeros in [0, 1, 31] {
                let number = |byte| [vec![0; zeros], vec![byte; 32 - zeros]].concat();
                let raw = [number(r), number(s)].concat();
                let of_crate = Signature::from_slice(&raw);
                assert_eq!(in_der(&raw).is_some(), of_crate.is_ok());
                let Ok(signature) = of_crate else { continue };
                let der = in_der(&raw).unwrap();
                assert_eq!(&*der, signature.to_der().as_bytes());
                for at in 0..der.len() {
                    for value in 0..=255 {
                        let mut damaged = der.to_vec();
                        damaged[at] = value;
                        let expected = Signature::from_der(&damaged).ok().map(|signature| signature.to_bytes().to_vec());
                        assert_eq!(from_der(&damaged).map(|numbers| numbers.concat()), expected, "{damaged:02x?}");
                    }
                    assert_eq!(from_der(&der[..at]), None);
                }
            }
        }
    }

    #[test]
    fn zero_and_the_order_are_out_of_range() {
        let [mut below, mut above] = [ORDER; 2];
        (below[31], above[31]) = (ORDER[31] - 1, ORDER[31] + 1);
        let numbers = [[0; 32], left_padded(&[1]), below, ORDER, above, [0xff; 32]];
        assert_eq!(numbers.map(|number| is_in_range(&number)), [false, true, true, false, false, false]);
        assert_eq!(less_from_order(&below), (left_padded(&[1]), false));
        assert!(less_from_order(&above).1);
    }
}
