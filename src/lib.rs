//! Amazon CloudFront signed URLs and signed cookies.
//!
//! Time-limited links to private files: each URL has a signature and an expiry, and CloudFront answers 403 to every other
//! request. This crate signs, verifies and decodes such URLs and cookies. The npm package `countersign` is this crate, compiled
//! to WebAssembly.
//!
//! # Sign
//!
//! ```
//! use countersign::{Conditions, PrivateKey, Signer};
//!
//! # let private_key_pem = PrivateKey::generate(countersign::KeyType::Ecdsa)?.to_pkcs8_pem()?.to_string();
//! let signer = Signer::new("K2JCJMDEHXQW5F", PrivateKey::from_pem(&private_key_pem)?)?;
//!
//! // One address, for half an hour.
//! let url = signer.sign_url("https://d111111abcdef8.cloudfront.net/invoice.pdf", &Conditions::new("30m"))?;
//!
//! // One signature for a folder.
//! let grant = signer.grant("https://d111111abcdef8.cloudfront.net/films/*", &Conditions::new("2h"))?;
//! let segment = grant.url("https://d111111abcdef8.cloudfront.net/films/1.ts")?;
//! # assert!(url.contains("&Signature=") && segment.contains("&Signature="));
//! # Ok::<(), countersign::Error>(())
//! ```
//!
//! # Set cookies
//!
//! ```
//! use countersign::Conditions;
//! use countersign::cookies::CookieAttributes;
//!
//! # let key = countersign::PrivateKey::generate(countersign::KeyType::Ecdsa)?;
//! # let signer = countersign::Signer::new("K2JCJMDEHXQW5F", key)?;
//! let cookies = signer.sign_cookies("https://media.example.com/films/*", &Conditions::new("8h"))?;
//! for line in cookies.set_cookie(&CookieAttributes::new().domain("example.com").path("/films"))? {
//!     println!("Set-Cookie: {line}");
//! }
//! # Ok::<(), countersign::Error>(())
//! ```
//!
//! # Verify
//!
//! ```
//! use countersign::PublicKey;
//! use countersign::verifier::{Decision, Request, Verifier};
//!
//! # let key = countersign::PrivateKey::generate(countersign::KeyType::Ecdsa)?;
//! # let public_key_pem = key.public_key().to_pem()?;
//! # let signer = countersign::Signer::new("K2JCJMDEHXQW5F", key)?;
//! # let url = signer.sign_url("https://d111111abcdef8.cloudfront.net/a", &countersign::Conditions::new("30m"))?;
//! let verifier = Verifier::new([("K2JCJMDEHXQW5F", PublicKey::from_pem(&public_key_pem)?)])?;
//! match verifier.verify(&Request::new(&url).ip_address("192.0.2.1"))? {
//!     Decision::Allowed(access) => println!("{} is allowed for another {} seconds", access.url, access.remaining),
//!     Decision::Denied(denial) => println!("CloudFront answers 403: {}", denial.reason),
//! }
//! # Ok::<(), countersign::Error>(())
//! ```
//!
//! - [`Signer`] holds a key and signs.
//! - [`Grant`] is one signature for many URLs or for cookies.
//! - [`external_signer`] signs with a key in a KMS or an HSM; [`Identity`] and [`UnsignedGrant`] are the two steps below it.
//! - [`inspect`] decodes a signed URL or cookies and names what looks wrong.
//!
//! The folder `examples` has a program for each.
//!
//! # Features
//!
//! - `cli`: the command `countersign`.
//! - `tower`: `tower::GuardLayer`, a layer for axum and other services that lets only signed requests through.
//! - `js`: the JavaScript interface, for `wasm32-unknown-unknown`.
//! - `openssl`: OpenSSL signs, several times as fast. It needs the system's library and headers (`libssl-dev`, `openssl-devel`);
//!   `openssl-vendored` compiles its own. Keys, errors and RSA signatures are the same; ECDSA signatures differ each time. If OpenSSL
//!   refuses, as with SHA-1 on RHEL 9, the Rust crates sign.

#![forbid(unsafe_code)]

mod accepted_keys;
#[cfg(feature = "cli")]
pub mod access_log;
pub mod aws_sdk;
mod conditions;
pub mod cookies;
mod credentials;
pub mod date;
mod der;
pub mod encoding;
mod error;
pub mod external_signer;
mod grant;
pub mod inspect;
mod invisible;
mod ip_address;
#[cfg_attr(
    all(target_arch = "wasm32", not(feature = "js")),
    allow(dead_code, unused_imports, reason = "only the JavaScript interface needs all of it")
)]
mod json_tree;
mod key;
mod key_encryption;
#[cfg(feature = "cli")]
pub mod lines;
mod mangled;
mod manifest;
mod parameter;
mod pem;
pub mod policy;
mod policy_text;
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

/// Compiles the README's Rust with the other documentation examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
