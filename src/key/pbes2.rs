//! Private keys encrypted as PKCS#8 has it (RFC 5958, section 3), by PBES2 with PBKDF2 (RFC 8018) or scrypt (RFC 7914).
//!
//! The crate `pkcs5` reads the parameters; `pbkdf2`, `scrypt` and those of `cipher` do the work. `pkcs5` does that too, but for AES-GCM as well, in a
//! form of its own that is not that of RFC 5084, and it does not wipe the key that it derives. What it does not check is checked here before: how
//! much work the file asks for, and the length of an initialization vector, which ends the program there.

use pbkdf2::pbkdf2_hmac;
use pkcs8::der::asn1::{AnyRef, OctetStringRef};
use pkcs8::der::{Decode as _, ErrorKind, SliceReader};
use pkcs8::pkcs5::pbes2::{
    AES_128_CBC_OID, AES_192_CBC_OID, AES_256_CBC_OID, DES_EDE3_CBC_OID, EncryptionScheme, Kdf, PBES2_OID, Parameters,
    Pbkdf2Params, Pbkdf2Prf, ScryptParams,
};
use pkcs8::pkcs5::scrypt;
use pkcs8::spki::AlgorithmIdentifierRef;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use crate::error::{Error, ErrorCode, Result};
use crate::key::cipher::Cipher;
use crate::key::openssl_encryption::wrong_passphrase;

/// A hostile file may ask for any amount of work. This limit is about a second.
const MOST_ROUNDS: u32 = 2_000_000;
const MOST_MEMORY: u64 = 64 << 20;
const LARGEST_BLOCK: u16 = 32;
const MOST_PARALLEL: u16 = 16;

/// The DER of the private key in an `EncryptedPrivateKeyInfo`.
pub(super) fn decrypt(der: &[u8], passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let (parameters, encrypted) = read(der).map_err(|_| unknown(der))?;
    check(&parameters.kdf, der)?;
    let (cipher, iv) = cipher(&parameters.encryption).ok_or_else(|| unknown(der))?;
    let key = derive(&parameters.kdf, passphrase, cipher.key_length()).ok_or_else(|| unknown(der))?;
    cipher.decrypt(&key, iv, encrypted).ok_or_else(wrong_passphrase)
}

fn cipher(encryption: &EncryptionScheme) -> Option<(Cipher, &[u8])> {
    Some(match encryption {
        EncryptionScheme::Aes128Cbc { iv } => (Cipher::Aes128, iv),
        EncryptionScheme::Aes192Cbc { iv } => (Cipher::Aes192, iv),
        EncryptionScheme::Aes256Cbc { iv } => (Cipher::Aes256, iv),
        EncryptionScheme::DesEde3Cbc { iv } => (Cipher::TripleDes, iv),
        _ => return None,
    })
}

/// Nothing, if the parameters are for a key of another length.
fn derive(kdf: &Kdf, passphrase: &[u8], length: usize) -> Option<Zeroizing<Vec<u8>>> {
    if kdf.key_length().is_some_and(|given| usize::from(given) != length) {
        return None;
    }
    let mut key = Zeroizing::new(vec![0; length]);
    match kdf {
        Kdf::Pbkdf2(Pbkdf2Params { salt, iteration_count, prf, .. }) => {
            let derive = match prf {
                Pbkdf2Prf::HmacWithSha1 => pbkdf2_hmac::<Sha1>,
                Pbkdf2Prf::HmacWithSha224 => pbkdf2_hmac::<Sha224>,
                Pbkdf2Prf::HmacWithSha256 => pbkdf2_hmac::<Sha256>,
                Pbkdf2Prf::HmacWithSha384 => pbkdf2_hmac::<Sha384>,
                Pbkdf2Prf::HmacWithSha512 => pbkdf2_hmac::<Sha512>,
                _ => return None,
            };
            derive(passphrase, salt.as_ref(), *iteration_count, &mut key);
        }
        Kdf::Scrypt(parameters) => {
            scrypt::scrypt(passphrase, parameters.salt.as_ref(), &scrypt::Params::try_from(parameters).ok()?, &mut key).ok()?;
        }
        _ => return None,
    }
    Some(key)
}

fn read(der: &[u8]) -> pkcs8::der::Result<(Parameters, &[u8])> {
    AnyRef::from_der(der)?.sequence(|info| {
        let algorithm = AlgorithmIdentifierRef::decode(info)?;
        algorithm.assert_algorithm_oid(PBES2_OID).map_err(|_| ErrorKind::Failed)?;
        let parameters = algorithm.parameters_any().map_err(|_| ErrorKind::Failed)?;
        parameters.sequence(|members| {
            AlgorithmIdentifierRef::decode(members)?;
            check_cipher(AlgorithmIdentifierRef::decode(members)?)
        })?;
        Ok((Parameters::try_from(parameters)?, <&OctetStringRef>::decode(info)?.as_bytes()))
    })
}

/// Whether it is a cipher that is read here, with the initialization vector that it takes.
fn check_cipher(cipher: AlgorithmIdentifierRef<'_>) -> pkcs8::der::Result<()> {
    let iv = match cipher.oid {
        AES_128_CBC_OID | AES_192_CBC_OID | AES_256_CBC_OID => 16,
        DES_EDE3_CBC_OID => 8,
        _ => return Err(ErrorKind::Failed.into()),
    };
    let parameters = cipher.parameters_any().map_err(|_| ErrorKind::Failed)?;
    let is_right = parameters.decode_as::<&OctetStringRef>()?.as_bytes().len() == iv;
    if is_right { Ok(()) } else { Err(ErrorKind::Failed.into()) }
}

fn check(kdf: &Kdf, der: &[u8]) -> Result<()> {
    match *kdf {
        Kdf::Pbkdf2(Pbkdf2Params { iteration_count: 0, .. }) => Err(unknown(der)),
        Kdf::Pbkdf2(Pbkdf2Params { iteration_count: 1..=MOST_ROUNDS, .. }) => Ok(()),
        Kdf::Scrypt(ScryptParams { cost_parameter, block_size, parallelization, .. }) => {
            // The crate ends the program where it is 0.
            if cost_parameter < 2 || !cost_parameter.is_power_of_two() || block_size == 0 || parallelization == 0 {
                return Err(unknown(der));
            }
            let memory = cost_parameter.saturating_mul(128 * u64::from(block_size) * u64::from(parallelization));
            let is_affordable = block_size <= LARGEST_BLOCK && parallelization <= MOST_PARALLEL && memory <= MOST_MEMORY;
            if is_affordable { Ok(()) } else { Err(too_much_work()) }
        }
        _ => Err(too_much_work()),
    }
}

fn too_much_work() -> Error {
    Error::new(ErrorCode::InvalidPrivateKey, "the private key's encryption asks for too much work to open it")
        .with_hint("The limits are 2,000,000 rounds of PBKDF2 and 64 MiB of scrypt. Encrypt it again with less.")
}

fn unknown(der: &[u8]) -> Error {
    let error = Error::new(ErrorCode::InvalidPrivateKey, "the private key is encrypted in an unsupported way");
    let algorithm = AnyRef::from_der(der).and_then(|info| AlgorithmIdentifierRef::decode(&mut SliceReader::new(info.value())?));
    let is_pbes2 = algorithm.is_ok_and(|algorithm| algorithm.oid == PBES2_OID);
    error.with_hint(if is_pbes2 {
        "We read PBES2 with AES in CBC mode or triple DES. Encrypt it that way, or decrypt it, where it was made."
    } else {
        "Encrypt it again; with OpenSSL 3: openssl pkcs8 -topk8 -v2 aes-256-cbc -provider legacy -provider default -in FILE \
         -out private_key.pem."
    })
}

#[cfg(test)]
mod tests {
    use pkcs8::EncryptedPrivateKeyInfo;
    use pkcs8::der::Encode as _;
    use pkcs8::der::asn1::{ObjectIdentifier, OctetStringRef};
    use pkcs8::pkcs5::pbes2::{AES_128_GCM_OID, EncryptionScheme, PBKDF2_OID, Pbkdf2Prf, Salt};

    use super::*;

    const PLAIN: &[u8] = b"what is encrypted, of more than one block";

    /// As the crate writes it.
    fn encrypted(parameters: &Parameters, passphrase: &[u8]) -> Vec<u8> {
        let encrypted = parameters.encrypt(passphrase, PLAIN).unwrap();
        of(parameters, &encrypted)
    }

    fn of(parameters: &Parameters, encrypted: &[u8]) -> Vec<u8> {
        let encrypted_data = OctetStringRef::new(encrypted).unwrap();
        EncryptedPrivateKeyInfo { encryption_algorithm: parameters.clone().into(), encrypted_data }.to_der().unwrap()
    }

    fn salt() -> Salt {
        Salt::new([7; 16]).unwrap()
    }

    fn pbkdf2(prf: Pbkdf2Prf, key_length: Option<u16>) -> Kdf {
        Kdf::Pbkdf2(Pbkdf2Params { salt: salt(), iteration_count: 300, key_length, prf })
    }

    const AES_256: EncryptionScheme = EncryptionScheme::Aes256Cbc { iv: [3; 16] };

    fn every_kind() -> Vec<Parameters> {
        let mut kinds: Vec<Parameters> = [
            Pbkdf2Prf::HmacWithSha1,
            Pbkdf2Prf::HmacWithSha224,
            Pbkdf2Prf::HmacWithSha256,
            Pbkdf2Prf::HmacWithSha384,
            Pbkdf2Prf::HmacWithSha512,
        ]
        .into_iter()
        .flat_map(|prf| [None, Some(32)].map(|length| Parameters { kdf: pbkdf2(prf, length), encryption: AES_256 }))
        .collect();
        for encryption in [
            EncryptionScheme::Aes128Cbc { iv: [3; 16] },
            EncryptionScheme::Aes192Cbc { iv: [3; 16] },
            EncryptionScheme::DesEde3Cbc { iv: [6; 8] },
        ] {
            kinds.push(Parameters { kdf: pbkdf2(Pbkdf2Prf::HmacWithSha256, None), encryption });
        }
        for key_length in [None, Some(32)] {
            let kdf = ScryptParams { salt: salt(), cost_parameter: 16, block_size: 8, parallelization: 2, key_length };
            kinds.push(Parameters { kdf: Kdf::Scrypt(kdf), encryption: AES_256 });
        }
        kinds
    }

    #[test]
    fn opens_what_the_crate_encrypts() {
        for parameters in every_kind() {
            // HMAC takes a passphrase of up to a block as it is, and the hash of a longer one.
            for length in [0, 6, 64, 65, 128, 129, 300] {
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
                    if let Ok((parameters, _)) = read(&damaged) {
                        let _ = check(&parameters.kdf, &damaged);
                    }
                }
                damaged.remove(at);
                assert!(decrypt(&damaged, b"secret").is_err());
            }
        }
    }

    /// Right up to the bound it is opened (or found to be the wrong passphrase), and beyond it nothing is derived.
    #[test]
    fn hostile_amounts_of_work_are_refused() {
        let outcome = |kdf| decrypt(&of(&Parameters { kdf, encryption: AES_256 }, &[0; 16]), b"secret").unwrap_err();
        let rounds = |iteration_count| {
            Kdf::Pbkdf2(Pbkdf2Params { salt: salt(), iteration_count, key_length: None, prf: Pbkdf2Prf::HmacWithSha256 })
        };
        let scrypt = |cost_parameter, block_size, parallelization| {
            Kdf::Scrypt(ScryptParams { salt: salt(), cost_parameter, block_size, parallelization, key_length: None })
        };
        for kdf in [rounds(1), scrypt(2, 1, 1), scrypt(2, 32, 16)] {
            assert_eq!(outcome(kdf).code(), ErrorCode::WrongPassphrase);
        }
        for kdf in [rounds(2_000_000), scrypt(1 << 19, 1, 1), scrypt(1 << 10, 32, 16)] {
            assert!(check(&kdf, &[]).is_ok());
        }
        for kdf in [
            rounds(2_000_001),
            rounds(10_000_000),
            rounds(u32::MAX),
            scrypt(1 << 20, 1, 1),
            scrypt(1 << 11, 32, 16),
            scrypt(2, 33, 1),
            scrypt(2, 1, 17),
            scrypt(2, u16::MAX, u16::MAX),
            scrypt(1 << 63, 1, 1),
        ] {
            assert!(outcome(kdf.clone()).message().contains("too much work"), "{kdf:?}");
        }
        for kdf in [rounds(0), scrypt(0, 8, 1), scrypt(1, 8, 1), scrypt(3, 8, 1), scrypt(16, 0, 1), scrypt(16, 8, 0)] {
            assert!(outcome(kdf.clone()).message().contains("unsupported way"), "{kdf:?}");
        }
    }

    #[test]
    fn aes_gcm_with_parameters_that_are_not_those_of_rfc_5084_is_refused() {
        let parameters = Parameters {
            kdf: pbkdf2(Pbkdf2Prf::HmacWithSha256, None),
            encryption: EncryptionScheme::Aes128Gcm { nonce: [4; 12] },
        };
        assert!(decrypt(&encrypted(&parameters, b"secret"), b"secret").unwrap_err().message().contains("unsupported way"));
    }

    fn tlv(tag: u8, values: &[Vec<u8>]) -> Vec<u8> {
        let value = values.concat();
        [vec![tag, u8::try_from(value.len()).unwrap()], value].concat()
    }

    /// An initialization vector of other lengths ends the program in the crate.
    #[test]
    fn lengths_that_the_crate_does_not_take_are_refused() {
        let name = |oid: ObjectIdentifier| tlv(6, &[oid.as_bytes().to_vec()]);
        let file = |cipher, iv: usize, salt: usize| {
            let kdf_parameters = tlv(0x30, &[tlv(4, &[vec![7; salt]]), tlv(2, &[vec![1]])]);
            let kdf = tlv(0x30, &[name(PBKDF2_OID), kdf_parameters]);
            let encryption = tlv(0x30, &[name(cipher), tlv(4, &[vec![6; iv]])]);
            let algorithm = tlv(0x30, &[name(PBES2_OID), tlv(0x30, &[kdf, encryption])]);
            tlv(0x30, &[algorithm, tlv(4, &[vec![0; 16]])])
        };
        for (cipher, right) in [(DES_EDE3_CBC_OID, 8), (AES_256_CBC_OID, 16), (AES_128_GCM_OID, 99)] {
            for (iv, salt) in
                [(right, 0), (right, 32), (right, 33), (right, 40), (0, 8), (4, 8), (7, 8), (9, 8), (15, 8), (17, 8)]
            {
                if iv == 99 {
                    continue;
                }
                let code = decrypt(&file(cipher, iv, salt), b"secret").unwrap_err().code();
                let is_read = iv == right && salt <= 32;
                assert_eq!(code == ErrorCode::WrongPassphrase, is_read, "{cipher}, {iv} and {salt} bytes");
            }
        }
    }
}
