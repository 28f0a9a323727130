//! A key, taken out of its text.

use zeroize::Zeroizing;

use crate::key_encryption::DekInfo;
use crate::pem::repair::Repairs;

pub(crate) struct Found {
    pub(crate) der: Zeroizing<Vec<u8>>,
    /// The label of the PEM block; `None` for DER.
    pub(crate) label: Option<&'static str>,
    /// How OpenSSL encrypted it, where its headers say so.
    pub(crate) encryption: Option<DekInfo>,
    /// What was repaired.
    pub(crate) repairs: Repairs,
}
