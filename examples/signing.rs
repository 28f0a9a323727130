//! Signs one link, and a whole folder with one signature.
//!
//! ```sh
//! cargo run --example signing -- K2JCJMDEHXQW5F private_key.pem
//! ```

use countersign::{Conditions, PrivateKey, Signer};

const HOST: &str = "https://d111111abcdef8.cloudfront.net";

pub(crate) fn links(key_pair_id: &str, private_key_pem: &str) -> countersign::Result<Vec<String>> {
    let signer = Signer::new(key_pair_id, PrivateKey::from_pem(private_key_pem)?)?;

    // One address, for half an hour.
    let mut links = vec![signer.sign_url(format!("{HOST}/invoice.pdf"), &Conditions::new("30m"))?];

    // Everybody who asks within a quarter of an hour gets the same link, so that browsers can cache the file.
    let photo = Conditions::new("1h").round_up_to("15m");
    links.push(signer.sign_url(format!("{HOST}/photo.jpg"), &photo)?);

    // One signature for a folder: putting it on a URL needs no further signature.
    let grant = signer.grant(format!("{HOST}/films/*"), &Conditions::new("2h").ip_address("192.0.2.0/24"))?;
    links.extend(grant.urls((1..=3).map(|number| format!("{HOST}/films/{number}.ts")))?);
    Ok(links)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [key_pair_id, private_key] = arguments.as_slice() else {
        return Err("pass the key pair id and the file of the private key".into());
    };
    for link in links(key_pair_id, &std::fs::read_to_string(private_key)?)? {
        println!("{link}");
    }
    Ok(())
}
