//! The resource of a policy: one address, or a pattern with wildcards, and which URLs it covers.
//!
//! Source: AWS, *Creating a signed URL using a custom policy*, "Use wildcard characters in a custom policy"
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html>):
//! `*` is zero or more characters, `?` exactly one, and a wildcard matches within its section only, of the four
//! protocol, domain, path and query string. The `?` that begins the query is written as it is.

use crate::error::{Error, ErrorCode, Result, quoted};
use crate::url::{
    Parser, Sections, WireUrl, check_host, check_length, escaped_path, has_lines, native_parser, push_query, refuse_ambiguous,
    split_at_first, unreadable,
};

/// What a policy covers: one address, or a pattern with `*`.
///
/// ```
/// use countersign::resource::Resource;
/// use countersign::url::WireUrl;
///
/// let films = Resource::parse("https://D111111ABCDEF8.cloudfront.net/films/*")?;
/// assert_eq!(films.as_str(), "https://d111111abcdef8.cloudfront.net/films/*");
/// assert!(films.matches(&WireUrl::parse("https://d111111abcdef8.cloudfront.net/films/1.mp4?quality=hd")?));
/// assert!(!films.matches(&WireUrl::parse("https://d111111abcdef8.cloudfront.net/music/1.mp3")?));
/// # Ok::<(), countersign::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    text: String,
    /// Where the path's only wildcard is, a `*` that ends the resource: it covers whatever has the same text before that.
    open_from: Option<usize>,
}

impl Resource {
    /// Reads a resource and writes it as requests arrive: as [`WireUrl::parse`] does, but `*` stays. The protocol is `http`, `https`,
    /// `http*` or `*`, or missing before a leading `*`.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidUrl`], [`ErrorCode::UnsupportedScheme`] and [`ErrorCode::ReservedParameter`] as for
    /// [`WireUrl::parse`]; [`ErrorCode::InvalidUrl`] also for a fragment, which no request has.
    pub fn parse(text: impl AsRef<str>) -> Result<Self> {
        Self::parse_with(text.as_ref(), native_parser)
    }

    pub(crate) fn parse_with(text: &str, parser: Parser) -> Result<Self> {
        Self::read(text, parser).map_err(Error::of_the_resource)
    }

    fn read(text: &str, parser: Parser) -> Result<Self> {
        // URL parsers do this first too: a line break at the end does not matter.
        if has_lines(text) {
            return Err(unreadable(text));
        }
        let text = text.trim_matches(|c: char| c <= ' ').replace(['\t', '\n', '\r'], "");
        let text = text.as_str();
        check_length("resource", text.len())?;
        if text.as_bytes().contains(&b'#') {
            return Err(Error::new(ErrorCode::InvalidUrl, format!("the resource is {}, which has a fragment", quoted(text)))
                .with_hint("Leave out the # and what follows: no client sends it."));
        }
        if text.as_bytes().contains(&b'*') {
            return Ok(Self::verbatim(pattern(text, parser)?));
        }
        let url = WireUrl::parse_with(text, parser)?;
        if url.as_str().as_bytes().contains(&b'*') {
            return Err(Error::new(
                ErrorCode::InvalidUrl,
                format!("the resource is {}, whose host would turn into a pattern", quoted(text)),
            )
            .with_hint("A host name has no escapes: write * if a wildcard is meant."));
        }
        Ok(Self::verbatim(url.as_str().to_owned()))
    }

    /// Takes the resource of a policy from elsewhere, byte for byte.
    pub fn verbatim(text: String) -> Self {
        let open_from = end_of_folder(&text);
        Self { text, open_from }
    }

    /// The resource as the policy holds it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it has a `*`. A `?` alone begins the query.
    pub fn has_wildcard(&self) -> bool {
        // It mostly is at the end.
        self.text.ends_with('*') || self.text.as_bytes().contains(&b'*')
    }

    /// The protocol that it begins with, if CloudFront does not accept it: `h*`, `https*`, `**`.
    pub(crate) fn impossible_protocol(&self) -> Option<&str> {
        let (protocol, _) = split_protocol(&self.text)?;
        (!PROTOCOLS.contains(&protocol)).then_some(protocol)
    }

    /// Whether cookies may carry it: it must begin with `http://`, `https://` or `http*://`.
    pub fn is_allowed_in_cookies(&self) -> bool {
        ["http://", "https://", "http*://"].iter().any(|protocol| self.text.starts_with(protocol))
    }

    /// The section for hosts, if there is one.
    pub(crate) fn domain(&self) -> Option<&str> {
        PatternSections::cut(&self.text).map(|sections| sections.domain)
    }

    /// Whether it covers `url`, section by section, with AWS's exceptions: a `*` at the end of the path covers every
    /// query too, one at the end of the domain every path and query, `*example.com` is `*://*example.com/`, and `*` alone
    /// is everything.
    pub fn matches(&self, url: &WireUrl) -> bool {
        let begins_alike = |length: usize| url.as_str().get(..length) == self.text.get(..length);
        if self.text == "*" || self.text == url.as_str() || self.open_from.is_some_and(begins_alike) {
            return true;
        }
        let Some(pattern) = PatternSections::cut(&self.text) else { return false };
        let Sections { protocol, domain, path, query } = url.sections();
        if !glob(pattern.protocol, protocol) || !glob(pattern.domain, domain) {
            return false;
        }
        if pattern.path.is_empty() && pattern.query.is_none() && pattern.domain.ends_with('*') {
            return true;
        }
        if !glob(if pattern.path.is_empty() { "/" } else { pattern.path }, path) {
            return false;
        }
        match (pattern.query, query) {
            (Some(pattern), Some(query)) => glob(pattern, query),
            (Some(_), None) => false,
            (None, None) => true,
            (None, Some(_)) => pattern.path.ends_with('*'),
        }
    }

    /// Whether it plainly covers every URL below `folder`: its only wildcard in the path ends it, and the text before the wildcard
    /// begins the folder's path. It may be `false` for a resource that covers them in another way.
    pub(crate) fn covers_all_below(&self, folder: &WireUrl) -> bool {
        let Some(PatternSections { path, query: None, .. }) = PatternSections::cut(&self.text) else { return false };
        let Some(start) = path.strip_suffix('*') else { return false };
        !start.as_bytes().contains(&b'*') && folder.sections().path.starts_with(start) && self.matches(folder)
    }
}

/// How much of a resource comes before the `*` that ends it, if that is in its path and no other wildcard is before it.
fn end_of_folder(text: &str) -> Option<usize> {
    let folder = text.strip_suffix('*')?;
    let address = folder.strip_prefix("https://").or_else(|| folder.strip_prefix("http://"))?;
    let has = |byte| address.as_bytes().contains(&byte);
    (has(b'/') && !has(b'*') && !has(b'?')).then_some(folder.len())
}

/// The protocols that a resource may begin with.
const PROTOCOLS: [&str; 4] = ["http", "https", "http*", "*"];

/// What comes before and after `://`; a `://` further on belongs to a query, as in `*/login?to=https://…`.
fn split_protocol(text: &str) -> Option<(&str, &str)> {
    text.split_once("://").filter(|(protocol, _)| !protocol.contains(['/', '?', '.']))
}

/// The sections of a pattern; `path` is empty where there is none.
struct PatternSections<'a> {
    protocol: &'a str,
    domain: &'a str,
    path: &'a str,
    query: Option<&'a str>,
}

impl<'a> PatternSections<'a> {
    /// `None` if it begins neither with a protocol that CloudFront takes nor with `*`.
    fn cut(text: &'a str) -> Option<Self> {
        let (protocol, rest) = match split_protocol(text) {
            Some((protocol, rest)) if PROTOCOLS.contains(&protocol) => (protocol, rest),
            Some(_) => return None,
            None if text.starts_with('*') => ("*", text),
            None => return None,
        };
        let domain_end = rest.find('/').or_else(|| rest.find('?')).unwrap_or(rest.len());
        let (domain, rest) = rest.split_at_checked(domain_end)?;
        let (path, query) = split_at_first(rest, '?');
        Some(Self { protocol, domain, path, query: query.get(1..) })
    }
}

/// Whether a pattern's domain covers a host, with its port.
pub(crate) fn covers_domain(pattern: &str, domain: &str) -> bool {
    glob(pattern, domain)
}

pub(crate) fn resource_protocol(protocol: &str) -> Error {
    Error::new(
        ErrorCode::UnsupportedScheme,
        format!("the resource's protocol is {}; CloudFront takes http://, https://, http*:// and *://", quoted(protocol)),
    )
    .with_hint("Write https://, or http*:// for both.")
}

/// Writes a resource with `*` as requests arrive.
fn pattern(text: &str, parser: Parser) -> Result<String> {
    let (protocol, rest) = match split_protocol(text) {
        Some((protocol, rest)) => (protocol.to_ascii_lowercase(), Some(rest)),
        None if text.starts_with('*') => (String::new(), None),
        None => return Err(unreadable(text)),
    };
    if rest.is_some() && !PROTOCOLS.contains(&protocol.as_str()) {
        return Err(resource_protocol(&protocol));
    }
    let after_protocol = rest.unwrap_or(text);
    if after_protocol == "*" {
        return Ok(if rest.is_some() { format!("{protocol}://*") } else { "*".to_owned() });
    }
    // `ftp` is parsed like `http` but for its default port, which nobody means: so neither 80 nor 443 goes where the
    // protocol is open.
    let parsed_as = if protocol == "http" || protocol == "https" { protocol.as_str() } else { "ftp" };
    let href = parser(&format!("{parsed_as}://{after_protocol}")).ok_or_else(|| unreadable(text))?;
    let normalised = href.strip_prefix(parsed_as).and_then(|href| href.strip_prefix("://")).ok_or_else(|| unreadable(text))?;
    let (address, query) = split_at_first(normalised, '?');
    let (domain, path) = split_at_first(address, '/');
    if domain.as_bytes().contains(&b'@') {
        return Err(Error::new(ErrorCode::InvalidUrl, "the resource has a user name or a password before its host")
            .with_hint("Remove everything between // and the @, and the @ itself."));
    }
    check_host(normalised)?;
    refuse_ambiguous(&href)?;
    if domain.split('.').any(|label| label.starts_with("xn--") && label.as_bytes().contains(&b'*')) {
        return Err(Error::new(
            ErrorCode::InvalidUrl,
            format!("the resource is {}; one part of a host name cannot have both a * and letters outside ASCII", quoted(text)),
        )
        .with_hint("Requests carry such names in Punycode, where the * would stand elsewhere: write *.example.com."));
    }
    let mut pattern = if rest.is_some() { format!("{protocol}://{domain}") } else { domain.to_owned() };
    // A `*` at the end of the domain stands for every path; a `/` after it would end that.
    if !(domain.ends_with('*') && after_protocol.ends_with('*') && !after_protocol.contains(['/', '?'])) {
        pattern.push_str(&escaped_path(path));
    }
    push_query(&mut pattern, query)?;
    if pattern.matches('*').count() != text.matches('*').count() {
        return Err(Error::new(ErrorCode::InvalidUrl, format!("the resource is {}, in which a * would be lost", quoted(text)))
            .with_hint("Leave out the segments . and .. beside it."));
    }
    Ok(pattern)
}

/// Whether `text` matches `pattern`, where `*` is any run of bytes and `?` any one byte.
///
/// Stars are tried one at a time: once a later one is reached, earlier ones are settled. The time is at most the product of both
/// lengths.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                last_star = Some((p, t));
                p += 1;
            }
            Some(wanted) if *wanted == b'?' || wanted == byte => {
                p += 1;
                t += 1;
            }
            _ => match &mut last_star {
                Some((star, matched)) => {
                    *matched += 1;
                    (p, t) = (*star + 1, *matched);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|rest| *rest == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(resource: &str, url: &str) -> bool {
        Resource::verbatim(resource.to_owned()).matches(&WireUrl::parse(url).unwrap())
    }

    #[test]
    fn a_folder_is_covered_with_all_that_is_below_it() {
        for (resource, folder, expected) in [
            ("https://d.net/films/*", "https://d.net/films/", true),
            ("https://d.net/films/*", "https://d.net/films/1/", true),
            ("https://d.net/fil*", "https://d.net/films/", true),
            ("http*://*.net/*", "https://d.net/films/", true),
            ("https://d.net/films/*", "https://d.net/", false),
            ("https://d.net/films/*", "http://d.net/films/", false),
            ("https://d.net/films/*", "https://e.net/films/", false),
            ("https://d.net/films/*.ts", "https://d.net/films/", false),
            ("https://d.net/*/a*", "https://d.net/films/", false),
            ("https://d.net/films/*?a=*", "https://d.net/films/", false),
            // Covered, but not plainly.
            ("https://d.net*", "https://d.net/films/", false),
            ("*", "https://d.net/films/", false),
        ] {
            let pattern = Resource::verbatim(resource.to_owned());
            assert_eq!(pattern.covers_all_below(&WireUrl::parse(folder).unwrap()), expected, "{resource} {folder}");
            for below in ["1.ts", "a/b/", "1.ts?a=b", "a:b/?x"].iter().filter(|_| expected) {
                assert!(covers(resource, &format!("{folder}{below}")), "{resource} {folder}{below}");
            }
        }
    }

    #[test]
    fn matches_as_aws_documents_it() {
        // Each pair is an example or a sentence of the page named above.
        for (resource, url, expected) in [
            ("https://www.example.com/hello*world", "https://www.example.com/helloworld", true),
            ("https://www.example.com/hello*world", "https://www.example.com/hello-world", true),
            ("https://www.example.com/hello*world", "https://www.example.com/hello?world", false),
            ("http://example.com/hello*", "http://example.com/hello", true),
            ("http://example.com/hello*", "http://example.com/hello-you?a=b", true),
            ("http://example.com*", "http://example.com/any/path?any=query", true),
            ("http://example.com*", "http://example.com.evil.net/", true),
            ("https://*", "https://example.com/a?b=c", true),
            ("https://*", "http://example.com/a", false),
            ("*example.com", "http://www.example.com/", true),
            ("*example.com", "https://example.com/a", false),
            ("*", "https://example.com/a?b", true),
            (
                "https://d111111abcdef8.cloudfront.net/*game_download.zip*",
                "https://d111111abcdef8.cloudfront.net/game_download.zip",
                true,
            ),
            (
                "https://d111111abcdef8.cloudfront.net/*game_download.zip*",
                "https://d111111abcdef8.cloudfront.net/example_game_download.zip?license=yes",
                true,
            ),
            ("http*://d.net/a", "https://d.net/a", true),
            ("http*://d.net/a", "http://d.net/a", true),
            ("*://d.net/a", "https://d.net/a", true),
            ("https://d.net/a?x=*", "https://d.net/a?x=", true),
            ("https://d.net/a?x=*", "https://d.net/a?y=1", false),
            ("https://d.net/a?x=?", "https://d.net/a?x=1", true),
            ("https://d.net/a?x=?", "https://d.net/a?x=12", false),
            ("https://d.net/a?*", "https://d.net/a", false),
            ("https://d.net/a", "https://d.net/a?x=1", false),
            ("https://d.net/a?x=1", "https://d.net/a", false),
            ("https://?.net/a", "https://d.net/a", true),
            ("https://d.net/a/*/c", "https://d.net/a/b/b/c", true),
            ("https://*.d.net/*", "https://a.b.d.net/c", true),
            ("https://*.d.net/*", "https://d.net/c", false),
            ("https://*/a", "https://d.net/b/a", false),
            ("d.net/a", "https://d.net/a", false),
            ("", "https://d.net/a", false),
            ("*/login?to=https://x/", "https://d.net/login?to=https://x/", true),
        ] {
            assert_eq!(covers(resource, url), expected, "{resource} and {url}");
        }
    }

    #[test]
    fn glob_agrees_with_a_plain_recursive_definition() {
        fn plain(pattern: &[u8], text: &[u8]) -> bool {
            match pattern.split_first() {
                None => text.is_empty(),
                Some((b'*', rest)) => (0..=text.len()).any(|skip| plain(rest, &text[skip..])),
                Some((wanted, rest)) => {
                    text.split_first().is_some_and(|(byte, tail)| (*wanted == b'?' || wanted == byte) && plain(rest, tail))
                }
            }
        }
        let words = |alphabet: &[u8], longest: usize| {
            let mut all = vec![Vec::new()];
            let mut last = all.clone();
            for _ in 0..longest {
                last = last
                    .iter()
                    .flat_map(|word: &Vec<u8>| alphabet.iter().map(move |b| [word.as_slice(), &[*b]].concat()))
                    .collect();
                all.extend(last.clone());
            }
            all
        };
        for pattern in words(b"ab*?", 5) {
            for text in words(b"ab", 5) {
                let (pattern, text) = (str::from_utf8(&pattern).unwrap(), str::from_utf8(&text).unwrap());
                assert_eq!(glob(pattern, text), plain(pattern.as_bytes(), text.as_bytes()), "{pattern} {text}");
            }
        }
    }

    #[test]
    fn brings_patterns_to_the_form_of_requests() {
        for (text, expected) in [
            ("HTTPS://D.NET/*", "https://d.net/*"),
            ("https://d.net:443/*", "https://d.net/*"),
            ("http*://d.net:443/*", "http*://d.net:443/*"),
            ("*://D.net/a b/é*", "*://d.net/a%20b/%C3%A9*"),
            ("https://d.net/*?x='*", "https://d.net/*?x=%27*"),
            ("https://d.net/a*?&x=*&", "https://d.net/a*?x=*"),
            ("https://d.net*", "https://d.net*"),
            ("https://*", "https://*"),
            ("https://*.d.net", "https://*.d.net/"),
            ("*", "*"),
            ("*://*", "*://*"),
            ("*Example.com", "*example.com/"),
            ("*example.com/a/*", "*example.com/a/*"),
            ("https://d.net/plain?x=1", "https://d.net/plain?x=1"),
        ] {
            assert_eq!(Resource::parse(text).unwrap().as_str(), expected, "{text}");
            assert_eq!(Resource::parse(expected).unwrap().as_str(), expected, "{text}");
        }
    }

    #[test]
    fn refuses_resources_that_cover_nothing() {
        let code = |text: &str| Resource::parse(text).unwrap_err().code();
        for text in [
            "",
            "/private/*",
            "d.net/*",
            "https://d.net/*#a",
            "https://d.net/a#b",
            "https://u:p@d.net/*",
            "https://d.net:*/a",
            "https://d.net/public/..%2fprivate/*",
            "http*://d.net/public/..;/private/*",
        ] {
            assert_eq!(code(text), ErrorCode::InvalidUrl, "{text}");
        }
        for text in ["ftp://d.net/*", "ht*://d.net/a", "s3://bucket/*"] {
            assert_eq!(code(text), ErrorCode::UnsupportedScheme, "{text}");
        }
        assert_eq!(code("https://d.net/*?Expires=*"), ErrorCode::ReservedParameter);
    }
}
