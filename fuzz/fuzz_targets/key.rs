//! Reads any bytes, and changed test keys, as a key. Each is refused or signs, and no error shows a part of it. The first field is the
//! passphrase, the second the key.
#![no_main]

use std::collections::HashSet;
use std::sync::LazyLock;

use countersign::{Algorithm, KeyDescription, KeyType, LoadOptions, PrivateKey, PublicKey};
use countersign_fuzz::TEST_KEYS;
use libfuzzer_sys::fuzz_target;
use pkcs8::der::Decode as _;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;

fuzz_target!(|data: &[u8]| {
    // DER may contain any byte, so only the first separator counts.
    let Some(at) = data.iter().position(|byte| *byte == 0xff) else { return };
    let (passphrase, input) = (&data[..at], &data[at + 1..]);
    let mut options = LoadOptions::new().allow_unsupported_key(passphrase.first() == Some(&b'!'));
    if !passphrase.is_empty() && is_quickly_opened(input) {
        options = options.passphrase(passphrase);
    }
    let description = KeyDescription::of(input, &options);
    match PrivateKey::load(input, &options) {
        Ok(key) => {
            let description = description.expect("what can be read can be described");
            assert_eq!(description.key_type, key.key_type());
            let signature = key.sign(Algorithm::Sha256, b"a policy").expect("a key that was accepted signs");
            let public = key.public_key();
            assert!(public.verify(Algorithm::Sha256, b"a policy", &signature));
            let der = key.to_pkcs8_der().expect("it is written");
            assert_eq!(PrivateKey::load(&der, &options.passphrase(b"")).expect("and read").public_key(), public);
            assert!(key.key_type() == KeyType::Ecdsa || signature.len() >= 128);
        }
        Err(error) => {
            assert_eq!(description.err(), Some(error.clone()));
            shows_no_key(&error);
        }
    }
    match PublicKey::load(input) {
        Ok(key) => {
            let pem = key.to_pem().expect("it is written");
            assert_eq!(PublicKey::load(pem.as_bytes()), Ok(key));
        }
        Err(error) => shows_no_key(&error),
    }
});

/// Within limits, a file may ask for seconds of work on its passphrase. Such files are skipped here.
fn is_quickly_opened(input: &[u8]) -> bool {
    match pkcs8::EncryptedPrivateKeyInfoRef::from_der(input).map(|info| info.encryption_algorithm) {
        Ok(EncryptionScheme::Pbes2(parameters)) => match parameters.kdf {
            Kdf::Pbkdf2(kdf) => kdf.iteration_count <= 1000,
            Kdf::Scrypt(kdf) => kdf.cost_parameter.saturating_mul(kdf.block_size.into()) <= 1 << 12 && kdf.parallelization == 1,
            _ => true,
        },
        Ok(_) => true,
        // OpenSSL's own encryption has one round; PKCS#8 may have any number.
        Err(_) => input.windows(9).any(|window| window == b"DEK-Info:"),
    }
}

/// Sixteen consecutive characters of a test key's Base64.
fn shows_no_key(error: &countersign::Error) {
    const LENGTH: usize = 16;
    static PARTS: LazyLock<HashSet<&[u8]>> = LazyLock::new(|| {
        let lines = TEST_KEYS.iter().flat_map(|pem| pem.lines()).filter(|line| !line.contains(['-', ':']));
        lines.flat_map(|line| line.as_bytes().windows(LENGTH)).collect()
    });
    // Errors repeat what looks like a file name, whatever it contains.
    if error.message().contains(" is a path, ") {
        return;
    }
    let shown = format!("{error:?} {}", error.hint().unwrap_or_default());
    assert!(!shown.as_bytes().windows(LENGTH).any(|part| PARTS.contains(part)), "{shown}");
}
