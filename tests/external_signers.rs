//! External signers, synchronous and asynchronous, give the same results as a local key, and report their failures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[allow(dead_code, reason = "the other tests use what this one does not")]
mod cases;

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use countersign::external_signer::{ExternalSigner, SignError, SignMessageAsync};
use countersign::{Algorithm, Conditions, ErrorCode, Identity, KeyType, LoadOptions, PrivateKey, ReadyPolicy, Signer};

const ID: &str = "K2JCJMDEHXQW5F";
const URL: &str = "https://d111111abcdef8.cloudfront.net/films/1.mp4";
const FILMS: &str = "https://d111111abcdef8.cloudfront.net/films/*";
const POLICY: &str = r#"{"Statement":[{"Resource":"https://*","Condition":{"DateLessThan":{"AWS:EpochTime":1893456000}}}]}"#;

fn key(name: &str) -> PrivateKey {
    PrivateKey::load(&cases::key_file(name), &LoadOptions::new()).unwrap()
}

fn conditions() -> Conditions {
    Conditions::new("2030-01-01").now("2026-01-01")
}

/// A signer whose future is ready at the second poll.
struct Slow(PrivateKey);

impl SignMessageAsync for Slow {
    async fn sign_message(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, SignError> {
        Later(false).await;
        Ok(self.0.sign(algorithm, message)?)
    }
}

struct Later(bool);

impl Future for Later {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// A runtime of five lines, to avoid a dependency.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return result;
        }
    }
}

#[test]
#[cfg_attr(feature = "openssl", ignore = "OpenSSL's ECDSA signatures differ each time")]
fn give_what_a_key_at_hand_gives() {
    for name in ["rsa2048", "p256"] {
        for algorithm in [Algorithm::Sha1, Algorithm::Sha256] {
            let at_hand = Signer::with_algorithm(ID, key(name), algorithm).unwrap();
            let identity = Identity::new(ID, key(name).key_type(), Some(algorithm)).unwrap();
            let own = key(name);
            let sign = move |algorithm: Algorithm, message: &[u8]| Ok(own.sign(algorithm, message)?);
            let external = ExternalSigner::new(identity.clone(), sign).public_key(key(name).public_key());
            let slow = ExternalSigner::new(identity.clone(), Slow(key(name))).public_key(key(name).public_key());
            assert_eq!(external.identity(), &identity);

            let url = at_hand.sign_url(URL, &conditions()).unwrap();
            assert_eq!(external.sign_url(URL, &conditions()).unwrap(), url);
            assert_eq!(block_on(slow.sign_url_async(URL, &conditions())).unwrap(), url);
            let url = at_hand.sign_url(URL, &conditions().resource(FILMS)).unwrap();
            assert_eq!(external.sign_url(URL, &conditions().resource(FILMS)).unwrap(), url);
            assert_eq!(block_on(slow.sign_url_async(URL, &conditions().resource(FILMS))).unwrap(), url);
            let cookies = at_hand.sign_cookies(FILMS, &conditions()).unwrap();
            assert_eq!(external.sign_cookies(FILMS, &conditions()).unwrap(), cookies);
            assert_eq!(block_on(slow.sign_cookies_async(FILMS, &conditions())).unwrap(), cookies);
            let ready = ReadyPolicy::new(POLICY).now("2026-01-01");
            let url = at_hand.sign_url_with_policy(URL, &ready).unwrap();
            assert_eq!(external.grant_policy(&ready).unwrap().url(URL).unwrap(), url);
            assert_eq!(block_on(slow.grant_policy_async(&ready)).unwrap().url(URL).unwrap(), url);
        }
    }
}

#[test]
fn failures_are_told() {
    let identity = Identity::new(ID, key("rsa2048").key_type(), Some(Algorithm::Sha256)).unwrap();
    let failing = ExternalSigner::new(identity.clone(), |_: Algorithm, _: &[u8]| Err("the HSM is asleep\u{1b}[2J".into()));
    let error = failing.sign_url(URL, &conditions()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::SigningFailed);
    assert!(error.message().contains("the HSM is asleep") && !error.message().contains('\u{1b}'));

    let wrong_hash = |_: Algorithm, message: &[u8]| Ok(key("rsa2048").sign(Algorithm::Sha1, message)?);
    let error = ExternalSigner::new(identity.clone(), wrong_hash)
        .public_key(key("rsa2048").public_key())
        .grant(FILMS, &conditions())
        .unwrap_err();
    assert!(error.message().contains("with SHA1; SHA256 was asked for"), "{error}");

    let short = ExternalSigner::new(identity, |_: Algorithm, _: &[u8]| Ok(vec![1; 12]));
    assert!(short.sign_url(URL, &conditions()).unwrap_err().message().contains("12 bytes"));
    // What else it may be that was returned.
    let of_ecdsa = Identity::new(ID, KeyType::Ecdsa, None).unwrap();
    let der = key("p256").sign(Algorithm::Sha256, b"").unwrap();
    for (identity, returned, hint) in [
        (short.identity(), b"AbC+/w==".repeat(43), Some("not their Base64")),
        (short.identity(), der, Some("an ECDSA key: is key_type right?")),
        (short.identity(), vec![1; 512], Some("An RSA key of 4096 bits")),
        (short.identity(), vec![1; 100], None),
        (short.identity(), vec![], None),
        (&of_ecdsa, vec![0xff; 256], Some("An RSA key of 2048 bits")),
        (&of_ecdsa, b"MEUC".repeat(24), Some("not their Base64")),
    ] {
        let signer = ExternalSigner::new(identity.clone(), move |_: Algorithm, _: &[u8]| Ok(returned.clone()));
        let error = signer.sign_url(URL, &conditions()).unwrap_err();
        assert_eq!(error.hint().is_some(), hint.is_some(), "{error:?}");
        assert!(error.hint().unwrap_or_default().contains(hint.unwrap_or_default()), "{error:?}");
    }
    // Invalid input never reaches the signer.
    let never = ExternalSigner::new(short.identity().clone(), |_: Algorithm, _: &[u8]| panic!("it was asked to sign"));
    assert_eq!(never.sign_url("no url", &conditions()).unwrap_err().code(), ErrorCode::InvalidUrl);
}
