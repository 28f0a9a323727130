//! The arguments. Flags are those of `aws cloudfront sign` and `aws cloudfront sign-cookies`, and some more.
//!
//! Source: AWS CLI Command Reference, <https://docs.aws.amazon.com/cli/latest/reference/cloudfront/sign.html> and
//! <https://docs.aws.amazon.com/cli/latest/reference/cloudfront/sign-cookies.html>.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use countersign::Algorithm;
use countersign::cookies::SameSite;

const DATES: &str = "Dates: 2030-12-31, 2030-12-31T23:59:59+09:00, 20301231T235959Z (UTC without an offset), epoch seconds \
                     (20301231 is a day in 1970), or a duration from now: 30m, 2h, 7d, PT15M.";

/// Sign, verify and debug Amazon CloudFront signed URLs and cookies.
#[derive(Parser)]
#[command(name = "countersign", version, propagate_version = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Sign one URL, several, or a list from standard input.
    #[command(after_help = DATES)]
    Sign(Box<SignArguments>),
    /// Sign cookies for a resource.
    #[command(after_help = DATES)]
    SignCookies(Box<SignCookiesArguments>),
    /// Sign every address of an HLS playlist or a DASH manifest, so that a player gets its segments too.
    #[command(after_help = DATES)]
    Manifest(Box<ManifestArguments>),
    /// Say what CloudFront would answer to a request, and why. Exit status: 0 allowed, 3 denied.
    Verify(VerifyArguments),
    /// Decode a signed URL or cookies, and name what looks wrong. Needs no key, so it cannot check the signature.
    Inspect(InspectArguments),
    /// Read CloudFront's access logs: who was denied and why, where CloudFront and we disagree, which keys are in use.
    Logs(LogsArguments),
    /// Make a key pair: private_key.pem and public_key.pem.
    Keygen(KeygenArguments),
    /// Print the public key of a private key, the PEM to upload to CloudFront.
    PublicKey(PublicKeyArguments),
    /// Serve a folder, or a local server, like a distribution with a trusted key group: unsigned requests get 403.
    #[cfg(not(target_family = "wasm"))]
    Serve(ServeArguments),
    /// Not available here: WebAssembly cannot open ports. Use the binary: `cargo install countersign --features cli`.
    #[cfg(target_family = "wasm")]
    #[command(hide = true)]
    Serve {
        /// What the binary takes.
        #[arg(allow_hyphen_values = true, trailing_var_arg = true)]
        arguments: Vec<String>,
    },
    /// Print a script that completes this command's arguments in a shell.
    Completions {
        /// The shell.
        #[arg(ignore_case = true)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff): `countersign man | man -l -`.
    Man {
        /// Print the page of this command only.
        command: Option<String>,
    },
}

/// What `sign` and `verify` take.
#[derive(Args)]
pub struct UrlArguments {
    /// The URLs, answered in order. `-` reads them from standard input, one a line.
    #[arg(value_name = "URL", required_unless_present = "url", conflicts_with = "url")]
    pub urls: Vec<String>,
    /// A URL as a flag, as in `aws cloudfront sign`.
    #[arg(long, value_name = "URL")]
    pub url: Vec<String>,
}

#[derive(Args)]
pub struct KeyArguments {
    /// The private key, PEM or DER: file://PATH, fileb://PATH, a path, env:NAME, or `-` for standard input. Default: the variable
    /// COUNTERSIGN_PRIVATE_KEY, which holds the key itself or file://PATH.
    // A key passed by mistake begins with hyphens: were it not taken as a value, clap would print it.
    #[arg(long, value_name = "SOURCE", allow_hyphen_values = true)]
    pub private_key: Option<String>,
    /// The passphrase of an encrypted key: env:NAME, file://PATH, or `-` for standard input. A line break at the end is ignored.
    #[arg(long, value_name = "SOURCE", allow_hyphen_values = true)]
    pub passphrase: Option<String>,
}

#[derive(Args)]
pub struct SignerArguments {
    /// The id that CloudFront shows for the public key, K….
    #[arg(long, value_name = "ID", env = "COUNTERSIGN_KEY_PAIR_ID")]
    pub key_pair_id: String,
    #[command(flatten)]
    pub key: KeyArguments,
    /// The hash. Default: SHA1 for RSA, SHA256 for ECDSA.
    #[arg(long, value_name = "HASH", ignore_case = true, value_parser = [Algorithm::Sha1.as_str(), Algorithm::Sha256.as_str()])]
    pub hash_algorithm: Option<String>,
    /// Accept RSA keys that do not have 2048 bits, for tests. CloudFront does not accept them.
    #[arg(long)]
    pub allow_unsupported_key: bool,
}

#[derive(Args)]
pub struct ConditionArguments {
    /// Access ends at this moment.
    #[arg(long, value_name = "DATE", required_unless_present = "policy", conflicts_with = "policy", allow_hyphen_values = true)]
    pub date_less_than: Option<String>,
    /// Round the expiry up to a multiple of this duration, such as 15m, so that everyone who asks within it gets the same URL.
    #[arg(long, value_name = "DURATION", conflicts_with = "policy")]
    pub round_up_to: Option<String>,
    /// Access begins after this moment.
    #[arg(long, value_name = "DATE", conflicts_with = "policy", allow_hyphen_values = true)]
    pub date_greater_than: Option<String>,
    /// Access only from this IPv4 address or range.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "policy")]
    pub ip_address: Option<String>,
    /// Your own policy, signed byte for byte: its JSON, file://PATH, or `-` for standard input.
    #[arg(long, value_name = "POLICY")]
    pub policy: Option<String>,
    /// The moment that durations and the expiry check count from. Default: the clock.
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub now: Option<String>,
    /// Sign even if the expiry has passed, for tests.
    #[arg(long)]
    pub allow_expired: bool,
}

#[derive(Args)]
pub struct SignArguments {
    #[command(flatten)]
    pub urls: UrlArguments,
    /// The resource of the policy. It may have wildcards and must cover the URL. With a `*`, many URLs share one signature. Default:
    /// the URL.
    #[arg(long, alias = "resource", value_name = "RESOURCE", conflicts_with = "policy")]
    pub policy_resource: Option<String>,
    #[command(flatten)]
    pub signer: SignerArguments,
    #[command(flatten)]
    pub conditions: ConditionArguments,
    /// How to print the result. json prints errors too; many URLs get a line each, with its number as `line`.
    #[arg(long, value_enum, ignore_case = true, default_value_t = Format::Text)]
    pub output: Format,
}

#[derive(Args)]
pub struct ManifestArguments {
    /// The playlist or MPD: a file, or `-` for standard input. Everything except the addresses is printed byte for byte.
    #[arg(value_name = "FILE")]
    pub file: String,
    /// The URL at which viewers fetch it. Relative addresses are resolved against it, and stay relative.
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// What the signature covers. Default: everything in the URL's folder.
    #[arg(long, alias = "resource", value_name = "RESOURCE", conflicts_with = "policy")]
    pub policy_resource: Option<String>,
    /// Make relative addresses absolute, for a manifest that viewers fetch from elsewhere.
    #[arg(long)]
    pub absolute: bool,
    #[command(flatten)]
    pub signer: SignerArguments,
    #[command(flatten)]
    pub conditions: ConditionArguments,
}

#[derive(Args)]
pub struct SignCookiesArguments {
    /// The URL of the content, or a resource with wildcards.
    #[arg(long, alias = "policy-resource", required_unless_present = "policy", conflicts_with = "policy")]
    pub resource: Option<String>,
    #[command(flatten)]
    pub signer: SignerArguments,
    #[command(flatten)]
    pub conditions: ConditionArguments,
    /// How to print the result.
    #[arg(long, value_enum, ignore_case = true, default_value_t = Format::Json)]
    pub output: Format,
    /// Print `Set-Cookie` headers.
    #[arg(long, conflicts_with = "output")]
    pub set_cookie: bool,
    #[command(flatten)]
    pub attributes: AttributeArguments,
}

#[derive(Args)]
#[group(requires = "set_cookie", multiple = true)]
pub struct AttributeArguments {
    /// Domain of the cookies, shared by the site and the distribution.
    #[arg(long)]
    pub domain: Option<String>,
    /// Path of the cookies.
    #[arg(long)]
    pub path: Option<String>,
    /// Max-Age of the cookies, in seconds. Default: until the browser's session ends.
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true)]
    pub max_age: Option<i64>,
    /// Expires of the cookies.
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub expires: Option<String>,
    /// SameSite of the cookies.
    #[arg(long, value_name = "MODE", ignore_case = true, value_parser = [SameSite::Strict.as_str(), SameSite::Lax.as_str(), SameSite::None.as_str()])]
    pub same_site: Option<String>,
    /// Send the cookies over plain HTTP too.
    #[arg(long)]
    pub no_secure: bool,
    /// Let scripts read the cookies.
    #[arg(long)]
    pub no_http_only: bool,
    /// Keep separate cookies for each embedding site.
    #[arg(long)]
    pub partitioned: bool,
}

#[derive(Args)]
pub struct PublicKeyArguments {
    #[command(flatten)]
    pub key: KeyArguments,
}

/// A key group.
#[derive(Args)]
pub struct KeyGroupArguments {
    /// A trusted public key, as ID=SOURCE: its id in CloudFront, and the PEM as file://PATH, a path, env:NAME, or `-` for standard
    /// input. Repeat it for each key. SOURCE alone is the key for every id.
    #[arg(long = "public-key", value_name = "[ID=]SOURCE", required = true)]
    pub public_keys: Vec<String>,
}

#[derive(Args)]
pub struct VerifyArguments {
    #[command(flatten)]
    pub urls: UrlArguments,
    #[command(flatten)]
    pub keys: KeyGroupArguments,
    /// The value of the request's `Cookie` header, the JSON that sign-cookies prints, or `-` for standard input.
    #[arg(long, value_name = "COOKIES")]
    pub cookies: Option<String>,
    /// The viewer's address.
    #[arg(long, value_name = "ADDRESS")]
    pub ip_address: Option<String>,
    /// The moment to decide for: a date, or a duration from now. Default: now.
    #[arg(long, value_name = "DATE")]
    pub at: Option<String>,
    /// How to print the result. json prints errors too; many get a line each, with its number as `line`.
    #[arg(long, value_enum, ignore_case = true, default_value_t = Format::Text)]
    pub output: Format,
}

#[cfg(not(target_family = "wasm"))]
fn listen(text: &str) -> Result<std::net::SocketAddr, String> {
    let port = text.strip_prefix("localhost:").or_else(|| text.strip_prefix(':')).unwrap_or(text);
    match port.parse::<u16>() {
        Ok(port) => Ok((std::net::Ipv4Addr::LOCALHOST, port).into()),
        Err(_) => text.parse().map_err(|_| "use a port, such as 8080, or an address and a port, such as 0.0.0.0:8080".to_owned()),
    }
}

#[cfg(not(target_family = "wasm"))]
#[derive(Args)]
#[group(id = "content", required = true, multiple = false, args = ["root", "origin"])]
pub struct ServeArguments {
    /// The folder with the files. Nothing outside of it is served, not even through symbolic links.
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// The HTTP server to protect, such as http://127.0.0.1:3000. It gets signed requests only, without the signing parameters.
    #[arg(long, value_name = "URL")]
    pub origin: Option<String>,
    #[command(flatten)]
    pub keys: KeyGroupArguments,
    /// The address to listen on. A port alone means 127.0.0.1; port 0 means a free one, which the first printed line names.
    #[arg(long, value_name = "[ADDRESS:]PORT", default_value = "127.0.0.1:8080", value_parser = listen)]
    pub listen: std::net::SocketAddr,
    /// Also append an access log in CloudFront's format to this file, or to standard output if it is `-`, for `countersign logs`. Like
    /// CloudFront's, it holds working links.
    #[arg(long, value_name = "FILE")]
    pub access_log: Option<PathBuf>,
    /// The beginning of the signed URLs, such as https://d111111abcdef8.cloudfront.net. Default: http:// and the request's Host.
    #[arg(long, value_name = "URL")]
    pub viewer_url: Option<String>,
}

#[derive(Args)]
pub struct InspectArguments {
    /// A URL, or cookies: a `Cookie` header, `Set-Cookie` lines, `name=value` lines, or the JSON that sign-cookies prints. Several are
    /// answered in order. `-` reads cookies or a list of URLs from standard input.
    #[arg(value_name = "URL|COOKIES", required_unless_present = "url", conflicts_with = "url")]
    pub inputs: Vec<String>,
    /// A URL as a flag; `-` is a list of URLs.
    #[arg(long, value_name = "URL")]
    pub url: Vec<String>,
    /// The moment to compare times with. Default: now.
    #[arg(long, value_name = "DATE")]
    pub at: Option<String>,
    /// How to print the result. json prints errors too; many get a line each, with its number as `line`.
    #[arg(long, value_enum, ignore_case = true, default_value_t = Format::Text)]
    pub output: Format,
}

#[derive(Args)]
pub struct LogsArguments {
    /// Standard access logs, W3C with a #Fields line or JSON lines, plain or gzip: files, folders, quoted patterns, or `-` for
    /// standard input.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<String>,
    /// A public key of the key group, as ID=SOURCE. Repeat it for each key. SOURCE alone is the key for every id. Without keys,
    /// signatures are not checked.
    #[arg(long = "public-key", value_name = "[ID=]SOURCE")]
    pub public_keys: Vec<String>,
    /// text prints a report, json a line of JSON for each request.
    #[arg(long, value_enum, ignore_case = true, default_value_t = Format::Text)]
    pub output: Format,
    /// Write the report as an HTML page with plots, in one file; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Show viewers' whole addresses. Signatures are never shown.
    #[arg(long)]
    pub full: bool,
}

#[derive(Args)]
pub struct KeygenArguments {
    /// The kind of key: RSA of 2048 bits, or ECDSA on P-256.
    #[arg(long = "type", value_enum, ignore_case = true, value_name = "TYPE")]
    pub key_type: Kind,
    /// The folder for private_key.pem and public_key.pem. It is made if needed; nothing is overwritten.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Kind {
    Rsa,
    Ecdsa,
}

/// How results are printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
}
