//! A `tower` layer for axum, hyper and others. It answers unsigned requests as CloudFront does and passes signed ones on, without
//! CloudFront's parameters and cookies.
//!
//! `countersign serve` uses it.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body_util::{Either, Full};
use tower_layer::Layer;
use tower_service::Service;

use crate::credentials::{Credentials, without_cookies};
use crate::date;
use crate::error::{Error, ErrorCode, Result, quoted};
use crate::url::native_parser;
use crate::verifier::{self, Asked, Decision, Denial, Verifier};

type ClientAddress = Arc<dyn Fn(&Parts) -> Option<IpAddr> + Send + Sync>;
type OnDecision = Arc<dyn Fn(&Decision, &Parts) + Send + Sync>;

#[derive(Clone)]
struct Settings {
    verifier: Verifier,
    methods: Vec<Method>,
    viewer_url: Option<String>,
    client_address: Option<ClientAddress>,
    on_decision: Option<OnDecision>,
}

/// Puts a [`Guard`] before a service.
///
/// The layer needs the whole path. In axum, `Router::nest` removes the prefix first: put the layer outside of it, or `merge` routes
/// with whole paths.
///
/// ```
/// use countersign::tower::GuardLayer;
/// use countersign::verifier::Verifier;
/// # use countersign::{KeyType, PrivateKey};
///
/// # let public_key = PrivateKey::generate(KeyType::Ecdsa)?.public_key();
/// let verifier = Verifier::new([("K2JCJMDEHXQW5F", public_key)])?;
/// let layer = GuardLayer::new(verifier).viewer_url("https://media.example.com")?;
/// // axum: Router::new().route("/films/{name}", get(film)).layer(layer)
/// # Ok::<(), countersign::Error>(())
/// ```
#[derive(Clone)]
pub struct GuardLayer {
    settings: Arc<Settings>,
}

/// How it was built; the functions are not shown.
impl fmt::Debug for GuardLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardLayer")
            .field("methods", &self.settings.methods)
            .field("viewer_url", &self.settings.viewer_url)
            .finish_non_exhaustive()
    }
}

impl GuardLayer {
    /// Lets `GET` and `HEAD` through where their URL or their cookies are signed by a key of the group.
    pub fn new(verifier: Verifier) -> Self {
        let methods = vec![Method::GET, Method::HEAD];
        let settings = Settings { verifier, methods, viewer_url: None, client_address: None, on_decision: None };
        Self { settings: Arc::new(settings) }
    }

    /// The methods that are let through; others get 405. The signature does not cover the method: if you allow `DELETE`, a link to a
    /// file can also delete it.
    #[must_use]
    pub fn methods(self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.changed(|settings| settings.methods = methods.into_iter().collect())
    }

    /// Scheme and host of the signed URLs, `https://media.example.com`. Default: `http://` and the request's `Host`.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidUrl`] for anything else than a scheme and a host.
    pub fn viewer_url(self, url: impl AsRef<str>) -> Result<Self> {
        let text = url.as_ref().trim_end_matches('/');
        let is_base = text.parse::<Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.authority().is_some_and(is_plain)
                && matches!(uri.path(), "" | "/")
                && uri.query().is_none()
        });
        if !is_base {
            return Err(Error::new(
                ErrorCode::InvalidUrl,
                format!(
                    "the viewer's URL is {}; it must be a scheme and a host, such as https://d111111abcdef8.cloudfront.net",
                    quoted(text)
                ),
            ));
        }
        let text = text.to_owned();
        Ok(self.changed(|settings| settings.viewer_url = Some(text)))
    }

    /// How to find the viewer's address. Without it, policies with an address are denied. Trust a header only if your own proxy sets
    /// it. In axum, `ConnectInfo` is among the request's extensions.
    #[must_use]
    pub fn client_address(self, address: impl Fn(&Parts) -> Option<IpAddr> + Send + Sync + 'static) -> Self {
        self.changed(|settings| settings.client_address = Some(Arc::new(address)))
    }

    /// A function that gets each decision, for logs and metrics.
    #[must_use]
    pub fn on_decision(self, hear: impl Fn(&Decision, &Parts) + Send + Sync + 'static) -> Self {
        self.changed(|settings| settings.on_decision = Some(Arc::new(hear)))
    }

    fn changed(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        Guard { inner, settings: Arc::clone(&self.settings) }
    }
}

/// A service behind the layer: only signed requests reach it.
///
/// Allowed requests have the [`Access`](crate::verifier::Access) among their extensions, and every answer the [`Decision`].
#[derive(Clone)]
pub struct Guard<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S: fmt::Debug> fmt::Debug for Guard<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("inner", &self.inner).finish_non_exhaustive()
    }
}

/// The body of an answer: the service's, or CloudFront's words.
pub type Body<B> = Either<B, Full<Bytes>>;

impl<S, B, R> Service<Request<B>> for Guard<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<Body<R>>;
    type Error = S::Error;
    type Future = Answer<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Answer<S::Future> {
        let (mut parts, body) = request.into_parts();
        match self.settings.check(&parts) {
            Ok(decision) => {
                strip(&mut parts);
                if let Decision::Allowed(access) = &decision {
                    parts.extensions.insert(access.clone());
                }
                let inner = self.inner.call(Request::from_parts(parts, body));
                Answer { state: State::Inner(Box::pin(inner), Some(Box::new(decision))) }
            }
            Err(refusal) => Answer { state: State::Refused(Some(refusal)) },
        }
    }
}

/// The answer to come.
pub struct Answer<F> {
    state: State<F>,
}

enum State<F> {
    Inner(Pin<Box<F>>, Option<Box<Decision>>),
    Refused(Option<Box<Response<Full<Bytes>>>>),
}

impl<F> fmt::Debug for Answer<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}

impl<F, R, E> Future for Answer<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<Body<R>>, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.state {
            State::Inner(inner, decision) => inner.as_mut().poll(context).map_ok(|response| {
                let mut response = response.map(Either::Left);
                if let Some(decision) = decision.take() {
                    response.extensions_mut().insert(*decision);
                }
                response
            }),
            State::Refused(response) => {
                let response = response.take().map_or_else(|| Response::new(Full::default()), |response| *response);
                Poll::Ready(Ok(response.map(Either::Right)))
            }
        }
    }
}

impl Settings {
    /// The decision on a request that is let in, or the answer to one that is not.
    fn check(&self, parts: &Parts) -> Result<Decision, Box<Response<Full<Bytes>>>> {
        if !self.methods.contains(&parts.method) {
            let names: Vec<&str> = self.methods.iter().map(Method::as_str).collect();
            let mut response =
                plain(StatusCode::METHOD_NOT_ALLOWED, format!("{} answered here.\n", listed(&names)), &parts.method);
            insert(response.headers_mut(), ALLOW, &names.join(", "));
            return Err(Box::new(response));
        }
        let Some(url) = self.url(parts) else {
            let text = "The request has no Host, more than one, or none that can be read.\n";
            return Err(Box::new(plain(StatusCode::BAD_REQUEST, text.to_owned(), &parts.method)));
        };
        let Ok(now) = date::now() else {
            return Err(Box::new(plain(StatusCode::INTERNAL_SERVER_ERROR, "The clock is wrong.\n".to_owned(), &parts.method)));
        };
        let cookies: Vec<String> = parts.headers.get_all(COOKIE).iter().map(latin1).collect();
        let cookies = cookies.join("; ");
        let address = self.client_address.as_ref().and_then(|address| address(parts)).map(|address| address.to_string());
        let mut asked = Asked::new(&url, now).cookies(&cookies);
        if let Some(address) = &address {
            asked = asked.ip_address(address);
        }
        let decision = verifier::decide(&self.verifier, &asked, native_parser);
        if let Some(hear) = &self.on_decision {
            hear(&decision, parts);
        }
        match &decision {
            Decision::Allowed(_) => Ok(decision),
            Decision::Denied(denial) => {
                let mut response = denied(denial, &parts.method);
                response.extensions_mut().insert(decision);
                Err(Box::new(response))
            }
        }
    }

    /// The URL as the viewer asked for it, byte for byte.
    fn url(&self, parts: &Parts) -> Option<String> {
        let asked = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        if let Some(base) = &self.viewer_url {
            return Some(format!("{base}{asked}"));
        }
        let mut hosts = parts.headers.get_all(HOST).iter();
        let host = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().ok()?.parse::<Authority>().ok()?,
            // HTTP/2 has it in the request line.
            (None, _) => parts.uri.authority()?.clone(),
            _ => return None,
        };
        is_plain(&host).then(|| format!("http://{host}{asked}"))
    }
}

/// Whether it is a host and a port. Anything else could pass for a part of the path.
fn is_plain(authority: &Authority) -> bool {
    let text = authority.as_str();
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']'))
}

fn listed(names: &[&str]) -> String {
    format!("{} {}", names.join(" and "), if names.len() == 1 { "is" } else { "are" })
}

/// Removes CloudFront's parameters and cookies from a request.
fn strip(parts: &mut Parts) {
    let asked = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let (stripped, _) = Credentials::take_from_url(asked);
    let mut uri = std::mem::take(&mut parts.uri).into_parts();
    if let Ok(stripped) = stripped.parse::<PathAndQuery>() {
        uri.path_and_query = Some(stripped);
    }
    // The parts are those of a URI but for the path, which was one: it cannot fail.
    parts.uri = Uri::from_parts(uri).unwrap_or_default();
    let others: Vec<HeaderValue> = parts
        .headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| without_cookies(&latin1(value)))
        .filter_map(|others| {
            HeaderValue::from_bytes(&others.chars().filter_map(|c| u8::try_from(c).ok()).collect::<Vec<_>>()).ok()
        })
        .collect();
    parts.headers.remove(COOKIE);
    for value in others {
        parts.headers.append(COOKIE, value);
    }
}

/// A header's text, a character for each byte: another cookie beside CloudFront's may be in UTF-8 or in anything.
fn latin1(value: &HeaderValue) -> String {
    value.as_bytes().iter().map(|byte| char::from(*byte)).collect()
}

/// The 403 that CloudFront sends; to HEAD its headers alone.
fn denied(denial: &Denial, method: &Method) -> Response<Full<Bytes>> {
    let mut response = plain(StatusCode::FORBIDDEN, denial.body(), method);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    headers.insert(HeaderName::from_static("x-cache"), HeaderValue::from_static("Error from cloudfront"));
    response
}

fn plain(status: StatusCode, text: String, method: &Method) -> Response<Full<Bytes>> {
    let length = HeaderValue::from(text.len());
    let body = if method == Method::HEAD { Bytes::new() } else { Bytes::from(text) };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_LENGTH, length);
    response
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
