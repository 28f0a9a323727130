//! The fuzzer's seeds: the cases of tests/vectors and the keys of tests/keys, in the fields of each target. Generated, so none is
//! checked in.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::{Conditions, LoadOptions, PrivateKey, Signer};
use serde_json::Value;

use crate::project::path;

/// Separates the fields: a byte that UTF-8 never has, as in `fuzz/src/fields.rs`.
const SEPARATOR: u8 = 0xff;

/// Writes a target's seeds into a folder.
pub fn write(target: &str, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for (number, seed) in seeds(target)?.into_iter().enumerate() {
        fs::write(folder.join(format!("{number:04}")), seed)?;
    }
    Ok(())
}

fn seeds(target: &str) -> Result<BTreeSet<Vec<u8>>> {
    if target == "key" {
        return keys();
    }
    let cases = cases()?;
    Ok(match target {
        "cookies" => {
            cases.iter().filter(|case| !case.value("attributes").is_null()).map(cookies).chain([every_attribute()]).collect()
        }
        "date" => {
            cases.iter().flat_map(|case| ["dateLessThan", "dateGreaterThan"].map(|name| fields([case.date(name)]))).collect()
        }
        "inspect" => inspected(&cases)?,
        "manifest" => manifests(),
        "policy" => cases.iter().flat_map(|case| [case.text("policy"), case.expected_policy()]).map(String::into_bytes).collect(),
        "sign" => cases.iter().map(sign).collect(),
        "url" => cases.iter().map(|case| fields([case.text("url"), case.text("resource")])).collect(),
        "verify" => cases.iter().flat_map(verify).collect(),
        other => anyhow::bail!("there are no seeds for the target {other}"),
    })
}

/// A playlist with every tag that has an address, and an MPD with every element.
fn manifests() -> BTreeSet<Vec<u8>> {
    let tags =
        ["KEY", "SESSION-KEY", "MAP", "MEDIA", "I-FRAME-STREAM-INF", "IMAGE-STREAM-INF", "SESSION-DATA", "PART", "PRELOAD-HINT"];
    let tags: String = tags.iter().map(|tag| format!("#EXT-X-{tag}:TYPE=x,URI=\"../a/{tag}?x=1#t\"\n")).collect();
    let playlist = format!(
        "\u{feff}#EXTM3U\r\n#EXT-X-DEFINE:NAME=\"v\",VALUE=\"w\"\r\n#EXT-X-DEFINE:NAME=\"y\",VALUE=\"{{$v}}/x\"\n{{$y}}\r{tags}#EXT-X-DATERANGE:X-ASSET-URI=\"a\",X-ASSET-LIST=\"https://o.net/b\",X-URI=\"c\"\n\
         #EXT-X-CONTENT-STEERING:SERVER-URI=\"s\"\n#EXT-X-RENDITION-REPORT:URI=\"r\"\n#EXTINF:4,\n{{$v}}.ts\n 1.ts?a \nskd://1\nhttps://d.net/a/2.ts"
    );
    let mpd = "<?xml version='1.0'?><MPD xmlns:xlink='http://www.w3.org/1999/xlink'><Location>l</Location><BaseURL>b/</BaseURL>\
        <BaseURL>https://o.net/</BaseURL><Period xlink:href='p'><ImportedMPD>q</ImportedMPD><AdaptationSet><SegmentTemplate media='$RepresentationID$/$Number%05d$' \
        initialization=\"i&amp;j\" index='x' bitstreamSwitching='s'/><Representation id='1' bandwidth='2'><BaseURL><![CDATA[a?b&c]]></BaseURL>\
        <SegmentList><Initialization sourceURL='i'/><SegmentURL media='m' index='n'/></SegmentList></Representation></AdaptationSet></Period></MPD>";
    let texts = [playlist.as_str(), mpd, "<m:MPD><m:BaseURL>&#97;&lt;<!-- x -->b#c</m:BaseURL></m:MPD>", "#EXTM3U\n1.ts\n"];
    let places = [("", ""), ("https://d.net/a/b?x=y", "http*://d.net/*"), ("http://d.net/", "*")];
    let all = texts.iter().flat_map(|text| places.map(|(url, resource)| fields([*text, url, resource].map(str::to_owned))));
    all.collect()
}

struct Case(Value);

fn cases() -> Result<Vec<Case>> {
    let mut all = Vec::new();
    for name in ["corpus", "errors"] {
        let text = fs::read_to_string(path(&format!("tests/vectors/{name}.json")))?;
        let file: Value = serde_json::from_str(&text)?;
        let cases = file["cases"].as_array().with_context(|| format!("{name}.json has no cases"))?;
        all.extend(cases.iter().cloned().map(Case));
    }
    Ok(all)
}

impl Case {
    fn value(&self, name: &str) -> &Value {
        &self.0[name]
    }

    fn text(&self, name: &str) -> String {
        self.value(name).as_str().unwrap_or_default().to_owned()
    }

    /// A condition, in the form of `Fields::date`.
    fn date(&self, name: &str) -> String {
        match &self.value("conditions")[name] {
            Value::String(text) => text.clone(),
            Value::Number(number) => format!("#{number}"),
            _ => String::new(),
        }
    }

    fn now(&self) -> String {
        self.date("now").trim_start_matches('#').to_owned()
    }

    fn ip_address(&self) -> String {
        self.value("conditions")["ipAddress"].as_str().unwrap_or_default().to_owned()
    }

    fn expires(&self) -> String {
        self.value("expect")["expires"].as_i64().map(|seconds| seconds.to_string()).unwrap_or_default()
    }

    /// The policy of a corpus case, as AWS's documentation writes it.
    fn expected_policy(&self) -> String {
        let expected = self.value("expect");
        let Some(resource) = expected["resource"].as_str() else { return String::new() };
        let condition = |name: &str, key: &str, value: &Value| {
            if value.is_null() { String::new() } else { format!(",\"{name}\":{{\"AWS:{key}\":{value}}}") }
        };
        format!(
            "{{\"Statement\":[{{\"Resource\":{},\"Condition\":{{\"DateLessThan\":{{\"AWS:EpochTime\":{}}}{}{}}}}}]}}",
            Value::from(resource),
            expected["expires"],
            condition("IpAddress", "SourceIp", &expected["ip"]),
            condition("DateGreaterThan", "EpochTime", &expected["starts"]),
        )
    }
}

fn fields<const N: usize>(fields: [String; N]) -> Vec<u8> {
    fields.map(String::into_bytes).join(&[SEPARATOR][..])
}

fn sign(case: &Case) -> Vec<u8> {
    let call = match case.text("call").as_str() {
        _ if !case.value("policy").is_null() => "p",
        "signUrl" if case.value("resource").is_null() => "u",
        "signUrl" => "r",
        _ => "g",
    };
    let url = if case.value("url").is_null() { case.text("resource").replace('*', "x") } else { case.text("url") };
    let algorithm = if case.text("algorithm") == "SHA1" { "1" } else { "" };
    fields([
        format!("{call}{algorithm}"),
        url,
        case.text("resource"),
        case.text("policy"),
        case.date("dateLessThan"),
        case.date("dateGreaterThan"),
        case.ip_address(),
        case.now(),
        "https://d111111abcdef8.cloudfront.net/other?x=1".to_owned(),
    ])
}

/// With a custom policy and, where possible, a canned one; in the URL and in cookies.
fn verify(case: &Case) -> Vec<Vec<u8>> {
    let expected = case.value("expect");
    let Some(address) = expected["address"].as_str() else { return Vec::new() };
    let policy = if case.value("policy").is_null() { case.expected_policy() } else { case.text("policy") };
    let viewer = expected["ip"].as_str().and_then(|range| range.split('/').next()).unwrap_or_default();
    let now = expected["expires"].as_i64().unwrap_or(2) - 1;
    let rest = [case.expires(), "session=1".to_owned(), viewer.to_owned(), now.to_string()];
    let seed = |flags: &str, policy: &str| {
        let [expires, cookies, viewer, now] = rest.clone();
        fields([
            flags.to_owned(),
            address.to_owned(),
            policy.to_owned(),
            expires,
            cookies,
            viewer,
            now,
            "Ex".to_owned(),
            "%45x".to_owned(),
        ])
    };
    vec![seed("", &policy), seed("c1", &policy), seed("", ""), seed("c", "")]
}

fn cookies(case: &Case) -> Vec<u8> {
    let attributes = case.value("attributes");
    let text = |name: &str| attributes[name].as_str().map(str::to_owned).unwrap_or_default();
    fields([
        text("domain"),
        text("path"),
        attributes["maxAge"].as_i64().map(|seconds| seconds.to_string()).unwrap_or_default(),
        text("expires"),
        String::new(),
        "CloudFront-Policy".to_owned(),
        "eyJ9_".to_owned(),
    ])
}

fn every_attribute() -> Vec<u8> {
    fields([".example.com", "/films", "3600", "2030-01-01T00:00:00Z", "hnp", "CloudFront-Signature", "a-~_"].map(str::to_owned))
}

/// The corpus's URLs, signed, and some of them changed since; and the texts of the error cases unchanged.
fn inspected(cases: &[Case]) -> Result<BTreeSet<Vec<u8>>> {
    let key = PrivateKey::load(&fs::read(path("tests/keys/p256.pem"))?, &LoadOptions::new())?;
    let signer = Signer::new("K2JCJMDEHXQW5F", key)?;
    let conditions = Conditions::new("2030-01-01").ip_address("192.0.2.0/24");
    let mut seeds = BTreeSet::new();
    for case in cases {
        let url = case.text("url");
        let canned = signer.sign_url(&url, &Conditions::new("2030-01-01"));
        let custom = signer.sign_url(&url, &conditions);
        // As a tracker and a redirect change it.
        let changed = [("?Expires=", "?utm_source=x&Expires="), ("https://", "http://")]
            .map(|(before, after)| canned.as_ref().map(|signed| signed.replacen(before, after, 1)).ok());
        let signed = [canned.ok(), custom.ok()].into_iter().chain(changed).flatten();
        seeds.extend(signed.map(|signed| fields([signed, "1767225600".to_owned()])));
        seeds.insert(fields([url]));
        if let Ok(cookies) = signer.sign_cookies(case.text("resource"), &conditions) {
            let lines = cookies.pairs().into_iter().map(|(name, value)| format!("Set-Cookie: {name}={value}; Path=/"));
            seeds.insert(fields([lines.collect::<Vec<_>>().join("\n")]));
        }
    }
    Ok(seeds)
}

/// Every test key, as PEM and DER, with and without the passphrase, and the mangled keys of errors.json.
fn keys() -> Result<BTreeSet<Vec<u8>>> {
    let mut keys: Vec<Vec<u8>> = cases()?.iter().map(|case| case.text("keyText").into_bytes()).collect();
    for file in fs::read_dir(path("tests/keys"))? {
        let file = file?.path();
        if file.extension().is_some_and(|extension| extension == "pem") {
            let pem = fs::read_to_string(file)?;
            let base64: String = pem.lines().filter(|line| !line.contains(['-', ':'])).collect();
            keys.extend([STANDARD.decode(base64)?, pem.into_bytes()]);
        }
    }
    let with = |passphrase: &str, key: &[u8]| [passphrase.as_bytes(), &[SEPARATOR], key].concat();
    Ok(keys.iter().flat_map(|key| [with("correct horse", key), with("!", key)]).collect())
}
