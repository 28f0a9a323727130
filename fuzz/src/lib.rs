//! Shared by the fuzz targets: the fields of an input, the keys, and a plain second verifier to compare with the crate's. It is
//! written from AWS's documentation and docs/verifying.md, and shares no code with the crate.

mod base64;
mod fields;
mod json;
mod keys;
pub mod plain_date;
pub mod plain_policy;
pub mod plain_resource;
pub mod plain_verifier;

pub use base64::{decode, encode};
pub use fields::Fields;
pub use keys::{ECDSA_ID, RSA_ID, TEST_KEYS, key_group, signature_is_right, signer};
