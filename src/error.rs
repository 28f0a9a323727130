//! Errors: a stable code, what was found and what is accepted, and what to do about it.

use std::borrow::Cow;
use std::fmt;

use crate::parameter::{Face, Parameter, name_at_cloudfront, with_names};
use crate::values::{Value, Values};

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error: a stable [`ErrorCode`], a message for people and often a hint that says what to do.
///
/// The message says what was found and what is accepted. Neither it nor the hint ever contains a private key or a
/// passphrase, or a part of one.
///
/// ```
/// use countersign::date::DateInput;
/// use countersign::{ErrorCode, Face, Parameter};
///
/// let error = DateInput::from("tomorrow").resolve(Parameter::DateLessThan, 0).unwrap_err();
/// assert_eq!(error.code(), ErrorCode::InvalidDate);
/// assert_eq!(error.code().as_str(), "INVALID_DATE");
/// assert_eq!(error.parameter(), Some(Parameter::DateLessThan));
/// assert!(error.message_in(Face::Shell).starts_with("--date-less-than is \"tomorrow\""));
/// assert!(error.hint().is_some());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    // Boxed: results are passed on in many places, and this makes each of them a pointer.
    inner: Box<Inner>,
}

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    code: ErrorCode,
    message: Text,
    hint: Option<Text>,
    parameter: Option<Parameter>,
    /// A name that only one interface has, such as an unknown option.
    option: Option<String>,
    values: Values,
    /// Other errors of the same call.
    others: Vec<Error>,
}

/// Text in which single characters stand for parameters, and the same text with Rust's names.
#[derive(Clone, PartialEq, Eq)]
struct Text {
    written: Cow<'static, str>,
    /// `None` if the text names no parameter.
    in_rust: Option<String>,
}

impl Text {
    #[inline(never)]
    fn new(written: Cow<'static, str>) -> Self {
        let in_rust = match with_names(&written, &|parameter| parameter.name_in(Face::Rust).into()) {
            Cow::Borrowed(_) => None,
            Cow::Owned(named) => Some(named),
        };
        Self { written, in_rust }
    }

    fn as_str(&self) -> &str {
        self.in_rust.as_deref().unwrap_or(&self.written)
    }
}

impl Error {
    pub(crate) fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self::with_message(code, message.into())
    }

    #[inline(never)]
    fn with_message(code: ErrorCode, message: Cow<'static, str>) -> Self {
        let message = Text::new(message);
        let inner =
            Inner { code, message, hint: None, parameter: None, option: None, values: Values::default(), others: Vec::new() };
        Self { inner: Box::new(inner) }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.set_hint(hint.into());
        self
    }

    #[inline(never)]
    fn set_hint(&mut self, hint: Cow<'static, str>) {
        self.inner.hint = Some(Text::new(hint));
    }

    /// Changes the code.
    pub(crate) fn with_code(mut self, code: ErrorCode) -> Self {
        self.inner.code = code;
        self
    }

    /// Joins several errors: the first one lists the others.
    pub(crate) fn of_all(errors: impl IntoIterator<Item = Error>) -> Option<Self> {
        let mut errors = errors.into_iter();
        let mut first = errors.next()?;
        for mut other in errors {
            let others = std::mem::take(&mut other.inner.others);
            first.inner.others.push(other);
            first.inner.others.extend(others);
        }
        Some(first)
    }

    /// Puts the place of the error before the message.
    pub(crate) fn with_prefix(mut self, prefix: &str) -> Self {
        self.inner.message = Text::new(format!("{prefix}{}", self.inner.message.written).into());
        self
    }

    /// Says which parameter is wrong.
    pub(crate) fn about(mut self, parameter: Parameter) -> Self {
        self.inner.parameter = Some(parameter);
        self
    }

    /// The error of a check that URLs and resources share, about a resource.
    pub(crate) fn of_the_resource(mut self) -> Self {
        if let Some(rest) = self.inner.message.written.strip_prefix("the URL") {
            self.inner.message = Text::new(format!("the resource{rest}").into());
        }
        self.about(Parameter::Resource)
    }

    /// The same for a name that only one interface has.
    #[cfg(all(feature = "js", target_arch = "wasm32"))]
    pub(crate) fn about_option(mut self, name: &str) -> Self {
        self.inner.option = Some(shown(name));
        self
    }

    /// Adds a value that the message contains. A caller's text must go through [`shown`] first.
    pub(crate) fn with_value(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.inner.values.push(name, value);
        self
    }

    /// The stable code, the same in Rust, in JavaScript and in `docs/errors.md`.
    pub fn code(&self) -> ErrorCode {
        self.inner.code
    }

    /// What was found and what is accepted, in a sentence or two, with this crate's names. It may change between versions.
    pub fn message(&self) -> &str {
        self.inner.message.as_str()
    }

    /// What to do about it, if the message does not say so already, with this crate's names.
    pub fn hint(&self) -> Option<&str> {
        self.inner.hint.as_ref().map(Text::as_str)
    }

    /// The parameter that is wrong, if it is a single one.
    pub fn parameter(&self) -> Option<Parameter> {
        self.inner.parameter
    }

    /// The name that an interface has for the wrong parameter.
    #[cfg(all(feature = "js", target_arch = "wasm32"))]
    pub(crate) fn option_in(&self, face: Face) -> Option<&str> {
        self.inner.option.as_deref().or_else(|| self.inner.parameter.map(|parameter| parameter.name_in(face)))
    }

    /// This error and, if several parameters of the call are wrong, one error for each of the others.
    ///
    /// ```
    /// use countersign::{Conditions, KeyType, Parameter, PrivateKey, Signer};
    ///
    /// let signer = Signer::new("K2JCJMDEHXQW5F", PrivateKey::generate(KeyType::Ecdsa)?)?;
    /// let conditions = Conditions::new("soon").ip_address("everywhere");
    /// let error = signer.sign_url("https://d111111abcdef8.cloudfront.net/a.jpg", &conditions).unwrap_err();
    /// let wrong: Vec<_> = error.all().map(|error| error.parameter()).collect();
    /// assert_eq!(wrong, [Some(Parameter::DateLessThan), Some(Parameter::IpAddress)]);
    /// # Ok::<(), countersign::Error>(())
    /// ```
    pub fn all(&self) -> impl Iterator<Item = &Error> {
        std::iter::once(self).chain(&self.inner.others)
    }

    /// The values in the message, by name: with the code they are enough to write it in another language.
    pub fn values(&self) -> &Values {
        &self.inner.values
    }

    /// The message with the names of another interface.
    pub fn message_in(&self, face: Face) -> Cow<'_, str> {
        self.message_with(|parameter| parameter.name_in(face))
    }

    /// The hint with the names of another interface.
    pub fn hint_in(&self, face: Face) -> Option<Cow<'_, str>> {
        self.hint_with(|parameter| parameter.name_in(face))
    }

    /// Message and hint with CloudFront's names, for what is in a URL or a policy.
    pub(crate) fn at_cloudfront(&self) -> String {
        let (message, hint) = (self.message_with(name_at_cloudfront), self.hint_with(name_at_cloudfront));
        format!("{message}. {}", hint.unwrap_or_default())
    }

    /// The message with your own names, such as the fields of a form.
    pub fn message_with<N: Into<Cow<'static, str>>>(&self, name: impl Fn(Parameter) -> N) -> Cow<'_, str> {
        with_names(&self.inner.message.written, &|parameter| name(parameter).into())
    }

    /// The hint with your own names.
    pub fn hint_with<N: Into<Cow<'static, str>>>(&self, name: impl Fn(Parameter) -> N) -> Option<Cow<'_, str>> {
        self.inner.hint.as_ref().map(|hint| with_names(&hint.written, &|parameter| name(parameter).into()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Error {}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.message())?;
        match self.hint() {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// Quotes what a caller passed, for a message: shortened, and without control characters, which a terminal would obey, or
/// characters that change the direction of text.
pub(crate) fn quoted(text: &str) -> String {
    if is_key(text) { NOT_SHOWN.to_owned() } else { format!("\"{}\"", escaped(text, true)) }
}

/// The same without quotation marks, for an error's values.
pub(crate) fn shown(text: &str) -> String {
    if is_key(text) { NOT_SHOWN.to_owned() } else { escaped(text, false) }
}

const NOT_SHOWN: &str = "a key (not shown)";

/// A key that was passed in the wrong place is not shown.
fn is_key(text: &str) -> bool {
    text.contains("-----BEGIN") || text.contains("PRIVATE KEY")
}

fn escaped(text: &str, in_quotes: bool) -> String {
    const LONGEST: usize = 120;
    let mut shown = String::new();
    for character in text.chars().take(LONGEST) {
        match character {
            '"' | '\\' if in_quotes => {
                shown.push('\\');
                shown.push(character);
            }
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            // This includes the private use area, whose characters stand for parameters in messages.
            '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{e000}'..='\u{f8ff}' => {
                push_escape(&mut shown, character);
            }
            _ if character.is_control() => push_escape(&mut shown, character),
            _ => shown.push(character),
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

fn push_escape(shown: &mut String, character: char) {
    shown.push_str(&format!("\\u{{{:x}}}", u32::from(character)));
}

/// Collects the errors of one call's parameters, so that a caller sees all of them at once.
#[derive(Default)]
pub(crate) struct Problems(Vec<Error>);

impl Problems {
    /// Gives the value, or notes the error.
    pub(crate) fn take<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.0.push(error)).ok()
    }

    #[cfg(all(feature = "js", target_arch = "wasm32"))]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Fails if there was an error.
    pub(crate) fn end(&mut self) -> Result<()> {
        Error::of_all(self.0.drain(..)).map_or(Ok(()), Err)
    }
}

macro_rules! error_codes {
    ($($variant:ident $code:literal $meaning:literal;)*) => {
        /// Why something was refused. Codes are stable: they are never renamed or reused. Any version may add codes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(#[doc = concat!("`", $code, "`: ", $meaning)] $variant,)*
        }

        impl ErrorCode {
            /// All codes, in the order of `docs/errors.md`.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$variant,)*];

            /// The code as JavaScript and the command line show it, in upper snake case.
            pub fn as_str(self) -> &'static str {
                match self { $(ErrorCode::$variant => $code,)* }
            }

            /// What the code means, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(ErrorCode::$variant => $meaning,)* }
            }
        }
    };
}

// The only list of codes: `cargo xtask docs` writes docs/errors.md and the TypeScript union from it.
error_codes! {
    InvalidUrl "INVALID_URL" "The URL or resource is empty, relative, cannot be parsed, or holds something that no client sends, such as a user name.";
    UnsupportedScheme "UNSUPPORTED_SCHEME" "The URL is neither `http:` nor `https:`, or the resource begins with a protocol that CloudFront does not accept there.";
    ReservedParameter "RESERVED_PARAMETER" "The URL already has a query parameter that CloudFront reserves: `Expires`, `Policy`, `Signature`, `Key-Pair-Id` or `Hash-Algorithm`.";
    WildcardInUrl "WILDCARD_IN_URL" "The URL to sign has a `*` in its host or path: one address is signed, and a wildcard belongs in `resource`. Or a resource without a `*` has a second `?`, which would be a wildcard.";
    TooLong "TOO_LONG" "The signed URL has more than the 8,192 bytes that CloudFront takes, a cookie more than the 4,096 that browsers keep, or a resource, a policy or text to inspect is longer than fits into either.";
    ResourceMismatch "RESOURCE_MISMATCH" "The URL is not covered by the resource that is signed.";
    InvalidDate "INVALID_DATE" "A date is empty, unreadable, before 1970, or after 2262-04-11T23:47:16Z, CloudFront's limit.";
    AlreadyExpired "ALREADY_EXPIRED" "`dateLessThan` is not in the future, and `allowExpired` is not set.";
    InvalidDateRange "INVALID_DATE_RANGE" "`dateGreaterThan` is not earlier than `dateLessThan`.";
    InvalidIpAddress "INVALID_IP_ADDRESS" "The address is neither an IPv4 address nor an IPv4 range in CIDR notation.";
    Ipv6NotSupported "IPV6_NOT_SUPPORTED" "The address is an IPv6 address; CloudFront's policies know IPv4 only.";
    InvalidKeyPairId "INVALID_KEY_PAIR_ID" "The key pair id is empty, is not made of letters and digits, or is the id of an access key or of a key group.";
    InvalidPolicy "INVALID_POLICY" "The ready-made policy is one that CloudFront would call malformed, that covers more than it says, or that no request can match.";
    InvalidManifest "INVALID_MANIFEST" "The text is neither an HLS playlist nor a DASH MPD, cannot be read, or has something that we refuse, such as a DOCTYPE or a variable without a value.";
    InvalidPrivateKey "INVALID_PRIVATE_KEY" "The private key cannot be read, is truncated, or its numbers do not match one another.";
    UnsupportedKey "UNSUPPORTED_KEY" "The key is not one that CloudFront accepts: RSA of 2048 bits or ECDSA on P-256.";
    NotAPrivateKey "NOT_A_PRIVATE_KEY" "What was given as the private key is a public key, a certificate or something else.";
    PassphraseRequired "PASSPHRASE_REQUIRED" "The private key is encrypted and no passphrase was given.";
    WrongPassphrase "WRONG_PASSPHRASE" "The passphrase does not open the private key.";
    InvalidPublicKey "INVALID_PUBLIC_KEY" "The public key cannot be read or is not one that CloudFront accepts.";
    UnsupportedAlgorithm "UNSUPPORTED_ALGORITHM" "The hash is neither `SHA1` nor `SHA256`.";
    InvalidOption "INVALID_OPTION" "An option is missing, unknown, null, of the wrong type, or does not go with another.";
    RandomUnavailable "RANDOM_UNAVAILABLE" "The runtime gives no random numbers here, and nothing is signed without them.";
    SigningFailed "SIGNING_FAILED" "The private-key operation failed, or its result is not a signature of this key.";
    HostCryptoUnavailable "HOST_CRYPTO_UNAVAILABLE" "The runtime's crypto was asked for (`engine: \"host\"`, `AsyncSigner.fromKey`), and it is not there or refuses this key or hash.";
    NotInitialized "NOT_INITIALIZED" "JavaScript: the WebAssembly module is not there. `countersign/slim` was used before `init()`, `init()` did not get the module, or the runtime has no WebAssembly or refuses to compile it.";
    ModuleStopped "MODULE_STOPPED" "JavaScript: the WebAssembly module has stopped, because memory or the stack ran out. Its memory is wiped, and nothing works until you restart the program or its worker.";
    Freed "FREED" "The signer was used after `free()`.";
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
