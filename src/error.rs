//! Errors: a stable code, what was found and what is accepted, and what to do about it.

use std::borrow::Cow;
use std::fmt;

use crate::text;

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong: a stable [`ErrorCode`], a message for people and, where there is something to do, a hint.
///
/// The message says what was found and what is accepted. Neither message nor hint ever contains a private key, a
/// passphrase or a part of one.
///
/// ```
/// use countersign::{ErrorCode, date::DateInput};
///
/// let error = DateInput::from("tomorrow").resolve("dateLessThan", 0).unwrap_err();
/// assert_eq!(error.code(), ErrorCode::InvalidDate);
/// assert_eq!(error.code().as_str(), "INVALID_DATE");
/// assert!(error.hint().is_some());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    // Boxed: results are passed on in very many places, and each is a pointer so.
    inner: Box<Inner>,
}

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    code: ErrorCode,
    message: Cow<'static, str>,
    hint: Option<Cow<'static, str>>,
}

impl Error {
    pub(crate) fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self::with_message(code, message.into())
    }

    #[inline(never)]
    fn with_message(code: ErrorCode, message: Cow<'static, str>) -> Self {
        Self { inner: Box::new(Inner { code, message, hint: None }) }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.set_hint(hint.into());
        self
    }

    #[inline(never)]
    fn set_hint(&mut self, hint: Cow<'static, str>) {
        self.inner.hint = Some(hint);
    }

    /// The stable code, the same in Rust, in JavaScript and in the README's table.
    pub fn code(&self) -> ErrorCode {
        self.inner.code
    }

    /// What was found and what is accepted, one sentence or two for people; it may change between versions.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// What to do about it, if there is something to say beyond the message.
    pub fn hint(&self) -> Option<&str> {
        self.inner.hint.as_deref()
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

/// Quotes what a caller passed for a message: shortened, and with nothing that a terminal would act upon or that would
/// change the order of what is read.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 120;
    // A key that was passed in the wrong place is not shown.
    if text::contains(text, "-----BEGIN") || text::contains(text, "PRIVATE KEY") {
        return "a key (not shown)".to_owned();
    }
    let mut shown = String::from("\"");
    for character in text.chars().take(LONGEST) {
        match character {
            '"' | '\\' => {
                shown.push('\\');
                shown.push(character);
            }
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {
                push_escape(&mut shown, character);
            }
            _ if character.is_control() => push_escape(&mut shown, character),
            _ => shown.push(character),
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown.push('"');
    shown
}

fn push_escape(shown: &mut String, character: char) {
    shown.push_str(&format!("\\u{{{:x}}}", u32::from(character)));
}

macro_rules! error_codes {
    ($($variant:ident $code:literal $meaning:literal;)*) => {
        /// Every reason for which something is refused. Codes are stable: they are never renamed or used for
        /// something else, and a new one may come with any version.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(#[doc = concat!("`", $code, "`: ", $meaning)] $variant,)*
        }

        impl ErrorCode {
            /// All codes, in the order of the README's table.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$variant,)*];

            /// The code as JavaScript and the command line show it, in upper snake case.
            pub fn as_str(self) -> &'static str {
                match self { $(ErrorCode::$variant => $code,)* }
            }

            /// When it is given, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(ErrorCode::$variant => $meaning,)* }
            }
        }
    };
}

// The one list of codes: `cargo xtask docs` writes the README's table and the TypeScript union from it.
error_codes! {
    InvalidUrl "INVALID_URL" "The URL or resource is empty, relative, cannot be parsed, or holds something that no client sends, such as a user name.";
    UnsupportedScheme "UNSUPPORTED_SCHEME" "The URL is neither `http:` nor `https:`, or the resource's protocol is none that CloudFront accepts there.";
    ReservedParameter "RESERVED_PARAMETER" "The URL already has a query parameter that CloudFront reserves: `Expires`, `Policy`, `Signature`, `Key-Pair-Id` or `Hash-Algorithm`.";
    WildcardInUrl "WILDCARD_IN_URL" "The URL to sign has a `*` in it: one address is signed, and a wildcard belongs in `resource`.";
    ResourceMismatch "RESOURCE_MISMATCH" "The URL is not covered by the resource that is signed.";
    InvalidDate "INVALID_DATE" "A date is empty, unreadable, before 1970, or after 2262-04-11T23:47:16Z, CloudFront's limit.";
    AlreadyExpired "ALREADY_EXPIRED" "`dateLessThan` is not in the future, and `allowExpired` is not set.";
    InvalidDateRange "INVALID_DATE_RANGE" "`dateGreaterThan` is not earlier than `dateLessThan`.";
    InvalidIpAddress "INVALID_IP_ADDRESS" "The address is neither an IPv4 address nor an IPv4 range in CIDR notation.";
    Ipv6NotSupported "IPV6_NOT_SUPPORTED" "The address is an IPv6 address; CloudFront's policies know IPv4 only.";
    InvalidKeyPairId "INVALID_KEY_PAIR_ID" "The key pair id is empty or is not made of letters and digits.";
    InvalidPolicy "INVALID_POLICY" "The ready-made policy is one that CloudFront would call malformed or that covers more than it says.";
    InvalidManifest "INVALID_MANIFEST" "The text is neither an HLS playlist nor a DASH MPD, cannot be read, or has something that is refused, such as a DOCTYPE or a variable of unknown value.";
    InvalidPrivateKey "INVALID_PRIVATE_KEY" "The private key cannot be read, is truncated, or its numbers do not belong together.";
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
    NotInitialized "NOT_INITIALIZED" "JavaScript: the WebAssembly module is not there. `countersign/slim` was used before `init()`, `init()` did not get the module, or the runtime has no WebAssembly or compiles none.";
    ModuleStopped "MODULE_STOPPED" "JavaScript: the WebAssembly module has stopped in the middle of its work, since memory or the stack ran out. Its memory is wiped, and nothing works until the program, or its worker, is started anew.";
    Freed "FREED" "The signer was used after `free()`.";
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
