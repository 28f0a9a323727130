//! Signs with a key that this program never sees, as in a KMS or an HSM. Here the command `openssl` stands in for it.
//!
//! ```sh
//! cargo run --example external_signing -- K2JCJMDEHXQW5F private_key.pem
//! ```

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use countersign::external_signer::{ExternalSigner, SignError};
use countersign::{Algorithm, Conditions, Identity, KeyType, PublicKey};

/// Asks for a signature of the message. With AWS KMS: `MessageType` `RAW`, `SigningAlgorithm` `RSASSA_PKCS1_V1_5_SHA_256`.
fn ask(private_key: &Path, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, SignError> {
    let hash = match algorithm {
        Algorithm::Sha256 => "-sha256",
        _ => "-sha1",
    };
    let mut openssl = Command::new("openssl")
        .args(["dgst", hash, "-sign"])
        .arg(private_key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = openssl.stdin.take() {
        input.write_all(message)?;
    }
    Ok(openssl.wait_with_output()?.stdout)
}

pub(crate) fn link(key_pair_id: &str, private_key: &Path, public_key: PublicKey) -> countersign::Result<String> {
    let identity = Identity::new(key_pair_id, KeyType::Rsa, Some(Algorithm::Sha256))?;
    let sign = |algorithm: Algorithm, message: &[u8]| ask(private_key, algorithm, message);
    // With the public key, each signature is checked before it is used.
    let signer = ExternalSigner::new(identity, sign).public_key(public_key);
    signer.sign_url("https://d111111abcdef8.cloudfront.net/invoice.pdf", &Conditions::new("30m"))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [key_pair_id, private_key] = arguments.as_slice() else {
        return Err("pass the key pair id and the file of the private key".into());
    };
    let public_key = Command::new("openssl").args(["pkey", "-pubout", "-in", private_key]).output()?.stdout;
    println!("{}", link(key_pair_id, Path::new(private_key), PublicKey::load(&public_key)?)?);
    Ok(())
}
