//! A key group from `--public-key ID=SOURCE`.

use countersign::verifier::Verifier;
use countersign::{ErrorCode, PublicKey};

use crate::arguments::KeyGroupArguments;
use crate::inputs::read;
use crate::output::Failure;

pub fn verifier(arguments: &KeyGroupArguments) -> Result<Verifier, Failure> {
    let mut keys = Vec::new();
    for argument in &arguments.public_keys {
        let (id, source) = argument.split_once('=').filter(|(id, _)| !id.is_empty()).ok_or_else(|| {
            Failure::usage("--public-key takes ID=SOURCE, such as K2JCJMDEHXQW5F=file://public_key.pem".to_owned())
        })?;
        let pem = read(source, "--public-key").map_err(|failure| failure.with_code(ErrorCode::InvalidPublicKey))?;
        if keys.iter().any(|(known, _)| known == id) {
            return Err(Failure::usage(format!("--public-key gives the id {id} twice")));
        }
        keys.push((id.to_owned(), PublicKey::load(&pem)?));
    }
    Ok(Verifier::new(keys)?)
}
