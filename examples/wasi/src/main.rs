//! A program for WASI hosts: it signs links, and guards files as CloudFront would. It gets a request as in CGI (RFC 3875), in
//! environment variables, and responds on standard output. With Fastly's or Spin's own crate, `answer` stays as it is.

use std::env;
use std::error::Error;

use countersign::verifier::{Decision, Denial, Request, Verifier};
use countersign::{Conditions, LoadOptions, PrivateKey, PublicKey, Signer};

/// What a client asked for.
struct Asked {
    /// The URL that the client asked for, not what a proxy made of it: `https://files.example.com/films/1.mp4?…`.
    url: String,
    path: String,
    cookies: String,
    address: String,
}

struct Answer {
    status: u16,
    content_type: &'static str,
    body: String,
}

fn main() {
    let answer = answer(&asked()).unwrap_or_else(|error| Answer::text(500, format!("{error}\n")));
    print!("Status: {}\r\nContent-Type: {}\r\n\r\n{}", answer.status, answer.content_type, answer.body);
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

fn asked() -> Asked {
    let uri = variable("REQUEST_URI");
    let path = uri.split(['?', '#']).next().unwrap_or_default().to_owned();
    Asked { url: format!("https://{}{uri}", variable("HTTP_HOST")), path, cookies: variable("HTTP_COOKIE"), address: variable("REMOTE_ADDR") }
}

/// `/sign/…` returns a link to what follows, valid for ten minutes: check there who the client is. Everything else needs a signature.
fn answer(asked: &Asked) -> Result<Answer, Box<dyn Error>> {
    if let Some(path) = asked.path.strip_prefix("/sign/") {
        let key = PrivateKey::load(variable("PRIVATE_KEY").as_bytes(), &LoadOptions::new())?;
        let signer = Signer::new(&variable("KEY_PAIR_ID"), key)?;
        let origin = asked.url.strip_suffix(&variable("REQUEST_URI")).unwrap_or_default();
        return Ok(match signer.sign_url(&format!("{origin}/{path}"), &Conditions::new("10m")) {
            Ok(url) => Answer::text(200, format!("{url}\n")),
            Err(error) => Answer::text(400, format!("{}: {error}\n", error.code())),
        });
    }
    let key = PublicKey::load(variable("PUBLIC_KEY").as_bytes())?;
    let verifier = Verifier::new([(variable("KEY_PAIR_ID"), key)])?;
    let request = Request::new(&asked.url).cookies(&asked.cookies).ip_address(&asked.address);
    Ok(match verifier.verify(&request)? {
        Decision::Allowed(access) => Answer::text(200, format!("here comes {}\n", access.url)),
        Decision::Denied(denial) => Answer { status: Denial::STATUS, content_type: "text/xml", body: denial.body() },
    })
}

impl Answer {
    fn text(status: u16, body: String) -> Self {
        Self { status, content_type: "text/plain", body }
    }
}
