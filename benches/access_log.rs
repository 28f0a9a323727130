//! Writes an access log in CloudFront's form, with viewers, folders, films in segments, and requests damaged in known ways. The
//! same seed gives the same log, except for P-256 signatures. The right verdict of each line is known before it is written.
//!
//! `cargo run --release --features cli --example access_log -- --lines 1000000 > access.log`
//!
//! `--answers FILE` writes how many lines have each reason, `--each FILE` the reason of each line. `--distinct N` is the number of
//! signed links; with as many as lines, every signature is new. `--format json` writes JSON lines as version 2 does, `--differing N`
//! makes the edge decide wrongly for one of N lines.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::ExitCode;

use countersign::access_log::escaped;
use countersign::date::utc;
use countersign::{Conditions, LoadOptions, PrivateKey, Signer};
use fastrand::Rng;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// 2030-01-01T00:00:00Z, the start of the day that the log covers.
const BEGIN: i64 = 1_893_456_000;
const DAY: i64 = 86_400;
const HOST: &str = "d111111abcdef8.cloudfront.net";
const FOLDERS: [&str; 5] = ["films", "music", "reports", "photos", "backups"];
/// The first signs with RSA, the second, newer one with P-256.
const KEYS: [(&str, &str); 2] = [("K2JCJMDEHXQW5F", "rsa2048"), ("K36X4X2EO997HM", "p256")];
const ADDRESS: &str = "198.51.100.0/24";

const FIELDS: [&str; 33] = [
    "date",
    "time",
    "x-edge-location",
    "sc-bytes",
    "c-ip",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "sc-status",
    "cs(Referer)",
    "cs(User-Agent)",
    "cs-uri-query",
    "cs(Cookie)",
    "x-edge-result-type",
    "x-edge-request-id",
    "x-host-header",
    "cs-protocol",
    "cs-bytes",
    "time-taken",
    "x-forwarded-for",
    "ssl-protocol",
    "ssl-cipher",
    "x-edge-response-result-type",
    "cs-protocol-version",
    "fle-status",
    "fle-encrypted-fields",
    "c-port",
    "time-to-first-byte",
    "x-edge-detailed-result-type",
    "sc-content-type",
    "sc-content-len",
    "sc-range-start",
    "sc-range-end",
];

/// Damage to a request, with the reason for which it is refused.
#[derive(Clone, Copy, PartialEq)]
enum Damage {
    None,
    Late,
    Early,
    OtherAddress,
    OtherPath,
    OtherSignature,
    UnknownKey,
    NoKeyPairId,
    BrokenSignature,
    BrokenPolicy,
}

const DAMAGES: [(Damage, &str); 10] = [
    (Damage::None, "allowed"),
    (Damage::Late, "expired"),
    (Damage::Early, "not-yet-valid"),
    (Damage::OtherAddress, "other-address"),
    (Damage::OtherPath, "other-resource"),
    (Damage::OtherSignature, "wrong-signature"),
    (Damage::UnknownKey, "unknown-key"),
    (Damage::NoKeyPairId, "not-signed"),
    (Damage::BrokenSignature, "not-base64"),
    (Damage::BrokenPolicy, "not-base64"),
];

/// A signature with its validity.
struct Link {
    folder: String,
    /// The one file of a canned policy.
    file: Option<String>,
    begin: i64,
    end: i64,
    query: String,
    by_cookie: bool,
    address: bool,
}

struct Options {
    lines: u64,
    seed: u64,
    distinct: usize,
    differing: u64,
    json: bool,
    keys: String,
    answers: Option<String>,
    each: Option<String>,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options> {
    let mut options = Options {
        lines: 10_000,
        seed: 1,
        distinct: 500,
        differing: 0,
        json: false,
        keys: format!("{}/tests/keys", env!("CARGO_MANIFEST_DIR")),
        answers: None,
        each: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} has no value"))?;
        match name.as_str() {
            "--lines" => options.lines = value.parse()?,
            "--seed" => options.seed = value.parse()?,
            "--distinct" => options.distinct = value.parse()?,
            "--differing" => options.differing = value.parse()?,
            "--format" => options.json = value == "json",
            "--keys" => options.keys = value,
            "--answers" => options.answers = Some(value),
            "--each" => options.each = Some(value),
            _ => return Err(format!("there is no {name}").into()),
        }
    }
    Ok(options)
}

fn run() -> Result<()> {
    let options = options()?;
    let mut rng = Rng::with_seed(options.seed);
    let links = links(&options, &mut rng)?;
    let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    let mut each = options.each.as_ref().map(File::create).transpose()?.map(BufWriter::new);
    if !options.json {
        write!(out, "#Version: 1.0\n#Fields: {}\n", FIELDS.join(" "))?;
    }
    let mut counts = BTreeMap::<&str, u64>::new();
    let mut differing = 0;
    for index in 0..options.lines {
        // Use every link, at times that increase as in a log.
        let link = match links.get(usize::try_from(index)?) {
            Some(link) => link,
            None => links.get(rng.usize(..links.len())).ok_or("no links")?,
        };
        let damage = if rng.u8(..10) == 0 { rng.usize(1..DAMAGES.len()) } else { 0 };
        let (mut damage, mut reason) = DAMAGES.get(damage).copied().unwrap_or((Damage::None, "allowed"));
        if !can_be(damage, link) {
            (damage, reason) = (Damage::OtherSignature, "wrong-signature");
        }
        *counts.entry(reason).or_default() += 1;
        if let Some(each) = &mut each {
            writeln!(each, "{reason}")?;
        }
        let is_wrong = options.differing > 0 && rng.u64(..options.differing) == 0;
        differing += u64::from(is_wrong);
        let values = request(link, damage, is_wrong, &mut rng);
        if options.json {
            let object: serde_json::Map<String, serde_json::Value> =
                FIELDS.iter().zip(values).map(|(name, value)| ((*name).to_owned(), value.into())).collect();
            serde_json::to_writer(&mut out, &object)?;
            out.write_all(b"\n")?;
        } else {
            writeln!(out, "{}", values.join("\t"))?;
        }
    }
    out.flush()?;
    if let Some(each) = &mut each {
        each.flush()?;
    }
    if let Some(file) = &options.answers {
        let answers = serde_json::json!({ "lines": options.lines, "reasons": counts, "differing": differing });
        std::fs::write(file, answers.to_string())?;
    }
    Ok(())
}

fn links(options: &Options, rng: &mut Rng) -> Result<Vec<Link>> {
    let mut signers = Vec::new();
    for (id, name) in KEYS {
        let pem = std::fs::read(format!("{}/{name}.pem", options.keys))?;
        signers.push(Signer::new(id, PrivateKey::load(&pem, &LoadOptions::new())?)?);
    }
    let mut links = Vec::new();
    for index in 0..options.distinct {
        let signer = signers.get(usize::from(rng.u8(..10) < 6)).ok_or("no signer")?;
        let folder = format!("/{}/{index}/", FOLDERS.get(rng.usize(..FOLDERS.len())).unwrap_or(&"films"));
        let begin = BEGIN + rng.i64(0..DAY / 2);
        let end = begin + rng.i64(3_600..DAY / 2);
        let address = rng.u8(..5) == 0;
        let mut conditions = Conditions::new(end).now(begin);
        let is_canned = rng.bool() && !address;
        if !is_canned {
            conditions = conditions.date_greater_than(begin);
        }
        if address {
            conditions = conditions.ip_address(ADDRESS);
        }
        let file = is_canned.then(|| format!("{folder}report~{index}.pdf"));
        let by_cookie = !is_canned && rng.bool();
        let query = match (&file, by_cookie) {
            (Some(file), _) => query_of(&signer.sign_url(format!("https://{HOST}{file}"), &conditions)?),
            (None, true) => {
                let cookies = signer.sign_cookies(format!("https://{HOST}{folder}*"), &conditions)?;
                let pairs: Vec<String> = cookies.pairs().iter().map(|(name, value)| format!("{name}={value}")).collect();
                format!("session={index}; {}", pairs.join("; "))
            }
            (None, false) => query_of(
                &signer.grant(format!("https://{HOST}{folder}*"), &conditions)?.url(format!("https://{HOST}{folder}1.ts"))?,
            ),
        };
        links.push(Link { folder, file, begin, end, query, by_cookie, address });
    }
    Ok(links)
}

fn query_of(url: &str) -> String {
    url.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default()
}

/// Some damage needs its own policy.
fn can_be(damage: Damage, link: &Link) -> bool {
    match damage {
        Damage::Early | Damage::BrokenPolicy => link.file.is_none(),
        // A request does not carry a canned policy's resource, so another path looks like a wrong signature.
        Damage::OtherPath => link.file.is_none(),
        Damage::OtherAddress => link.address,
        _ => true,
    }
}

fn request(link: &Link, damage: Damage, edge_is_wrong: bool, rng: &mut Rng) -> Vec<String> {
    let taken = f64::from(rng.u32(1..4_000)) / 1_000.0;
    // Keep two seconds away from a limit.
    let start = match damage {
        Damage::Late => link.end + rng.i64(3..7_200),
        Damage::Early => link.begin - rng.i64(3..7_200),
        _ => rng.i64(link.begin + 3..link.end - 3),
    };
    let end = start + taken.ceil() as i64;
    let moment = utc(end);
    let (date, time) = (moment.get(..10).unwrap_or_default(), moment.get(11..19).unwrap_or_default());
    let network = if link.address && damage != Damage::OtherAddress { "198.51.100" } else { "203.0.113" };
    let address = format!("{network}.{}", rng.u8(1..255));
    let path = match &link.file {
        Some(file) => file.clone(),
        None if damage == Damage::OtherPath => format!("/secret{}{}.ts", link.folder, rng.u16(..)),
        None => format!("{}{}.ts", link.folder, rng.u16(..)),
    };
    let signed = damaged(&link.query, damage);
    let (query, cookie) = match (damage, link.by_cookie) {
        (Damage::NoKeyPairId, _) => (String::new(), "session=1".to_owned()),
        (_, true) => (String::new(), signed),
        (_, false) => (signed, String::new()),
    };
    let is_refused = (damage != Damage::None) != edge_is_wrong;
    let (status, result, kind) = if is_refused { ("403", "Error", "text/xml") } else { ("200", "Hit", "video/mp2t") };
    let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
    [
        date,
        time,
        "FRA56-P1",
        &rng.u32(200..900_000).to_string(),
        &address,
        "GET",
        HOST,
        &escaped(&path),
        status,
        "https://www.example.com/",
        &escaped(agent),
        &escaped(&query),
        &escaped(&cookie),
        result,
        &format!("{:016x}{:016x}==", rng.u64(..), rng.u64(..)),
        HOST,
        "https",
        "412",
        &format!("{taken:.3}"),
        "-",
        "TLSv1.3",
        "TLS_AES_128_GCM_SHA256",
        result,
        "HTTP/2.0",
        "-",
        "-",
        &rng.u16(1_024..).to_string(),
        "0.001",
        result,
        kind,
        "-",
        "-",
        "-",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn damaged(signed: &str, damage: Damage) -> String {
    match damage {
        // A DER signature begins with its frame; a character in the middle is always part of a number.
        Damage::OtherSignature => changed(signed, "Signature=", 40, |character| if character == 'A' { 'B' } else { 'A' }),
        Damage::BrokenSignature => changed(signed, "Signature=", 3, |_| '!'),
        Damage::BrokenPolicy => changed(signed, "Policy=", 5, |_| '!'),
        Damage::UnknownKey => signed.replace("Key-Pair-Id=K", "Key-Pair-Id=KOLD"),
        _ => signed.to_owned(),
    }
}

/// Changes one character of a value.
fn changed(text: &str, name: &str, at: usize, change: impl Fn(char) -> char) -> String {
    let Some(place) = text.find(name).map(|begin| begin + name.len() + at) else { return text.to_owned() };
    text.char_indices().map(|(index, character)| if index == place { change(character) } else { character }).collect()
}
