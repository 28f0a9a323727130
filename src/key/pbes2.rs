//! Private keys encrypted as PKCS#8 has it (RFC 5958, section 3), by PBES2 with PBKDF2 (RFC 8018) or scrypt (RFC 7914).
//!
//! The crate `pkcs5` decrypts. Its parameters are read here, member by member of their sequences: what it has to read them takes
//! a twentieth of the WebAssembly module, and ends the program on an initialization vector of triple DES that is too short.

use pkcs8::ObjectIdentifier;
use pkcs8::der::asn1::AnyRef;
use pkcs8::der::{Decode, Reader as _, SliceReader, Tag, Tagged as _};
use pkcs8::pkcs5::pbes2::{
    AES_128_CBC_OID, AES_128_GCM_OID, AES_192_CBC_OID, AES_256_CBC_OID, AES_256_GCM_OID, DES_EDE3_CBC_OID, EncryptionScheme,
    HMAC_WITH_SHA1_OID, HMAC_WITH_SHA256_OID, Kdf, PBES2_OID, PBKDF2_OID, Parameters, Pbkdf2Params, Pbkdf2Prf, SCRYPT_OID, Salt,
    ScryptParams,
};
use zeroize::Zeroizing;

use crate::error::{Error, ErrorCode, Result};
use crate::key::openssl_encryption::wrong_passphrase;

const HMAC_WITH_SHA224_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.8");
const HMAC_WITH_SHA384_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.10");
const HMAC_WITH_SHA512_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.11");

/// The DER of the private key in an `EncryptedPrivateKeyInfo`.
pub(super) fn decrypt(der: &[u8], passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let unknown = || {
        Error::new(ErrorCode::InvalidPrivateKey, "the private key is encrypted in a way that is not read here")
            .with_hint("Encrypt it anew, with PBES2: openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE.")
    };
    let (parameters, encrypted) = AnyRef::from_der(der).ok().and_then(read).ok_or_else(unknown)?;
    if !is_affordable(&parameters.kdf) {
        return Err(Error::new(ErrorCode::InvalidPrivateKey, "the private key's encryption asks for too much work to open it")
            .with_hint("Up to 10,000,000 rounds of PBKDF2 and 256 MiB of scrypt are done."));
    }
    let mut buffer = Zeroizing::new(encrypted.to_vec());
    let length = parameters.decrypt_in_place(passphrase, &mut buffer).map_err(|_| wrong_passphrase())?.len();
    buffer.truncate(length);
    Ok(buffer)
}

/// A hostile file may ask for any amount of work.
fn is_affordable(kdf: &Kdf) -> bool {
    match kdf {
        Kdf::Pbkdf2(parameters) => parameters.iteration_count <= 10_000_000,
        Kdf::Scrypt(parameters) => {
            let memory = u64::from(parameters.block_size).saturating_mul(128).saturating_mul(parameters.cost_parameter);
            memory.saturating_mul(parameters.parallelization.into()) <= 256 << 20
        }
        _ => false,
    }
}

fn read(info: AnyRef<'_>) -> Option<(Parameters, &[u8])> {
    let [algorithm, encrypted] = exactly(members(info)?)?;
    let (PBES2_OID, Some(parameters)) = identifier(algorithm)? else { return None };
    let [kdf, encryption] = exactly(members(parameters)?)?;
    let (kdf, kdf_parameters) = identifier(kdf)?;
    let kdf_parameters = members(kdf_parameters?)?;
    let kdf = match kdf {
        PBKDF2_OID => Kdf::Pbkdf2(pbkdf2(&kdf_parameters)?),
        SCRYPT_OID => Kdf::Scrypt(scrypt(&kdf_parameters)?),
        _ => return None,
    };
    let (cipher, iv) = identifier(encryption)?;
    let iv = octets(iv?)?;
    let encryption = match cipher {
        AES_128_CBC_OID => EncryptionScheme::Aes128Cbc { iv: iv.try_into().ok()? },
        AES_192_CBC_OID => EncryptionScheme::Aes192Cbc { iv: iv.try_into().ok()? },
        AES_256_CBC_OID => EncryptionScheme::Aes256Cbc { iv: iv.try_into().ok()? },
        AES_128_GCM_OID => EncryptionScheme::Aes128Gcm { nonce: iv.try_into().ok()? },
        AES_256_GCM_OID => EncryptionScheme::Aes256Gcm { nonce: iv.try_into().ok()? },
        DES_EDE3_CBC_OID => EncryptionScheme::DesEde3Cbc { iv: iv.try_into().ok()? },
        _ => return None,
    };
    Some((Parameters { kdf, encryption }, octets(encrypted)?))
}

fn pbkdf2(members: &[AnyRef<'_>]) -> Option<Pbkdf2Params> {
    let [salt, rounds, rest @ ..] = members else { return None };
    let (length, rest) = key_length(rest)?;
    let prf = match rest {
        [] => Pbkdf2Prf::HmacWithSha1,
        [prf] => match identifier(*prf)? {
            (_, Some(parameters)) if parameters.tag() != Tag::Null => return None,
            (HMAC_WITH_SHA1_OID, _) => Pbkdf2Prf::HmacWithSha1,
            (HMAC_WITH_SHA224_OID, _) => Pbkdf2Prf::HmacWithSha224,
            (HMAC_WITH_SHA256_OID, _) => Pbkdf2Prf::HmacWithSha256,
            (HMAC_WITH_SHA384_OID, _) => Pbkdf2Prf::HmacWithSha384,
            (HMAC_WITH_SHA512_OID, _) => Pbkdf2Prf::HmacWithSha512,
            _ => return None,
        },
        _ => return None,
    };
    let iteration_count = integer(*rounds)?.try_into().ok()?;
    Some(Pbkdf2Params { salt: self::salt(*salt)?, iteration_count, key_length: length, prf })
}

fn scrypt(members: &[AnyRef<'_>]) -> Option<ScryptParams> {
    let [salt, cost, block_size, parallelization, rest @ ..] = members else { return None };
    let (length, []) = key_length(rest)? else { return None };
    Some(ScryptParams {
        salt: self::salt(*salt)?,
        cost_parameter: integer(*cost)?,
        block_size: integer(*block_size)?.try_into().ok()?,
        parallelization: integer(*parallelization)?.try_into().ok()?,
        key_length: length,
    })
}

/// The length of the key, which may be left out, and what follows it.
fn key_length<'a, 'b>(members: &'a [AnyRef<'b>]) -> Option<(Option<u16>, &'a [AnyRef<'b>])> {
    match members {
        [length, rest @ ..] if length.tag() == Tag::Integer => Some((Some(integer(*length)?.try_into().ok()?), rest)),
        _ => Some((None, members)),
    }
}

fn salt(any: AnyRef<'_>) -> Option<Salt> {
    // The crate ends the program on a longer one.
    octets(any).filter(|bytes| bytes.len() <= Salt::MAX_LEN).and_then(|bytes| Salt::new(bytes).ok())
}

/// The members of a SEQUENCE.
fn members(any: AnyRef<'_>) -> Option<Vec<AnyRef<'_>>> {
    if any.tag() != Tag::Sequence {
        return None;
    }
    let mut reader = SliceReader::new(any.value()).ok()?;
    let mut members = Vec::new();
    while !reader.is_finished() {
        members.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(members)
}

fn exactly<'a, const N: usize>(members: Vec<AnyRef<'a>>) -> Option<[AnyRef<'a>; N]> {
    members.try_into().ok()
}

/// An AlgorithmIdentifier: which algorithm, and its parameters.
fn identifier(any: AnyRef<'_>) -> Option<(ObjectIdentifier, Option<AnyRef<'_>>)> {
    let members = members(any)?;
    let (name, parameters) = match members.as_slice() {
        [name] => (name, None),
        [name, parameters] => (name, Some(*parameters)),
        _ => return None,
    };
    let name = ObjectIdentifier::from_bytes(name.value()).ok().filter(|_| name.tag() == Tag::ObjectIdentifier)?;
    Some((name, parameters))
}

fn octets(any: AnyRef<'_>) -> Option<&[u8]> {
    (any.tag() == Tag::OctetString).then(|| any.value())
}

/// An INTEGER that is not negative and has 63 bits at most.
fn integer(any: AnyRef<'_>) -> Option<u64> {
    let bytes = any.value();
    let is_small = any.tag() == Tag::Integer && matches!(bytes, [0..=0x7f, ..]) && bytes.len() <= 8;
    is_small.then(|| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use pkcs8::EncryptedPrivateKeyInfo;
    use pkcs8::der::Encode as _;
    use pkcs8::der::asn1::OctetStringRef;

    use super::*;

    const PLAIN: &[u8] = b"what is encrypted, of more than one block";

    /// As the crate writes it.
    fn encrypted(parameters: Parameters) -> Vec<u8> {
        let encrypted = parameters.encrypt(b"secret", PLAIN).unwrap();
        let encrypted_data = OctetStringRef::new(&encrypted).unwrap();
        EncryptedPrivateKeyInfo { encryption_algorithm: parameters.into(), encrypted_data }.to_der().unwrap()
    }

    fn every_kind() -> Vec<Parameters> {
        let salt = Salt::new([7; 16]).unwrap();
        let pbkdf2 = |prf, key_length| Kdf::Pbkdf2(Pbkdf2Params { salt, iteration_count: 300, key_length, prf });
        let iv = [3; 16];
        let aes_256 = EncryptionScheme::Aes256Cbc { iv };
        let mut kinds: Vec<Parameters> = [
            Pbkdf2Prf::HmacWithSha1,
            Pbkdf2Prf::HmacWithSha224,
            Pbkdf2Prf::HmacWithSha256,
            Pbkdf2Prf::HmacWithSha384,
            Pbkdf2Prf::HmacWithSha512,
        ]
        .into_iter()
        .flat_map(|prf| [None, Some(32)].map(|length| Parameters { kdf: pbkdf2(prf, length), encryption: aes_256 }))
        .collect();
        for encryption in [
            EncryptionScheme::Aes128Cbc { iv },
            EncryptionScheme::Aes192Cbc { iv },
            EncryptionScheme::Aes128Gcm { nonce: [4; 12] },
            EncryptionScheme::Aes256Gcm { nonce: [5; 12] },
            EncryptionScheme::DesEde3Cbc { iv: [6; 8] },
        ] {
            kinds.push(Parameters { kdf: pbkdf2(Pbkdf2Prf::HmacWithSha256, None), encryption });
        }
        for key_length in [None, Some(32)] {
            let kdf = ScryptParams { salt, cost_parameter: 16, block_size: 8, parallelization: 2, key_length };
            kinds.push(Parameters { kdf: Kdf::Scrypt(kdf), encryption: aes_256 });
        }
        kinds
    }

    #[test]
    fn opens_what_the_crate_encrypts() {
        for parameters in every_kind() {
            let der = encrypted(parameters.clone());
            assert_eq!(read(AnyRef::from_der(&der).unwrap()).unwrap().0, parameters);
            assert_eq!(*decrypt(&der, b"secret").unwrap(), PLAIN, "{parameters:?}");
            assert_ne!(decrypt(&der, b"other").ok().as_deref().map(Vec::as_slice), Some(PLAIN), "{parameters:?}");
        }
    }

    /// Every byte changed and left out: an error, or a key that is wrong, and never the end of the program.
    #[test]
    fn damaged_files_end_in_an_error() {
        for parameters in every_kind() {
            let der = encrypted(parameters);
            for at in 0..der.len() {
                let mut damaged = der.clone();
                for value in [0, 0x04, 0x1f, 0x7f, 0x80, 0xff] {
                    damaged[at] = value;
                    if let Some((parameters, _)) = AnyRef::from_der(&damaged).ok().and_then(read) {
                        is_affordable(&parameters.kdf);
                    }
                }
                damaged.remove(at);
                assert!(decrypt(&damaged, b"secret").is_err());
            }
        }
    }

    fn tlv(tag: u8, values: &[Vec<u8>]) -> Vec<u8> {
        let value = values.concat();
        [vec![tag, u8::try_from(value.len()).unwrap()], value].concat()
    }

    /// An initialization vector of other lengths, and a longer salt: the crate alone would end the program.
    #[test]
    fn refuses_lengths_that_the_crate_does_not_take() {
        let name = |oid: ObjectIdentifier| tlv(6, &[oid.as_bytes().to_vec()]);
        let file = |cipher, iv: usize, salt: usize| {
            let kdf_parameters = tlv(0x30, &[tlv(4, &[vec![7; salt]]), tlv(2, &[vec![1]])]);
            let kdf = tlv(0x30, &[name(PBKDF2_OID), kdf_parameters]);
            let encryption = tlv(0x30, &[name(cipher), tlv(4, &[vec![6; iv]])]);
            let algorithm = tlv(0x30, &[name(PBES2_OID), tlv(0x30, &[kdf, encryption])]);
            tlv(0x30, &[algorithm, tlv(4, &[vec![0; 16]])])
        };
        for (cipher, right) in [(DES_EDE3_CBC_OID, 8), (AES_256_CBC_OID, 16), (AES_128_GCM_OID, 12)] {
            for (iv, salt) in [(right, 0), (right, 32), (right, 33), (right, 40), (0, 8), (4, 8), (right - 1, 8), (right + 1, 8)]
            {
                let code = decrypt(&file(cipher, iv, salt), b"secret").unwrap_err().code();
                let is_read = iv == right && salt <= 32;
                assert_eq!(code == ErrorCode::WrongPassphrase, is_read, "{cipher}, {iv} and {salt} bytes");
            }
        }
    }
}
