//! Criterion's rows: the crate against its native peers, without and with the feature `openssl`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::report::{Row, Times};
use crate::programs::install_for_openssl;
use crate::project::{cargo, path, run, say};

pub const SECTION: &str = "Against Rust crates";

/// A row: our work and Criterion's folder for it, the peer and its folder.
const ROWS: [(&str, &str, &str, &str); 11] = [
    (
        "`Signer::sign_url`, RSA-2048",
        "countersign/rsa-sha1-sign",
        "`cloudfront_sign::get_signed_url`, not blinded",
        "peers/cloudfront_sign",
    ),
    ("`Signer::sign_url`, RSA-2048", "countersign/rsa-sha1-sign", "the crate `rsa`, the signature alone", "peers/rsa"),
    ("`Signer::sign_url`, RSA-2048", "countersign/rsa-sha1-sign", OPENSSL_SIGN, "peers/openssl-rsa-sha1-sign"),
    (
        "`Signer::sign_url`, RSA-2048, with the feature `openssl`",
        "openssl/rsa-sha1-sign",
        OPENSSL_SIGN,
        "peers/openssl-rsa-sha1-sign",
    ),
    (
        "`Signer::sign_url`, RSA-2048, with the feature `openssl`",
        "openssl/rsa-sha1-sign",
        "`cloudfront_sign::get_signed_url`, not blinded",
        "peers/cloudfront_sign",
    ),
    (
        "`Signer::sign_url`, RSA-2048, SHA-256, with the feature `openssl`",
        "openssl/rsa-sha256-sign",
        OPENSSL_SIGN,
        "peers/openssl-rsa-sha256-sign",
    ),
    ("`Signer::sign_url`, ECDSA P-256", "countersign/p256-sign", OPENSSL_SIGN, "peers/openssl-p256-sign"),
    ("`Signer::sign_url`, ECDSA P-256, with the feature `openssl`", "openssl/p256-sign", OPENSSL_SIGN, "peers/openssl-p256-sign"),
    ("`Grant::url`", "countersign/grant-url", "`cloudfront_sign::get_signed_url`, not blinded", "peers/cloudfront_sign"),
    ("`Verifier::verify`, RSA-2048", "countersign/rsa-sha256-verify", OPENSSL_VERIFY, "peers/openssl-rsa-sha256-verify"),
    ("`Verifier::verify`, ECDSA P-256", "countersign/p256-verify", OPENSSL_VERIFY, "peers/openssl-p256-verify"),
];
const OPENSSL_SIGN: &str = "bare OpenSSL, the signature alone";
const OPENSSL_VERIFY: &str = "bare OpenSSL, `verify` alone";

/// Nanoseconds, as Criterion writes them to `estimates.json`.
#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

/// `sample.json`: iterations, and their nanoseconds.
#[derive(Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

pub fn rows(folder: &Path) -> Result<Vec<Row>> {
    let home = folder.join("criterion");
    // Otherwise Criterion compares with its last measurement.
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    install_for_openssl()?;
    for features in [&[][..], &["--features", "openssl"]] {
        say("timing the crate by Criterion, half a minute beside what has to be compiled");
        run(cargo()
            .args(["bench", "--quiet", "--manifest-path", "benches/native/Cargo.toml", "--target-dir"])
            .arg(path("target/bench/native"))
            .args(features)
            .env("CRITERION_HOME", &home))?;
    }
    let row = |(work, ours, peer, theirs): (&str, &str, &str, &str)| {
        let (ours, theirs) = (times(&home.join(ours))?, times(&home.join(theirs))?);
        Ok(Row::new(SECTION, work, ours, peer, theirs))
    };
    ROWS.into_iter().map(row).collect()
}

fn times(folder: &Path) -> Result<Times> {
    let read = |name: &str| {
        let file = folder.join("new").join(name);
        fs::read(&file).with_context(|| format!("Criterion has not written {}", file.display()))
    };
    let Estimates { median } = serde_json::from_slice(&read("estimates.json")?)?;
    let Sample { iters, times } = serde_json::from_slice(&read("sample.json")?)?;
    let mut each: Vec<f64> = iters.iter().zip(&times).map(|(iterations, time)| time / iterations).collect();
    each.sort_by(f64::total_cmp);
    let quantile = |part: usize| each.get(each.len() * part / 10).copied().context("Criterion has no sample");
    Ok(Times { median: median.point_estimate / 1e3, low: quantile(1)? / 1e3, high: quantile(9)? / 1e3 })
}
