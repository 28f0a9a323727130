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
