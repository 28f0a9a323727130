//! The same bytes written as the crates write, and nothing read that they refuse.

use p256::elliptic_curve::Generate as _;
use p256::elliptic_curve::sec1::ToSec1Point as _;
use pkcs8::der::asn1::{AnyRef, BitStringRef, OctetStringRef, UintRef};
use pkcs8::der::{Decode as _, Encode as _};
use pkcs8::spki::SubjectPublicKeyInfoRef;
use pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, ObjectIdentifier, PrivateKeyInfoRef};
use rsa::pkcs1::{EncodeRsaPrivateKey as _, EncodeRsaPublicKey as _, RsaPrivateKeyRef, RsaPublicKeyRef};
use rsa::traits::PublicKeyParts as _;
use sec1::EcPrivateKey;

use super::*;

/// What is found in DER, for comparison; nothing if it is refused.
type Found = Option<Vec<Vec<u8>>>;

fn owned(parts: &[&[u8]]) -> Vec<Vec<u8>> {
    parts.iter().map(|part| part.to_vec()).collect()
}

/// Whether it is one of the two algorithms, with its own parameters. The crates refuse names that are not well formed, which here are names
/// of no known algorithm, and tags that they do not know, which here may be those of parameters: nobody looks into those of RSA.
fn is_known(algorithm: &[u8], parameters: Option<Element<'_>>) -> bool {
    match parameters {
        None | Some((NULL, [])) => algorithm == RSA_ENCRYPTION,
        Some((OBJECT_IDENTIFIER, curve)) => algorithm == EC_PUBLIC_KEY && curve == P256,
        Some(_) => false,
    }
}

fn wrapped(of: Wrapped<'_>) -> Found {
    is_known(of.algorithm, of.parameters).then(|| owned(&[of.algorithm, of.parameters.unwrap_or_default().1, of.key]))
}

fn identified(algorithm: pkcs8::AlgorithmIdentifierRef<'_>, key: &[u8]) -> Vec<Vec<u8>> {
    owned(&[algorithm.oid.as_bytes(), algorithm.parameters.map_or(&[], AnyRef::value), key])
}

#[derive(Clone, Copy, Debug)]
enum Format {
    Pkcs1Private,
    Pkcs1Public,
    Pkcs8,
    Spki,
    Sec1,
    Signature,
}

impl Format {
    fn read_here(self, der: &[u8]) -> Found {
        match self {
            Self::Pkcs1Private => {
                let [[0], numbers @ ..] = integers::<9>(der)? else { return None };
                Some(owned(&numbers))
            }
            Self::Pkcs1Public | Self::Signature => Some(owned(&integers::<2>(der)?)),
            Self::Pkcs8 => wrapped(Wrapped::pkcs8(der)?),
            Self::Spki => wrapped(Wrapped::spki(der)?),
            Self::Sec1 => {
                let key = Sec1::read(der)?;
                let curve = match key.parameters {
                    None => &[],
                    Some((OBJECT_IDENTIFIER, P256)) => P256,
                    Some(_) => return None,
                };
                Some(owned(&[key.private_key, curve, key.public_key.unwrap_or_default()]))
            }
        }
    }

    fn read_by_the_crates(self, der: &[u8]) -> Found {
        match self {
            Self::Pkcs1Private => RsaPrivateKeyRef::from_der(der).ok().filter(|key| key.other_prime_infos.is_none()).map(|key| {
                let numbers = [key.modulus, key.public_exponent, key.private_exponent, key.prime1, key.prime2];
                let values = [key.exponent1, key.exponent2, key.coefficient];
                numbers.iter().chain(&values).map(|number| number.as_bytes().to_vec()).collect()
            }),
            Self::Pkcs1Public => {
                RsaPublicKeyRef::from_der(der).ok().map(|key| owned(&[key.modulus.as_bytes(), key.public_exponent.as_bytes()]))
            }
            Self::Pkcs8 => PrivateKeyInfoRef::from_der(der).ok().map(|key| identified(key.algorithm, key.private_key.as_bytes())),
            Self::Spki => SubjectPublicKeyInfoRef::from_der(der)
                .ok()
                .and_then(|key| Some(identified(key.algorithm, key.subject_public_key.as_bytes()?))),
            Self::Sec1 => EcPrivateKey::from_der(der).ok().map(|key| {
                let curve = key.parameters.and_then(|parameters| parameters.named_curve());
                let curve = curve.as_ref().map_or(&[][..], ObjectIdentifier::as_bytes);
                owned(&[key.private_key, curve, key.public_key.unwrap_or_default()])
            }),
            Self::Signature => {
                <(UintRef<'_>, UintRef<'_>)>::from_sequence(der).map(|(r, s)| owned(&[r.as_bytes(), s.as_bytes()]))
            }
        }
    }
}

/// Two INTEGERs, as the crate `ecdsa` decodes them.
trait FromSequence<'a>: Sized {
    fn from_sequence(der: &'a [u8]) -> Option<Self>;
}

impl<'a> FromSequence<'a> for (UintRef<'a>, UintRef<'a>) {
    fn from_sequence(der: &'a [u8]) -> Option<Self> {
        use pkcs8::der::Reader as _;
        let numbers =
            |members: &mut pkcs8::der::SliceReader<'a>| Ok::<_, pkcs8::der::Error>((members.decode()?, members.decode()?));
        AnyRef::from_der(der).ok()?.sequence(numbers).ok()
    }
}

fn keys() -> Vec<(Format, Vec<u8>)> {
    let rsa = rsa::PrivateKey::new(&mut getrandom::SysRng, 1024).unwrap();
    let rsa_public = rsa.to_public_key();
    let ec = p256::SecretKey::generate();
    let pkcs8_of_ec = ec.to_pkcs8_der().unwrap().as_bytes().to_vec();
    let inner = Wrapped::pkcs8(&pkcs8_of_ec).unwrap().key.to_vec();
    let info = PrivateKeyInfoRef::from_der(&pkcs8_of_ec).unwrap();
    let second_version = PrivateKeyInfoRef { public_key: Some(BitStringRef::from_bytes(&[4; 65]).unwrap()), ..info.clone() };
    let attributes = element(CONTEXT_0, &[&element(SEQUENCE, &[&element(OBJECT_IDENTIFIER, &[P256])])]);
    let key = element(OCTET_STRING, &[&inner]);
    let scalar = ec.to_bytes();
    let bare = EcPrivateKey { private_key: &scalar, parameters: None, public_key: None };
    let point = ec.public_key().to_sec1_point(true);
    let compressed = EcPrivateKey { public_key: Some(point.as_bytes()), ..bare.clone() };
    let (short, long) = (element(SEQUENCE, &[&[2, 1, 0, 2, 1, 1]]), element(SEQUENCE, &[&[2, 2, 0, 0x80, 2, 1, 0x7f]]));
    vec![
        (Format::Pkcs1Private, rsa.to_pkcs1_der().unwrap().as_bytes().to_vec()),
        (Format::Pkcs1Public, rsa_public.to_pkcs1_der().unwrap().into_vec()),
        (Format::Pkcs8, rsa.to_pkcs8_der().unwrap().as_bytes().to_vec()),
        (Format::Pkcs8, pkcs8_of_ec.clone()),
        (Format::Pkcs8, second_version.to_der().unwrap()),
        (Format::Pkcs8, element(SEQUENCE, &[&[2, 1, 0], P256_ALGORITHM, &key, &attributes]).to_vec()),
        (Format::Pkcs8, element(SEQUENCE, &[&[2, 1, 1], P256_ALGORITHM, &key, &attributes, &[0x81, 2, 0, 4]]).to_vec()),
        (Format::Spki, rsa_public.to_public_key_der().unwrap().into_vec()),
        (Format::Spki, ec.public_key().to_public_key_der().unwrap().into_vec()),
        (Format::Sec1, inner),
        (Format::Sec1, ec.to_sec1_der().unwrap().to_vec()),
        (Format::Sec1, bare.to_der().unwrap()),
        (Format::Sec1, compressed.to_der().unwrap()),
        (Format::Signature, short.to_vec()),
        (Format::Signature, long.to_vec()),
    ]
}

#[test]
fn reads_what_the_crates_read() {
    for (format, der) in keys() {
        assert!(format.read_here(&der).is_some(), "{format:?}");
        assert_eq!(format.read_here(&der), format.read_by_the_crates(&der), "{format:?}");
    }
}

/// Every byte changed, doubled and left out, every length cut off, and something after the end.
#[test]
fn accepts_nothing_that_the_crates_refuse() {
    for (format, der) in keys() {
        let compare = |damaged: &[u8]| {
            if let Some(found) = format.read_here(damaged) {
                assert_eq!(Some(found), format.read_by_the_crates(damaged), "{format:?} {damaged:02x?}");
            }
        };
        for at in 0..der.len() {
            compare(&der[..at]);
            let mut damaged = der.clone();
            damaged.remove(at);
            compare(&damaged);
            damaged.insert(at, der[at]);
            damaged.insert(at, der[at]);
            compare(&damaged);
            damaged = der.clone();
            // The whole of a long number is of one kind.
            for value in 0..if at < 400 { 255 } else { 3 } {
                damaged[at] = der[at] ^ (value + 1);
                compare(&damaged);
            }
        }
        compare(&[&der[..], &[0]].concat());
    }
}

#[test]
fn writes_what_the_crates_write() {
    for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000] {
        let value = vec![5; length];
        assert_eq!(*element(OCTET_STRING, &[&value]), OctetStringRef::new(&value).unwrap().to_der().unwrap());
    }
    let ec = p256::SecretKey::generate();
    let point = ec.public_key().to_sec1_point(false);
    let sec1 = to_sec1(&ec.to_bytes(), point.as_bytes());
    assert_eq!(*to_pkcs8(P256_ALGORITHM, &sec1), ec.to_pkcs8_der().unwrap().as_bytes());
    assert_eq!(*to_spki(P256_ALGORITHM, point.as_bytes()), ec.public_key().to_public_key_der().unwrap().as_bytes());

    let rsa = rsa::PrivateKey::new(&mut getrandom::SysRng, 1024).unwrap();
    let pkcs1 = rsa.to_pkcs1_der().unwrap();
    let numbers = integers::<9>(pkcs1.as_bytes()).unwrap();
    assert_eq!(*of_integers(&numbers), pkcs1.as_bytes());
    assert_eq!(*to_pkcs8(RSA_ALGORITHM, pkcs1.as_bytes()), rsa.to_pkcs8_der().unwrap().as_bytes());
    let public = rsa.to_public_key();
    let public_numbers = of_integers(&[&public.n().to_be_bytes(), &public.e().to_be_bytes()]);
    assert_eq!(*public_numbers, public.to_pkcs1_der().unwrap().as_bytes());
    assert_eq!(*to_spki(RSA_ALGORITHM, &public_numbers), public.to_public_key_der().unwrap().as_bytes());
    for number in [&[0][..], &[0, 0], &[0, 1], &[0x7f], &[0x80], &[0, 0, 0x80, 0], &[0xff; 200]] {
        let expected = UintRef::new(number).unwrap().to_der().unwrap();
        assert_eq!(*of_integers(&[number]), *element(SEQUENCE, &[&expected]), "{number:?}");
    }
}
