//! `--access-log`: what was served, as CloudFront writes its standard logs, so that `countersign logs` reads it.
//!
//! Source of the columns: AWS, *Standard logging reference*
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html>).

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use countersign::access_log::{LEGACY_COLUMNS, escaped};
use countersign::date;
use http_body_util::BodyExt as _;
use hyper::body::{Bytes, Frame, SizeHint};
use hyper::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderName};
use hyper::{HeaderMap, Response};

use super::content::Body;
use crate::output::{Failure, is_standard_output, tell};
use crate::patient::Patient;

/// A file, or standard output, that lines are added to.
pub struct AccessLog {
    to: Mutex<Box<dyn Write + Send>>,
    has_failed: AtomicBool,
}

/// A request, until its answer has ended.
pub struct Logged {
    pub begun: Instant,
    pub viewer: SocketAddr,
    pub method: String,
    /// `http` or `https`, and the host, of the URL that was judged.
    pub protocol: String,
    pub host: String,
    pub path: String,
    pub query: String,
    pub cookies: String,
    pub referer: String,
    pub user_agent: String,
}

impl Logged {
    /// What is taken of the request's headers as it is.
    pub fn header(headers: &HeaderMap, name: &HeaderName) -> String {
        headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
    }
}

impl AccessLog {
    pub fn open(path: &Path) -> Result<Arc<Self>, Failure> {
        let open = || -> io::Result<Box<dyn Write + Send>> {
            let (mut to, is_new): (Box<dyn Write + Send>, bool) = if is_standard_output(path) {
                (Box::new(Patient(io::stdout())), true)
            } else {
                let mut options = OpenOptions::new();
                options.create(true).append(true);
                // What is in it opens what viewers may open.
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                let file = options.open(path)?;
                // A log that goes on has its head already.
                let is_new = file.metadata()?.len() == 0;
                (Box::new(file), is_new)
            };
            if is_new {
                to.write_all(format!("#Version: 1.0\n#Fields: {LEGACY_COLUMNS}\n").as_bytes())?;
            }
            Ok(to)
        };
        let to = open().map_err(|error| Failure::other(format!("--access-log {} cannot be written: {error}", path.display())))?;
        Ok(Arc::new(Self { to: to.into(), has_failed: false.into() }))
    }

    /// Writes the line when the answer has ended, or its client has gone.
    pub fn follow(self: &Arc<Self>, logged: Logged, response: Response<Body>) -> Response<Body> {
        let (parts, body) = response.into_parts();
        let header = |name| Logged::header(&parts.headers, name);
        let answered = Answered {
            log: Arc::clone(self),
            logged,
            status: parts.status.as_u16(),
            content_type: header(&CONTENT_TYPE),
            content_length: header(&CONTENT_LENGTH),
            content_range: header(&CONTENT_RANGE),
            first_byte: None,
            bytes: 0,
            body,
        };
        Response::from_parts(parts, answered.boxed_unsync())
    }

    fn write(&self, line: &str) {
        // In one go: lines of several servers do not mix in a file that is added to.
        let mut to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = to.write_all(line.as_bytes())
            && !self.has_failed.swap(true, Ordering::Relaxed)
        {
            tell(&format_args!("the access log cannot be written, and lacks lines from now on: {error}"));
        }
    }
}

/// The answer to a request.
struct Answered {
    log: Arc<AccessLog>,
    logged: Logged,
    status: u16,
    content_type: String,
    content_length: String,
    content_range: String,
    first_byte: Option<f64>,
    bytes: u64,
    body: Body,
}

impl hyper::body::Body for Answered {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            self.bytes += frame.data_ref().map_or(0, Bytes::len) as u64;
            let begun = self.logged.begun;
            self.first_byte.get_or_insert_with(|| begun.elapsed().as_secs_f64());
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answered {
    fn drop(&mut self) {
        self.log.write(&self.line());
    }
}

impl Answered {
    fn line(&self) -> String {
        let Logged { begun, viewer, method, protocol, host, path, query, cookies, referer, user_agent } = &self.logged;
        let taken = begun.elapsed().as_secs_f64();
        let moment = date::now().map(date::utc).unwrap_or_default();
        let (date, time) = (moment.get(..10).unwrap_or_default(), moment.get(11..19).unwrap_or_default());
        let result = if self.status >= 400 { "Error" } else { "Miss" };
        // `bytes 0-9/300`
        let range = self.content_range.strip_prefix("bytes ").and_then(|range| range.split('/').next()?.split_once('-'));
        let (from, to) = range.unwrap_or_default();
        let values = [
            date,
            time,
            "",
            &self.bytes.to_string(),
            &viewer.ip().to_string(),
            method,
            host,
            path,
            &self.status.to_string(),
            referer,
            user_agent,
            query,
            cookies,
            result,
            "",
            host,
            protocol,
            "",
            &format!("{taken:.3}"),
            "",
            "",
            "",
            result,
            "HTTP/1.1",
            "",
            "",
            &viewer.port().to_string(),
            &format!("{:.3}", self.first_byte.unwrap_or(taken)),
            result,
            &self.content_type,
            &self.content_length,
            from,
            to,
        ];
        let mut line = values.map(escaped).join("\t");
        line.push('\n');
        line
    }
}
