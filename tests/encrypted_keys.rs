//! Encrypted PKCS#8 with every parameter that is read, and with hostile ones: what `pkcs5` takes too lightly ends in an error.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use countersign::{Error, ErrorCode, LoadOptions, PrivateKey};
use pkcs8::EncryptedPrivateKeyInfo;
use pkcs8::der::Encode as _;
use pkcs8::der::asn1::{ObjectIdentifier, OctetStringRef};
use pkcs8::pkcs5::pbes2::{
    AES_128_GCM_OID, AES_256_CBC_OID, DES_EDE3_CBC_OID, EncryptionScheme, Kdf, PBES2_OID, PBKDF2_OID, Parameters, Pbkdf2Params,
    Pbkdf2Prf, Salt, ScryptParams,
};

const AES_256: EncryptionScheme = EncryptionScheme::Aes256Cbc { iv: [3; 16] };

fn key() -> PrivateKey {
    PrivateKey::from_pem(include_str!("keys/p256.pem")).unwrap()
}

/// The test key, encrypted by the crate.
fn encrypted(parameters: &Parameters, passphrase: &[u8]) -> Vec<u8> {
    with_data(parameters, &parameters.encrypt(passphrase, &key().to_pkcs8_der().unwrap()).unwrap())
}

fn with_data(parameters: &Parameters, data: &[u8]) -> Vec<u8> {
    let encrypted_data = OctetStringRef::new(data).unwrap();
    EncryptedPrivateKeyInfo { encryption_algorithm: parameters.clone().into(), encrypted_data }.to_der().unwrap()
}

fn load(der: &[u8], passphrase: &[u8]) -> Result<PrivateKey, Error> {
    PrivateKey::load(der, &LoadOptions::new().passphrase(passphrase))
}

fn salt() -> Salt {
    Salt::new([7; 16]).unwrap()
}

fn pbkdf2(prf: Pbkdf2Prf, iteration_count: u32, key_length: Option<u16>) -> Kdf {
    Kdf::Pbkdf2(Pbkdf2Params { salt: salt(), iteration_count, key_length, prf })
}

fn scrypt(cost_parameter: u64, block_size: u16, parallelization: u16, key_length: Option<u16>) -> Kdf {
    Kdf::Scrypt(ScryptParams { salt: salt(), cost_parameter, block_size, parallelization, key_length })
}

fn every_kind() -> Vec<Parameters> {
    let mut kinds = Vec::new();
    for length in [None, Some(32)] {
        for prf in [
            Pbkdf2Prf::HmacWithSha1,
            Pbkdf2Prf::HmacWithSha224,
            Pbkdf2Prf::HmacWithSha256,
            Pbkdf2Prf::HmacWithSha384,
            Pbkdf2Prf::HmacWithSha512,
        ] {
            kinds.push(Parameters { kdf: pbkdf2(prf, 20, length), encryption: AES_256 });
        }
        kinds.push(Parameters { kdf: scrypt(16, 8, 2, length), encryption: AES_256 });
    }
    for encryption in [
        EncryptionScheme::Aes128Cbc { iv: [3; 16] },
        EncryptionScheme::Aes192Cbc { iv: [3; 16] },
        EncryptionScheme::DesEde3Cbc { iv: [6; 8] },
    ] {
        kinds.push(Parameters { kdf: pbkdf2(Pbkdf2Prf::HmacWithSha256, 20, None), encryption });
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
            assert_eq!(load(&der, &passphrase).unwrap().public_key(), key().public_key(), "{parameters:?}");
            assert!(load(&der, b"other").is_err(), "{parameters:?}");
            let without = load(&der, b"");
            assert!(
                without.map_or_else(|error| error.hint().unwrap().starts_with("It is empty."), |_| length == 0),
                "{parameters:?}"
            );
        }
    }
}

/// Every byte changed and left out: an error or the key, and never the end of the program.
#[test]
fn damaged_files_end_in_an_error() {
    for parameters in every_kind() {
        let der = encrypted(&parameters, b"secret");
        for at in 0..der.len() {
            let mut damaged = der.clone();
            for value in [0xff, der[at] ^ 1] {
                damaged[at] = value;
                if let Ok(loaded) = load(&damaged, b"secret") {
                    assert_eq!(loaded.public_key(), key().public_key());
                }
            }
            damaged.remove(at);
            assert!(load(&damaged, b"secret").is_err());
        }
    }
}

/// Up to the bound it is tried, and beyond it nothing is derived.
#[test]
fn hostile_amounts_of_work_are_refused() {
    let refused = |kdf| load(&with_data(&Parameters { kdf, encryption: AES_256 }, &[0; 16]), b"secret").unwrap_err();
    let rounds = |rounds| pbkdf2(Pbkdf2Prf::HmacWithSha256, rounds, None);
    let scrypt = |cost, block, parallel| scrypt(cost, block, parallel, None);
    for kdf in [rounds(1), rounds(2_000_000), scrypt(2, 1, 1), scrypt(2, 32, 16), scrypt(1 << 19, 1, 1), scrypt(1 << 10, 32, 16)]
    {
        assert_eq!(refused(kdf.clone()).code(), ErrorCode::WrongPassphrase, "{kdf:?}");
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
        assert!(refused(kdf.clone()).message().contains("too much work"), "{kdf:?}");
    }
    for kdf in [rounds(0), scrypt(0, 8, 1), scrypt(1, 8, 1), scrypt(3, 8, 1), scrypt(16, 0, 1), scrypt(16, 8, 0)] {
        assert!(refused(kdf.clone()).message().contains("unsupported way"), "{kdf:?}");
    }
}

#[test]
fn aes_gcm_with_parameters_that_are_not_those_of_rfc_5084_is_refused() {
    let kdf = pbkdf2(Pbkdf2Prf::HmacWithSha256, 300, None);
    let parameters = Parameters { kdf, encryption: EncryptionScheme::Aes128Gcm { nonce: [4; 12] } };
    assert!(load(&encrypted(&parameters, b"secret"), b"secret").unwrap_err().message().contains("unsupported way"));
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
    for (cipher, right) in [(DES_EDE3_CBC_OID, Some(8)), (AES_256_CBC_OID, Some(16)), (AES_128_GCM_OID, None)] {
        for (iv, salt) in
            [(8, 0), (8, 32), (8, 33), (16, 0), (16, 32), (16, 40), (0, 8), (4, 8), (7, 8), (9, 8), (15, 8), (17, 8)]
        {
            let code = load(&file(cipher, iv, salt), b"secret").unwrap_err().code();
            let is_read = right == Some(iv) && salt <= 32;
            assert_eq!(code == ErrorCode::WrongPassphrase, is_read, "{cipher}, {iv} and {salt} bytes");
        }
    }
}
