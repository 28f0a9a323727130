//! The binary signs what OpenSSL signs, fails with the documented codes and exit statuses, prints only results on standard
//! output, and never overwrites a key.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[allow(dead_code, reason = "the other tests use what this one does not")]
mod cases;
#[allow(dead_code, reason = "the other tests use what this one does not")]
mod command;
mod folder;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cases::{Call, Date};
use countersign::ErrorCode;
use folder::folder;

const URL: &str = "https://d111111abcdef8.cloudfront.net/film.mp4";
const WILDCARD: &str = "https://d111111abcdef8.cloudfront.net/*";
const ID: &str = "K2JCJMDEHXQW5F";

fn binary(arguments: &[&str]) -> Command {
    let mut command = command::command();
    command.args(arguments).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    binary(arguments).output().unwrap()
}

/// Runs the binary, which must succeed, and returns what it prints.
fn printed(arguments: &[&str]) -> String {
    success(run(arguments))
}

fn success(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs the binary, which must fail with this status and print no result. Returns the error's first line.
fn refused(status: i32, output: &Output) -> String {
    let shown = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(status), "{shown}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{shown}");
    shown
}

fn key(name: &str) -> String {
    format!("file://{}/tests/keys/{name}.pem", env!("CARGO_MANIFEST_DIR"))
}

fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut openssl = Command::new("openssl");
    openssl.args(arguments);
    let output = command::with_input(openssl, input);
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn for_cloudfront(bytes: &[u8]) -> String {
    STANDARD.encode(bytes).replace('+', "-").replace('=', "_").replace('/', "~")
}

fn from_cloudfront(text: &str) -> Vec<u8> {
    STANDARD.decode(text.replace('-', "+").replace('_', "=").replace('~', "/")).unwrap()
}

fn parameter(signed: &str, name: &str) -> Option<String> {
    let query = signed.trim().split_once('?')?.1;
    query.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
}

fn canned(expires: &str) -> String {
    format!(r#"{{"Statement":[{{"Resource":"{URL}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}"#)
}

fn signing<'a>(command: &'a str, key: &'a str) -> Vec<&'a str> {
    let what = if command == "sign" { ["--url", URL] } else { ["--resource", WILDCARD] };
    [&[command], &what[..], &["--key-pair-id", ID, "--private-key", key]].concat()
}

#[test]
fn signs_what_openssl_signs() {
    let pem = format!("{}/tests/keys/rsa2048.pem", env!("CARGO_MANIFEST_DIR"));
    let source = key("rsa2048");
    for (hash, digest, suffix) in [("SHA1", "-sha1", ""), ("SHA256", "-sha256", "&Hash-Algorithm=SHA256")] {
        // `date -d 2030-12-31T14:59:59Z +%s` prints the number.
        let dates = ["--date-less-than", "20301231T23:59:59+09:00", "--hash-algorithm", hash];
        let signature = for_cloudfront(&openssl(&["dgst", digest, "-sign", &pem], canned("1924959599").as_bytes()));
        assert_eq!(
            printed(&[signing("sign", &source), dates.to_vec()].concat()),
            format!("{URL}?Expires=1924959599&Signature={signature}&Key-Pair-Id={ID}{suffix}\n")
        );
    }
    let policy = format!(
        r#"{{"Statement":[{{"Resource":"{WILDCARD}","Condition":{{"DateLessThan":{{"AWS:EpochTime":1924959599}},"IpAddress":{{"AWS:SourceIp":"192.0.2.1/32"}},"DateGreaterThan":{{"AWS:EpochTime":1893456000}}}}}}]}}"#
    );
    let signature = for_cloudfront(&openssl(&["dgst", "-sha1", "-sign", &pem], policy.as_bytes()));
    let conditions =
        ["--date-less-than", "1924959599", "--date-greater-than", "2030-01-01", "--ip-address", "192.0.2.1", "--output", "json"];
    let url = format!("{URL}?Policy={}&Signature={signature}&Key-Pair-Id={ID}", for_cloudfront(policy.as_bytes()));
    let json = printed(&[signing("sign", &source), conditions.to_vec(), vec!["--policy-resource", WILDCARD]].concat());
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), serde_json::json!({ "url": url }));
    let ready = [signing("sign", &source), vec!["--policy", &policy]].concat();
    assert_eq!(printed(&ready), format!("{url}\n"));
    let file = folder("policy").join("policy.json");
    fs::write(&file, &policy).unwrap();
    let from_file = format!("file://{}", file.display());
    assert_eq!(printed(&[signing("sign", &source), vec!["--policy", &from_file]].concat()), format!("{url}\n"));
    let mut from_input = binary(&[signing("sign", &source), vec!["--policy", "-"]].concat());
    assert_eq!(success(from_input.stdin(fs::File::open(&file).unwrap()).output().unwrap()), format!("{url}\n"));
}

#[test]
fn two_inputs_from_standard_input_are_wrong_usage() {
    let (source, public) = (key("rsa2048"), key("rsa2048.pub"));
    let sign = |source| ["--key-pair-id", ID, "--private-key", source];
    let hour = ["--date-less-than", "1h"];
    let list = "https://d111111abcdef8.cloudfront.net/films/index.m3u8";
    for (arguments, inputs) in [
        ([&["sign", URL, "--policy", "-"], &sign("-")[..]].concat(), "key and policy"),
        ([&["sign", "-", "--policy", "-"], &sign(&source)[..]].concat(), "policy and URLs"),
        ([&["sign", "-"], &sign("-")[..], &hour].concat(), "key and URLs"),
        ([&["sign", "-", "--passphrase", "-"], &sign(&source)[..], &hour].concat(), "passphrase and URLs"),
        ([&["sign-cookies", "--policy", "-"], &sign("-")[..]].concat(), "key and policy"),
        ([&["manifest", "-", "--url", list, "--policy", "-"], &sign(&source)[..]].concat(), "policy and manifest"),
        ([&["manifest", "-", "--url", list], &sign("-")[..], &hour].concat(), "key and manifest"),
        (vec!["public-key", "--private-key", "-", "--passphrase", "-"], "key and passphrase"),
        (vec!["verify", "-", "--public-key", "-"], "a public key and URLs"),
        (vec!["verify", "-", "--public-key", &public, "--cookies", "-"], "cookies and URLs"),
        (vec!["logs", "-", "--public-key", "-"], "a public key and a log"),
    ] {
        let shown = refused(2, &run(&arguments));
        assert!(shown.starts_with(&format!("error: {inputs} cannot both come from standard input")), "{arguments:?}: {shown}");
    }
}

/// The commands of many articles on signed URLs, with this test's own key.
#[test]
fn signs_with_a_new_key_of_openssl() {
    let folder = folder("article");
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    openssl(&["genrsa", "-out", &at("private_key.pem"), "2048"], b"");
    openssl(&["rsa", "-pubout", "-in", &at("private_key.pem"), "-out", &at("public_key.pem")], b"");
    openssl(&["pkey", "-in", &at("private_key.pem"), "-outform", "DER", "-out", &at("private_key.der")], b"");
    let signature =
        for_cloudfront(&openssl(&["dgst", "-sha1", "-sign", &at("private_key.pem")], canned("1924959599").as_bytes()));
    for name in ["private_key.pem", "private_key.der"] {
        let source = format!("file://{}", at(name));
        let arguments = [signing("sign", &source), vec!["--date-less-than", "20301231T23:59:59+09:00"]].concat();
        assert_eq!(parameter(&printed(&arguments), "Signature").unwrap(), signature, "{name}");
        let public = printed(&["public-key", "--private-key", &source]);
        assert_eq!(public.as_bytes(), fs::read(at("public_key.pem")).unwrap(), "{name}");
    }
}

#[test]
fn counts_from_now_and_signs_for_tests_where_told_to() {
    let source = key("rsa1024");
    let pem = format!("{}/tests/keys/rsa1024.pem", env!("CARGO_MANIFEST_DIR"));
    let now = [signing("sign", &source), vec!["--now", "2030-01-01", "--date-less-than"]].concat();
    let in_half_an_hour = [now.clone(), vec!["30m"]].concat();
    assert!(refused(1, &run(&in_half_an_hour)).starts_with("error[UNSUPPORTED_KEY]: "));
    let allowed = [in_half_an_hour, vec!["--allow-unsupported-key"]].concat();
    let past = [now, vec!["2029-01-01", "--allow-unsupported-key"]].concat();
    assert!(refused(1, &run(&past)).starts_with("error[ALREADY_EXPIRED]: "));
    for (arguments, expires) in [(allowed, "1893457800"), ([past, vec!["--allow-expired"]].concat(), "1861920000")] {
        let signature = for_cloudfront(&openssl(&["dgst", "-sha1", "-sign", &pem], canned(expires).as_bytes()));
        assert_eq!(printed(&arguments), format!("{URL}?Expires={expires}&Signature={signature}&Key-Pair-Id={ID}\n"));
    }
    let ready = canned("1861920000");
    let ready = [signing("sign", &source), vec!["--allow-unsupported-key", "--policy", &ready]].concat();
    printed(&[ready.clone(), vec!["--now", "2028-01-01"]].concat());
    assert!(refused(1, &run(&[ready.clone(), vec!["--now", "2029-01-02"]].concat())).starts_with("error[ALREADY_EXPIRED]: "));
    printed(&[ready, vec!["--now", "2029-01-02", "--allow-expired"]].concat());
    let cookies = [
        signing("sign-cookies", &source),
        vec![
            "--allow-unsupported-key",
            "--now",
            "1994-11-06T08:19:37Z",
            "--date-less-than",
            "2h",
            "--set-cookie",
            "--expires",
            "30m",
        ],
    ]
    .concat();
    assert!(printed(&cookies).lines().all(|line| line.contains("; Expires=Sun, 06 Nov 1994 08:49:37 GMT; ")));
}

/// Within a quarter of an hour, everybody gets the same URL and the same cookies.
#[test]
fn rounds_the_end_up() {
    let source = key("rsa2048");
    for command in ["sign", "sign-cookies"] {
        let at = |now: &str, step: &str| {
            let dates = ["--now", now, "--date-less-than", "1h", "--allow-expired", "--round-up-to", step];
            printed(&[signing(command, &source), dates.to_vec()].concat())
        };
        assert_eq!(at("2030-01-01T00:15:01Z", "15m"), at("2030-01-01T00:30:00Z", "15m"));
        assert_ne!(at("2030-01-01T00:15:00Z", "15m"), at("2030-01-01T00:30:00Z", "15m"));
        let expires = ["--date-less-than", "2030-01-01T01:30:00Z"];
        assert_eq!(at("2030-01-01T00:15:01Z", "15m"), printed(&[signing(command, &source), expires.to_vec()].concat()));
        let wrong = refused(1, &run(&[signing(command, &source), vec!["--date-less-than", "1h", "--round-up-to", "x"]].concat()));
        assert!(wrong.contains("--round-up-to"), "{wrong}");
        assert!(printed(&[command, "--help"]).contains("--round-up-to <DURATION>"));
    }
}

#[test]
fn signs_cookies_as_openssl_does() {
    let source = key("rsa2048");
    let pem = format!("{}/tests/keys/rsa2048.pem", env!("CARGO_MANIFEST_DIR"));
    let policy = format!(
        r#"{{"Statement":[{{"Resource":"{WILDCARD}","Condition":{{"DateLessThan":{{"AWS:EpochTime":1924959599}},"IpAddress":{{"AWS:SourceIp":"192.0.2.0/24"}},"DateGreaterThan":{{"AWS:EpochTime":1893456000}}}}}}]}}"#
    );
    let conditions = [
        "--date-less-than",
        "1924959599",
        "--date-greater-than",
        "1893456000",
        "--ip-address",
        "192.0.2.0/24",
        "--hash-algorithm",
        "SHA256",
        "--output",
        "text",
    ];
    let signature = for_cloudfront(&openssl(&["dgst", "-sha256", "-sign", &pem], policy.as_bytes()));
    let expected = format!(
        "CloudFront-Policy={}\nCloudFront-Signature={signature}\nCloudFront-Key-Pair-Id={ID}\n\
         CloudFront-Hash-Algorithm=SHA256\n",
        for_cloudfront(policy.as_bytes())
    );
    assert_eq!(printed(&[signing("sign-cookies", &source), conditions.to_vec()].concat()), expected);
    let ready = ["sign-cookies", "--key-pair-id", ID, "--private-key", &source, "--policy", &policy];
    assert_eq!(printed(&[&ready[..], &["--hash-algorithm", "SHA256", "--output", "text"]].concat()), expected);
    let signature = for_cloudfront(&openssl(&["dgst", "-sha1", "-sign", &pem], canned("1893456000").as_bytes()));
    let one = ["sign-cookies", "--key-pair-id", ID, "--private-key", &source, "--resource", URL];
    assert_eq!(
        printed(&[&one[..], &["--date-less-than", "2030-01-01", "--output", "text"]].concat()),
        format!("CloudFront-Expires=1893456000\nCloudFront-Signature={signature}\nCloudFront-Key-Pair-Id={ID}\n")
    );
}

/// The flag has another name in `sign-cookies`, as in the AWS CLI, and people mix them up.
#[test]
fn a_resource_is_taken_under_both_names() {
    let source = key("rsa2048");
    let until = ["--date-less-than", "2030-01-01"];
    let signed = |flag: &str| printed(&[signing("sign", &source), [&until[..], &[flag, WILDCARD]].concat()].concat());
    assert!(signed("--policy-resource").contains("Policy=") && signed("--policy-resource") == signed("--resource"));
    let base = ["sign-cookies", "--key-pair-id", ID, "--private-key", &source];
    let cookies = |flag: &str| printed(&[&base[..], &until, &[flag, WILDCARD]].concat());
    assert_eq!(cookies("--policy-resource"), cookies("--resource"));
}

#[test]
fn signs_with_ecdsa() {
    let source = key("p256");
    let folder = folder("ecdsa");
    for (hash, digest) in [(None, "-sha256"), (Some("SHA1"), "-sha1"), (Some("SHA256"), "-sha256")] {
        let mut arguments = [signing("sign", &source), vec!["--date-less-than", "2030-01-01"]].concat();
        if let Some(hash) = hash {
            arguments.extend(["--hash-algorithm", hash]);
        }
        let signed = printed(&arguments);
        fs::write(folder.join("signature"), from_cloudfront(&parameter(&signed, "Signature").unwrap())).unwrap();
        let public = format!("{}/tests/keys/p256.pub.pem", env!("CARGO_MANIFEST_DIR"));
        let signature = folder.join("signature");
        openssl(
            &["dgst", digest, "-verify", &public, "-signature", signature.to_str().unwrap()],
            canned("1893456000").as_bytes(),
        );
        assert_eq!(parameter(&signed, "Hash-Algorithm").is_some(), digest == "-sha256");
    }
}

#[test]
fn prints_cookies_in_three_forms() {
    let source = key("rsa2048");
    let base = [signing("sign-cookies", &source), vec!["--date-less-than", "2030-01-01"]].concat();
    let json: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&printed(&base)).unwrap();
    let names: Vec<&str> = json.keys().map(String::as_str).collect();
    assert_eq!(names, ["CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"]);
    let pairs: Vec<String> = json.iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap())).collect();
    assert_eq!(printed(&[base.clone(), vec!["--output", "text"]].concat()).lines().collect::<Vec<_>>(), pairs);

    let attributes = [
        "--set-cookie",
        "--domain",
        "example.com",
        "--path",
        "/a",
        "--max-age",
        "60",
        "--expires",
        "1994-11-06T08:49:37Z",
        "--same-site",
        "None",
        "--no-http-only",
        "--partitioned",
    ];
    let expected: Vec<String> = pairs
        .iter()
        .map(|pair| {
            format!(
                "Set-Cookie: {pair}; Domain=example.com; Path=/a; Max-Age=60; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Secure; \
                 SameSite=None; Partitioned"
            )
        })
        .collect();
    assert_eq!(printed(&[base.clone(), attributes.to_vec()].concat()).lines().collect::<Vec<_>>(), expected);
    let open = printed(&[base.clone(), vec!["--set-cookie", "--no-secure"]].concat());
    assert!(open.lines().all(|line| line.ends_with("; HttpOnly") && !line.contains("Secure")));

    let canned = printed(&[
        "sign-cookies",
        "--resource",
        URL,
        "--key-pair-id",
        ID,
        "--private-key",
        &source,
        "--date-less-than",
        "2030-01-01",
    ]);
    // Text, like the values that `aws cloudfront sign-cookies` prints.
    assert_eq!(serde_json::from_str::<serde_json::Value>(&canned).unwrap()["CloudFront-Expires"], "1893456000");
}

#[test]
fn takes_keys_from_files_input_and_variables() {
    let pem = cases::key_file("rsa2048");
    let text = String::from_utf8(pem.clone()).unwrap();
    let path = format!("{}/tests/keys/rsa2048.pem", env!("CARGO_MANIFEST_DIR"));
    let with = |source: &str, prepare: &dyn Fn(&mut Command)| {
        let mut command = binary(&[signing("sign", source), vec!["--date-less-than", "2030-01-01"]].concat());
        prepare(&mut command);
        command.output().unwrap()
    };
    let expected = success(with(&key("rsa2048"), &|_| {}));
    assert_eq!(success(with(&path, &|_| {})), expected);
    assert_eq!(success(with(&format!("fileb://{path}"), &|_| {})), expected);
    assert_eq!(success(with("-", &|command| _ = command.stdin(fs::File::open(&path).unwrap()))), expected);
    for mangled in [text.clone(), text.replace('\n', "\\n"), text.replace('\n', " "), STANDARD.encode(&pem)] {
        assert_eq!(success(with("env:SIGNING_KEY", &|command| _ = command.env("SIGNING_KEY", &mangled))), expected);
    }
    for (status, given) in [(2, text.clone()), (1, STANDARD.encode(&pem)), (1, format!("env:{}", STANDARD.encode(&pem)))] {
        let on_the_line = refused(status, &with(&given, &|_| {}));
        assert!(on_the_line.contains("hint: ") && !on_the_line.contains(&given[60..80]), "{on_the_line}");
    }
    let misplaced = refused(2, &run(&["sign", "--url", &text, &text]));
    assert!(!misplaced.contains(&text[60..80]), "{misplaced}");
    assert!(
        refused(1, &with("env:NO_SUCH_VARIABLE", &|command| _ = command.env_remove("NO_SUCH_VARIABLE")))
            .contains("NO_SUCH_VARIABLE")
    );
    let missing = refused(1, &with("file:///no/such/file", &|_| {}));
    assert!(missing.starts_with("error[INVALID_PRIVATE_KEY]: ") && missing.contains("/no/such/file"), "{missing}");
    assert!(missing.lines().nth(1).unwrap().starts_with("hint: "), "{missing}");
    let for_a_terminal = refused(1, &with("file:///no/\u{1b}[31m\nfile", &|_| {}));
    assert!(for_a_terminal.contains(r"\u{1b}[31m\nfile"), "{for_a_terminal}");
}

#[test]
fn signs_manifests() {
    let (source, public) = (key("rsa2048"), format!("{ID}={}", key("rsa2048.pub")));
    let folder = folder("manifests");
    let list = folder.join("index.m3u8");
    let file = list.to_str().unwrap();
    fs::write(&list, "\u{feff}#EXTM3U\r\n#EXT-X-KEY:METHOD=AES-128,URI=\"skd://1\"\r\n1.ts?a=b").unwrap();
    let url = "https://d111111abcdef8.cloudfront.net/films/index.m3u8";
    let signing = ["--key-pair-id", ID, "--private-key", &source, "--date-less-than", "2h"];
    let signed = printed(&[&["manifest", file, "--url", url], &signing[..]].concat());
    let (before, address) = signed.rsplit_once('\n').unwrap();
    assert_eq!(before, "\u{feff}#EXTM3U\r\n#EXT-X-KEY:METHOD=AES-128,URI=\"skd://1\"\r");
    let asked = format!("https://d111111abcdef8.cloudfront.net/films/{address}");
    assert!(address.starts_with("1.ts?a=b&Policy="));
    assert!(printed(&["verify", &asked, "--public-key", &public]).contains("https://d111111abcdef8.cloudfront.net/films/*"));
    assert!(run(&["verify", &asked.replace("films", "music"), "--public-key", &public]).status.code() == Some(3));

    let mut child = binary(&[&["manifest", "-", "--url", url, "--absolute"], &signing[..]].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"<MPD><BaseURL>hd/</BaseURL></MPD>").unwrap();
    let absolute = success(child.wait_with_output().unwrap());
    assert_eq!(absolute, "<MPD><BaseURL>https://d111111abcdef8.cloudfront.net/films/hd/</BaseURL></MPD>");

    fs::write(&list, [0xff, 0xfe, b'#', 0]).unwrap();
    for (arguments, status, code) in [
        (vec!["manifest", file, "--url", url], 1, "error[INVALID_MANIFEST]: the manifest is not UTF-8"),
        (vec!["manifest", &source, "--url", url], 1, "error[INVALID_MANIFEST]"),
        (vec!["manifest", "no such file", "--url", url], 1, "error[INVALID_MANIFEST]"),
        (vec!["manifest", file, "--url", url, "--policy-resource", "films/*"], 1, "error["),
        (vec!["manifest", file], 2, "error:"),
    ] {
        let shown = refused(status, &run(&[&arguments[..], &signing[..]].concat()));
        assert!(shown.starts_with(code), "{shown}");
    }
    let both =
        [&["manifest", "-", "--url", url], &["--key-pair-id", ID, "--private-key", "-", "--date-less-than", "2h"][..]].concat();
    assert!(refused(2, &run(&both)).contains("standard input"));
}

#[test]
fn says_what_to_do_with_a_key_that_is_no_file() {
    for (source, hint) in [
        ("", "Is the variable set?"),
        ("s3://bucket/key.pem", "standard input"),
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:key", "standard input"),
        ("no/such/key.pem", "current folder"),
        ("file://no/such/key.pem", "current folder"),
    ] {
        let error = refused(1, &run(&["sign", URL, "--key-pair-id", ID, "--date-less-than", "1h", "--private-key", source]));
        assert!(error.contains("INVALID_PRIVATE_KEY") && error.contains(hint), "{source}: {error}");
    }
    let error = refused(1, &run(&["verify", URL, "--public-key", ID]));
    assert!(error.contains("ID=FILE"), "{error}");
}

#[test]
fn opens_encrypted_keys() {
    let folder = folder("passphrase");
    let file = folder.join("passphrase");
    fs::write(&file, "correct horse\n").unwrap();
    let from_file = format!("file://{}", file.display());
    let expected = printed(&["public-key", "--private-key", &key("rsa2048")]);
    assert_eq!(expected.as_bytes(), cases::key_file("rsa2048.pub"));
    for encrypted in ["rsa2048.encrypted", "rsa2048.traditional"] {
        let source = key(encrypted);
        let arguments = ["public-key", "--private-key", &source];
        assert_eq!(printed(&[&arguments[..], &["--passphrase", &from_file]].concat()), expected);
        let mut from_variable = binary(&[&arguments[..], &["--passphrase", "env:PASSPHRASE"]].concat());
        assert_eq!(success(from_variable.env("PASSPHRASE", "correct horse").output().unwrap()), expected);
        let mut from_input = binary(&[&arguments[..], &["--passphrase", "-"]].concat());
        assert_eq!(success(from_input.stdin(fs::File::open(&file).unwrap()).output().unwrap()), expected);
        let of_windows = folder.join("passphrase.crlf");
        fs::write(&of_windows, "correct horse\r\n").unwrap();
        let from_windows = format!("file://{}", of_windows.display());
        assert_eq!(printed(&[&arguments[..], &["--passphrase", &from_windows]].concat()), expected);
        assert!(refused(1, &run(&arguments)).starts_with("error[PASSPHRASE_REQUIRED]: "));
        let wrong = from_variable.env("PASSPHRASE", "wrong horse").output().unwrap();
        assert!(refused(1, &wrong).starts_with("error[WRONG_PASSPHRASE]: "));
        let on_the_line = refused(1, &run(&[&arguments[..], &["--passphrase", "correct horse"]].concat()));
        assert!(!on_the_line.contains("correct horse"), "{on_the_line}");
    }
    refused(2, &run(&["public-key", "--private-key", "-", "--passphrase", "-"]));
}

#[test]
fn wrong_usage_has_a_status_of_its_own() {
    let source = key("rsa2048");
    let sign = signing("sign", &source);
    for arguments in [
        vec![],
        vec!["no-such-command"],
        sign.clone(),
        [sign.clone(), vec!["--date-less-than", "1h", "--no-such-flag"]].concat(),
        [sign.clone(), vec!["--date-less-than", "1h", "--policy", "{}"]].concat(),
        [sign.clone(), vec!["--policy", "{}", "--ip-address", "192.0.2.1"]].concat(),
        [sign.clone(), vec!["--date-less-than", "1h", "--output", "yaml"]].concat(),
        [sign.clone(), vec!["--date-less-than", "1h", "--hash-algorithm", "sha512"]].concat(),
        [sign.clone(), vec!["--date-less-than", "1h", URL]].concat(),
        [sign.clone(), vec!["--policy", "{}", "--policy-resource", WILDCARD]].concat(),
        [sign.clone(), vec!["--policy", "{}", "--date-greater-than", "1h"]].concat(),
        [sign, vec!["--date-less-than", "1h", "--set-cookie"]].concat(),
        [signing("sign-cookies", &source), vec!["--policy", "{}"]].concat(),
        [signing("sign-cookies", &source), vec!["--date-less-than", "1h", "--set-cookie", "--same-site", "loose"]].concat(),
        [signing("sign-cookies", &source), vec!["--date-less-than", "1h", "--set-cookie", "--output", "json"]].concat(),
        [signing("sign-cookies", &source), vec!["--date-less-than", "1h", "--domain", "example.com"]].concat(),
        vec!["keygen", "--type", "dsa", "--out", "."],
        vec!["man", "no-such-command"],
    ] {
        refused(2, &run(&arguments));
    }
}

#[test]
fn every_case_of_errors_json_ends_in_its_code() {
    let mut provoked = BTreeSet::new();
    for case in cases::read::<Call>("errors.json") {
        if case.hosts.as_ref().is_some_and(|hosts| !hosts.iter().any(|host| host == "shell")) {
            continue;
        }
        let Some(mut command) = command_for(&case) else { continue };
        let code = case.code.as_deref().unwrap();
        provoked.insert(code.to_owned());
        let shown = refused(1, &command.env("KEY", String::from_utf8(case.key_bytes()).unwrap()).output().unwrap());
        assert!(shown.starts_with(&format!("error[{code}]: ")), "{}: {shown}", case.name);
        for line in case.key_bytes().split(|byte| *byte == b'\n').filter(|line| line.len() > 40) {
            assert!(
                !shown.contains(str::from_utf8(&line[..12]).unwrap()) || line.starts_with(b"-----"),
                "{}: {shown}",
                case.name
            );
        }
    }
    // clap rejects an unknown hash first; no command takes a public key; the other codes belong to JavaScript or to a broken
    // machine; manifests have their own test.
    let elsewhere = [
        ErrorCode::InvalidManifest,
        ErrorCode::UnsupportedAlgorithm,
        ErrorCode::InvalidPublicKey,
        ErrorCode::RandomUnavailable,
        ErrorCode::SigningFailed,
        ErrorCode::HostCryptoUnavailable,
        ErrorCode::NotInitialized,
        ErrorCode::ModuleStopped,
        ErrorCode::Freed,
    ];
    let here = ErrorCode::ALL.iter().filter(|code| !elsewhere.contains(code)).map(|code| code.as_str().to_owned());
    assert_eq!(provoked, here.collect());
}

/// Returns the call as a command line; `None` if the shell has no such command.
fn command_for(case: &Call) -> Option<Command> {
    let conditions = case.conditions.clone().unwrap_or_default();
    let mut command = match case.call.as_str() {
        "privateKey" => binary(&["public-key"]),
        "signUrl" => binary(&["sign", "--url", case.url.as_deref()?]),
        "signCookies" => binary(&["sign-cookies"]),
        "toSetCookie" => {
            let mut command =
                binary(&["sign-cookies", "--private-key=env:KEY", "--key-pair-id", ID, "--resource", URL, "--set-cookie"]);
            command.arg("--date-less-than=1h");
            for (name, value) in case.attributes.iter().flatten() {
                match (name.as_str(), value.as_str(), value.as_bool()) {
                    ("domain" | "path" | "expires", Some(text), _) => command.arg(format!("--{name}={text}")),
                    ("sameSite", Some(text), _) => command.arg(format!("--same-site={text}")),
                    ("secure", _, Some(false)) => command.arg("--no-secure"),
                    ("partitioned", _, Some(true)) => command.arg("--partitioned"),
                    other => panic!("{}: {other:?} has no flag", case.name),
                };
            }
            return Some(command);
        }
        _ => return None,
    };
    // An argument cannot contain NUL.
    let texts = [&case.url, &case.resource, &case.policy, &case.key_text, &case.passphrase, &case.key_pair_id];
    if texts.iter().any(|text| text.as_ref().is_some_and(|text| text.contains('\0'))) {
        return None;
    }
    // A key in place of another argument is refused before any file is read.
    if case.key_pair_id.as_ref().is_some_and(|id| id.contains("-----BEGIN")) {
        return None;
    }
    command.arg("--private-key=env:KEY");
    if let Some(passphrase) = &case.passphrase {
        command.arg("--passphrase=env:PASSPHRASE").env("PASSPHRASE", passphrase);
    }
    if case.call == "privateKey" {
        return Some(command);
    }
    command.arg(format!("--key-pair-id={}", case.key_pair_id.as_deref().unwrap_or(ID)));
    let resource = if case.call == "signUrl" { "policy-resource" } else { "resource" };
    let date = |date: &Date| match date {
        Date::Text(text) => Some(text.clone()),
        // The shell has no number type: digits are seconds.
        Date::Number(number) if number.fract() == 0.0 && (0.0..1e11).contains(number) => Some(number.to_string()),
        Date::Number(_) => None,
    };
    for (flag, value) in [
        ("policy", &case.policy),
        (resource, &case.resource),
        ("hash-algorithm", &case.algorithm),
        ("ip-address", &conditions.ip_address),
    ] {
        if let Some(value) = value {
            command.arg(format!("--{flag}={value}"));
        }
    }
    for (flag, value) in [
        ("date-less-than", &conditions.date_less_than),
        ("date-greater-than", &conditions.date_greater_than),
        ("now", &conditions.now),
    ] {
        if let Some(value) = value {
            if case.policy.is_some() && flag != "now" {
                return None;
            }
            command.arg(format!("--{flag}={}", date(value)?));
        }
    }
    if conditions.allow_expired {
        command.arg("--allow-expired");
    }
    Some(command)
}

/// A URL signed by OpenSSL with a custom policy.
fn signed_by_openssl(policy: &str) -> String {
    let signature = for_cloudfront(&openssl(&["dgst", "-sha1", "-sign", &key("rsa2048")], policy.as_bytes()));
    format!("https://d.net/a.jpg?Policy={}&Signature={signature}&Key-Pair-Id=K2JCJMDEHXQW5F", for_cloudfront(policy.as_bytes()))
}

#[test]
fn inspects_what_openssl_signed() {
    let policy = r#"{"Statement":[{"Resource":"https://d.net/*","Condition":{"DateLessThan":{"AWS:EpochTime":1893456000},"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}}}]}"#;
    let url = signed_by_openssl(policy);
    let text = printed(&["inspect", &url, "--at", "2029-12-31T23:00:00Z"]);
    for line in [
        "URL           https://d.net/a.jpg",
        "key pair id   K2JCJMDEHXQW5F",
        "hash          SHA1",
        "signature     256 bytes, RSA",
        "policy        custom",
        "resource      https://d.net/*",
        "until         2030-01-01T00:00:00Z, in 60 minutes (1893456000)",
        "address       192.0.2.0/24",
        &format!("signed text   {policy}"),
        "                \"Statement\": [",
    ] {
        assert!(text.lines().any(|printed| printed == line), "{line}\n{text}");
    }
    assert!(text.starts_with("note          the policy allows 192.0.2.0/24 only"), "{text}");
    let late = run(&["inspect", &url, "--at", "2030-01-01T00:02:00Z"]);
    assert_eq!(late.status.code(), Some(3), "an error is found");
    let late = String::from_utf8(late.stdout).unwrap();
    assert!(late.starts_with("error         expired 2 minutes ago, at 2030-01-01T00:00:00Z\n"), "{late}");

    let json: serde_json::Value = serde_json::from_str(&printed(&["inspect", &url, "--output", "JSON"])).unwrap();
    assert_eq!(json["policy"]["json"], policy);
    assert_eq!(json["policy"]["dateLessThan"]["utc"], "2030-01-01T00:00:00Z");
    assert_eq!(json["signature"]["keyType"], "RSA");
}

#[test]
fn verifies_what_openssl_signed() {
    let policy = r#"{"Statement":[{"Resource":"https://d.net/*","Condition":{"DateLessThan":{"AWS:EpochTime":1893456000},"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}}}]}"#;
    let url = signed_by_openssl(policy);
    let (rsa, p256) = (format!("{ID}={}", key("rsa2048.pub")), format!("K2={}", key("p256.pub")));
    let verify = |more: &[&str]| run(&[&["verify", &url, "--public-key", &p256, "--public-key", &rsa], more].concat());
    let inside = ["--ip-address", "192.0.2.7", "--at", "2029-12-31T23:00:00Z"];
    assert_eq!(
        success(verify(&inside)),
        "allowed, for another 60 minutes\nsource        url\nkey pair id   K2JCJMDEHXQW5F\nURL           https://d.net/a.jpg\n\
         resource      https://d.net/*\nuntil         2030-01-01T00:00:00Z\naddress       192.0.2.0/24\n"
    );
    let denied = |more: &[&str]| {
        let output = verify(more);
        assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stderr.is_empty());
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(
        denied(&["--ip-address", "192.0.2.7", "--at", "2030-01-01T00:12:00Z"]),
        "denied: expired 12 minutes ago, at 2030-01-01T00:00:00Z\nCloudFront answers 403, AccessDenied: Access denied\n"
    );
    assert!(denied(&["--ip-address", "192.0.3.7", "--at", "1893455999"]).contains("192.0.3.7 is not in 192.0.2.0/24"));

    let json: serde_json::Value = serde_json::from_str(&denied(&["--output", "json"])).unwrap();
    assert_eq!((&json["allowed"], &json["status"], &json["code"]), (&false.into(), &403.into(), &"AccessDenied".into()));
    let json: serde_json::Value = serde_json::from_str(&success(verify(&[&inside[..], &["--output", "json"]].concat()))).unwrap();
    assert_eq!((&json["remaining"], &json["policy"]["resource"]), (&3600.into(), &"https://d.net/*".into()));

    let p256 = format!("{ID}={}", key("p256.pub"));
    for form in ["json", "text"] {
        let cookies =
            printed(&[signing("sign-cookies", &key("p256")), vec!["--date-less-than", "1h", "--output", form]].concat());
        let header = if form == "json" { cookies } else { cookies.replace('\n', "; ") };
        let by_cookies = printed(&["verify", URL, "--cookies", &header, "--public-key", &p256]);
        assert!(by_cookies.contains("source        cookies\n"), "{by_cookies}");
    }

    for (status, arguments, words) in [
        (2, vec!["verify", URL], "hint: No public key at hand? countersign inspect needs none."),
        (1, vec!["verify", URL, "--public-key", "no-such.pem"], "INVALID_PUBLIC_KEY"),
        (2, vec!["verify", URL, "--public-key", &key("p256.pub"), "--public-key", &rsa], "ID=SOURCE"),
        (2, vec!["verify", URL, "--public-key", &p256, "--public-key", &rsa], "twice"),
        (1, vec!["verify", URL, "--public-key", "K1=none.pem"], "INVALID_PUBLIC_KEY"),
        (1, vec!["verify", URL, "--public-key", "K-1=env:PATH"], "INVALID_PUBLIC_KEY"),
        (1, vec!["verify", URL, "--public-key", &p256, "--at", "soon"], "error[INVALID_DATE]: --at is \"soon\""),
        (1, vec!["verify", URL, "--public-key", &format!("K-1={}", key("p256.pub"))], "the id of --public-key is \"K-1\""),
    ] {
        assert!(refused(status, &run(&arguments)).contains(words), "{arguments:?}");
    }
    // What is missing is the URL.
    assert!(!refused(2, &run(&["verify", "--public-key", &p256])).contains("hint"));
    let private = format!("{ID}={}", key("rsa2048"));
    assert!(refused(1, &run(&["verify", URL, "--public-key", &private])).contains("INVALID_PUBLIC_KEY"));
}

#[test]
fn inspects_cookies_from_standard_input_and_shows_no_control_characters() {
    let cookies = printed(&[signing("sign-cookies", &key("p256")), vec!["--date-less-than", "1h", "--set-cookie"]].concat());
    let text = success(command::with_input(binary(&["inspect", "-"]), cookies.as_bytes()));
    assert!(text.contains("source        cookies\n") && text.contains(&format!("resource      {WILDCARD}\n")), "{text}");
    assert!(text.contains("ECDSA") && text.starts_with("note"), "{text}");

    let hostile = run(&["inspect", &signed_by_openssl("\u{1b}[31m{}")]);
    assert_eq!(hostile.status.code(), Some(3));
    let hostile = String::from_utf8(hostile.stdout).unwrap();
    assert!(!hostile.contains('\u{1b}'), "{hostile}");
    assert!(refused(1, &run(&["inspect", "hello"])).starts_with("error[INVALID_URL]"));
    for (text, hint) in [
        ("", "It is empty. Is the variable set?"),
        ("<Error><Code>AccessDenied</Code></Error>", "Pass the URL that was asked for."),
        (&key("rsa2048.pub"), "countersign inspect - < FILE."),
    ] {
        let told = refused(1, &run(&["inspect", text]));
        assert!(told.starts_with("error[INVALID_URL]") && told.trim_end().ends_with(hint), "{told}");
    }
    assert!(refused(1, &run(&["inspect", "https://d.net/", "--at", "soon"])).starts_with("error[INVALID_DATE]: --at is"));
    refused(2, &run(&["inspect"]));
}

#[test]
fn keygen_makes_pairs_that_openssl_takes() {
    for key_type in ["rsa", "ecdsa"] {
        let out = folder(&format!("keygen-{key_type}")).join("new/folder");
        let paths = printed(&["keygen", "--type", key_type, "--out", out.to_str().unwrap()]);
        let (private, public) = (out.join("private_key.pem"), out.join("public_key.pem"));
        assert_eq!(paths, format!("{}\n{}\n", private.display(), public.display()));
        let checked = openssl(&["pkey", "-in", private.to_str().unwrap(), "-check", "-noout"], b"");
        assert_eq!(String::from_utf8_lossy(&checked).trim(), "Key is valid");
        assert_eq!(openssl(&["pkey", "-in", private.to_str().unwrap(), "-pubout"], b""), fs::read(&public).unwrap());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&private).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(&out).unwrap().count(), 2, "a temporary file was left");
    }
}

/// Runs the command in a shell whose `aws` prints its arguments.
#[cfg(unix)]
#[test]
fn keygen_says_how_to_upload_the_key() {
    let out = folder("keygen-next").join("it's here");
    let output = run(&["keygen", "--type", "ecdsa", "--out", out.to_str().unwrap()]);
    let shown = String::from_utf8(output.stderr).unwrap();
    let next = shown.lines().last().unwrap();
    let script = format!(r#"aws() {{ printf '%s' "$*"; }}; {next}"#);
    let passed = success(Command::new("sh").args(["-c", &script]).output().unwrap());
    let public = fs::read_to_string(out.join("public_key.pem")).unwrap();
    assert!(passed.starts_with("cloudfront create-public-key --public-key-config CallerReference="), "{passed}");
    assert!(passed.ends_with(&format!(",EncodedKey={}", public.trim_end())), "{passed}");
}

#[test]
fn keygen_overwrites_nothing() {
    for existing in ["private_key.pem", "public_key.pem"] {
        let out = folder(&format!("keygen-existing-{existing}"));
        fs::write(out.join(existing), "mine").unwrap();
        let shown = refused(1, &run(&["keygen", "--type", "ecdsa", "--out", out.to_str().unwrap()]));
        assert!(shown.contains(existing), "{shown}");
        assert_eq!(fs::read(out.join(existing)).unwrap(), b"mine");
        assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
    }
}

#[test]
fn keygens_that_race_leave_one_pair() {
    for round in 0..10 {
        let out = folder(&format!("keygen-race-{round}"));
        let arguments = ["keygen", "--type", "ecdsa", "--out", out.to_str().unwrap()];
        let children: Vec<_> =
            (0..4).map(|_| binary(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()).collect();
        let won = children.into_iter().map(|mut child| child.wait().unwrap()).filter(|status| status.success()).count();
        assert_eq!(won, 1);
        let public = openssl(&["pkey", "-in", out.join("private_key.pem").to_str().unwrap(), "-pubout"], b"");
        assert_eq!(public, fs::read(out.join("public_key.pem")).unwrap());
        assert_eq!(fs::read_dir(&out).unwrap().count(), 2);
    }
}

#[test]
fn has_completions_and_a_manual() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(printed(&["completions", shell]).contains("sign-cookies"), "{shell}");
    }
    let manual = printed(&["man"]);
    assert!(manual.contains(".TH") && manual.contains("sign\\-cookies") && manual.contains("policy\\-resource"));
    assert!(printed(&["man", "keygen"]).contains("\\-\\-out"));
    let help = printed(&["sign", "--help"]);
    assert!(help.contains("--date-less-than") && help.contains("env:NAME") && help.contains("20301231 is a day in 1970"));
    let main = printed(&["--help"]);
    let commands = main.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let commands: Vec<&str> = commands.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")).collect();
    assert!(commands.len() >= 9, "{commands:?}");
    for command in commands.iter().map(|line| line.split_whitespace().next().unwrap()).filter(|name| *name != "help") {
        let help = printed(&[command, "--help"]);
        let (_, rest) = help.split_once("Examples:\n").unwrap_or_else(|| panic!("{command}: {help}"));
        let (examples, rest) = rest.split_once("\n\nExit status:\n  0  ").unwrap_or_else(|| panic!("{command}: {help}"));
        assert!(examples.contains(&format!("countersign {command}")) && rest.contains("\n  2  "), "{command}: {help}");
        assert!(examples.lines().all(|line| line.len() < 100), "{examples}");
        let page = printed(&["man", command]);
        for section in ["EXAMPLES", "\"EXIT STATUS\"", "\"SEE ALSO\""] {
            assert!(page.contains(&format!(".SH {section}")), "{command}: {section}\n{page}");
        }
    }
    for section in ["EXAMPLES", "\"EXIT STATUS\"", "ENVIRONMENT", "\"SEE ALSO\"", "DATES"] {
        assert!(printed(&["man", "sign"]).contains(&format!(".SH {section}")), "{section}");
    }
    assert_eq!(printed(&["--version"]), format!("countersign {}\n", env!("CARGO_PKG_VERSION")));
}

/// A pipe whose reader is already closed when the child starts.
#[cfg(unix)]
fn closed() -> std::io::PipeWriter {
    std::io::pipe().unwrap().1
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let output = binary(&["completions", "bash"]).stdout(closed()).output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[cfg(unix)]
#[test]
fn nobody_has_to_read_the_errors() {
    let out = folder("keygen-unheard");
    let mut keygen = binary(&["keygen", "--type", "ecdsa", "--out", out.to_str().unwrap()]);
    let made = keygen.stderr(closed()).output().unwrap();
    assert_eq!((made.status.code(), made.stdout.is_empty()), (Some(0), false));
    let refused = binary(&["public-key", "--private-key", "/no/such/file"]).stderr(closed()).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
}
