//! Private keys encrypted as PKCS#8 has it (RFC 5958, section 3), by PBES2 with PBKDF2 (RFC 8018) or scrypt (RFC 7914).
//!
//! scrypt is the crate's; PBKDF2 is written here, once for all hashes. The crate `pkcs5` has it anew for each hash, and each cipher: it took
//! a twelfth of the WebAssembly module.

use scrypt::Params;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorCode, Result};
use crate::key::cipher::{Cipher, add};
use crate::key::der::{NULL, OCTET_STRING, Reader, SEQUENCE};
use crate::key::hmac::{HashName, Hmac};
use crate::key::openssl_encryption::wrong_passphrase;

/// 1.2.840.113549.1.5.13
const PBES2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
/// 1.2.840.113549.1.5.12
const PBKDF2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
/// 1.3.6.1.4.1.11591.4.11
const SCRYPT: &[u8] = b"\x2b\x06\x01\x04\x01\xda\x47\x04\x0b";
/// 1.2.840.113549.2, where the hashes of HMAC have a number each.
const HMAC: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02";
/// 1.2.840.113549.3.7
const TRIPLE_DES_CBC: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x03\x07";
/// 2.16.840.1.101.3.4.1, where each length and mode of AES has a number.
const AES: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01";

/// How a key is encrypted.
#[derive(Debug, PartialEq)]
struct Parameters<'a> {
    kdf: Kdf,
    salt: &'a [u8],
    cipher: Cipher,
    iv: &'a [u8],
}

#[derive(Debug, PartialEq)]
enum Kdf {
    Pbkdf2 { hash: HashName, rounds: u64 },
    Scrypt { cost: u64, block_size: u64, parallelization: u64 },
}

/// The DER of the private key in an `EncryptedPrivateKeyInfo`.
pub(super) fn decrypt(der: &[u8], passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let unknown = || {
        Error::new(ErrorCode::InvalidPrivateKey, "the private key is encrypted in a way that is not read here")
            .with_hint("Encrypt it anew, with PBES2: openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE.")
    };
    let (parameters, encrypted) = read(der).ok_or_else(unknown)?;
    if !parameters.kdf.is_affordable() {
        return Err(Error::new(ErrorCode::InvalidPrivateKey, "the private key's encryption asks for too much work to open it")
            .with_hint("Up to 10,000,000 rounds of PBKDF2 and 256 MiB of scrypt are done."));
    }
    let mut key = Zeroizing::new(vec![0; parameters.cipher.key_length()]);
    parameters.kdf.derive(passphrase, parameters.salt, &mut key).ok_or_else(unknown)?;
    parameters.cipher.decrypt(&key, parameters.iv, encrypted).ok_or_else(wrong_passphrase)
}

fn read(der: &[u8]) -> Option<(Parameters<'_>, &[u8])> {
    let mut info = Reader::of_sequence(der)?;
    let (PBES2, Some((SEQUENCE, parameters))) = info.algorithm()? else { return None };
    let encrypted = info.value(OCTET_STRING)?;
    info.end()?;
    let mut parameters = Reader::of(parameters);
    let (kdf, Some((SEQUENCE, of_kdf))) = parameters.algorithm()? else { return None };
    let (cipher, Some((OCTET_STRING, iv))) = parameters.algorithm()? else { return None };
    parameters.end()?;
    let cipher = match cipher.strip_prefix(AES) {
        Some([2]) => Cipher::Aes128Cbc,
        Some([6]) => Cipher::Aes128Gcm,
        Some([22]) => Cipher::Aes192Cbc,
        Some([42]) => Cipher::Aes256Cbc,
        Some([46]) => Cipher::Aes256Gcm,
        None if cipher == TRIPLE_DES_CBC => Cipher::TripleDesCbc,
        _ => return None,
    };
    let mut of_kdf = Reader::of(of_kdf);
    let salt = of_kdf.value(OCTET_STRING)?;
    let kdf = match kdf {
        PBKDF2 => {
            let rounds = integer(&mut of_kdf)?;
            check_key_length(&mut of_kdf, cipher)?;
            Kdf::Pbkdf2 { rounds, hash: hash(of_kdf)? }
        }
        SCRYPT => {
            let (cost, block_size, parallelization) = (integer(&mut of_kdf)?, integer(&mut of_kdf)?, integer(&mut of_kdf)?);
            check_key_length(&mut of_kdf, cipher)?;
            of_kdf.end()?;
            Kdf::Scrypt { cost, block_size, parallelization }
        }
        _ => return None,
    };
    (iv.len() == cipher.iv_length()).then_some((Parameters { kdf, salt, cipher, iv }, encrypted))
}

/// An INTEGER of 64 bits at most.
fn integer(reader: &mut Reader<'_>) -> Option<u64> {
    let bytes = reader.integer()?;
    (bytes.len() <= 8).then(|| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// The length of the key may be left out.
fn check_key_length(reader: &mut Reader<'_>, cipher: Cipher) -> Option<()> {
    let mut next = *reader;
    if let Some(length) = integer(&mut next) {
        *reader = next;
        return (length == cipher.key_length() as u64).then_some(());
    }
    Some(())
}

/// The hash of HMAC, which is SHA-1 where none is said.
fn hash(mut rest: Reader<'_>) -> Option<HashName> {
    if rest.end().is_some() {
        return Some(HashName::Sha1);
    }
    let (name, None | Some((NULL, []))) = rest.algorithm()? else { return None };
    rest.end()?;
    Some(match name.strip_prefix(HMAC)? {
        [7] => HashName::Sha1,
        [8] => HashName::Sha224,
        [9] => HashName::Sha256,
        [10] => HashName::Sha384,
        [11] => HashName::Sha512,
        _ => return None,
    })
}

impl Kdf {
    /// A hostile file may ask for any amount of work.
    fn is_affordable(&self) -> bool {
        match *self {
            Self::Pbkdf2 { rounds, .. } => rounds <= 10_000_000,
            Self::Scrypt { cost, block_size, parallelization } => {
                [block_size, cost, parallelization].into_iter().fold(128, u64::saturating_mul) <= 256 << 20
            }
        }
    }

    /// Nothing, if scrypt does not take the numbers.
    fn derive(&self, passphrase: &[u8], salt: &[u8], key: &mut [u8]) -> Option<()> {
        match *self {
            Self::Pbkdf2 { hash, rounds } => pbkdf2(&Hmac::new(hash, passphrase), salt, rounds, key),
            Self::Scrypt { cost, block_size, parallelization } => {
                let logarithm = cost.is_power_of_two().then(|| cost.trailing_zeros() as u8)?;
                let parameters = Params::new(logarithm, block_size.try_into().ok()?, parallelization.try_into().ok()?).ok()?;
                scrypt::scrypt(passphrase, salt, &parameters, key).ok()?;
            }
        }
        Some(())
    }
}

fn pbkdf2(hmac: &Hmac, salt: &[u8], rounds: u64, key: &mut [u8]) {
    for (part, number) in key.chunks_mut(hmac.length()).zip(1u32..) {
        let mut block = hmac.of(&[salt, &number.to_be_bytes()]);
        add(part, &*block);
        for _ in 1..rounds {
            hmac.replace(&mut block);
            add(part, &*block);
        }
    }
}

#[cfg(test)]
mod tests {
    use pkcs8::der::asn1::OctetStringRef;
    use pkcs8::der::{Decode as _, Encode as _};
    use pkcs8::pkcs5::pbes2::{self, EncryptionScheme, Pbkdf2Params, Pbkdf2Prf, Salt, ScryptParams};
    use pkcs8::{EncryptedPrivateKeyInfo, EncryptedPrivateKeyInfoRef};

    use super::*;
    use crate::key::der::{INTEGER, OBJECT_IDENTIFIER, element};

    const PLAIN: &[u8] = b"what is encrypted, of more than one block";

    /// As the crate writes it.
    fn encrypted(parameters: &pbes2::Parameters, passphrase: &[u8]) -> Vec<u8> {
        let encrypted = parameters.encrypt(passphrase, PLAIN).unwrap();
        let encrypted_data = OctetStringRef::new(&encrypted).unwrap();
        EncryptedPrivateKeyInfo { encryption_algorithm: parameters.clone().into(), encrypted_data }.to_der().unwrap()
    }

    fn every_kind() -> Vec<pbes2::Parameters> {
        let salt = Salt::new([7; 16]).unwrap();
        let pbkdf2 = |prf, key_length| pbes2::Kdf::Pbkdf2(Pbkdf2Params { salt, iteration_count: 300, key_length, prf });
        let iv = [3; 16];
        let aes_256 = EncryptionScheme::Aes256Cbc { iv };
        let mut kinds: Vec<pbes2::Parameters> = [
            Pbkdf2Prf::HmacWithSha1,
            Pbkdf2Prf::HmacWithSha224,
            Pbkdf2Prf::HmacWithSha256,
            Pbkdf2Prf::HmacWithSha384,
            Pbkdf2Prf::HmacWithSha512,
        ]
        .into_iter()
        .flat_map(|prf| [None, Some(32)].map(|length| pbes2::Parameters { kdf: pbkdf2(prf, length), encryption: aes_256 }))
        .collect();
        for encryption in [
            EncryptionScheme::Aes128Cbc { iv },
            EncryptionScheme::Aes192Cbc { iv },
            EncryptionScheme::Aes128Gcm { nonce: [4; 12] },
            EncryptionScheme::Aes256Gcm { nonce: [5; 12] },
            EncryptionScheme::DesEde3Cbc { iv: [6; 8] },
        ] {
            kinds.push(pbes2::Parameters { kdf: pbkdf2(Pbkdf2Prf::HmacWithSha256, None), encryption });
        }
        for key_length in [None, Some(32)] {
            let kdf = ScryptParams { salt, cost_parameter: 16, block_size: 8, parallelization: 2, key_length };
            kinds.push(pbes2::Parameters { kdf: pbes2::Kdf::Scrypt(kdf), encryption: aes_256 });
        }
        kinds
    }

    #[test]
    fn opens_what_the_crate_encrypts() {
        for parameters in every_kind() {
            // HMAC takes a passphrase of up to a block as it is, and the hash of a longer one.
            for length in [0, 6, 63, 64, 65, 127, 128, 129, 300] {
                let passphrase = vec![b'p'; length];
                let der = encrypted(&parameters, &passphrase);
                assert_eq!(decrypt(&der, &passphrase).unwrap().as_slice(), PLAIN, "{parameters:?}");
                assert_ne!(decrypt(&der, b"other").ok().as_deref().map(Vec::as_slice), Some(PLAIN), "{parameters:?}");
            }
        }
    }

    /// Every byte changed and left out: an error, or a key that is wrong, and never the end of the program.
    #[test]
    fn damaged_files_end_in_an_error() {
        for parameters in every_kind() {
            let der = encrypted(&parameters, b"secret");
            for at in 0..der.len() {
                let mut damaged = der.clone();
                for value in 0..=255 {
                    damaged[at] = value;
                    if read(&damaged).is_some_and(|(parameters, _)| parameters.kdf.is_affordable()) {
                        assert!(EncryptedPrivateKeyInfoRef::from_der(&damaged).is_ok(), "{damaged:02x?}");
                    }
                }
                damaged.remove(at);
                assert!(decrypt(&damaged, b"secret").is_err());
            }
        }
    }

    /// An initialization vector of other lengths, which ends the program in the crate; and a longer salt than the crate takes.
    #[test]
    fn takes_initialization_vectors_of_their_length_and_salts_of_any() {
        let name = |oid: &[u8]| element(OBJECT_IDENTIFIER, &[oid]);
        let file = |cipher: &[u8], iv: usize, salt: usize| {
            let kdf_parameters = element(SEQUENCE, &[&element(OCTET_STRING, &[&vec![7; salt]]), &element(INTEGER, &[&[1]])]);
            let kdf = element(SEQUENCE, &[&name(PBKDF2), &kdf_parameters]);
            let encryption = element(SEQUENCE, &[&name(cipher), &element(OCTET_STRING, &[&vec![6; iv]])]);
            let algorithm = element(SEQUENCE, &[&name(PBES2), &element(SEQUENCE, &[&kdf, &encryption])]);
            element(SEQUENCE, &[&algorithm, &element(OCTET_STRING, &[&[0; 16]])])
        };
        let aes = |number| [AES, &[number]].concat();
        for (cipher, right) in [(TRIPLE_DES_CBC.to_vec(), 8), (aes(42), 16), (aes(6), 12)] {
            for (iv, salt) in [(right, 0), (right, 32), (right, 33), (right, 400), (0, 8), (4, 8), (right - 1, 8), (right + 1, 8)]
            {
                let code = decrypt(&file(&cipher, iv, salt), b"secret").unwrap_err().code();
                assert_eq!(code == ErrorCode::WrongPassphrase, iv == right, "{cipher:?}, {iv} and {salt} bytes");
            }
        }
    }

    #[test]
    fn refuses_numbers_that_scrypt_does_not_take() {
        for (cost, block_size, parallelization) in
            [(0, 8, 1), (3, 8, 1), (16, 0, 1), (16, 8, 0), (1 << 63, 0, 1), (0, u64::MAX, u64::MAX)]
        {
            let kdf = Kdf::Scrypt { cost, block_size, parallelization };
            assert!(kdf.derive(b"secret", b"salt", &mut [0; 16]).is_none());
        }
    }
}
