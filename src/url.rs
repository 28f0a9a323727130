//! The wire form of a URL: the exact text in which a client asks CloudFront for it, which is the text that is signed.
//!
//! A WHATWG parser (<https://url.spec.whatwg.org/>) brings a URL to that form: host in lower case, default port gone,
//! dot segments resolved, percent-encoded as browsers do. Natively that parser is the crate `url`, in WebAssembly
//! the host's own `URL`. What the standard leaves open is decided here.

mod wire_form;

pub(crate) use wire_form::is_plain;

use std::borrow::Cow;

use memchr::memchr;
use percent_encoding::percent_decode_str;

use crate::error::{Error, ErrorCode, Result, quoted, shown};
use crate::parameter::Parameter;
use crate::values::is_no_value;

/// The query parameters that CloudFront reserves. A URL to sign must not have any of them.
///
/// Source: AWS, *Creating a signed URL using a canned policy*; `Hash-Algorithm` since 2026.
pub const RESERVED_PARAMETERS: [&str; 5] = ["Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"];

/// The longest URL that CloudFront accepts, in bytes.
///
/// Source: AWS, *Quotas*, "General quotas"
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html>).
pub const LONGEST_URL: usize = 8_192;

/// The longest request with its headers, from the same page.
pub const LONGEST_REQUEST: usize = 32_768;

/// A WHATWG URL parser: what `new URL(text).href` is, or `None` where that throws.
pub type Parser = fn(&str) -> Option<String>;

/// The same for an address that may be relative to a base: what `new URL(text, base).href` is.
pub(crate) type Resolver = fn(&str, Option<&str>) -> Option<String>;

/// The resolver of the crate `url`.
pub(crate) fn native_resolver(text: &str, base: Option<&str>) -> Option<String> {
    match base {
        Some(base) => url::Url::parse(base).ok()?.join(text).ok().map(String::from),
        None => native_parser(text),
    }
}

/// The parser of the crate `url`.
pub(crate) fn native_parser(text: &str) -> Option<String> {
    url::Url::parse(text).ok().map(String::from)
}

/// An absolute `http:` or `https:` URL in its wire form, without its fragment, which no client sends.
///
/// ```
/// use countersign::url::WireUrl;
///
/// let url = WireUrl::parse("HTTPS://D111111ABCDEF8.CloudFront.net:443/a/../café.jpg?&size=1#top")?;
/// assert_eq!(url.as_str(), "https://d111111abcdef8.cloudfront.net/caf%C3%A9.jpg?size=1");
/// # Ok::<(), countersign::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireUrl {
    text: String,
    fragment: String,
}

/// The four parts of an address that CloudFront compares one by one with those of a policy's resource.
#[derive(Clone, Copy)]
pub(crate) struct Sections<'a> {
    pub(crate) protocol: &'a str,
    pub(crate) domain: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
}

impl WireUrl {
    /// Reads a URL and brings it to its wire form.
    ///
    /// A `^` in the path is written as `%5E`, a `|` as `%7C`: the standard changed in the one, Chromium departs from it in the
    /// other, and so every client leaves the URL as it is. Empty query parts (`?`, `&&`) are left out.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidUrl`] if it is empty, relative, unreadable or holds a user name or password;
    /// [`ErrorCode::UnsupportedScheme`] if it is not `http:` or `https:`; [`ErrorCode::ReservedParameter`] if its query
    /// holds one of [`RESERVED_PARAMETERS`].
    pub fn parse(text: impl AsRef<str>) -> Result<Self> {
        Self::parse_with(text.as_ref(), native_parser)
    }

    pub(crate) fn parse_with(text: &str, parser: Parser) -> Result<Self> {
        match Self::plain(text)? {
            Some(url) => Ok(url),
            None => Self::from_href(href(text, parser)?),
        }
    }

    /// Takes a URL whose bytes show that it is in wire form already; `None` if it needs a parser.
    pub(crate) fn plain(text: &str) -> Result<Option<Self>> {
        if !is_plain(text) {
            return Ok(None);
        }
        refuse_reserved_in(split_at_first(text, '?').1)?;
        Ok(Some(Self { text: text.to_owned(), fragment: String::new() }))
    }

    /// Whether a relative address is plain: then it is only put behind a folder.
    pub(crate) fn is_plain_below(address: &str) -> Result<bool> {
        if !wire_form::is_plain_relative(address) {
            return Ok(false);
        }
        refuse_reserved_in(split_at_first(address, '?').1)?;
        Ok(true)
    }

    /// Takes a relative address that only goes behind the folder that it is relative to, where its bytes alone show that; nothing,
    /// where a parser has to look at it.
    pub(crate) fn plain_below(folder: &str, address: &str) -> Result<Option<Self>> {
        if !Self::is_plain_below(address)? {
            return Ok(None);
        }
        let mut text = String::with_capacity(folder.len() + address.len());
        text.push_str(folder);
        text.push_str(address);
        Ok(Some(Self { text, fragment: String::new() }))
    }

    /// Takes a URL, serialised by a WHATWG parser and without fragment, that is sent as it is; every byte of it stays.
    pub(crate) fn as_sent(href: &str) -> Result<Self> {
        check_address(href)?;
        refuse_ambiguous(href)?;
        refuse_reserved_in(split_at_first(href, '?').1)?;
        Ok(Self { text: href.to_owned(), fragment: String::new() })
    }

    /// Takes the URL of a request, serialised by a WHATWG parser and without signing parameters, and leaves every byte of it.
    pub(crate) fn as_requested(href: String) -> Result<Self> {
        check_address(&href)?;
        Ok(Self { text: href, fragment: String::new() })
    }

    /// Takes a URL that a WHATWG parser has serialised, as `new URL(text).href` does.
    ///
    /// # Errors
    /// As for [`WireUrl::parse`].
    pub fn from_href(href: String) -> Result<Self> {
        check_address(&href)?;
        check_host(&href)?;
        refuse_ambiguous(&href)?;
        let (address, fragment) = split_at_first(&href, '#');
        let (base, query) = split_at_first(address, '?');
        let mut text = escaped_path(base);
        push_query(&mut text, query)?;
        Ok(Self { text, fragment: fragment.to_owned() })
    }

    /// The wire form, which is what a canned policy names and what is signed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn has_fragment(&self) -> bool {
        !self.fragment.is_empty()
    }

    /// The URL without wildcards, even if somebody sends the same signature as a custom policy: in the query, `*` becomes `%2A` and
    /// `?` becomes `%3F`.
    ///
    /// # Errors
    /// [`ErrorCode::WildcardInUrl`] for a `*` in host or path: it means a pattern.
    pub(crate) fn one_address(&self) -> Result<Cow<'_, Self>> {
        if !self.has_wildcard() {
            return Ok(Cow::Borrowed(self));
        }
        let (base, query) = split_at_first(&self.text, '?');
        refuse_wildcard(base, &self.text)?;
        let query = query.get(1..).unwrap_or_default().replace('*', "%2A").replace('?', "%3F");
        Ok(Cow::Owned(Self { text: format!("{base}?{query}"), fragment: self.fragment.clone() }))
    }

    /// Whether a `*`, or a `?` after the one that begins the query, is in it.
    fn has_wildcard(&self) -> bool {
        let bytes = self.text.as_bytes();
        bytes.contains(&b'*') || bytes.iter().filter(|byte| **byte == b'?').nth(1).is_some()
    }

    pub(crate) fn check_length(&self) -> Result<()> {
        check_length("URL", self.text.len())
    }

    pub(crate) fn without_query(&self) -> Self {
        let (text, _) = split_at_first(&self.text, '?');
        Self { text: text.to_owned(), fragment: String::new() }
    }

    pub(crate) fn sections(&self) -> Sections<'_> {
        let (protocol, rest) = split_at_first(&self.text, ':');
        let (address, query) = split_at_first(rest.get("://".len()..).unwrap_or_default(), '?');
        let (domain, path) = split_at_first(address, '/');
        Sections { protocol, domain, path, query: query.get(1..) }
    }

    /// What comes before the parameters, in two parts, and after them.
    pub(crate) fn around_parameters(&self) -> [&str; 3] {
        [&self.text, if self.text.as_bytes().contains(&b'?') { "&" } else { "?" }, &self.fragment]
    }
}

/// Refuses a `*` in the host or path of a URL to sign.
pub(crate) fn refuse_wildcard(before_query: &str, url: &str) -> Result<()> {
    if !before_query.as_bytes().contains(&b'*') {
        return Ok(());
    }
    Err(Error::new(ErrorCode::WildcardInUrl, format!("the URL has a * in it, {}; only one address can be signed", quoted(url)))
        .about(Parameter::Url)
        .with_value("url", shown(url))
        .with_hint(format!(
            "Pass the pattern as {} and one address as the URL; write %2A for a literal *.",
            Parameter::Resource.token()
        )))
}

/// Refuses a URL or a resource that is too long for CloudFront.
pub(crate) fn check_length(what: &str, length: usize) -> Result<()> {
    if length <= LONGEST_URL {
        return Ok(());
    }
    Err(Error::new(ErrorCode::TooLong, format!("the {what} has {length} bytes; CloudFront takes at most {LONGEST_URL}"))
        .about(Parameter::Url)
        .with_value("length", length)
        .with_value("limit", LONGEST_URL)
        .with_hint("Shorten the query, or sign a resource with a *, which need not repeat the query."))
}

/// The part of a URL, as it came, that one reader takes for another: a control character, a `\\`, or a dot segment, also where its
/// dots or the slashes beside it are escaped, or parameters of the segment follow it (`..;x`, which some servers take for `..`).
pub(crate) fn ambiguous_part(written: &str) -> Option<String> {
    let written = written.trim_matches(' ');
    if let Some(control) = written.chars().find(|character| character.is_control()) {
        return Some(control.to_string());
    }
    // A parser repairs a URL with one slash or three.
    let Some((scheme, after)) =
        written.split_once("://").filter(|(scheme, after)| !scheme.contains('/') && !after.starts_with('/'))
    else {
        return Some(written.chars().take_while(|c| *c != '?').take(12).collect());
    };
    if scheme.as_bytes().contains(&b'\\') {
        return Some("\\".to_owned());
    }
    let address = before_any(after, b"?#");
    if address.as_bytes().contains(&b'\\') {
        return Some("\\".to_owned());
    }
    let (_, path) = address.split_once('/')?;
    path.split('/').find(|segment| hides_dots(segment)).map(str::to_owned)
}

fn hides_dots(segment: &str) -> bool {
    // Nearly every segment.
    if !segment.starts_with('.') && !segment.as_bytes().contains(&b'%') {
        return false;
    }
    // Byte by byte, so that invalid UTF-8 hides nothing. Old servers read overlong forms as a dot or a slash; others stop at a zero
    // byte, or drop blanks after the dots.
    let text: String = percent_decode_str(segment).map(char::from).collect();
    let text = text.replace("\u{c0}\u{ae}", ".").replace("\u{c0}\u{af}", "/").replace("\u{c1}\u{9c}", "\\");
    text.split(['/', '\\']).any(|part| {
        let name = part.split([';', '\0']).next().unwrap_or(part);
        matches!(name.trim_end_matches(|character: char| character <= ' '), "." | "..")
    })
}

/// Refuses paths that servers read in different ways.
pub(crate) fn refuse_ambiguous(href: &str) -> Result<()> {
    if let Some(found) = ambiguous_part(href) {
        return Err(Error::new(
            ErrorCode::InvalidUrl,
            format!(
                "the URL's path has {}, which some servers read as \"..\": you would sign one address and open another",
                quoted(&found)
            ),
        )
        .about(Parameter::Url)
        .with_hint("Write out the path that you mean."));
    }
    Ok(())
}

/// What a parser makes of a URL. Parsers drop line breaks, so two lines of a list would be joined to one address.
pub(crate) fn href(text: &str, parser: Parser) -> Result<String> {
    parser(text).filter(|_| !has_lines(text)).ok_or_else(|| unreadable(text))
}

/// Whether there is a URL after a line break, or after a tab.
pub(crate) fn has_lines(text: &str) -> bool {
    text.trim().as_bytes().windows(5).any(|bytes| matches!(bytes, [b'\t' | b'\n' | b'\r', b'h', b't', b't', b'p']))
}

/// Refuses everything but an `http:` or `https:` URL without a user name.
fn check_address(href: &str) -> Result<()> {
    if after_scheme(href).is_none() {
        let scheme = href.split_once(':').map_or("", |(scheme, _)| scheme);
        return Err(Error::new(
            ErrorCode::UnsupportedScheme,
            format!("the URL's scheme is {}; CloudFront signs http and https URLs", quoted(scheme)),
        )
        .about(Parameter::Url)
        .with_value("scheme", shown(scheme))
        .with_hint(if is_host(scheme) {
            "Put https:// before it."
        } else {
            "Pass the address that the viewer opens, https://…; not an s3:// or file:// address."
        }));
    }
    if authority(href).as_bytes().contains(&b'@') {
        return Err(Error::new(
            ErrorCode::InvalidUrl,
            "the URL has a user name or a password before its host, which are not part of a request",
        )
        .about(Parameter::Url)
        .with_value("problem", "user name")
        .with_hint("Remove everything between // and the @, and the @ itself."));
    }
    Ok(())
}

/// Refuses a host from a template that was not filled in, or that a missing value was put into.
pub(crate) fn check_host(address: &str) -> Result<()> {
    let host = authority(address);
    let (name, _) = split_at_first(host, ':');
    // `https://https://…`: the second colon is that of a port.
    let is_scheme = name == "http" || name == "https";
    let goes_on = name.split_once(".cloudfront.net").is_some_and(|(_, rest)| !rest.is_empty() && !rest.starts_with(['.', '*']));
    if !is_scheme && !goes_on && !is_no_value(name) && !host.bytes().any(|b| matches!(b, b'$' | b'{' | b'}')) {
        return Ok(());
    }
    Err(Error::new(ErrorCode::InvalidUrl, format!("the URL's host is {}, which is not a host", quoted(host)))
        .about(Parameter::Url)
        .with_value("problem", "host")
        .with_hint(if is_scheme { "Write https:// once." } else { "Is the variable set? A slash ends the host." }))
}

/// Escapes what some clients escape in a path and others do not; no client changes the escapes.
pub(crate) fn escaped_path(path: &str) -> String {
    path.replace('^', "%5E").replace('|', "%7C")
}

/// Splits before the first `separator`, which is ASCII; without one, the second part is empty.
pub(crate) fn split_at_first(text: &str, separator: char) -> (&str, &str) {
    text.split_at(memchr(separator as u8, text.as_bytes()).unwrap_or(text.len()))
}

/// What comes before the first of these bytes, which are ASCII; all of the text, if it has none.
pub(crate) fn before_any<'a>(text: &'a str, stops: &[u8]) -> &'a str {
    text.bytes().position(|byte| stops.contains(&byte)).and_then(|end| text.get(..end)).unwrap_or(text)
}

/// What follows `https://` or `http://`; nothing, if a URL begins otherwise.
pub(crate) fn after_scheme(url: &str) -> Option<&str> {
    url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))
}

/// The names of a query's parameters.
pub(crate) fn names(query: &str) -> impl Iterator<Item = &str> {
    query.split('&').map(|part| split_at_first(part, '=').0)
}

/// The host and port of an address, which may lack its scheme, and a user name before them.
pub(crate) fn authority(address: &str) -> &str {
    let first = before_any(address, b"/?#");
    let after = first.strip_suffix(':').and_then(|scheme| address.get(scheme.len()..)?.strip_prefix("://"));
    after.map_or(first, |after| before_any(after, b"/?#"))
}

/// Appends a query, `?` included, without its empty parts; refuses one that holds a parameter of CloudFront's.
pub(crate) fn push_query(text: &mut String, query: &str) -> Result<()> {
    let mut separator = '?';
    for part in query.get(1..).unwrap_or_default().split('&').filter(|part| !part.is_empty()) {
        refuse_reserved(part)?;
        text.push(separator);
        text.push_str(part);
        separator = '&';
    }
    Ok(())
}

/// Refuses a query, `?` included, that holds a parameter of CloudFront's.
fn refuse_reserved_in(mut query: &str) -> Result<()> {
    while let Some(parts) = query.get(1..) {
        let (part, rest) = split_at_first(parts, '&');
        refuse_reserved(part)?;
        query = rest;
    }
    Ok(())
}

/// Refuses a part of a query, `name=value`, whose name CloudFront reserves, even if its letters are escaped.
fn refuse_reserved(part: &str) -> Result<()> {
    let first = part.as_bytes().first();
    // Nearly every part.
    if first != Some(&b'%') && RESERVED_PARAMETERS.iter().all(|name| name.as_bytes().first() != first) {
        return Ok(());
    }
    let (written, _) = split_at_first(part, '=');
    let mut matches = RESERVED_PARAMETERS.iter().filter(|name| **name == written || is_escaped_form(written, name));
    match matches.next() {
        None => Ok(()),
        Some(name) => Err(Error::new(
            ErrorCode::ReservedParameter,
            format!("the URL already has the query parameter {name}, which CloudFront reserves"),
        )
        .about(Parameter::Url)
        .with_value("name", *name)
        .with_hint(if *name == "Expires" || *name == "Policy" || *name == "Signature" {
            "Sign the plain URL: this one is signed already, or its own parameter needs another name."
        } else {
            "Give the URL's own parameter another name."
        })),
    }
}

fn is_escaped_form(written: &str, name: &str) -> bool {
    written.as_bytes().contains(&b'%') && percent_decoded(written).is_some_and(|decoded| decoded == name)
}

/// Whether what follows a `%` makes it an escape.
pub(crate) fn is_escape(after_percent: &str) -> bool {
    matches!(after_percent.as_bytes(), [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

/// Whether a `%` is in it that begins no escape.
pub(crate) fn has_stray_percent(text: &str) -> bool {
    !text.split('%').skip(1).all(is_escape)
}

/// Decodes escapes and leaves everything else; `None` if the result is not UTF-8.
pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned)
}

/// Whether a text looks like a host name rather than a file name.
fn is_host(text: &str) -> bool {
    const FILES: [&str; 41] = [
        "aac", "avif", "bin", "bmp", "css", "csv", "doc", "docx", "epub", "gif", "gz", "htm", "html", "ico", "jpeg", "jpg", "js",
        "json", "log", "md", "mkv", "mov", "mpd", "pdf", "png", "ppt", "pptx", "svg", "tar", "tiff", "ts", "txt", "vtt", "wav",
        "webm", "webp", "woff", "xls", "xlsx", "xml", "zip",
    ];
    let lower = text.to_ascii_lowercase();
    let lower = lower.strip_suffix('.').unwrap_or(&lower);
    if lower.parse::<std::net::Ipv4Addr>().is_ok() {
        return true;
    }
    let Some((_, last)) = lower.rsplit_once('.') else { return lower == "localhost" };
    last.len() >= 2
        && last.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-')
        && !FILES.contains(&last)
        && !lower.starts_with('.')
}

/// Whether it is a host, a host with a port, or an IPv6 address.
fn is_host_and_port(text: &str) -> bool {
    let (host, port) = text.rsplit_once(':').unwrap_or((text, ""));
    let has_port = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    has_port && !host.is_empty() || is_host(text) || text.starts_with('[') && text.contains("]")
}

pub(crate) fn unreadable(text: &str) -> Error {
    let error = Error::new(
        ErrorCode::InvalidUrl,
        format!("the URL is {}; it has to be absolute, such as \"https://d111111abcdef8.cloudfront.net/file\"", quoted(text)),
    );
    let trimmed = text.trim();
    let start = before_any(trimmed, b"/?#");
    let problem = if trimmed.is_empty() { "empty" } else { "unreadable" };
    error.about(Parameter::Url).with_value("problem", problem).with_value("given", shown(text)).with_hint(if trimmed.is_empty() {
        "It is empty. Is the variable set?"
    } else if has_lines(text) {
        "It is more than one: pass them one by one."
    } else if trimmed.starts_with("//") {
        "Put https: before it."
    } else if trimmed.contains("*://") {
        "This is a pattern: sign one address, and pass the pattern as the resource."
    } else if trimmed.starts_with("http") && trimmed.contains('%') && !trimmed.contains(':') {
        "It is escaped like a parameter's value: undo the escapes."
    } else if ["https://", "http://"].iter().any(|scheme| trimmed.find(scheme).is_some_and(|at| at > 0)) && !is_host(start) {
        "Pass only the URL: there is text before it or around it."
    } else if ["https", "http"].iter().any(|scheme| {
        trimmed.strip_prefix(scheme).is_some_and(|after| after.starts_with(['/', ';', '\\', ':']) && !after.starts_with("://"))
    }) {
        "Write https:// at the beginning, with a colon and two slashes."
    } else if is_no_value(start) || trimmed.starts_with(['$', '{', '%']) {
        "Its beginning was not filled in. Is the variable set?"
    } else if is_host_and_port(start) {
        "Put https:// before it."
    } else if trimmed.starts_with('/') || !trimmed.contains("://") {
        "Put the distribution's domain before it: https://d111111abcdef8.cloudfront.net/…"
    } else {
        "Its host or port cannot be read."
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(text: &str) -> String {
        WireUrl::parse(text).unwrap().as_str().to_owned()
    }

    #[test]
    fn brings_urls_to_the_form_that_is_sent() {
        for (text, expected) in [
            ("https://d.net", "https://d.net/"),
            ("https://d.net?x=1", "https://d.net/?x=1"),
            ("HTTP://D.NET:80/A", "http://d.net/A"),
            ("https://d.net:8443/a", "https://d.net:8443/a"),
            ("https://ドメイン.example/a", "https://xn--eckwd4c7c.example/a"),
            ("https://d.net/a b/é/\"<>`{}", "https://d.net/a%20b/%C3%A9/%22%3C%3E%60%7B%7D"),
            ("https://d.net/%zz/%c3%a9/a+b=c,d@e", "https://d.net/%zz/%c3%a9/a+b=c,d@e"),
            ("https://d.net/a/./b/../c", "https://d.net/a/c"),
            ("https://d.net/a^b?c^d", "https://d.net/a%5Eb?c^d"),
            ("https://d.net/a|b?c|d", "https://d.net/a%7Cb?c|d"),
            ("https://d.net/a?", "https://d.net/a"),
            ("https://d.net/a?&&", "https://d.net/a"),
            ("https://d.net/a?&x=1&&y=2&", "https://d.net/a?x=1&y=2"),
            ("https://d.net/a?flag", "https://d.net/a?flag"),
            ("https://d.net/a?q='a b+c'&u=http://x/?y", "https://d.net/a?q=%27a%20b+c%27&u=http://x/?y"),
            (" https://d.net/a\tb\n ", "https://d.net/ab"),
            (
                "https://d.net/a?expires=1&policy=2&ExpiresX=3&x=Expires",
                "https://d.net/a?expires=1&policy=2&ExpiresX=3&x=Expires",
            ),
            ("https://d.net/a?%zz&%", "https://d.net/a?%zz&%"),
        ] {
            assert_eq!(wire(text), expected);
            assert_eq!(wire(expected), expected);
        }
    }

    #[test]
    fn puts_the_fragment_back_after_the_parameters() {
        assert_eq!(WireUrl::parse("https://d.net/a#b?c").unwrap().around_parameters(), ["https://d.net/a", "?", "#b?c"]);
        assert_eq!(WireUrl::parse("https://d.net/a?b#c").unwrap().around_parameters(), ["https://d.net/a?b", "&", "#c"]);
    }

    #[test]
    fn refuses_what_cannot_be_signed() {
        let code = |text: &str| WireUrl::parse(text).unwrap_err().code();
        for text in [
            "",
            " ",
            "/a.jpg",
            "a.jpg",
            "d.net/a",
            "//d.net/a",
            "https://",
            "https://d.net:99999/",
            "https://u:p@d.net/",
            "https://u@d.net",
        ] {
            assert_eq!(code(text), ErrorCode::InvalidUrl, "{text}");
        }
        for text in [
            "ftp://d.net/a",
            "s3://bucket/key",
            "rtmp://d.net/a",
            "wss://d.net/a",
            "file:///etc/hosts",
            "data:,x",
            "javascript:alert(1)",
        ] {
            assert_eq!(code(text), ErrorCode::UnsupportedScheme, "{text}");
        }
        for query in
            ["Expires=1", "a=1&Policy", "Signature=", "Key-Pair-Id=K", "Hash-Algorithm=SHA1", "%45xpires=1", "Key%2DPair%2dId=1"]
        {
            assert_eq!(code(&format!("https://d.net/a?{query}")), ErrorCode::ReservedParameter, "{query}");
        }
    }

    #[test]
    fn cuts_sections() {
        let url = WireUrl::parse("https://d.net:8443/a/b?c=d/e?f").unwrap();
        let sections = url.sections();
        assert_eq!(
            (sections.protocol, sections.domain, sections.path, sections.query),
            ("https", "d.net:8443", "/a/b", Some("c=d/e?f"))
        );
        assert_eq!(WireUrl::parse("https://d.net").unwrap().sections().query, None);
    }
}
