//! Opens encrypted private keys: PKCS#8 with PBES2 ([`pbes2`]), and OpenSSL's own encryption from before that ([`DekInfo`]).
//!
//! In goes what is encrypted and the passphrase, out comes DER, which nobody has looked at yet.

mod cipher;
mod dek_info;
pub(crate) mod pbes2;

pub(crate) use cipher::wrong_passphrase;
pub(crate) use dek_info::DekInfo;
