//! A key group from `--public-key [ID=]SOURCE`.

use countersign::verifier::Verifier;
use countersign::{ErrorCode, Parameter, PublicKey};

use crate::inputs::read;
use crate::output::Failure;

/// Reads each `--public-key`. `input` names what else comes from standard input, if anything does.
pub fn verifier(public_keys: &[String], input: Option<&str>) -> Result<Verifier, Failure> {
    let from_input = public_keys.iter().filter(|key| *key == "-" || key.ends_with("=-")).count();
    match (from_input, input) {
        (1.., Some(input)) => {
            return Err(Failure::usage(format!("a public key and {input} cannot both come from standard input")));
        }
        (2.., None) => return Err(Failure::usage("two public keys cannot both come from standard input".to_owned())),
        _ => {}
    }
    let mut keys = Vec::new();
    for argument in public_keys {
        let (id, source) = match argument.split_once('=') {
            Some((id, source)) if is_id(id) => (id, source),
            _ => return of_any_id(public_keys.len(), argument),
        };
        if keys.iter().any(|(known, _)| known == id) {
            return Err(Failure::usage(format!("--public-key gives the id {id} twice")));
        }
        keys.push((id.to_owned(), load(source)?));
    }
    Verifier::new(keys).map_err(|error| Failure::about(&error, Parameter::KeyPairId, "the id of --public-key"))
}

/// Whether it can be an ID. In a path, what comes before a `=` has other characters: `file://`, `./` or `.pem`.
fn is_id(text: &str) -> bool {
    !text.contains(['/', '.', '\\', ':'])
}

/// The key group of one key that belongs to every ID. With several keys it would not be clear which one an ID means.
fn of_any_id(keys: usize, source: &str) -> Result<Verifier, Failure> {
    if keys > 1 {
        return Err(Failure::usage(format!(
            "--public-key {source} has no id; beside other keys each takes one, ID=SOURCE, such as K2JCJMDEHXQW5F=file://public_key.pem"
        )));
    }
    Ok(Verifier::of_any_id(load(source)?))
}

fn load(source: &str) -> Result<PublicKey, Failure> {
    let pem = read(source, "--public-key").map_err(|failure| failure.with_code(ErrorCode::InvalidPublicKey))?;
    Ok(PublicKey::load(&pem)?)
}
