//! Access logs are read in every form that CloudFront writes. Each request is judged as of its time, after undoing the log's encoding
//! once. What cannot be known is reported as unknown, and no report contains a working link.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[allow(dead_code, reason = "the other tests use what this one does not")]
mod command;
mod folder;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use command::text;
use countersign::{Conditions, LoadOptions, PrivateKey, Signer};
use flate2::Compression;
use flate2::write::GzEncoder;
use folder::folder;
use serde_json::{Value, json};

const HOST: &str = "d111111abcdef8.cloudfront.net";
const ID: &str = "K2JCJMDEHXQW5F";
/// 2030-01-01T00:00:00Z
const NOW: i64 = 1_893_456_000;

/// The columns of today's legacy logs, taken from public samples.
const FIELDS: &str = "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) \
                      cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken \
                      x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status \
                      fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len \
                      sc-range-start sc-range-end";

fn key(name: &str) -> String {
    format!("{}/tests/keys/{name}.pem", env!("CARGO_MANIFEST_DIR"))
}

fn signer(name: &str) -> Signer {
    let pem = fs::read(key(name)).unwrap();
    Signer::new(ID, PrivateKey::load(&pem, &LoadOptions::new()).unwrap()).unwrap()
}

fn logs(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = command::command();
    command.arg("logs").args(arguments);
    command::with_input(command, input)
}

/// Runs the command, which must succeed, and returns its JSON rows.
fn rows(arguments: &[&str], input: &[u8]) -> Vec<Value> {
    let (status, out, errors) = text(&logs(&[arguments, &["--output", "json"]].concat(), input));
    assert_eq!(status, Some(0), "{errors}");
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// AWS's encoding rule, written down independently: bytes 0 to 32, 127 and above, and these.
fn in_log(value: &str) -> String {
    if value.is_empty() {
        return "-".to_owned();
    }
    let escape = |byte: u8| match byte {
        0..=32
        | 127..
        | b'"'
        | b'#'
        | b'%'
        | b'\''
        | b'<'
        | b'>'
        | b'['
        | b'\\'
        | b']'
        | b'^'
        | b'`'
        | b'{'
        | b'|'
        | b'}'
        | b'~' => {
            format!("%{byte:02X}")
        }
        _ => char::from(byte).to_string(),
    };
    value.bytes().map(escape).collect()
}

/// A request by column, with common values for columns that are not given.
#[derive(Clone)]
struct Request(BTreeMap<&'static str, String>);

impl Request {
    /// Sets the moment at which it ended.
    fn new(url: &str, end: i64) -> Self {
        let (protocol, rest) = url.split_once("://").unwrap();
        let (host, rest) = rest.split_at(rest.find('/').unwrap());
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let moment = countersign::date::utc(end);
        let values = [
            ("date", moment[..10].to_owned()),
            ("time", moment[11..19].to_owned()),
            ("c-ip", "192.0.2.7".to_owned()),
            ("cs-method", "GET".to_owned()),
            ("cs(Host)", "d999.cloudfront.net".to_owned()),
            ("x-host-header", host.to_owned()),
            ("cs-protocol", protocol.to_owned()),
            ("cs-uri-stem", in_log(path)),
            ("cs-uri-query", in_log(query)),
            ("sc-status", "200".to_owned()),
            ("x-edge-result-type", "Hit".to_owned()),
            ("x-edge-detailed-result-type", "Hit".to_owned()),
            ("time-taken", "0.100".to_owned()),
        ];
        Self(values.into())
    }

    fn with(mut self, column: &'static str, value: &str) -> Self {
        self.0.insert(column, value.to_owned());
        self
    }

    fn refused(self) -> Self {
        let error = self.with("sc-status", "403").with("x-edge-result-type", "Error");
        error.with("x-edge-detailed-result-type", "Error").with("sc-content-type", "text/xml")
    }

    fn line(&self, fields: &str) -> String {
        let value = |name| self.0.get(name).map_or("-", String::as_str);
        fields.split_whitespace().map(value).collect::<Vec<_>>().join("\t") + "\n"
    }
}

fn log(requests: &[Request]) -> String {
    let lines: String = requests.iter().map(|request| request.line(FIELDS)).collect();
    format!("#Version: 1.0\n#Fields: {FIELDS}\n{lines}")
}

fn zipped(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn public() -> [String; 2] {
    ["--public-key".to_owned(), format!("{ID}={}", key("rsa2048.pub"))]
}

/// A log with a few lines of each kind: allowed, expired, changed.
fn requests() -> Vec<Request> {
    let signer = signer("rsa2048");
    let good = signer.sign_url(format!("https://{HOST}/films/a~b.mp4?x=%20y"), &Conditions::new(NOW + 3_600).now(NOW)).unwrap();
    vec![
        Request::new(&good, NOW + 60),
        Request::new(&good, NOW + 7_200).refused(),
        Request::new(&good.replace("a~b", "a~c"), NOW + 60).refused(),
    ]
}

const EXPECTED: [(&str, &str, bool); 3] =
    [("allowed", "allowed", true), ("denied", "expired", true), ("denied", "wrong-signature", true)];

fn check(rows: &[Value], times: usize) {
    let found: Vec<_> = rows
        .iter()
        .map(|row| (row["decision"].as_str().unwrap(), row["reasonCode"].as_str().unwrap(), row["agrees"] == true))
        .collect();
    assert_eq!(found, EXPECTED.repeat(times));
}

#[test]
fn reads_every_form_and_place() {
    let folder = folder("forms");
    let [flag, source] = public();
    let keys = [flag.as_str(), source.as_str()];
    let plain = log(&requests());
    let json: String = requests().iter().map(|Request(values)| json!(values).to_string() + "\n").collect();
    let head = plain.find("2030").unwrap();
    // Old logs have twelve columns and no host, so the distribution's own name, https and the end are assumed.
    let old = "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query";
    let old_lines: String = requests().into_iter().map(|request| request.with("cs(Host)", HOST).line(old)).collect();
    let turned: Vec<&str> = FIELDS.split(' ').rev().filter(|name| !name.is_empty()).collect();
    let turned = turned.join(" ");
    let turned_lines: String = requests().iter().map(|request| request.line(&turned)).collect();
    for (form, text) in [
        ("plain", plain.clone().into_bytes()),
        ("windows", plain.replace('\n', "\r\n").into_bytes()),
        ("any order after a byte order mark", format!("\u{feff}#Fields: {turned}\n{turned_lines}").into_bytes()),
        ("gzip", zipped(plain.as_bytes())),
        ("json", json.clone().into_bytes()),
        ("json.gzip", zipped(json.as_bytes())),
        ("a part without its head", plain.as_bytes()[head..].to_vec()),
        ("twelve columns", format!("#Version: 1.0\n#Fields: {old}\n{old_lines}").into_bytes()),
        ("twelve columns without a head", old_lines.clone().into_bytes()),
        ("any order", format!("#Version: 1.0\n#Fields: {turned}\n{turned_lines}").into_bytes()),
        ("no end of the last line", plain.trim_end().as_bytes().to_vec()),
    ] {
        println!("{form}");
        check(&rows(&[&["-"], &keys[..]].concat(), &text), 1);
        let file = folder.join(form);
        fs::write(&file, &text).unwrap();
        check(&rows(&[&[file.to_str().unwrap()], &keys[..]].concat(), b""), 1);
    }
    // Joined files: several gzip members, repeated headers, columns in another order.
    let other = format!("#Version: 1.0\n#Fields: {turned}\n{turned_lines}");
    let joined = [zipped(plain.as_bytes()), zipped(other.as_bytes()), zipped(plain.as_bytes())].concat();
    check(&rows(&[&["-"], &keys[..]].concat(), &joined), 3);
    check(&rows(&[&["-"], &keys[..]].concat(), format!("{plain}{other}{plain}").as_bytes()), 3);

    fs::create_dir(folder.join("day")).unwrap();
    for hour in ["01", "02", "03"] {
        fs::write(folder.join(format!("day/E1.2030-01-01-{hour}.gz")), zipped(plain.as_bytes())).unwrap();
    }
    fs::write(folder.join("day/.DS_Store"), "nothing").unwrap();
    let pattern = folder.join("day/*-0[13].gz");
    let found =
        rows(&[&[folder.join("day").to_str().unwrap(), pattern.to_str().unwrap(), "-"], &keys[..]].concat(), plain.as_bytes());
    check(&found, 6);
    let names: Vec<&str> = found.iter().map(|row| row["file"].as_str().unwrap()).collect();
    let hours: Vec<&str> = names.iter().step_by(3).map(|name| name.get(name.len().saturating_sub(5)..).unwrap()).collect();
    assert_eq!(hours, ["01.gz", "02.gz", "03.gz", "01.gz", "03.gz", ""]);
    let (status, out, errors) = text(&logs(&[&[folder.join("day").to_str().unwrap()], &keys[..]].concat(), b""));
    assert_eq!((status, errors.as_str()), (Some(0), ""));
    assert!(out.starts_with("9 requests in 3 files, from 2030-01-01T00:00:59Z to 2030-01-01T01:59:59Z\n"), "{out}");
    for missing in ["/no/such/file", "/no/such/*.gz", folder.join("day/*.zip").to_str().unwrap()] {
        let (status, out, errors) = text(&logs(&[missing], b""));
        assert_eq!((status, out.as_str()), (Some(1), ""), "{missing}");
        assert!(errors.starts_with("error: "), "{errors}");
    }
}

/// Lines from other people's logs.
#[test]
fn public_lines_are_read() {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Public {
        name: String,
        #[serde(rename = "source")]
        _source: String,
        lines: Vec<String>,
        expected: Vec<Value>,
    }
    #[derive(serde::Deserialize)]
    struct File {
        cases: Vec<Public>,
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/access_logs.json");
    let cases = serde_json::from_str::<File>(&fs::read_to_string(file).unwrap()).unwrap().cases;
    assert!(cases.len() > 10);
    for Public { name, lines, expected, .. } in cases {
        let (status, out, errors) = text(&logs(&["-", "--output", "json"], lines.join("\n").as_bytes()));
        let rows: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        if expected.is_empty() {
            assert_eq!(status, Some(1), "{name}: {errors}");
            assert!(errors.contains("and no path") && rows.iter().all(|row| row["error"].is_object()), "{name}: {errors}");
            continue;
        }
        assert_eq!((status, errors.as_str()), (Some(0), ""), "{name}");
        let found: Vec<Value> = rows
            .iter()
            .map(|row| json!({ "at": row["at"], "status": row["status"], "host": row["host"], "path": row["path"], "reasonCode": row["reasonCode"] }))
            .collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_line_that_cannot_be_read_is_counted_and_told_once() {
    let [flag, source] = public();
    let keys = [flag.as_str(), source.as_str()];
    let good = log(&requests());
    let [a, b, c] = requests().map_lines();
    let cut = &a[..a.len() / 2];
    let bad = [
        "hello",
        cut,
        "{\"date\":",
        "{\"timestamp(ms)\":1e300,\"cs-uri-stem\":\"/\"}",
        "2030-01-01\t25:00:00\tx",
        "\0\0\0",
        &"x".repeat(300_000),
        &a.replace("\t200\t", "\tOK\t"),
    ];
    let mut text_of_log = good.as_bytes()[..good.find(&a).unwrap()].to_vec();
    for line in [&[&a[..], &b], &bad[..], &["caf\u{e9}", &c]].concat() {
        text_of_log.extend(line.bytes());
        text_of_log.push(b'\n');
    }
    text_of_log.extend(b"\xff\xfe\t\n");
    let found = rows(&[&["-"], &keys[..]].concat(), &text_of_log);
    check(&found.iter().filter(|row| row.get("error").is_none()).cloned().collect::<Vec<_>>(), 1);
    let errors: Vec<u64> =
        found.iter().filter(|row| row.get("error").is_some()).map(|row| row["line"].as_u64().unwrap()).collect();
    assert_eq!(errors, [5, 6, 7, 8, 9, 10, 11, 12, 13, 15]);
    let (status, out, errors) = text(&logs(&[&["-"], &keys[..]].concat(), &text_of_log));
    assert_eq!(status, Some(0));
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(errors.starts_with("10 lines could not be read; the first is line 5: it has no tabs"), "{errors}");
    assert!(out.contains("10  lines that could not be read"), "{out}");

    // A file with only such lines is not a log.
    for nothing in [&b"hello\nworld\n"[..], &[0; 1_000_000], b"PAR1\0\0\0\0PAR1"] {
        let (status, _, errors) = text(&logs(&["-"], nothing));
        assert_eq!(status, Some(1), "{errors}");
        assert!(errors.contains("no line could be read") || errors.contains("Parquet"), "{errors}");
    }
    // What other programs made of a log: the error says what to do.
    let utf16: Vec<u8> = "\u{feff}#Version: 1.0\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (made, advice) in [
        (&b"[{\"date\":\"2026-01-01\"}]\n"[..], "jq -c '.[]'"),
        (b"{\"timestamp\":1,\"message\":\"{}\"}\n", "jq -r .message"),
        (b"{\"date\":\"2026-01-01\"}{\"date\":\"2026-01-01\"}\n", "as jq -c . does"),
        (b"{\n  \"date\": \"2026-01-01\"\n}\n", "as jq -c . does"),
        (b"{'date':'2026-01-01'}\n", "is not JSON: key must be a string"),
        (&utf16, "UTF-16"),
    ] {
        let (status, _, errors) = text(&logs(&["-"], made));
        assert_eq!(status, Some(1), "{errors}");
        assert!(errors.contains(advice), "{errors}");
    }
    let (status, out, _) = text(&logs(&["-"], b""));
    assert_eq!((status, out.lines().next()), (Some(0), Some("no requests")));
}

trait MapLines {
    fn map_lines(&self) -> [String; 3];
}

impl MapLines for Vec<Request> {
    fn map_lines(&self) -> [String; 3] {
        [0, 1, 2].map(|index| self[index].line(FIELDS).trim_end().to_owned())
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_named_pipe_is_read_once() {
    let pipe = folder("pipe").join("log");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let [flag, source] = public();
    let found = std::thread::scope(|scope| {
        scope.spawn(|| fs::write(&pipe, log(&requests())).unwrap());
        rows(&[pipe.to_str().unwrap(), &flag, &source], b"")
    });
    check(&found, 1);
}

#[test]
fn what_comes_before_a_break_counts() {
    let folder = folder("broken");
    let [flag, source] = public();
    let many = log(&vec![requests(); 1_000].concat());
    let whole = zipped(many.as_bytes());
    let mut spoilt = whole.clone();
    let middle = spoilt.len() / 2;
    spoilt[middle..middle + 40].fill(0xff);
    for (name, bytes) in [("cut.gz", &whole[..whole.len() / 2]), ("spoilt.gz", &spoilt[..])] {
        let (bad, good) = (folder.join(name), folder.join("good.log"));
        fs::write(&bad, bytes).unwrap();
        fs::write(&good, log(&requests())).unwrap();
        let arguments = [bad.to_str().unwrap(), good.to_str().unwrap(), &flag, &source, "--output", "json"];
        let (status, out, errors) = text(&logs(&arguments, b""));
        assert_eq!(status, Some(1));
        assert!(errors.contains(name) && errors.contains("cannot be read to its end") && !errors.contains("panic"), "{errors}");
        let rows: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let of = |end: &str| {
            rows.iter().filter(|row| row["file"].as_str().unwrap().ends_with(end) && row.get("error").is_none()).count()
        };
        assert!(of(name) > 100 && of(name) < 3_000, "{}", of(name));
        assert_eq!(of("good.log"), 3, "the files after it are read");
        let broken: Vec<&Value> = rows.iter().filter(|row| row["error"]["hint"].is_string()).collect();
        assert!(broken.len() == 1 && broken[0]["file"].as_str().unwrap().ends_with(name), "{broken:?}");
    }
}

/// Returns decision, reason code and agreement for each request.
fn decided(requests: &[Request], more: &[&str]) -> Vec<(String, String, Value)> {
    let [flag, source] = public();
    let arguments = [&["-", &flag, &source], more].concat();
    let row = |row: Value| {
        (row["decision"].as_str().unwrap().to_owned(), row["reasonCode"].as_str().unwrap().to_owned(), row["agrees"].clone())
    };
    rows(&arguments, log(requests).as_bytes()).into_iter().map(row).collect()
}

fn told(decision: &str, reason: &str, agrees: impl Into<Value>) -> (String, String, Value) {
    (decision.to_owned(), reason.to_owned(), agrees.into())
}

#[test]
fn decides_as_of_the_beginning_and_not_within_a_second_of_a_limit() {
    let url = signer("rsa2048").sign_url(format!("https://{HOST}/a"), &Conditions::new(NOW + 100).now(NOW)).unwrap();
    let ended = |end: i64, taken: &str| Request::new(&url, end).with("time-taken", taken);
    let decisions = decided(
        &[
            // A ten-minute download that began in time.
            ended(NOW + 650, "600.001"),
            ended(NOW + 710, "600.001"),
            ended(NOW + 97, "0.5"),
            ended(NOW + 99, "0.0"),
            ended(NOW + 100, "0.5"),
            ended(NOW + 100, "0.000"),
            ended(NOW + 101, "0.5"),
            ended(NOW + 102, "0.5"),
            ended(NOW + 102, "-"),
        ],
        &[],
    );
    let unknown = || told("unknown", "within-a-second", Value::Null);
    assert_eq!(
        decisions,
        [
            told("allowed", "allowed", true),
            told("denied", "expired", false),
            told("allowed", "allowed", true),
            unknown(),
            unknown(),
            unknown(),
            unknown(),
            told("denied", "expired", false),
            told("denied", "expired", false),
        ]
    );
    let early = signer("rsa2048");
    let conditions = Conditions::new(NOW + 100).now(NOW).date_greater_than(NOW + 50);
    let url = early.sign_url(format!("https://{HOST}/a"), &conditions).unwrap();
    let at = |end: i64| Request::new(&url, end).with("time-taken", "0");
    let decisions: Vec<_> = decided(&[at(NOW + 48), at(NOW + 49), at(NOW + 50), at(NOW + 51), at(NOW + 52), at(NOW + 53)], &[])
        .into_iter()
        .map(|row| row.1)
        .collect();
    assert_eq!(decisions, ["not-yet-valid", "not-yet-valid", "within-a-second", "within-a-second", "allowed", "allowed"]);
}

#[test]
fn decides_by_address_host_protocol_and_cookies() {
    let signer = signer("rsa2048");
    let until = || Conditions::new(NOW + 3_600).now(NOW);
    let office = signer.sign_url(format!("https://{HOST}/a"), &until().ip_address("192.0.2.0/24")).unwrap();
    let cookies = signer.sign_cookies(format!("https://{HOST}/films/*"), &until()).unwrap();
    let cookies: Vec<String> = cookies.pairs().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cookies = in_log(&format!("session=1; {}", cookies.join("; ")));
    let film = Request::new(&format!("https://{HOST}/films/1.ts"), NOW + 9);
    let decisions = decided(
        &[
            Request::new(&office, NOW + 9),
            Request::new(&office, NOW + 9).with("c-ip", "203.0.113.7").refused(),
            Request::new(&office, NOW + 9).with("c-ip", "-").refused(),
            Request::new(&office, NOW + 9).with("cs-protocol", "http").refused(),
            Request::new(&office, NOW + 9).with("x-host-header", "films.example.com").refused(),
            film.clone().with("cs(Cookie)", &cookies),
            film.clone().with("cs(Cookie)", &cookies).with("cs-uri-stem", "/music/1.mp3").refused(),
            // The log shows whether a path is public only if it was refused.
            film.clone(),
            film.clone().refused(),
            // A 403 from the origin, a firewall or a geographic restriction says nothing about signatures. Neither does a redirect.
            Request::new(&office, NOW + 9).refused().with("sc-content-type", "application/xml"),
            Request::new(&office, NOW + 9).refused().with("x-edge-detailed-result-type", "ClientGeoBlocked"),
            Request::new(&office, NOW + 9).with("sc-status", "301").with("x-edge-result-type", "Redirect"),
            Request::new(&office, NOW + 9).with("sc-status", "000").with("x-edge-result-type", "Error"),
            // A custom error page.
            Request::new(&office, NOW + 7_200).with("sc-status", "200").with("x-edge-result-type", "Error"),
        ],
        &[],
    );
    assert_eq!(
        decisions,
        [
            told("allowed", "allowed", true),
            told("denied", "other-address", true),
            told("unknown", "no-address", Value::Null),
            told("denied", "other-protocol", true),
            told("denied", "other-host", true),
            told("allowed", "allowed", true),
            told("denied", "other-resource", true),
            told("unknown", "may-be-public", Value::Null),
            told("denied", "not-signed", true),
            told("allowed", "allowed", Value::Null),
            told("allowed", "allowed", Value::Null),
            told("allowed", "allowed", Value::Null),
            told("allowed", "allowed", Value::Null),
            told("denied", "expired", Value::Null),
        ]
    );
}

#[test]
fn without_keys_or_columns_the_rest_is_unknown_and_it_says_why() {
    let mut all = requests();
    let reasons = |rows: &[Value]| rows.iter().map(|row| row["reasonCode"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(reasons(&rows(&["-"], log(&all).as_bytes())), ["no-public-key", "expired", "no-public-key"]);
    let (_, out, _) = text(&logs(&["-"], log(&all).as_bytes()));
    assert!(out.contains("note: without --public-key"), "{out}");
    let without = FIELDS.replace("cs(Cookie) ", "").replace("x-host-header ", "");
    all.push(Request::new(&format!("https://{HOST}/b"), NOW).refused());
    let lines: String = all.iter().map(|request| request.line(&without)).collect();
    let less = format!("#Fields: {without}\n{lines}");
    assert_eq!(reasons(&rows(&["-"], less.as_bytes()))[3], "cookies-not-logged");
    let (_, out, _) = text(&logs(&["-"], less.as_bytes()));
    assert!(out.contains("the log has no cs(Cookie): signed cookies cannot be judged"), "{out}");
    assert!(out.contains("the log has no x-host-header: "), "{out}");
}

#[test]
fn says_which_keys_are_in_use_and_what_is_shared_and_ends() {
    let signer = signer("rsa2048");
    let (old, new) = (NOW + 3_600, NOW + 90_000);
    let grant = signer.grant(format!("https://{HOST}/films/*"), &Conditions::new(new).now(NOW)).unwrap();
    let mut requests = vec![];
    for viewer in 1..=9 {
        let url = grant.url(format!("https://{HOST}/films/{viewer}.ts")).unwrap();
        requests.push(Request::new(&url, NOW + viewer * 60).with("c-ip", &format!("198.51.100.{viewer}")));
    }
    let other = Signer::new("KOLD", PrivateKey::load(&fs::read(key("p256")).unwrap(), &LoadOptions::new()).unwrap()).unwrap();
    let url = other.sign_url(format!("https://{HOST}/old"), &Conditions::new(old).now(NOW)).unwrap();
    requests.push(Request::new(&url, NOW + 5));
    let [flag, source] = public();
    let old_key = format!("KOLD={}", key("p256.pub"));
    let (_, out, _) = text(&logs(&["-", &flag, &source, &flag, &old_key], log(&requests).as_bytes()));
    let row = |begin: &str| {
        let line = out.lines().find(|line| line.starts_with(&format!("│ {begin} "))).unwrap_or_else(|| panic!("{begin}\n{out}"));
        line.trim_matches('│').split('┆').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        row(ID),
        [
            ID,
            "9",
            "0",
            "2030-01-01T00:00:59Z",
            "2030-01-01T00:08:59Z",
            "2030-01-02T01:00:00Z",
            "can be removed after 2030-01-02T01:00:00Z"
        ]
    );
    assert_eq!(row("KOLD")[5..], ["2030-01-01T01:00:00Z", "can be removed after 2030-01-01T01:00:00Z"]);
    assert_eq!(row(&format!("https://{HOST}/films/*"))[..4], [&format!("https://{HOST}/films/*"), ID, "9", "9"]);
    assert!(out.contains("1 end within an hour after its last request, 1 within a day, 2 within a week"), "{out}");
}

#[test]
fn nothing_gives_a_link_or_a_viewer_away() {
    let [flag, source] = public();
    let page = folder("page").join("report.html");
    let requests = requests();
    let log = log(&requests);
    for full in [false, true] {
        let mut arguments = vec!["-", &flag, &source, "--html", page.to_str().unwrap()];
        arguments.extend(full.then_some("--full"));
        let table = text(&logs(&arguments, log.as_bytes())).1;
        let json = text(&logs(&[&arguments[..], &["--output", "json"]].concat(), log.as_bytes())).1;
        let html = fs::read_to_string(&page).unwrap();
        for out in [&table, &json, &html] {
            let signature = requests[0].0["cs-uri-query"].split_once("Signature=").unwrap().1;
            for part in signature.as_bytes().windows(24).step_by(8) {
                assert!(!out.contains(str::from_utf8(part).unwrap()), "{out}");
            }
            assert_eq!(out.contains("192.0.2.7"), full);
            assert_eq!(out.contains("192.0.2.0/24"), !full);
        }
    }
    // A viewer's text must not become markup.
    let hostile = Request::new(&format!("https://{HOST}/<script>alert(1)</script>"), NOW).refused();
    logs(&["-", "--html", page.to_str().unwrap()], self::log(&[hostile]).as_bytes());
    let html = fs::read_to_string(&page).unwrap();
    assert!(html.contains("&lt;script&gt;") && !html.contains("<script"), "{html}");
    let (_, page, _) = text(&logs(&["-", "--html", "-"], log.as_bytes()));
    assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"), "{page}");
    assert_eq!(text(&logs(&["-", "--html", "-", "--output", "json"], log.as_bytes())).0, Some(2));
    let (status, _, errors) = text(&logs(&["-", "--html", "/no/such/folder/page.html"], log.as_bytes()));
    assert_eq!(status, Some(1));
    assert!(errors.contains("/no/such/folder/page.html cannot be written"), "{errors}");
}

/// The GNU parallel line of the scaling guide gives the same answers as one process.
#[test]
#[ignore = "it needs GNU parallel, which `cargo xtask test` installs"]
fn gnu_parallel_counts_what_one_process_counts() {
    let folder = folder("parallel");
    for hour in 1..=4 {
        fs::write(folder.join(format!("{hour}.gz")), zipped(log(&vec![requests(); hour].concat()).as_bytes())).unwrap();
    }
    let [_, source] = public();
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scaling-out.md")).unwrap();
    let line = guide.lines().find(|line| line.starts_with("ls ") && line.contains("| parallel ")).unwrap();
    // Without `jq`, which is not installed everywhere; the rest is the guide's line.
    let (line, _) = line.split_once(" | jq ").unwrap();
    let line = line
        .replace("logs/*.gz", folder.join("*.gz").to_str().unwrap())
        .replace("countersign logs", &format!("{} logs", env!("CARGO_BIN_EXE_countersign")))
        .replace("K2JCJMDEHXQW5F=file://public_key.pem", &source);
    let output = Command::new("sh").args(["-c", &line]).stdin(Stdio::null()).output().unwrap();
    let (status, out, errors) = text(&output);
    assert_eq!(status, Some(0), "{errors}");
    let count = |rows: Vec<Value>| {
        let mut counts = BTreeMap::<String, usize>::new();
        rows.iter().for_each(|row| *counts.entry(row["reasonCode"].as_str().unwrap().to_owned()).or_default() += 1);
        counts
    };
    let parallel = count(out.lines().map(|line| serde_json::from_str(line).unwrap()).collect());
    let [flag, source] = public();
    assert_eq!(parallel, count(rows(&[folder.to_str().unwrap(), &flag, &source], b"")));
    assert_eq!(parallel.values().sum::<usize>(), 3 * (1 + 2 + 3 + 4));
}

/// The benchmark's log generator states the right verdict of each line. Ours must agree.
#[test]
fn every_generated_line_has_the_reason_that_it_was_damaged_for() {
    let generator = Path::new(env!("CARGO_BIN_EXE_countersign")).with_file_name("examples").join("access_log");
    let generator = generator.with_extension(std::env::consts::EXE_EXTENSION);
    assert!(generator.exists(), "cargo build --features cli --example access_log");
    let folder = folder("generated");
    for (seed, format) in [("1", "w3c"), ("2", "json")] {
        let each = folder.join(format);
        let options = ["--lines", "1500", "--distinct", "60", "--seed", seed, "--format", format, "--differing", "100", "--each"];
        let made = Command::new(&generator).args(options).arg(&each).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let p256 = format!("K36X4X2EO997HM={}", key("p256.pub"));
        let [flag, source] = public();
        let found = rows(&["-", &flag, &source, &flag, &p256], &zipped(&made.stdout));
        let reasons = fs::read_to_string(&each).unwrap();
        assert_eq!(found.len(), 1_500);
        for (row, reason) in found.iter().zip(reasons.lines()) {
            assert_eq!(row["reasonCode"], reason, "{row}");
        }
        let differing = found.iter().filter(|row| row["agrees"] == false).count();
        assert!(differing > 3 && found.iter().all(|row| row["agrees"].is_boolean()), "{differing}");
    }
}
