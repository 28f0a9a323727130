//! A site in axum that serves films to signed requests only.
//!
//! ```sh
//! cargo run --example axum --features tower -- K2JCJMDEHXQW5F public_key.pem
//! ```

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{ConnectInfo, Path, Request};
use axum::routing::get;
use countersign::PublicKey;
use countersign::tower::GuardLayer;
use countersign::verifier::{Access, Verifier};

/// Everything below `/films` needs a signature; the rest is public. `merge` keeps the signed paths; `nest` would shorten them before
/// the layer sees them.
pub(crate) fn site(layer: GuardLayer) -> Router {
    let films = Router::new().route("/films/{name}", get(film)).layer(layer);
    Router::new().route("/", get(async || "films are at /films/1.mp4\n")).merge(films)
}

/// The handler gets the URL without its signature, and the decision.
async fn film(Path(name): Path<String>, request: Request) -> String {
    let remaining = request.extensions().get::<Access>().map_or(0, |access| access.remaining);
    format!("the film {name}, asked for as {}, for another {remaining} seconds\n", request.uri())
}

/// Guards the films. The viewer's address is that of the connection.
pub(crate) fn guard(key_pair_id: &str, public_key: &[u8]) -> countersign::Result<GuardLayer> {
    let verifier = Verifier::new([(key_pair_id.to_owned(), PublicKey::load(public_key)?)])?;
    Ok(GuardLayer::new(verifier)
        .client_address(|parts| parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip()))
        .on_decision(|decision, parts| println!("{} {}: {}", parts.method, parts.uri.path(), decision.is_allowed())))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [key_pair_id, public_key] = arguments.as_slice() else {
        return Err("pass the key pair id and the file of its public key".into());
    };
    let site = site(guard(key_pair_id, &std::fs::read(public_key)?)?);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, site.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
