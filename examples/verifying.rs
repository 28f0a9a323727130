//! Says what CloudFront would answer to a URL, and why. The exit status is 3 for a 403.
//!
//! ```sh
//! cargo run --example verifying -- K2JCJMDEHXQW5F public_key.pem 'https://d111111abcdef8.cloudfront.net/invoice.pdf?Expires=…'
//! ```

use std::process::ExitCode;

use countersign::PublicKey;
use countersign::date::DateInput;
use countersign::verifier::{Decision, Request, Verifier};

/// Decides for the current time unless another one is given.
pub(crate) fn answer(
    key_pair_id: &str,
    public_key_pem: &str,
    url: &str,
    now: Option<DateInput>,
) -> countersign::Result<Decision> {
    let verifier = Verifier::new([(key_pair_id, PublicKey::from_pem(public_key_pem)?)])?;
    let request = Request::new(url);
    verifier.verify(&match now {
        Some(now) => request.now(now),
        None => request,
    })
}

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [key_pair_id, public_key, url] = arguments.as_slice() else {
        return Err("pass the key pair id, the file of its public key and a signed URL".into());
    };
    match answer(key_pair_id, &std::fs::read_to_string(public_key)?, url, None)? {
        Decision::Allowed(access) => {
            println!("allowed for another {} seconds: {}", access.remaining, access.url);
            Ok(ExitCode::SUCCESS)
        }
        Decision::Denied(denial) => {
            println!("{}: {}", denial.code.as_str(), denial.reason);
            Ok(ExitCode::from(3))
        }
    }
}
