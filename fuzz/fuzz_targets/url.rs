//! The wire form of URLs, and which of them a resource covers. The input: a URL, a resource, and parameters to append.
#![no_main]

use countersign::resource::Resource;
use countersign::url::{RESERVED_PARAMETERS, WireUrl};
use countersign_fuzz::{Fields, plain_resource};
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|data: &[u8]| {
    let mut fields = Fields::new(data);
    let (text, resource) = (fields.text(), fields.text());
    let wire = WireUrl::parse(&text).ok();
    if let Some(wire) = &wire {
        let sent = wire.as_str();
        let parsed = Url::parse(sent).expect("a client can read it");
        assert_eq!(parsed.as_str(), sent, "a client sends it as it is");
        assert!(["http", "https"].contains(&parsed.scheme()) && parsed.username().is_empty() && parsed.password().is_none());
        assert!(parsed.fragment().is_none());
        for (name, _) in parsed.query_pairs() {
            assert!(!RESERVED_PARAMETERS.contains(&&*name), "{sent} has {name}");
        }
        // It means what the text meant: only empty parts of the query, `^` and `|` in the path, and the fragment may differ.
        let mut original = Url::parse(&text).expect("it was read");
        original.set_fragment(None);
        assert_eq!(original.host_str(), parsed.host_str());
        assert_eq!(original.path().replace('^', "%5E").replace('|', "%7C"), parsed.path());
        let parts = |url: &Url| {
            let parts = url.query().unwrap_or_default().split('&').filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(parts(&original), parts(&parsed));
        assert_eq!(WireUrl::parse(sent).expect("again").as_str(), sent);
    }
    if let Ok(parsed) = Resource::parse(&resource) {
        assert_eq!(Resource::parse(parsed.as_str()).as_ref(), Ok(&parsed), "the form of a resource is final");
        assert!(!parsed.as_str().contains('#'));
    }
    if let Some(wire) = &wire {
        for resource in [resource.as_str(), Resource::parse(&resource).as_ref().map_or("", Resource::as_str)] {
            assert_eq!(
                Resource::verbatim(resource.to_owned()).matches(wire),
                plain_resource::covers(resource, wire.as_str()),
                "{resource} and {}",
                wire.as_str()
            );
        }
    }
});
