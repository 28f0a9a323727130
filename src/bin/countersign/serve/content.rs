//! The content behind the signature: a folder or another server.

use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use countersign::url::RESERVED_PARAMETERS;
use http_body_util::{BodyExt as _, Empty, Full};
use http_range_header::{EndPosition, RangeUnsatisfiableError, StartPosition, parse_range_header};
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, ETAG, HOST, HeaderMap, HeaderName, HeaderValue, IF_RANGE, LAST_MODIFIED,
    RANGE, VIA,
};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

use crate::arguments::ServeArguments;
use crate::output::Failure;

pub type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>;

/// An origin that has not begun to answer by then gets no more time; CloudFront waits as long.
const ORIGIN_WITHIN: Duration = Duration::from_secs(30);

/// Headers that belong to one connection (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
];

pub enum Content {
    Folder { root: PathBuf, files: ServeDir },
    Origin { base: String, client: Client<HttpConnector, Empty<Bytes>> },
}

impl Content {
    pub fn open(arguments: &ServeArguments) -> Result<Self, Failure> {
        match (&arguments.root, &arguments.origin) {
            (Some(root), _) => folder(root),
            (None, origin) => origin_server(origin.as_deref().unwrap_or_default()),
        }
    }

    /// Answers a request that is allowed, which has no signature any more.
    pub async fn get(&self, request: Request<Incoming>, viewer: SocketAddr) -> Response<Body> {
        let asked = request.uri().path_and_query().map_or("/", |asked| asked.as_str()).to_owned();
        match self {
            Self::Folder { root, files } => file(root, files, request, &asked).await,
            Self::Origin { base, client } => forward(client, base, request, &asked, viewer).await,
        }
    }
}

fn folder(root: &Path) -> Result<Content, Failure> {
    let refuse = |why: String| Failure::with_hint(format!("--root is {}, {why}", root.display()), "It takes a folder.");
    let root = root.canonicalize().map_err(|error| refuse(format!("which cannot be opened: {error}")))?;
    if !root.is_dir() {
        return Err(refuse("which is not a folder".to_owned()));
    }
    // A folder has no index: CloudFront knows none but the distribution's own.
    let files = ServeDir::new(&root).append_index_html_on_directories(false);
    Ok(Content::Folder { root, files })
}

fn origin_server(origin: &str) -> Result<Content, Failure> {
    let uri: Option<Uri> = origin.parse().ok();
    let is_host = |uri: &Uri| uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    if !uri.is_some_and(|uri| uri.scheme_str() == Some("http") && is_host(&uri) && uri.query().is_none()) {
        return Err(Failure::usage(format!("--origin is {origin}; it takes http:// and a host, such as http://127.0.0.1:3000")));
    }
    let client = Client::builder(TokioExecutor::new()).build_http();
    Ok(Content::Origin { base: origin.trim_end_matches('/').to_owned(), client })
}

async fn file(root: &Path, files: &ServeDir, request: Request<Incoming>, asked: &str) -> Response<Body> {
    let not_found = || plain(StatusCode::NOT_FOUND, "There is no such file.\n");
    // S3 reads a + as a space, and so a key's own + is asked for as %2B.
    let path = &asked.split('?').next().unwrap_or(asked).replace('+', "%20");
    // ServeDir takes no path that leads out by its dots; a symbolic link does not show in the path.
    let Some(real) = real_within(root, path) else { return not_found() };
    let Ok(uri) = path.parse::<Uri>() else { return not_found() };
    let (mut parts, _) = request.into_parts();
    parts.uri = uri;
    let range = parts.headers.remove(RANGE).and_then(|asked| range_of_bytes(&asked, real.metadata().ok()?.len()));
    let whole = parts.clone();
    let has_range = range.is_some();
    parts.headers.extend(range.map(|range| (RANGE, range)));
    let mut response = answer(files, parts).await;
    if has_range && whole.headers.get(IF_RANGE).is_some_and(|validator| has_changed(validator, response.headers())) {
        response = answer(files, whole).await;
    }
    if response.status() == StatusCode::NOT_FOUND { not_found() } else { response }
}

async fn answer(files: &ServeDir, parts: Parts) -> Response<Body> {
    match files.clone().oneshot(Request::from_parts(parts, Empty::<Bytes>::new())).await {
        Ok(response) => response.map(|body| body.map_err(Into::into).boxed_unsync()),
        Err(never) => match never {},
    }
}

/// Whether the file is another one than the viewer has a part of, as `If-Range` says (RFC 9110, section 13.1.5): `ServeDir` does not look
/// at it, and a download that goes on would be put together from two files.
fn has_changed(validator: &HeaderValue, headers: &HeaderMap) -> bool {
    let name = if validator.as_bytes().contains(&b'"') { ETAG } else { LAST_MODIFIED };
    headers.get(name) != Some(validator)
}

/// The range as `ServeDir` has to read it, so that it answers as S3 does: several ranges, and what is no range, are as if they were not
/// there, and the unit is read in any case (RFC 9110, sections 14.1 and 14.2).
fn range_of_bytes(asked: &HeaderValue, length: u64) -> Option<HeaderValue> {
    let (_, range) = asked.to_str().ok()?.split_once('=').filter(|(unit, _)| unit.eq_ignore_ascii_case("bytes"))?;
    let bytes = format!("bytes={range}");
    let read = match parse_range_header(&bytes) {
        Ok(read) => read,
        Err(RangeUnsatisfiableError::ZeroSuffix) => return HeaderValue::from_str(&bytes).ok(),
        Err(_) => return None,
    };
    let [range] = read.ranges.as_slice() else { return None };
    match (range.start, range.end) {
        (StartPosition::Index(first), EndPosition::Index(last)) if last < first => None,
        // `ServeDir` finds a first byte in an empty file.
        _ if length == 0 => Some(HeaderValue::from_static("bytes=1-")),
        // It finds no last 20 bytes in a file of 10, which are all of them.
        (StartPosition::FromLast(last), _) if last > length => Some(HeaderValue::from_static("bytes=0-")),
        _ => HeaderValue::from_str(&bytes).ok(),
    }
}

/// The cookies of signed requests are for the edge alone, as the parameters are.
fn remove_signed_cookies(headers: &mut HeaderMap) {
    let kept: Vec<HeaderValue> = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| {
            let text = header.to_str().ok()?;
            let kept: Vec<&str> = text.split(';').map(str::trim).filter(|cookie| !is_signed_cookie(cookie)).collect();
            (!kept.is_empty()).then(|| HeaderValue::from_str(&kept.join("; ")).ok())?
        })
        .collect();
    headers.remove(COOKIE);
    for header in kept {
        headers.append(COOKIE, header);
    }
}

fn is_signed_cookie(cookie: &str) -> bool {
    let name = cookie.split('=').next().unwrap_or_default().trim();
    name.is_empty() || name.strip_prefix("CloudFront-").is_some_and(|name| RESERVED_PARAMETERS.contains(&name))
}

/// What a path stands for, links followed, if that is in the folder.
fn real_within(root: &Path, path: &str) -> Option<PathBuf> {
    let decoded = percent_encoding::percent_decode_str(path.trim_start_matches('/')).decode_utf8().ok()?;
    root.join(decoded.as_ref()).canonicalize().ok().filter(|real| real.starts_with(root))
}

async fn forward(
    client: &Client<HttpConnector, Empty<Bytes>>,
    base: &str,
    request: Request<Incoming>,
    asked: &str,
    viewer: SocketAddr,
) -> Response<Body> {
    let Ok(uri) = format!("{base}{asked}").parse::<Uri>() else {
        return plain(StatusCode::BAD_REQUEST, "The URL cannot be forwarded.\n");
    };
    let (parts, _) = request.into_parts();
    let mut onward = Request::new(Empty::<Bytes>::new());
    *onward.method_mut() = parts.method;
    *onward.uri_mut() = uri;
    *onward.headers_mut() = end_to_end(parts.headers);
    let headers = onward.headers_mut();
    // The client writes the origin's; there is no body to send.
    headers.remove(HOST);
    headers.remove(CONTENT_LENGTH);
    remove_signed_cookies(headers);
    headers.append(VIA, HeaderValue::from_static("1.1 countersign"));
    let forwarded = headers.get("x-forwarded-for").and_then(|value| value.to_str().ok()).map(|earlier| format!("{earlier}, "));
    let forwarded = format!("{}{}", forwarded.unwrap_or_default(), viewer.ip());
    if let Ok(value) = HeaderValue::from_str(&forwarded) {
        headers.insert("x-forwarded-for", value);
    }
    match tokio::time::timeout(ORIGIN_WITHIN, client.request(onward)).await {
        Ok(Ok(response)) => {
            let (mut parts, body) = response.into_parts();
            parts.headers = end_to_end(parts.headers);
            Response::from_parts(parts, body.map_err(Into::into).boxed_unsync())
        }
        Ok(Err(error)) => plain(StatusCode::BAD_GATEWAY, &format!("The origin {base} does not answer: {error}\n")),
        Err(_) => plain(StatusCode::GATEWAY_TIMEOUT, &format!("The origin {base} takes too long to answer.\n")),
    }
}

/// Without the headers of one connection, also those that `Connection` names.
fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    headers
}

/// A short answer of the server's own.
pub fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let mut response =
        Response::new(Full::new(Bytes::copy_from_slice(text.as_bytes())).map_err(|never| match never {}).boxed_unsync());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}
