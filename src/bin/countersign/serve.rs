//! `serve`: a local stand-in for a distribution with a trusted key group.
//!
//! Sources: those of the library's verifier; for what a distribution sends on, *Request and response behavior for custom origins*
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html>).

mod access_log;
mod content;
mod log;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::date;
use countersign::tower::GuardLayer;
use countersign::url::{LONGEST_REQUEST, LONGEST_URL};
use countersign::verifier::{Access, Decision};
use http_body_util::{BodyExt as _, Either};
use hyper::body::Incoming;
use hyper::header::{COOKIE, HOST, HeaderValue, REFERER, SERVER, USER_AGENT};
use hyper::http::uri::Authority;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpSocket;
use tower::{Layer as _, ServiceExt as _};

use crate::arguments::ServeArguments;
use crate::key_group::verifier;
use crate::output::{Failure, is_standard_output, shown, tell};
use access_log::{AccessLog, Logged};
use content::{Body, Content, plain};
use log::Log;

/// A client that has not sent its headers by then is cut off, so that half-open connections do not pile up.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);

/// Requests that are under way when the server is told to stop may take this long.
const END_WITHIN: Duration = Duration::from_secs(10);

struct Distribution {
    layer: GuardLayer,
    content: Content,
    log: Log,
    access_log: Option<Arc<AccessLog>>,
    /// What stands before the path in signed URLs, where it is not what the viewer asks for.
    viewer_url: Option<String>,
}

/// Runs until it is told to stop.
pub fn serve(arguments: &ServeArguments) -> Result<u8, Failure> {
    let distribution = Arc::new(Distribution {
        layer: layer(arguments)?,
        content: Content::open(arguments)?,
        log: Log::start()?,
        access_log: arguments.access_log.as_deref().map(AccessLog::open).transpose()?,
        viewer_url: arguments.viewer_url.as_deref().map(|url| url.trim_end_matches('/').to_owned()),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::other(format!("the server cannot be started: {error}")))?;
    runtime.block_on(listen(arguments, distribution))?;
    Ok(0)
}

/// What decides. The viewer's address is that of its connection.
fn layer(arguments: &ServeArguments) -> Result<GuardLayer, Failure> {
    let layer = GuardLayer::new(verifier(&arguments.keys.public_keys, None)?)
        .client_address(|parts| parts.extensions.get::<SocketAddr>().map(|viewer| viewer.ip()));
    let Some(url) = &arguments.viewer_url else { return Ok(layer) };
    layer.viewer_url(url).map_err(|_| {
        Failure::usage(format!(
            "--viewer-url is {url}; it takes a scheme and a host, such as https://d111111abcdef8.cloudfront.net"
        ))
    })
}

/// How many connections may wait to be taken. Beyond that a client believes that it is connected, and is not.
const BACKLOG: u32 = 1024;

async fn listen(arguments: &ServeArguments, distribution: Arc<Distribution>) -> Result<(), Failure> {
    let address = arguments.listen;
    let listening = (|| {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // A server that is started anew finds its port free. On Windows this would take the port from another program.
        #[cfg(not(windows))]
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?;
        Ok((listener.local_addr()?, listener))
    })();
    let (bound, listener) = listening.map_err(|error: std::io::Error| {
        Failure::with_hint(
            format!("{address} cannot be used to listen on: {error}"),
            "Is it in use? --listen 127.0.0.1:0 takes a free port.",
        )
    })?;
    let line = format!("listening on http://{bound}");
    if arguments.access_log.as_deref().is_some_and(is_standard_output) {
        tell(&line)
    } else {
        announce(&line)
    }
    let graceful = GracefulShutdown::new();
    let mut stopped = std::pin::pin!(told_to_stop());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stopped => break,
        };
        let (stream, viewer) = match accepted {
            Ok(accepted) => accepted,
            // Too many open files, or a client that is gone: others can still be served.
            Err(error) => {
                distribution.log.tell(format!("a connection cannot be accepted: {error}"));
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let own = Arc::clone(&distribution);
        let service = service_fn(move |request| {
            let distribution = Arc::clone(&own);
            async move { Ok::<_, std::convert::Infallible>(distribution.answer(request, viewer).await) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS_WITHIN)
            .max_buf_size(LONGEST_REQUEST)
            .serve_connection(TokioIo::new(stream), service);
        let watched = graceful.watch(connection);
        // A connection that breaks off is its client's affair.
        tokio::spawn(async move {
            let _ = watched.await;
        });
    }
    drop(listener);
    let log = &distribution.log;
    log.tell("stopping: finishing the current requests".to_owned());
    if tokio::time::timeout(END_WITHIN, graceful.shutdown()).await.is_err() {
        log.tell(format!("some were cut off after {} seconds", END_WITHIN.as_secs()));
    }
    log.finish();
    Ok(())
}

/// The one line on standard output. Nobody has to read it.
fn announce(line: &str) {
    use std::io::Write as _;
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

impl Distribution {
    async fn answer(&self, request: Request<Incoming>, viewer: SocketAddr) -> Response<Body> {
        let method = request.method().clone();
        let path = request.uri().path().to_owned();
        let logged = self.access_log.as_ref().map(|log| (log, self.logged(&request, viewer)));
        let (response, what) = self.decide(request, viewer).await;
        let moment = date::now().map(date::utc).unwrap_or_default();
        let status = response.status();
        self.log.tell(shown(&format!("{moment} {} {method} {path} {} {what}", viewer.ip(), status.as_u16())));
        match logged {
            // CloudFront does not log what is too long for it.
            Some((log, logged)) if ![StatusCode::URI_TOO_LONG, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE].contains(&status) => {
                log.follow(logged, response)
            }
            _ => response,
        }
    }

    fn logged(&self, request: &Request<Incoming>, viewer: SocketAddr) -> Logged {
        let headers = request.headers();
        let base = self.base(request).unwrap_or_default();
        let (protocol, host) = base.split_once("://").unwrap_or_default();
        Logged {
            begun: Instant::now(),
            viewer,
            method: request.method().to_string(),
            protocol: protocol.to_owned(),
            host: host.to_owned(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            cookies: cookies(headers),
            referer: Logged::header(headers, &REFERER),
            user_agent: Logged::header(headers, &USER_AGENT),
        }
    }

    /// What stands before the path in the URL that the viewer asked for, or why that is not known.
    fn base(&self, request: &Request<Incoming>) -> Result<String, &'static str> {
        // Of two, this server and what is behind it may each believe another.
        let mut hosts = request.headers().get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err("The request needs exactly one Host.\n") };
        let is_one = |host: &Authority| !host.as_str().contains('@');
        // `d.net/public/` would become a part of the path.
        let host: Authority = host
            .to_str()
            .ok()
            .and_then(|host| host.parse().ok())
            .filter(is_one)
            .ok_or("The Host of the request is not a host name.\n")?;
        if request.uri().authority().is_some_and(|authority| *authority != host) {
            return Err("The request line and Host name different hosts.\n");
        }
        Ok(self.viewer_url.clone().unwrap_or_else(|| format!("http://{host}")))
    }

    /// The response, and what the log says of it.
    async fn decide(&self, mut request: Request<Incoming>, viewer: SocketAddr) -> (Response<Body>, String) {
        let asked = request.uri().path_and_query().map_or("/", |asked| asked.as_str());
        if asked.len() > LONGEST_URL {
            return (plain(StatusCode::URI_TOO_LONG, "The URL is too long.\n"), "the URL is too long".to_owned());
        }
        let headers: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        if asked.len() + headers > LONGEST_REQUEST {
            let response = plain(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers are too long.\n");
            return (response, "the headers are too long".to_owned());
        }
        if let Err(why) = self.base(&request) {
            return (plain(StatusCode::BAD_REQUEST, why), why.trim_end().to_owned());
        }
        request.extensions_mut().insert(viewer);
        let content =
            tower::service_fn(async |request| Ok::<_, std::convert::Infallible>(self.content.get(request, viewer).await));
        let response = match self.layer.layer(content).oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let mut response = response.map(|body| match body {
            Either::Left(body) => body,
            Either::Right(text) => text.map_err(|never| match never {}).boxed_unsync(),
        });
        let what = match response.extensions().get::<Decision>() {
            Some(Decision::Allowed(access)) => log_line(access),
            Some(Decision::Denied(denial)) => format!("{}: {}", denial.code.as_str(), denial.reason),
            None => "not a method of this distribution".to_owned(),
        };
        if matches!(response.extensions().get(), Some(Decision::Denied(_))) {
            response.headers_mut().insert(SERVER, HeaderValue::from_static("CloudFront"));
        }
        (response, what)
    }
}

/// HTTP/2 lets a client send several headers, which are one.
fn cookies(headers: &HeaderMap) -> String {
    headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join("; ")
}

fn log_line(access: &Access) -> String {
    let left = date::span(access.remaining);
    let warnings: String = access.warnings.iter().map(|warning| format!("; {warning}")).collect();
    format!("allowed by {}, {}, for another {left}{warnings}", access.source.as_str(), access.key_pair_id)
}
