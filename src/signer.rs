//! The signer: a private key with its key pair id.

use crate::conditions::Conditions;
use crate::cookies::SignedCookies;
use crate::error::Result;
use crate::grant::{Grant, Identity, ReadyPolicy, UnsignedGrant};
use crate::key::{Algorithm, PrivateKey};
use crate::resource::Resource;
use crate::url::WireUrl;

/// Signs URLs and cookies with a private key.
///
/// ```
/// use countersign::{Conditions, KeyType, PrivateKey, Signer};
///
/// let signer = Signer::new("K2JCJMDEHXQW5F", PrivateKey::generate(KeyType::Ecdsa)?)?;
///
/// // One address, for two hours.
/// let url = signer.sign_url("https://d111111abcdef8.cloudfront.net/film.mp4", &Conditions::new("2h"))?;
/// assert!(url.starts_with("https://d111111abcdef8.cloudfront.net/film.mp4?Expires="));
///
/// // One signature for every segment of a stream, and for cookies.
/// let grant = signer.grant("https://d111111abcdef8.cloudfront.net/stream/*", &Conditions::new("2h"))?;
/// let segment = grant.url("https://d111111abcdef8.cloudfront.net/stream/1.ts")?;
/// assert!(segment.contains("?Policy="));
/// assert_eq!(grant.cookies()?.pairs()[0].0, "CloudFront-Policy");
/// # Ok::<(), countersign::Error>(())
/// ```
#[derive(Debug)]
pub struct Signer {
    identity: Identity,
    key: PrivateKey,
}

impl Signer {
    /// A signer with the key's default hash: SHA-1 for RSA, SHA-256 for ECDSA.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidKeyPairId`](crate::ErrorCode::InvalidKeyPairId).
    pub fn new(key_pair_id: impl Into<String>, key: PrivateKey) -> Result<Self> {
        Ok(Self { identity: Identity::new(key_pair_id, key.key_type(), None)?, key })
    }

    /// A signer with this hash.
    ///
    /// # Errors
    /// As for [`Signer::new`].
    pub fn with_algorithm(key_pair_id: impl Into<String>, key: PrivateKey, algorithm: Algorithm) -> Result<Self> {
        Ok(Self { identity: Identity::new(key_pair_id, key.key_type(), Some(algorithm))?, key })
    }

    /// Key pair id, kind of key and hash.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The private key.
    pub fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// Signs one URL. The policy is canned if there is only an expiry, else custom. With [`Conditions::resource`] the policy covers
    /// that resource, which may have wildcards and must cover the URL.
    ///
    /// ```
    /// use countersign::{Conditions, KeyType, PrivateKey, Signer};
    ///
    /// let signer = Signer::new("K2JCJMDEHXQW5F", PrivateKey::generate(KeyType::Ecdsa)?)?;
    /// let films = Conditions::new("2h").resource("https://d111111abcdef8.cloudfront.net/films/*");
    /// let url = signer.sign_url("https://d111111abcdef8.cloudfront.net/films/1.mp4", &films)?;
    /// assert!(url.contains("?Policy="));
    /// # Ok::<(), countersign::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`WireUrl::parse`], [`Identity::prepare_url`] and [`PrivateKey::sign`].
    pub fn sign_url(&self, url: impl AsRef<str>, conditions: &Conditions) -> Result<String> {
        let url = conditions.beside(WireUrl::parse(url))?;
        self.seal(self.identity.prepare_url(&url, conditions)?)?.wire_url(&url)
    }

    /// Signs one URL with your own policy, byte for byte. The policy's resource must cover the URL.
    ///
    /// # Errors
    /// As for [`Signer::sign_url`], and the errors of [`Identity::prepare_policy`].
    pub fn sign_url_with_policy(&self, url: impl AsRef<str>, policy: &ReadyPolicy) -> Result<String> {
        let url = WireUrl::parse(url)?;
        self.seal(self.identity.prepare_policy(policy)?)?.wire_url(&url)
    }

    /// Signs cookies for a resource. If the resource has no `*` and there is only an expiry, the policy is canned: the cookies open
    /// this one URL. Else it is custom.
    ///
    /// # Errors
    /// Those of [`Signer::grant`] and [`Grant::cookies`].
    pub fn sign_cookies(&self, resource: impl AsRef<str>, conditions: &Conditions) -> Result<SignedCookies> {
        self.grant(resource, conditions)?.cookies()
    }

    /// Signs cookies with your own policy, byte for byte.
    ///
    /// # Errors
    /// Those of [`Identity::prepare_policy`] and [`Grant::cookies`].
    pub fn sign_cookies_with_policy(&self, policy: &ReadyPolicy) -> Result<SignedCookies> {
        self.seal(self.identity.prepare_policy(policy)?)?.cookies()
    }

    /// Signs once for a resource, for many URLs or for cookies.
    ///
    /// # Errors
    /// Those of [`Resource::parse`], [`Identity::prepare_resource`] and [`PrivateKey::sign`].
    pub fn grant(&self, resource: impl AsRef<str>, conditions: &Conditions) -> Result<Grant> {
        self.seal(self.identity.prepare_resource(&conditions.beside(Resource::parse(resource))?, conditions)?)
    }

    /// Signs your own policy, byte for byte, once for many URLs or for cookies.
    ///
    /// # Errors
    /// Those of [`Identity::prepare_policy`] and [`PrivateKey::sign`].
    pub fn grant_policy(&self, policy: &ReadyPolicy) -> Result<Grant> {
        self.seal(self.identity.prepare_policy(policy)?)
    }

    fn seal(&self, unsigned: UnsignedGrant) -> Result<Grant> {
        let signature = self.key.sign(self.identity.algorithm(), unsigned.message())?;
        unsigned.finish_own(&signature, signature.len(), None)
    }
}
