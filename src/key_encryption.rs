//! Opens encrypted private keys: PKCS#8 with PBES2 ([`pbes2`]), and OpenSSL's own encryption from before that ([`DekInfo`]).
//!
//! Both take the encrypted key and the passphrase, and return DER that is not checked yet.

mod cipher;
mod dek_info;
pub(crate) mod pbes2;

pub(crate) use cipher::wrong_passphrase;
pub(crate) use dek_info::DekInfo;
