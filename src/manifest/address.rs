//! Which addresses of a manifest get the parameters, and where they go.

use std::borrow::Cow;
use std::cell::Cell;

use super::error::invalid;
use crate::credentials::Credentials;
use crate::error::{Error, ErrorCode, Result, quoted};
use crate::grant::{Grant, ParameterOrder};
use crate::url::{LONGEST_URL, Resolver, WireUrl, after_scheme, before_any, names, percent_decoded, split_at_first, unreadable};

/// What relative addresses are resolved against.
pub(super) struct Base {
    href: String,
    /// The length of its part that comes before a relative address.
    folder: usize,
    /// Whether it is of the grant's own host.
    is_own: bool,
    /// Whether the grant covers all that is below its folder.
    is_covered: bool,
}

impl Base {
    pub(super) fn href(&self) -> &str {
        &self.href
    }

    pub(super) fn folder(&self) -> &str {
        self.href.get(..self.folder).unwrap_or_default()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It gets the parameters.
    Signed,
    /// The grant does not concern it.
    Foreign,
    /// It is signed already.
    SignedBefore,
}

/// Decides on each address.
pub(super) struct Judge<'a> {
    grant: &'a Grant,
    resolver: Resolver,
    /// Whether relative addresses are to become absolute.
    absolute: bool,
    /// Where the manifest itself is.
    document: Base,
    /// Its URL's own query, the `?` included.
    query: String,
    /// The domain of the grant's resource; `None` if the grant covers everything.
    domain: Option<String>,
    /// The length of the parameters.
    parameters: usize,
    /// The longest address that they can be added to.
    room: usize,
    foreign_relatives: Cell<bool>,
    signed_before: Cell<bool>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(grant: &'a Grant, url: &str, resolver: Resolver, absolute: bool) -> Result<Self> {
        if let Some(single) = grant.single_address() {
            return Err(Error::new(
                ErrorCode::ResourceMismatch,
                format!("the grant covers only {}, and not the addresses in a manifest", quoted(single)),
            )
            .with_hint("Grant a resource with a * that covers the stream, https://d111111abcdef8.cloudfront.net/films/*."));
        }
        let domain = grant.granted().and_then(|resource| resource.domain()).filter(|domain| names_a_host(domain));
        let parameters = grant.parameters(ParameterOrder::Documentation).len() + 1;
        let mut judge = Self {
            grant,
            resolver,
            absolute,
            document: Base { href: String::new(), folder: 0, is_own: true, is_covered: false },
            query: String::new(),
            domain: domain.map(str::to_owned),
            parameters,
            room: LONGEST_URL.saturating_sub(parameters),
            foreign_relatives: Cell::new(false),
            signed_before: Cell::new(false),
        };
        let href = resolver(url, None).ok_or_else(|| unreadable(url))?;
        let (plain, _) = Credentials::take_from_url(&href);
        let address = WireUrl::from_href(plain)?;
        judge.document.href = address.as_str().to_owned();
        judge.query = split_at_first(&judge.document.href, '?').1.to_owned();
        judge.document = judge.base(judge.document.href.clone());
        Ok(judge)
    }

    pub(super) fn document(&self) -> &Base {
        &self.document
    }

    /// The value of a parameter of the manifest's own URL, escapes undone.
    pub(super) fn query_parameter(&self, name: &str) -> Option<String> {
        let query = self.query.get(1..)?;
        query
            .split('&')
            .filter_map(|part| part.split_once('='))
            .find(|(given, _)| *given == name)
            .and_then(|(_, value)| percent_decoded(value))
    }

    pub(super) fn resolved_base(&self, base: &Base, address: &str) -> Result<Base> {
        Ok(self.base(self.resolve(base, address)?))
    }

    fn base(&self, href: String) -> Base {
        let (path, _) = split_at_first(&href, '?');
        let folder = path.rfind('/').map_or(0, |slash| slash + 1);
        let is_own = authority(&href).is_some_and(|authority| self.is_own(authority));
        let below = WireUrl::plain_below(href.get(..folder).unwrap_or_default(), "");
        let is_covered = is_own
            && self
                .grant
                .granted()
                .is_none_or(|resource| below.is_ok_and(|below| below.is_some_and(|below| resource.covers_all_below(&below))));
        Base { href, folder, is_own, is_covered }
    }

    fn is_own(&self, authority: &str) -> bool {
        match (&self.domain, self.document.href.is_empty()) {
            (Some(domain), _) => crate::resource::covers_domain(domain, authority),
            // A grant for everything does not sign addresses of other hosts.
            (None, false) => self::authority(&self.document.href) == Some(authority),
            (None, true) => true,
        }
    }

    fn resolve(&self, base: &Base, address: &str) -> Result<String> {
        (self.resolver)(address, Some(&base.href)).ok_or_else(|| {
            Error::new(ErrorCode::InvalidUrl, format!("the address {} cannot be read", quoted(address)))
                .with_hint("Its host or port is wrong; no player can open it.")
        })
    }

    /// The address as the signed manifest has it, without the parameters.
    pub(super) fn written<'t>(&self, base: &Base, address: &'t str) -> Result<Cow<'t, str>> {
        if !self.absolute || scheme(address).is_some() {
            return Ok(Cow::Borrowed(address));
        }
        Ok(Cow::Owned(self.resolve(base, address)?))
    }

    pub(super) fn parameters(&self) -> String {
        self.grant.parameters(ParameterOrder::Documentation)
    }

    pub(super) fn is_absolute(&self) -> bool {
        self.absolute
    }

    /// Whether the bytes of an address alone show that it stays as it is and gets `?` and the parameters. This is so for nearly every
    /// address of a long manifest. If not, [`Judge::judge`] decides.
    pub(super) fn signs_at_sight(&self, base: &Base, address: &str) -> bool {
        base.is_covered && !self.absolute && base.folder + address.len() <= self.room && is_name_of_a_file(address)
    }

    /// Whether an address, without white space around it, gets the parameters.
    pub(super) fn judge(&self, base: &Base, address: &str) -> Result<Verdict> {
        if address.is_empty() {
            return Ok(Verdict::Foreign);
        }
        if self.is_signed(address) {
            return Ok(Verdict::SignedBefore);
        }
        let scheme = scheme(address);
        if scheme.is_some_and(|scheme| !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http")) {
            return Ok(Verdict::Foreign);
        }
        // Below a base without a host, no address is the grant's.
        if scheme.is_none() && authority(&base.href).is_none() {
            return Ok(Verdict::Foreign);
        }
        if scheme.is_none() && base.is_covered && WireUrl::is_plain_below(address)? {
            self.check_length(base.folder + address.len())?;
            return Ok(Verdict::Signed);
        }
        if scheme.is_none()
            && base.is_own
            && let Some(url) = WireUrl::plain_below(base.folder(), address)?
        {
            return self.covered(&url);
        }
        self.judge_resolved(base, address)
    }

    /// The same for an address that a parser has to resolve.
    fn judge_resolved(&self, base: &Base, address: &str) -> Result<Verdict> {
        let href = self.resolve(base, address)?;
        if !authority(&href).is_some_and(|authority| self.is_own(authority)) {
            if !self.document.is_own && authority(&href) == authority(&self.document.href) {
                self.foreign_relatives.set(true);
            }
            return Ok(Verdict::Foreign);
        }
        let (mut sent, _) = split_at_first(&href, '#');
        // CloudFront removes the parameters together with the separator before them.
        if place(sent).1.is_empty() {
            sent = sent.get(..sent.len().saturating_sub(1)).unwrap_or_default();
        }
        self.covered(&WireUrl::as_sent(sent)?)
    }

    /// Whether it is signed already; its expiry is not looked at.
    pub(super) fn is_signed(&self, address: &str) -> bool {
        let is_signed = is_signed(address);
        if is_signed {
            self.signed_before.set(true);
        }
        is_signed
    }

    fn covered(&self, url: &WireUrl) -> Result<Verdict> {
        self.check_length(url.as_str().len())?;
        self.grant.check_covers(url)?;
        Ok(Verdict::Signed)
    }

    fn check_length(&self, of_address: usize) -> Result<()> {
        let length = of_address + self.parameters;
        if length <= LONGEST_URL {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::TooLong,
            format!("the signed address has {length} bytes; CloudFront takes at most {LONGEST_URL}"),
        ))
    }

    /// Refuses a manifest in which nothing was signed because its URL has another host than the grant.
    pub(super) fn check_that_something_was_meant(&self, signed: usize) -> Result<()> {
        if signed > 0 || self.signed_before.get() || !self.foreign_relatives.get() {
            return Ok(());
        }
        let resource = self.grant.granted().map_or("*", |resource| resource.as_str());
        Err(Error::new(
            ErrorCode::ResourceMismatch,
            format!(
                "nothing was signed: the manifest is at {}, and the grant is for another host, {}",
                quoted(&self.document.href),
                quoted(resource)
            ),
        )
        .with_hint("Pass the URL under which viewers fetch the manifest from CloudFront; not the bucket's, and not your site's."))
    }
}

/// Whether the domain of a pattern has anything besides wildcards.
fn names_a_host(domain: &str) -> bool {
    domain.bytes().any(|byte| !matches!(byte, b'*' | b'?' | b'.'))
}

/// Host and port of an `http` or `https` URL that a parser has written.
fn authority(href: &str) -> Option<&str> {
    let authority = before_any(after_scheme(href)?, b"/?#");
    Some(authority.rsplit('@').next().unwrap_or(authority))
}

/// What stands before the colon of an absolute address (RFC 3986, section 3.1).
fn scheme(address: &str) -> Option<&str> {
    let end = address.bytes().position(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'+' | b'-' | b'.'))?;
    let scheme = address.get(..end)?;
    (address.as_bytes().get(end) == Some(&b':') && scheme.starts_with(|first: char| first.is_ascii_alphabetic()))
        .then_some(scheme)
}

/// Whether it is a path of letters, digits, `-`, `_`, dots and slashes, in which no segment is empty or begins with a dot. Such a
/// path is appended to the folder of its base unchanged.
fn is_name_of_a_file(address: &str) -> bool {
    let mut before = b'/';
    for byte in address.bytes() {
        if !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_') && (!matches!(byte, b'.' | b'/') || before == b'/') {
            return false;
        }
        before = byte;
    }
    !address.is_empty()
}

/// Whether the query has a signature of CloudFront's and the id of its key.
fn is_signed(address: &str) -> bool {
    let Some((_, query)) = address.split_once('?') else { return false };
    let (query, _) = split_at_first(query, '#');
    let has = |wanted: &str| names(query).any(|name| name == wanted);
    has("Signature") && has("Key-Pair-Id")
}

/// Where in an address the parameters go, and what stands before them: after its own query, before its fragment.
pub(super) fn place(address: &str) -> (usize, &'static str) {
    let (before, _) = split_at_first(address, '#');
    // A second ? is a part of the query like any other character.
    let separator = match before.find('?') {
        None => "?",
        Some(at) if at + 1 == before.len() || before.ends_with('&') => "",
        Some(_) => "&",
    };
    (before.len(), separator)
}

/// Refuses what a manifest may not have.
pub(super) fn refused(what: String, hint: &'static str) -> Error {
    invalid(what).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::url::native_resolver;
    use crate::{Conditions, KeyType, PrivateKey, Signer};
    use proptest::prelude::*;

    #[test]
    fn parameters_go_after_the_query_and_before_the_fragment() {
        for (address, expected) in [
            ("1.ts", (4, "?")),
            ("1.ts?a=b", (8, "&")),
            ("1.ts?", (5, "")),
            ("1.ts?a&", (7, "")),
            ("1.ts?a?", (7, "&")),
            ("1.ts??", (6, "&")),
            ("1.ts?a?&", (8, "")),
            ("1&", (2, "?")),
            ("1.ts#t=5?x", (4, "?")),
            ("1.ts?a#t", (6, "&")),
            ("#t", (0, "?")),
        ] {
            assert_eq!(place(address), expected, "{address}");
        }
    }

    fn grant(resource: &str) -> Grant {
        const FOREVER: i64 = 4_000_000_000;
        static SIGNER: LazyLock<Signer> =
            LazyLock::new(|| Signer::new("K2JCJMDEHXQW5F", PrivateKey::generate(KeyType::Ecdsa).unwrap()).unwrap());
        SIGNER.grant(resource, &Conditions::new(FOREVER)).unwrap()
    }

    #[test]
    fn names_of_files_are_seen_at_sight() {
        let grant = grant("https://d.net/films/*");
        let judge = Judge::new(&grant, "https://d.net/films/a/index.m3u8", native_resolver, false).unwrap();
        for address in ["1.ts", "segment_00001-hd.m4s", "a/b.c/d..ts", "a..", "a/", "_"] {
            assert!(judge.signs_at_sight(judge.document(), address), "{address}");
        }
        for address in [
            "",
            ".",
            "..",
            "./a",
            "../a",
            "/a",
            "//a",
            "a/.",
            "a/..",
            "a/.b",
            "a//b",
            "a?b",
            "a#b",
            "a:b",
            "a b",
            "a\\b",
            "a%2eb",
            "{$a}",
            "$a$",
            "a;b",
            "é",
            "a&amp;b",
            " a",
            "a\n",
            &"a".repeat(LONGEST_URL),
        ] {
            assert!(!judge.signs_at_sight(judge.document(), address), "{address}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

        /// Three ways lead to a verdict: at sight, by the bytes of a plain address, by a parser.
        #[test]
        fn the_quick_ways_decide_as_the_parser_does(
            addresses in prop::collection::vec("[a-c]?[./]{0,3}[a-zA-Z0-9_.-]{0,4}[/.:?%2eE;&=#*~|{$ é-]{0,3}[a-z]?", 20..21),
            resource in prop::sample::select(vec![
                "https://d.net/*", "https://d.net/films/*", "https://d.net/films/a*", "https://d.net/*.ts", "http*://*.net/films/*", "*",
            ]),
            url in prop::sample::select(vec![
                "https://d.net/films/index.m3u8", "https://d.net/films/a/i.m3u8?x=/y", "https://d.net/", "https://other.com/films/i.m3u8",
            ]),
        ) {
            let grant = grant(resource);
            let judge = Judge::new(&grant, url, native_resolver, false).unwrap();
            let base = judge.document();
            for address in &addresses {
                let address = address.trim_ascii();
                if address.is_empty() || is_signed(address) || scheme(address).is_some() {
                    prop_assert!(!judge.signs_at_sight(base, address));
                    continue;
                }
                let by_parser = judge.judge_resolved(base, address).map(|verdict| verdict == Verdict::Signed);
                let quickly = judge.judge(base, address).map(|verdict| verdict == Verdict::Signed);
                prop_assert_eq!(quickly.as_ref().map_err(Error::code), by_parser.as_ref().map_err(Error::code), "{}", address);
                if judge.signs_at_sight(base, address) {
                    prop_assert_eq!(by_parser, Ok(true), "{}", address);
                    prop_assert_eq!(place(address), (address.len(), "?"));
                    prop_assert_eq!(native_resolver(address, Some(base.href())), Some(format!("{}{address}", base.folder())));
                }
            }
        }
    }

    #[test]
    fn schemes() {
        for (address, expected) in [
            ("skd://1", Some("skd")),
            ("data:,x", Some("data")),
            ("HTTPS://d.net/", Some("HTTPS")),
            ("a.b+c-1:x", Some("a.b+c-1")),
            ("1.ts", None),
            ("1:2", None),
            ("a/b:c", None),
            ("a?b:c", None),
            ("//d.net/a", None),
            ("", None),
            ("é:x", None),
        ] {
            assert_eq!(scheme(address), expected, "{address}");
        }
    }
}
