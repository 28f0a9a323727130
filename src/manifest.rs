//! Signs HLS playlists and DASH MPDs: every address in them gets the parameters of one grant.
//!
//! A player resolves the addresses of a manifest against the manifest's URL without its query. So the signature gets lost, and
//! CloudFront answers 403 to each segment, unless the parameters are in each address.
//!
//! Sources: RFC 8216 and its second edition (draft-pantos-hls-rfc8216bis) for HLS, ISO/IEC 23009-1 and its schema DASH-MPD.xsd for
//! DASH.

mod address;
mod dash;
mod error;
mod hls;
mod output;
mod template;
mod xml_text;

use crate::error::{Result, quoted};
use crate::grant::Grant;
use crate::url::{Resolver, native_resolver};
use address::Judge;
use error::invalid;
pub(crate) use output::Marked;
use output::{MARK, Output};

/// The longest manifest that we accept, in bytes. A day of two-second segments takes about two million.
const LONGEST: usize = 10_000_000;

/// How a manifest is signed.
///
/// ```
/// use countersign::ManifestOptions;
///
/// let for_another_site = ManifestOptions::new().absolute(true);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ManifestOptions {
    absolute: bool,
}

impl ManifestOptions {
    /// Relative addresses stay relative.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether relative addresses become absolute, for a manifest that viewers fetch from another URL.
    #[must_use]
    pub fn absolute(mut self, absolute: bool) -> Self {
        self.absolute = absolute;
        self
    }
}

impl Grant {
    /// Signs an HLS playlist or a DASH MPD: every address in it that the grant covers gets the grant's parameters. Everything else
    /// stays as it is, byte for byte. The format is recognised from the text.
    ///
    /// `url` is where viewers fetch the manifest, signed or not. Relative addresses are resolved against it, and stay relative.
    /// Addresses with another scheme or host stay as they are, and so do addresses that are signed already.
    ///
    /// ```
    /// use countersign::{Conditions, KeyType, PrivateKey, Signer};
    ///
    /// let signer = Signer::new("K2JCJMDEHXQW5F", PrivateKey::generate(KeyType::Ecdsa)?)?;
    /// let grant = signer.grant("https://d111111abcdef8.cloudfront.net/films/*", &Conditions::new("2h"))?;
    ///
    /// let playlist = "#EXTM3U\n#EXTINF:4,\n1.ts\n#EXT-X-ENDLIST\n";
    /// let signed = grant.manifest(playlist, "https://d111111abcdef8.cloudfront.net/films/index.m3u8")?;
    /// assert!(signed.starts_with("#EXTM3U\n#EXTINF:4,\n1.ts?Policy="));
    /// # Ok::<(), countersign::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorCode::ResourceMismatch`] for an address of the grant's own host that the grant does not cover, and for a grant of a
    /// single address; [`ErrorCode::InvalidManifest`] for what is neither HLS nor DASH, or cannot be read;
    /// [`ErrorCode::InvalidUrl`] and [`ErrorCode::ReservedParameter`] as for [`Grant::url`]. Each names the line.
    ///
    /// [`ErrorCode::ResourceMismatch`]: crate::ErrorCode::ResourceMismatch
    /// [`ErrorCode::InvalidManifest`]: crate::ErrorCode::InvalidManifest
    /// [`ErrorCode::InvalidUrl`]: crate::ErrorCode::InvalidUrl
    /// [`ErrorCode::ReservedParameter`]: crate::ErrorCode::ReservedParameter
    pub fn manifest(&self, text: &str, url: impl AsRef<str>) -> Result<String> {
        self.manifest_with(text, url, ManifestOptions::new())
    }

    /// The same with options.
    ///
    /// # Errors
    /// As for [`Grant::manifest`].
    pub fn manifest_with(&self, text: &str, url: impl AsRef<str>, options: ManifestOptions) -> Result<String> {
        let marked = mark(self, text, url.as_ref(), options, native_resolver)?;
        let parameters = marked.parameters(self);
        let mut signed = String::with_capacity(marked.text().len() + marked.addresses() * parameters.len());
        for (index, part) in marked.text().split(MARK).enumerate() {
            if index > 0 {
                signed.push_str(&parameters);
            }
            signed.push_str(part);
        }
        Ok(signed)
    }
}

/// Finds where the parameters go.
pub(crate) fn mark(grant: &Grant, text: &str, url: &str, options: ManifestOptions, resolver: Resolver) -> Result<Marked> {
    check_length(text.len())?;
    if text.as_bytes().contains(&0) {
        return Err(invalid("the manifest has a NUL in it, which no text has").with_hint("Is it compressed, or UTF-16?"));
    }
    let judge = Judge::new(grant, url, resolver, options.absolute)?;
    let content = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut output = Output::new(text, text.len() - content.len());
    let start = content.trim_ascii_start();
    let marked = if start.starts_with("#EXTM3U") {
        hls::mark(content, &judge, &mut output)?;
        output.finish(false)
    } else if start.starts_with('<') {
        dash::mark(content, &judge, &mut output)?;
        output.finish(true)
    } else {
        return Err(invalid(format!(
            "the text begins with {}; a manifest begins with #EXTM3U (HLS) or is XML (DASH)",
            beginning(start)
        ))
        .with_hint("Pass the text of the playlist or of the MPD, not its URL, and not a segment."));
    };
    judge.check_that_something_was_meant(marked.addresses())?;
    Ok(marked)
}

/// Before a longer text is copied.
pub(crate) fn check_length(bytes: usize) -> Result<()> {
    if bytes <= LONGEST {
        return Ok(());
    }
    Err(invalid(format!("the manifest has {bytes} bytes; the limit is {LONGEST}")).with_hint("Split it, or use signed cookies."))
}

fn beginning(text: &str) -> String {
    if text.is_empty() { "nothing".to_owned() } else { quoted(&text.chars().take(24).collect::<String>()) }
}
