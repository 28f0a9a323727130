//! `manifest`: an HLS playlist or a DASH MPD with its addresses signed.

use countersign::url::WireUrl;
use countersign::{ErrorCode, ManifestOptions};

use crate::arguments::ManifestArguments;
use crate::inputs::read;
use crate::output::{Failure, print};
use crate::sign::{WhatToSign, one_input, signer, what_to_sign};

pub fn manifest(arguments: &ManifestArguments) -> Result<u8, Failure> {
    one_input(&arguments.signer, &arguments.conditions, ("manifest", Some(&arguments.file)))?;
    let bytes = read(&arguments.file, "the manifest").map_err(|failure| failure.with_code(ErrorCode::InvalidManifest))?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let failure = Failure::with_hint(
            format!("the manifest is not UTF-8: {error}"),
            "Pass the playlist or the MPD, uncompressed; iconv converts other encodings.",
        );
        failure.with_code(ErrorCode::InvalidManifest)
    })?;
    let signer = signer(&arguments.signer)?;
    let grant = match what_to_sign(&arguments.conditions)? {
        WhatToSign::Ready(policy) => signer.grant_policy(&policy)?,
        WhatToSign::Built(conditions) => match &arguments.policy_resource {
            Some(resource) => signer.grant(resource, &conditions)?,
            None => signer.grant(&folder(&arguments.url)?, &conditions)?,
        },
    };
    print(&grant.manifest_with(text, &arguments.url, ManifestOptions::new().absolute(arguments.absolute))?)?;
    Ok(0)
}

/// Everything in the folder of a URL.
fn folder(url: &str) -> Result<String, Failure> {
    let url = WireUrl::parse(url)?;
    let path = url.as_str().split('?').next().unwrap_or_default();
    let folder = path.rfind('/').and_then(|slash| path.get(..=slash)).unwrap_or(path);
    Ok(format!("{folder}*"))
}
