//! Signing with keys that are kept elsewhere: in a KMS, an HSM, an agent or another process.

use std::error::Error as StdError;
use std::future::Future;

use crate::conditions::Conditions;
use crate::cookies::SignedCookies;
use crate::error::{Error, ErrorCode, Result, quoted};
use crate::grant::{Grant, Identity, ReadyPolicy, UnsignedGrant};
use crate::key::{Algorithm, PublicKey};
use crate::resource::Resource;
use crate::url::WireUrl;

/// The error of an external signer.
pub type SignError = Box<dyn StdError + Send + Sync>;

/// Signs messages with a key that this crate does not see. Functions and closures of the same form implement it.
pub trait SignMessage {
    /// Signs the whole `message`, not a hash of it: RSA with PKCS#1 v1.5, 256 bytes; ECDSA on P-256 in DER, or as the 64
    /// bytes of r and s.
    ///
    /// # Errors
    /// Any error; it becomes [`ErrorCode::SigningFailed`].
    fn sign_message(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

impl<F: Fn(Algorithm, &[u8]) -> Result<Vec<u8>, SignError>> SignMessage for F {
    fn sign_message(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self(algorithm, message)
    }
}

/// The same for asynchronous signers, such as a KMS over the network. It works with any async runtime; the futures of
/// [`ExternalSigner`] are `Send` if this one is.
///
/// ```
/// use countersign::external_signer::{ExternalSigner, SignError, SignMessageAsync};
/// use countersign::{Algorithm, Conditions, Identity, KeyType, Result};
/// # struct Client(countersign::PrivateKey);
/// # impl Client {
/// #     async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> { Ok(self.0.sign(Algorithm::Sha256, message)?) }
/// # }
///
/// struct Kms {
///     client: Client,
/// }
///
/// impl SignMessageAsync for Kms {
///     async fn sign_message(&self, _: Algorithm, message: &[u8]) -> Result<Vec<u8>, SignError> {
///         self.client.sign(message).await
///     }
/// }
///
/// async fn link(kms: Kms) -> Result<String> {
///     let identity = Identity::new("K2JCJMDEHXQW5F", KeyType::Ecdsa, Some(Algorithm::Sha256))?;
///     let signer = ExternalSigner::new(identity, kms);
///     signer.sign_url_async("https://d111111abcdef8.cloudfront.net/film.mp4", &Conditions::new("2h")).await
/// }
/// ```
pub trait SignMessageAsync {
    /// As [`SignMessage::sign_message`].
    ///
    /// # Errors
    /// Any error; it becomes [`ErrorCode::SigningFailed`].
    fn sign_message(&self, algorithm: Algorithm, message: &[u8]) -> impl Future<Output = Result<Vec<u8>, SignError>>;
}

/// A signer whose key is elsewhere. If you give it the public key, it checks each signature before it uses it.
///
/// ```
/// use countersign::external_signer::ExternalSigner;
/// use countersign::{Algorithm, Conditions, Identity, KeyType};
/// # let key = countersign::PrivateKey::generate(KeyType::Ecdsa)?;
/// # let public_key = key.public_key();
/// # let ask_the_hsm = |algorithm: Algorithm, message: &[u8]| key.sign(algorithm, message);
///
/// let identity = Identity::new("K2JCJMDEHXQW5F", KeyType::Ecdsa, None)?;
/// let sign = |algorithm: Algorithm, message: &[u8]| Ok(ask_the_hsm(algorithm, message)?);
/// let signer = ExternalSigner::new(identity, sign).public_key(public_key);
/// let url = signer.sign_url("https://d111111abcdef8.cloudfront.net/film.mp4", &Conditions::new("2h"))?;
/// assert!(url.ends_with("&Hash-Algorithm=SHA256"));
/// # Ok::<(), countersign::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ExternalSigner<S> {
    identity: Identity,
    public_key: Option<PublicKey>,
    sign: S,
}

impl<S> ExternalSigner<S> {
    /// Makes a signer. `identity` has the key pair id, the kind of key and the hash; `sign` is a [`SignMessage`] or a
    /// [`SignMessageAsync`].
    pub fn new(identity: Identity, sign: S) -> Self {
        Self { identity, public_key: None, sign }
    }

    /// The public key; each signature must match it.
    #[must_use]
    pub fn public_key(mut self, key: PublicKey) -> Self {
        self.public_key = Some(key);
        self
    }

    /// Key pair id, kind of key and hash.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    fn finish(&self, unsigned: UnsignedGrant, signature: Result<Vec<u8>, SignError>) -> Result<Grant> {
        let signature = signature.map_err(|error| {
            let why = quoted(&error.to_string());
            Error::new(ErrorCode::SigningFailed, format!("the signer failed: {why}"))
        })?;
        unsigned.finish(&signature, self.public_key.as_ref())
    }
}

impl<S: SignMessage> ExternalSigner<S> {
    /// Signs one address, as [`Signer::sign_url`](crate::Signer::sign_url) does.
    ///
    /// # Errors
    /// Those of [`Identity::prepare_url`]; [`ErrorCode::SigningFailed`].
    pub fn sign_url(&self, url: impl AsRef<str>, conditions: &Conditions) -> Result<String> {
        let url = conditions.beside(WireUrl::parse(url))?;
        self.seal(self.identity.prepare_url(&url, conditions)?)?.wire_url(&url)
    }

    /// Signs cookies for a resource.
    ///
    /// # Errors
    /// Those of [`ExternalSigner::grant`] and [`Grant::cookies`].
    pub fn sign_cookies(&self, resource: impl AsRef<str>, conditions: &Conditions) -> Result<SignedCookies> {
        self.grant(resource, conditions)?.cookies()
    }

    /// Signs once for a resource, for many URLs or for cookies.
    ///
    /// # Errors
    /// Those of [`Resource::parse`] and [`Identity::prepare_resource`]; [`ErrorCode::SigningFailed`].
    pub fn grant(&self, resource: impl AsRef<str>, conditions: &Conditions) -> Result<Grant> {
        self.seal(self.identity.prepare_resource(&conditions.beside(Resource::parse(resource))?, conditions)?)
    }

    /// Signs a ready-made policy, byte for byte.
    ///
    /// # Errors
    /// Those of [`Identity::prepare_policy`]; [`ErrorCode::SigningFailed`].
    pub fn grant_policy(&self, policy: &ReadyPolicy) -> Result<Grant> {
        self.seal(self.identity.prepare_policy(policy)?)
    }

    fn seal(&self, unsigned: UnsignedGrant) -> Result<Grant> {
        let signature = self.sign.sign_message(unsigned.algorithm(), unsigned.message());
        self.finish(unsigned, signature)
    }
}

/// The methods of an asynchronous signer.
impl<S: SignMessageAsync> ExternalSigner<S> {
    /// Signs one address, as [`Signer::sign_url`](crate::Signer::sign_url) does.
    ///
    /// # Errors
    /// As for [`ExternalSigner::sign_url`].
    pub async fn sign_url_async(&self, url: impl AsRef<str>, conditions: &Conditions) -> Result<String> {
        let url = conditions.beside(WireUrl::parse(url))?;
        self.seal_async(self.identity.prepare_url(&url, conditions)?).await?.wire_url(&url)
    }

    /// Signs cookies for a resource.
    ///
    /// # Errors
    /// As for [`ExternalSigner::sign_cookies`].
    pub async fn sign_cookies_async(&self, resource: impl AsRef<str>, conditions: &Conditions) -> Result<SignedCookies> {
        self.grant_async(resource, conditions).await?.cookies()
    }

    /// Signs once for a resource, for many URLs or for cookies.
    ///
    /// # Errors
    /// As for [`ExternalSigner::grant`].
    pub async fn grant_async(&self, resource: impl AsRef<str>, conditions: &Conditions) -> Result<Grant> {
        self.seal_async(self.identity.prepare_resource(&conditions.beside(Resource::parse(resource))?, conditions)?).await
    }

    /// Signs a ready-made policy, byte for byte.
    ///
    /// # Errors
    /// As for [`ExternalSigner::grant_policy`].
    pub async fn grant_policy_async(&self, policy: &ReadyPolicy) -> Result<Grant> {
        self.seal_async(self.identity.prepare_policy(policy)?).await
    }

    async fn seal_async(&self, unsigned: UnsignedGrant) -> Result<Grant> {
        let signature = self.sign.sign_message(unsigned.algorithm(), unsigned.message()).await;
        self.finish(unsigned, signature)
    }
}
