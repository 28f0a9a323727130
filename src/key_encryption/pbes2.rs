//! Private keys encrypted as PKCS#8 has it (RFC 5958, section 3), by PBES2 with PBKDF2 (RFC 8018) or scrypt (RFC 7914).
//!
//! The crate `pkcs5` reads the parameters; `pbkdf2`, `scrypt` and those of `cipher` do the work. `pkcs5` could do it too, but does
//! not wipe the key that it derives, and has AES-GCM in another form than RFC 5084. What it does not check is checked here: how much
//! work the file asks for, and the length of the initialization vector.

use pbkdf2::pbkdf2_hmac;
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::{Decode as _, Reader as _};
use pkcs8::pkcs5::pbes2::{
    AES_128_CBC_OID, AES_192_CBC_OID, AES_256_CBC_OID, DES_EDE3_CBC_OID, Kdf, PBES2_OID, Pbkdf2Params, Pbkdf2Prf,
};
use pkcs8::pkcs5::scrypt;
use pkcs8::spki::AlgorithmIdentifierRef;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use crate::der::{members, members_of};
use crate::error::{Error, ErrorCode, Result};
use crate::key_encryption::cipher::Cipher;

/// A hostile file may ask for any amount of work. This limit is about a second.
const MOST_ROUNDS: u32 = 2_000_000;
const MOST_MEMORY: u64 = 64 << 20;
const LARGEST_BLOCK: u16 = 32;
const MOST_PARALLEL: u16 = 16;

/// What an `EncryptedPrivateKeyInfo` holds.
struct Encrypted<'a> {
    kdf: Kdf,
    cipher: Cipher,
    iv: &'a [u8],
    data: &'a [u8],
}

/// The DER of the private key in an `EncryptedPrivateKeyInfo`.
pub(crate) fn decrypt(der: &[u8], passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let Encrypted { kdf, cipher, iv, data } = read(der).ok_or_else(|| unknown(der))?;
    if !is_affordable(&kdf) {
        return Err(Error::new(ErrorCode::InvalidPrivateKey, "the private key's encryption asks for too much work to open it")
            .with_hint("The limits are 2,000,000 rounds of PBKDF2 and 64 MiB of scrypt. Encrypt it again with less."));
    }
    let key = derive(&kdf, passphrase, cipher.key_length()).ok_or_else(|| unknown(der))?;
    cipher.decrypt(&key, iv, data)
}

/// Nothing, if it is anything else than PBES2 with a cipher that is read here.
fn read(der: &[u8]) -> Option<Encrypted<'_>> {
    let mut info = members(der)?;
    let scheme = AlgorithmIdentifierRef::decode(&mut info).ok().filter(|scheme| scheme.oid == PBES2_OID)?;
    let data = <&OctetStringRef>::decode(&mut info).ok()?.as_bytes();
    let mut parameters = members_of(scheme.parameters?)?;
    let kdf = AlgorithmIdentifierRef::decode(&mut parameters).ok()?;
    let encryption = AlgorithmIdentifierRef::decode(&mut parameters).ok()?;
    let cipher = match encryption.oid {
        AES_128_CBC_OID => Cipher::Aes128,
        AES_192_CBC_OID => Cipher::Aes192,
        AES_256_CBC_OID => Cipher::Aes256,
        DES_EDE3_CBC_OID => Cipher::TripleDes,
        _ => return None,
    };
    let iv = encryption.parameters?.decode_as::<&OctetStringRef>().ok()?.as_bytes();
    let is_right = iv.len() == cipher.iv_length() && info.is_finished() && parameters.is_finished();
    if is_right { Some(Encrypted { kdf: Kdf::try_from(kdf).ok()?, cipher, iv, data }) } else { None }
}

fn is_affordable(kdf: &Kdf) -> bool {
    match kdf {
        Kdf::Pbkdf2(parameters) => parameters.iteration_count <= MOST_ROUNDS,
        Kdf::Scrypt(parameters) => {
            let (block, parallel) = (parameters.block_size, parameters.parallelization);
            let memory = parameters.cost_parameter.saturating_mul(128 * u64::from(block) * u64::from(parallel));
            block <= LARGEST_BLOCK && parallel <= MOST_PARALLEL && memory <= MOST_MEMORY
        }
        _ => false,
    }
}

/// Nothing, if the parameters make no sense or are for a key of another length.
fn derive(kdf: &Kdf, passphrase: &[u8], length: usize) -> Option<Zeroizing<Vec<u8>>> {
    if kdf.key_length().is_some_and(|given| usize::from(given) != length) {
        return None;
    }
    let mut key = Zeroizing::new(vec![0; length]);
    match kdf {
        Kdf::Pbkdf2(Pbkdf2Params { salt, iteration_count: rounds @ 1.., prf, .. }) => {
            let derive = match prf {
                Pbkdf2Prf::HmacWithSha1 => pbkdf2_hmac::<Sha1>,
                Pbkdf2Prf::HmacWithSha224 => pbkdf2_hmac::<Sha224>,
                Pbkdf2Prf::HmacWithSha256 => pbkdf2_hmac::<Sha256>,
                Pbkdf2Prf::HmacWithSha384 => pbkdf2_hmac::<Sha384>,
                Pbkdf2Prf::HmacWithSha512 => pbkdf2_hmac::<Sha512>,
                _ => return None,
            };
            derive(passphrase, salt.as_ref(), *rounds, &mut key);
        }
        // With a cost of 0 the crate ends the program.
        Kdf::Scrypt(parameters) if parameters.cost_parameter > 1 => {
            let cost = scrypt::Params::try_from(parameters).ok()?;
            scrypt::scrypt(passphrase, parameters.salt.as_ref(), &cost, &mut key).ok()?;
        }
        _ => return None,
    }
    Some(key)
}

fn unknown(der: &[u8]) -> Error {
    let is_pbes2 = der.windows(PBES2_OID.as_bytes().len()).any(|bytes| bytes == PBES2_OID.as_bytes());
    Error::new(ErrorCode::InvalidPrivateKey, "the private key is encrypted in an unsupported way").with_hint(if is_pbes2 {
        "We read PBES2 with AES in CBC mode or triple DES. Encrypt it that way, or decrypt it, where it was made."
    } else {
        "Encrypt it again; with OpenSSL 3: openssl pkcs8 -topk8 -v2 aes-256-cbc -provider legacy -provider default -in FILE \
         -out private_key.pem."
    })
}
