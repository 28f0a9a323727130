//! Manifests. The input: a text, its URL, and what is granted. Any text gives a result or a coded error. The result is the text with
//! parameters after some addresses, and signing it again changes nothing.
#![no_main]

use countersign::verifier::Request;
use countersign::{Algorithm, Conditions, ManifestOptions};
use countersign_fuzz::{Fields, key_group, signer};
use libfuzzer_sys::fuzz_target;

const NOW: i64 = 1_893_456_000;

fuzz_target!(|data: &[u8]| {
    let mut fields = Fields::new(data);
    let (text, url, resource) = (fields.text(), fields.text(), fields.given());
    let resource = resource.unwrap_or_else(|| "https://d.net/a/*".to_owned());
    let Ok(grant) = signer(false, Algorithm::Sha256).grant(&resource, &Conditions::new("2h").now(NOW)) else { return };
    let url = if url.is_empty() { "https://d.net/a/b.m3u8".to_owned() } else { url };
    let signed = match grant.manifest(&text, &url) {
        Ok(signed) => signed,
        Err(error) => {
            assert!(!error.message().is_empty() && error.message().len() < 10_000);
            return;
        }
    };
    assert_eq!(grant.manifest(&signed, &url).as_deref(), Ok(signed.as_str()), "signing twice is signing once");
    let _ = grant.manifest_with(&text, &url, ManifestOptions::new().absolute(true)).map(|absolute| absolute.len());

    // Every URL of the grant has the same parameters.
    let Some(parameters) = parameters(&grant) else { return };
    let in_xml = parameters.replace('&', "&amp;");
    let without = taken_out(&taken_out(&signed, &in_xml), &parameters);
    let kept =
        |text: &str| text.replace("&amp;", "&").chars().filter(|character| !matches!(character, '?' | '&')).collect::<String>();
    assert_eq!(kept(&without), kept(&text), "nothing else is changed");

    // Each playlist line that was signed is allowed.
    if !text.contains("{$") && signed.trim_start_matches('\u{feff}').trim_start().starts_with("#EXTM3U") {
        for line in
            signed.split(['\r', '\n']).map(str::trim).filter(|line| line.ends_with(&parameters) && !line.starts_with('#')).take(4)
        {
            let asked = url::Url::parse(&url).and_then(|base| base.join(line)).expect("it was read");
            if asked.as_str().len() < 8_192 {
                let decision = key_group().verify(&Request::new(asked.as_str()).now(NOW)).unwrap();
                assert!(decision.is_allowed(), "{asked}: {decision:?}");
            }
        }
    }
});

/// The parameters that such a grant adds, found with an address that its resource covers.
fn parameters(grant: &countersign::Grant) -> Option<String> {
    let signed = grant.url("https://d.net/a/x").ok()?;
    signed.split_once('?').map(|(_, query)| query.to_owned())
}

fn taken_out(text: &str, parameters: &str) -> String {
    text.split(parameters).collect()
}
