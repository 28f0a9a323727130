//! Compares the crate's native speed with its peers. Where a peer allows it, its key is read once; all sign the same.

use std::hint::black_box;
use std::time::Duration;

use cloudfront_sign::SignedOptions;
use countersign::verifier::{Request, Verifier};
use countersign::{Algorithm, Conditions, KeyType, LoadOptions, PrivateKey, Signer};
use criterion::{Criterion, criterion_group, criterion_main};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pkcs8::DecodePrivateKey;
use sha1::{Digest, Sha1};

const KEY_PAIR_ID: &str = "K2JCJMDEHXQW5F";
const URL: &str = "https://d111111abcdef8.cloudfront.net/films/trailer.mp4?size=hd";
const EXPIRES: i64 = 1_924_959_599;
const NOW: i64 = 1_900_000_000;

fn conditions() -> Conditions {
    Conditions::new(EXPIRES).now(NOW)
}

fn policy() -> Vec<u8> {
    format!(r#"{{"Statement":[{{"Resource":"{URL}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{EXPIRES}}}}}}}]}}"#)
        .into_bytes()
}

fn signer(pem: &str, algorithm: Algorithm) -> Signer {
    let key = PrivateKey::load(pem.as_bytes(), &LoadOptions::new()).unwrap();
    Signer::with_algorithm(KEY_PAIR_ID, key, algorithm).unwrap()
}

fn pem(key_type: KeyType) -> String {
    PrivateKey::generate(key_type).unwrap().to_pkcs8_pem().unwrap().to_string()
}

fn crate_itself(criterion: &mut Criterion) {
    let name = if cfg!(feature = "openssl") { "openssl" } else { "countersign" };
    let mut group = criterion.benchmark_group(name);
    for (name, key_type, algorithm) in [
        ("rsa-sha1", KeyType::Rsa, Algorithm::Sha1),
        ("rsa-sha256", KeyType::Rsa, Algorithm::Sha256),
        ("p256", KeyType::Ecdsa, Algorithm::Sha256),
    ] {
        let signer = signer(&pem(key_type), algorithm);
        group.bench_function(format!("{name}-sign"), |bench| {
            bench.iter(|| signer.sign_url(black_box(URL), &conditions()).unwrap())
        });

        let verifier = Verifier::new([(KEY_PAIR_ID.to_owned(), signer.key().public_key())]).unwrap();
        let signed = signer.sign_url(URL, &conditions()).unwrap();
        let decide = || verifier.verify(&Request::new(black_box(&signed)).now(NOW)).unwrap();
        assert!(decide().is_allowed());
        group.bench_function(format!("{name}-verify"), |bench| bench.iter(decide));
    }
    let grant = signer(&pem(KeyType::Rsa), Algorithm::Sha1)
        .grant("https://d111111abcdef8.cloudfront.net/films/*", &conditions())
        .unwrap();
    group.bench_function("grant-url", |bench| bench.iter(|| grant.url(black_box(URL)).unwrap()));
    group.finish();
}

fn peers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("peers");
    let message = policy();

    let rsa_pem = pem(KeyType::Rsa);
    let rsa = rsa::PrivateKey::from_pkcs8_pem(&rsa_pem).unwrap();
    group.bench_function("rsa", |bench| {
        bench.iter(|| {
            rsa.sign_with_rng(&mut getrandom::SysRng, Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(black_box(&message))).unwrap()
        });
    });

    // It takes a PKCS#1 PEM and reads it each time.
    let options = SignedOptions {
        key_pair_id: KEY_PAIR_ID.into(),
        private_key: rsa.to_pkcs1_pem(rsa::pkcs8::LineEnding::LF).unwrap().to_string().into(),
        date_less_than: EXPIRES as u64,
        ..SignedOptions::default()
    };
    let ours = signer(&rsa_pem, Algorithm::Sha1).sign_url(URL, &conditions()).unwrap();
    assert_eq!(cloudfront_sign::get_signed_url(URL, &options).unwrap(), ours);
    group.bench_function("cloudfront_sign", |bench| {
        bench.iter(|| cloudfront_sign::get_signed_url(black_box(URL), &options).unwrap());
    });

    // OpenSSL alone, through the crate that the feature uses, with one key object.
    for (name, key_type, hash) in [
        ("rsa-sha1", KeyType::Rsa, MessageDigest::sha1()),
        ("rsa-sha256", KeyType::Rsa, MessageDigest::sha256()),
        ("p256", KeyType::Ecdsa, MessageDigest::sha256()),
    ] {
        let der = PrivateKey::load(pem(key_type).as_bytes(), &LoadOptions::new()).unwrap().to_pkcs8_der().unwrap();
        let key = PKey::private_key_from_pkcs8(&der).unwrap();
        let sign = || openssl::sign::Signer::new(hash, &key).unwrap().sign_oneshot_to_vec(black_box(&message)).unwrap();
        group.bench_function(format!("openssl-{name}-sign"), |bench| bench.iter(sign));
        let signature = sign();
        group.bench_function(format!("openssl-{name}-verify"), |bench| {
            bench.iter(|| {
                let mut verifier = openssl::sign::Verifier::new(hash, &key).unwrap();
                assert!(verifier.verify_oneshot(&signature, black_box(&message)).unwrap());
            });
        });
    }
    group.finish();
}

/// The feature does not change the peers.
fn all(criterion: &mut Criterion) {
    crate_itself(criterion);
    if !cfg!(feature = "openssl") {
        peers(criterion);
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().without_plots().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_millis(1500)).sample_size(50);
    targets = all
}
criterion_main!(benches);
