//! The layer lets through what the verifier allows, under axum as in examples/axum.rs, and removes the signature.
#![cfg(feature = "tower")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[allow(dead_code, reason = "the other tests use what this one does not")]
mod cases;
#[allow(dead_code, reason = "its main is for cargo run")]
#[path = "../examples/axum.rs"]
mod example;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http;
use countersign::tower::GuardLayer;
use countersign::verifier::{Decision, Verifier};
use countersign::{Conditions, ErrorCode, LoadOptions, PrivateKey, Signer};
use tower::{Layer as _, ServiceExt as _};

const ID: &str = "K2JCJMDEHXQW5F";
const SITE: &str = "http://media.example.com";

fn signer() -> Signer {
    Signer::new(ID, PrivateKey::load(&cases::key_file("p256"), &LoadOptions::new()).unwrap()).unwrap()
}

fn layer() -> GuardLayer {
    GuardLayer::new(Verifier::new([(ID.to_owned(), signer().key().public_key())]).unwrap())
}

/// A request as a client sends it: a path, and the host in its header.
fn request(method: &str, url: &str) -> http::request::Builder {
    let path = url.strip_prefix(SITE).unwrap();
    http::Request::builder().method(method).uri(path).header("host", "media.example.com")
}

/// Returns status, headers and body.
async fn answer(request: http::Request<Body>) -> (u16, http::HeaderMap, String) {
    let public_key = signer().key().public_key().to_pem().unwrap();
    let mut request = request;
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 1))));
    let response = example::site(example::guard(ID, public_key.as_bytes()).unwrap()).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 10_000).await.unwrap();
    (parts.status.as_u16(), parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn axum_serves_what_is_signed() {
    let url = format!("{SITE}/films/1.mp4?size=hd");
    let conditions = Conditions::new("2h").ip_address("192.0.2.0/24");
    let signed = signer().sign_url(&url, &conditions).unwrap();
    let (status, _, body) = answer(request("GET", &signed).body(Body::empty()).unwrap()).await;
    assert_eq!(status, 200);
    assert!(body.starts_with("the film 1.mp4, asked for as /films/1.mp4?size=hd, for another 7"), "{body}");

    let (status, headers, body) = answer(request("GET", &url).body(Body::empty()).unwrap()).await;
    assert_eq!(
        (status, &headers["content-type"], &headers["x-cache"]),
        (403, &"text/xml".parse().unwrap(), &"Error from cloudfront".parse().unwrap())
    );
    assert!(body.contains("<Code>MissingKey</Code>"), "{body}");
    let (status, headers, head) = answer(request("HEAD", &url).body(Body::empty()).unwrap()).await;
    assert_eq!((status, headers["content-length"].to_str().unwrap(), head.as_str()), (403, body.len().to_string().as_str(), ""));
    assert_eq!(answer(request("GET", &signed.replace("1.mp4", "2.mp4")).body(Body::empty()).unwrap()).await.0, 403);
    assert_eq!(answer(request("GET", &format!("{SITE}/")).body(Body::empty()).unwrap()).await.0, 200);

    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let (status, headers, _) = answer(request(method, &signed).body(Body::empty()).unwrap()).await;
        assert_eq!((status, &headers["allow"]), (405, &"GET, HEAD".parse().unwrap()), "{method}");
    }
}

#[tokio::test]
async fn a_host_that_is_none_is_refused() {
    let signed = signer().sign_url(format!("{SITE}/films/1.mp4"), &Conditions::new("2h")).unwrap();
    let path = signed.strip_prefix(SITE).unwrap();
    for hosts in
        [&["media.example.com/films"][..], &["media.example.com", "media.example.com"], &["a@media.example.com"], &[""], &[]]
    {
        let mut request = http::Request::builder().uri(path);
        for host in hosts {
            request = request.header("host", *host);
        }
        assert_eq!(answer(request.body(Body::empty()).unwrap()).await.0, 400, "{hosts:?}");
    }
}

/// What a service behind the layer sees of a request, with the decision.
async fn seen(layer: &GuardLayer, request: http::Request<Body>) -> (Option<(String, Vec<String>)>, bool) {
    let found = Arc::new(Mutex::new(None));
    let inner = Arc::clone(&found);
    let service = layer.layer(tower::service_fn(move |request: http::Request<Body>| {
        let cookies = request
            .headers()
            .get_all("cookie")
            .iter()
            .map(|value| str::from_utf8(value.as_bytes()).unwrap().to_owned())
            .collect();
        *inner.lock().unwrap() = Some((request.uri().to_string(), cookies));
        async { Ok::<_, Infallible>(http::Response::new(Body::empty())) }
    }));
    let response = service.oneshot(request).await.unwrap();
    let found = found.lock().unwrap().take();
    (found, response.extensions().get::<Decision>().is_some_and(Decision::is_allowed))
}

#[tokio::test]
async fn parameters_and_cookies_are_taken_off() {
    let url = format!("{SITE}/films/1.mp4?a=b&c");
    let grant = signer().grant(format!("{SITE}/films/*"), &Conditions::new("2h")).unwrap();
    let cookies =
        grant.cookies().unwrap().pairs().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    let expected = "/films/1.mp4?a=b&c".to_owned();
    for (url, sent, left) in [
        (grant.url(&url).unwrap(), vec!["session=1; CloudFront-Policy=x", "other=2"], vec!["session=1", "other=2"]),
        (url.clone(), vec![cookies.as_str()], vec![]),
        (url.clone(), vec!["a=1;b=2", cookies.as_str()], vec!["a=1;b=2"]),
        // Browsers send what is not ASCII as it is.
        (url.clone(), vec![&*format!("name=é; {cookies}")], vec!["name=é"]),
    ] {
        let mut asked = request("GET", &url);
        for cookie in &sent {
            asked = asked.header("cookie", *cookie);
        }
        let left: Vec<String> = left.into_iter().map(str::to_owned).collect();
        assert_eq!(seen(&layer(), asked.body(Body::empty()).unwrap()).await, (Some((expected.clone(), left)), true), "{sent:?}");
    }
}

#[tokio::test]
async fn its_settings() {
    let https = signer().sign_url("https://media.example.com/a", &Conditions::new("2h")).unwrap();
    let asked = || request("GET", &https.replace("https://", "http://")).body(Body::empty()).unwrap();
    assert!(!seen(&layer(), asked()).await.1);
    let behind_proxy = layer().viewer_url("https://media.example.com/").unwrap();
    assert!(seen(&behind_proxy, asked()).await.1);
    // A clone with another setting does not change the original.
    assert!(!seen(&behind_proxy.clone().viewer_url("https://other.example.com").unwrap(), asked()).await.1);
    assert!(seen(&behind_proxy, asked()).await.1);
    for url in ["", "media.example.com", "ftp://d.net", "https://d.net/films", "https://d.net?x", "https://a@d.net"] {
        assert_eq!(layer().viewer_url(url).unwrap_err().code(), ErrorCode::InvalidUrl, "{url}");
    }
    let delete = signer().sign_url(format!("{SITE}/a"), &Conditions::new("2h")).unwrap();
    let asked = || request("DELETE", &delete).body(Body::empty()).unwrap();
    assert!(seen(&layer(), asked()).await.0.is_none());
    assert!(seen(&layer().methods([http::Method::DELETE]), asked()).await.0.is_some());
    assert!(!format!("{:?}", layer()).contains("BEGIN"));
    // The policy restricts addresses, and the viewer's is unknown.
    let local = signer().sign_url(format!("{SITE}/a"), &Conditions::new("2h").ip_address("192.0.2.1")).unwrap();
    assert!(seen(&layer(), request("GET", &local).body(Body::empty()).unwrap()).await.0.is_none());
}
