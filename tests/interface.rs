//! What every program may expect of the crate's types: they are Send and Sync, print themselves without secrets, and errors
//! work with `?` and `anyhow`.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used)]

use std::error::Error as StdError;
use std::fmt::Debug;

use countersign::access_log::{Chunk, Chunks, Judge, Judged, Record, Summary};
use countersign::cookies::{CookieAttributes, SignedCookies};
use countersign::date::DateInput;
use countersign::external_signer::ExternalSigner;
use countersign::inspect::Inspection;
use countersign::lines::{Batch, Batches};
use countersign::policy::Policy;
use countersign::resource::Resource;
use countersign::tower::{Guard, GuardLayer};
use countersign::url::WireUrl;
use countersign::verifier::{Decision, Request, Verifier};
use countersign::{
    Conditions, Error, ErrorCode, Grant, Identity, LoadOptions, ManifestOptions, PrivateKey, PublicKey, ReadyPolicy, Signer,
    UnsignedGrant, Value, Values,
};

fn threads<T: Send + Sync + Debug>() {}
fn error<T: StdError + Send + Sync + 'static>() {}

#[test]
fn every_type_goes_from_thread_to_thread() {
    threads::<(Conditions, Error, ErrorCode, Grant, Identity, LoadOptions<'_>, ManifestOptions)>();
    threads::<(PrivateKey, PublicKey, ReadyPolicy, Signer, UnsignedGrant, Value, Values)>();
    threads::<(CookieAttributes, SignedCookies, DateInput, ExternalSigner<()>, Inspection, Policy, Resource, WireUrl)>();
    threads::<(Decision, Request<'_>, Verifier, Guard<()>, GuardLayer)>();
    threads::<(Chunk, Chunks<&[u8]>, Judge, Judged, Record<'_>, Summary, Batch, Batches<&[u8]>)>();
    error::<Error>();
    error::<countersign::access_log::Unreadable>();
}

#[test]
fn what_is_printed_for_debugging_is_never_empty_nor_secret() {
    let options = LoadOptions::new().passphrase(b"open sesame");
    let shown = format!("{options:?}");
    assert!(shown.contains("has_passphrase: true") && !shown.contains("sesame") && !shown.contains("111, 112"), "{shown}");
    for shown in [format!("{:?}", Values::default()), format!("{:?}", Conditions::new(1)), format!("{:?}", ErrorCode::InvalidUrl)]
    {
        assert!(!shown.is_empty());
    }
}
