//! Amazon CloudFront signed URLs and signed cookies.
//!
//! People deliver private files by handing out URLs that carry a signature and an expiry; CloudFront answers 403 to every
//! other request. This crate makes such URLs and cookies, with the same bytes as the npm package `countersign`, which is
//! this crate compiled to WebAssembly.
//!
//! ```
//! use countersign::{Conditions, LoadOptions, PrivateKey, Signer};
//!
//! # let private_key_pem = PrivateKey::generate(countersign::KeyType::Ecdsa)?.to_pkcs8_pem()?.to_string();
//! let key = PrivateKey::load(private_key_pem.as_bytes(), &LoadOptions::new())?;
//! let signer = Signer::new("K2JCJMDEHXQW5F", key)?;
//! let url = signer.sign_url("https://d111111abcdef8.cloudfront.net/invoice.pdf", &Conditions::new("30m"))?;
//! # assert!(url.contains("&Signature="));
//! # Ok::<(), countersign::Error>(())
//! ```
//!
//! [`Signer`] holds a key and signs; [`Grant`] is one signature for many URLs or for cookies; [`Identity`] and
//! [`UnsignedGrant`] are the two steps for a key that is kept elsewhere, in a KMS or an HSM:
//!
//! ```
//! use countersign::{Conditions, Identity, KeyType, url::WireUrl};
//! # use countersign::PrivateKey;
//! # let key = PrivateKey::generate(KeyType::Ecdsa)?;
//! # let sign_elsewhere = |message: &[u8]| key.sign(countersign::Algorithm::Sha256, message).unwrap();
//!
//! let identity = Identity::new("K2JCJMDEHXQW5F", KeyType::Ecdsa, None)?;
//! let url = WireUrl::parse("https://d111111abcdef8.cloudfront.net/invoice.pdf")?;
//! let unsigned = identity.prepare_url(&url, &Conditions::new("30m"))?;
//! let signature = sign_elsewhere(unsigned.message());
//! let signed = unsigned.finish(&signature, None)?.wire_url(&url)?;
//! # assert!(signed.contains("&Hash-Algorithm=SHA256"));
//! # Ok::<(), countersign::Error>(())
//! ```

//! # Features
//!
//! - `cli`: the command `countersign`.
//! - `tower`: `tower::GuardLayer`, a layer for axum and other services that lets only signed requests through.
//! - `js`: the JavaScript face, for `wasm32-unknown-unknown`.
//! - `openssl`: natively, OpenSSL does the private-key operation, RSA and ECDSA, SHA-1 and SHA-256, several times as fast. It is the system's
//!   library, with its headers (`libssl-dev`, `openssl-devel`); `openssl-vendored` compiles one along. Keys, errors and the bytes of RSA are the
//!   same; ECDSA signatures differ each time. Where OpenSSL refuses to sign, as with SHA-1 on RHEL 9, the crates sign.

#![forbid(unsafe_code)]

#[cfg(feature = "cli")]
pub mod access_log;
pub mod aws_sdk;
mod conditions;
pub mod cookies;
mod credentials;
pub mod date;
pub mod encoding;
mod error;
pub mod external_signer;
mod grant;
pub mod inspect;
mod ip_address;
#[cfg_attr(
    all(target_arch = "wasm32", not(feature = "js")),
    allow(dead_code, unused_imports, reason = "the JavaScript face alone needs all of it")
)]
mod json_tree;
mod key;
#[cfg(feature = "cli")]
pub mod lines;
mod mangled;
mod manifest;
mod parameter;
pub mod policy;
pub mod reason;
pub mod resource;
mod signer;
#[cfg(feature = "tower")]
pub mod tower;
pub mod url;
mod values;
pub mod verifier;

#[cfg(all(feature = "js", target_arch = "wasm32"))]
mod wasm;

pub use conditions::Conditions;
pub use error::{Error, ErrorCode, Result};
pub use grant::{Grant, Identity, ReadyPolicy, UnsignedGrant};
pub use key::{Algorithm, KeyDescription, KeyType, LoadOptions, PrivateKey, PublicKey};
pub use manifest::ManifestOptions;
pub use parameter::{Face, Parameter};
pub use signer::Signer;
pub use values::{Value, Values};

/// The README's Rust is compiled with the examples of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
