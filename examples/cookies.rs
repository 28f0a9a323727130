//! Prints the `Set-Cookie` headers for a login and a logout.
//!
//! ```sh
//! cargo run --example cookies -- K2JCJMDEHXQW5F private_key.pem
//! ```

use countersign::cookies::{CookieAttributes, SameSite, clear_cookies};
use countersign::{Conditions, PrivateKey, Signer};

/// The site and the distribution share the domain; browsers send the cookies to the films only.
fn attributes() -> CookieAttributes {
    CookieAttributes::new().domain("example.com").path("/films").same_site(SameSite::Lax)
}

pub(crate) fn log_in(key_pair_id: &str, private_key_pem: &str) -> countersign::Result<Vec<String>> {
    let signer = Signer::new(key_pair_id, PrivateKey::from_pem(private_key_pem)?)?;
    signer.sign_cookies("https://media.example.com/films/*", &Conditions::new("8h"))?.set_cookie(&attributes())
}

pub(crate) fn log_out() -> countersign::Result<Vec<String>> {
    clear_cookies(&attributes())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [key_pair_id, private_key] = arguments.as_slice() else {
        return Err("pass the key pair id and the file of the private key".into());
    };
    println!("After the login:");
    for line in log_in(key_pair_id, &std::fs::read_to_string(private_key)?)? {
        println!("Set-Cookie: {line}");
    }
    println!("After the logout:");
    for line in log_out()? {
        println!("Set-Cookie: {line}");
    }
    Ok(())
}
