//! Lists of URLs are answered in order, line by line, from standard input and from arguments. One bad line does not stop the rest.
//! Malformed input, a full disk and a reader that goes away end with a clear error.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[allow(dead_code, reason = "the other tests use what this one does not")]
mod command;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use base64::Engine as _;
use command::text;
use serde_json::Value;

const ID: &str = "K2JCJMDEHXQW5F";
const HOST: &str = "https://d111111abcdef8.cloudfront.net";

fn key(name: &str) -> String {
    format!("{}/tests/keys/{name}.pem", env!("CARGO_MANIFEST_DIR"))
}

fn binary(arguments: &[&str]) -> Command {
    let mut command = command::command();
    command.args(arguments).stdin(Stdio::null()).env_remove("COUNTERSIGN_KEY_PAIR_ID").env_remove("COUNTERSIGN_PRIVATE_KEY");
    command
}

fn with_input(arguments: &[&str], input: &[u8]) -> Output {
    command::with_input(binary(arguments), input)
}

fn signing(key: &str) -> Vec<String> {
    ["sign", "--key-pair-id", ID, "--private-key", key, "--date-less-than", "2030-01-01"].map(str::to_owned).to_vec()
}

/// Arguments for signing, then more.
fn sign<'a>(base: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    base.iter().map(String::as_str).chain(more.iter().copied()).collect()
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_list_is_signed_as_each_of_its_urls_is() {
    let base = signing(&key("rsa2048"));
    let urls: Vec<String> = (0..300).map(|index| format!("{HOST}/films/{index}.mp4?size={index}")).collect();
    let (status, list, errors) = text(&with_input(&sign(&base, &["--url", "-"]), (urls.join("\n") + "\n").as_bytes()));
    assert_eq!((status, errors.as_str()), (Some(0), ""));
    let signed: Vec<&str> = list.lines().collect();
    assert_eq!(signed.len(), urls.len());
    for index in [0, 1, 150, 299] {
        let (_, alone, _) = text(&binary(&sign(&base, &[&urls[index]])).output().unwrap());
        assert_eq!(alone.trim_end(), signed[index]);
        let (_, by_name, _) = text(&binary(&sign(&base, &["--url", &urls[index]])).output().unwrap());
        assert_eq!(by_name, alone);
    }
    // As PowerShell writes it.
    let marked = format!("\u{feff}{}\r\n", urls.join("\r\n"));
    assert_eq!(text(&with_input(&sign(&base, &["--url", "-"]), marked.as_bytes())).1, list);
    // Arguments before and after standard input, whose last line has no line break.
    let middle = urls[1..299].join("\r\n");
    let (_, mixed, _) = text(&with_input(&sign(&base, &[&urls[0], "-", &urls[299]]), middle.as_bytes()));
    assert_eq!(mixed, list);
}

/// The benchmark does this with 100,000 lines.
#[test]
fn a_list_is_right_for_our_verifier_and_for_openssl() {
    for (name, digest, count) in [("rsa2048", "-sha1", 60), ("p256", "-sha256", 600)] {
        let base = signing(&key(name));
        let urls: String = (0..count).map(|index| format!("{HOST}/films/{index}.mp4?size={index}\n")).collect();
        let (status, signed, errors) = text(&with_input(&sign(&base, &["--url", "-"]), urls.as_bytes()));
        assert_eq!((status, errors.as_str()), (Some(0), ""));
        let public_key = key(&format!("{name}.pub"));
        let trusted = format!("{ID}={public_key}");
        let verify = ["verify", "--url", "-", "--at", "2029-12-31", "--output", "json", "--public-key", &trusted];
        let (status, answers, _) = text(&with_input(&verify, signed.as_bytes()));
        assert_eq!(status, Some(0));
        assert_eq!(json_lines(&answers).iter().filter(|answer| answer["allowed"] == true).count(), count);

        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        for line in signed.lines().step_by(count / 4) {
            let (url, query) = line.split_once("&Expires=1893456000&Signature=").unwrap();
            let signature = query.split('&').next().unwrap().replace('-', "+").replace('_', "=").replace('~', "/");
            let policy = format!(
                r#"{{"Statement":[{{"Resource":"{url}","Condition":{{"DateLessThan":{{"AWS:EpochTime":1893456000}}}}}}]}}"#
            );
            let (policy_file, signature_file) = (folder.join("list.policy"), folder.join("list.signature"));
            fs::write(&policy_file, policy).unwrap();
            fs::write(&signature_file, base64::engine::general_purpose::STANDARD.decode(signature).unwrap()).unwrap();
            let mut openssl = Command::new("openssl");
            openssl.args(["dgst", digest, "-verify", &public_key, "-signature"]).arg(signature_file).arg(policy_file);
            assert_eq!(text(&openssl.output().unwrap()).1, "Verified OK\n", "{line}");
        }
    }
}

#[test]
fn one_bad_line_ends_nothing() {
    let base = signing(&key("p256"));
    let mut urls: Vec<Vec<u8>> = (1..=1_500).map(|index| format!("{HOST}/{index}").into_bytes()).collect();
    let bad: [(usize, &[u8], Option<&str>); 5] = [
        (7, b"films/7.mp4", Some("INVALID_URL")),
        (1_000, b"https://d.net/\xff", None),
        (1_001, b"https://d.net/?Expires=1", Some("RESERVED_PARAMETER")),
        (1_002, b"https://d\0.net/", Some("INVALID_URL")),
        (1_500, &[b'a'; 100_000], None),
    ];
    for (line, url, _) in &bad {
        urls[line - 1] = url.to_vec();
    }
    // Blank lines count for line numbers, but give no result.
    urls[99] = b"  ".to_vec();
    let input = urls.join(&b'\n');

    let (status, signed, errors) = text(&with_input(&sign(&base, &["--url", "-"]), &input));
    assert_eq!((status, signed.lines().count()), (Some(1), 1_500 - bad.len() - 1));
    let told: Vec<&str> = errors.lines().filter(|line| line.starts_with("line ")).collect();
    let expected: Vec<String> = bad.iter().map(|(line, ..)| format!("line {line}: error")).collect();
    assert!(told.iter().zip(&expected).all(|(told, expected)| told.starts_with(expected)) && told.len() == bad.len(), "{errors}");
    assert!(errors.ends_with("5 of 1499 URLs failed\n"), "{errors}");

    let (status, answers, _) = text(&with_input(&sign(&base, &["--url", "-", "--output", "json"]), &input));
    assert_eq!(status, Some(1));
    let answers = json_lines(&answers);
    let lines: Vec<u64> = answers.iter().map(|answer| answer["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, (1..=1_500).filter(|line| *line != 100).collect::<Vec<_>>());
    for answer in &answers {
        let line = answer["line"].as_u64().unwrap() as usize;
        match bad.iter().find(|(bad, ..)| *bad == line) {
            Some((_, _, code)) => {
                assert_eq!(answer["error"]["code"].as_str(), *code);
                assert!(answer["error"]["message"].is_string() && answer.get("url").is_none());
            }
            None => assert!(answer["url"].as_str().unwrap().starts_with(&format!("{HOST}/{line}?Expires=1893456000&"))),
        }
    }
}

#[test]
fn a_million_errors_are_counted_and_some_are_told() {
    let input: String = (0..20_000).map(|index| format!("no url {index}\n")).collect();
    let base = signing(&key("p256"));
    let (status, signed, errors) = text(&with_input(&sign(&base, &["-"]), input.as_bytes()));
    assert_eq!((status, signed.as_str()), (Some(1), ""));
    assert!(
        errors.lines().count() < 60 && errors.ends_with("20000 of 20000 URLs failed; only the first 20 are shown\n"),
        "{errors}"
    );
}

#[test]
fn one_resource_is_one_signature() {
    let base = signing(&key("p256"));
    let urls: String = (0..500).map(|index| format!("{HOST}/films/{index}.mp4\n")).collect();
    let resource = format!("{HOST}/films/*");
    let policy =
        format!(r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":1893456000}}}}}}]}}"#);
    let ready = ["sign", "--key-pair-id", ID, "--private-key", &key("p256"), "--policy", &policy, "-"].map(str::to_owned);
    for arguments in [sign(&base, &["-", "--policy-resource", &resource]), ready.iter().map(String::as_str).collect()] {
        let (status, signed, errors) = text(&with_input(&arguments, urls.as_bytes()));
        assert_eq!((status, errors.as_str()), (Some(0), ""));
        let policies: BTreeSet<&str> = signed.lines().map(|url| url.split_once("?Policy=").unwrap().1).collect();
        assert_eq!((signed.lines().count(), policies.len()), (500, 1));
        let id = format!("{ID}={}", key("p256.pub"));
        let (status, ..) = text(&with_input(&["verify", "-", "--public-key", &id, "--at", "2029-12-31"], signed.as_bytes()));
        assert_eq!(status, Some(0));
    }
    // A URL that the resource does not cover is an error of its line.
    let (status, signed, errors) =
        text(&with_input(&sign(&base, &["-", "--policy-resource", &resource]), format!("{urls}{HOST}/other\n").as_bytes()));
    assert_eq!((status, signed.lines().count()), (Some(1), 500));
    assert!(errors.starts_with("line 501: error[RESOURCE_MISMATCH]: "), "{errors}");
}

#[test]
fn a_list_is_verified_and_inspected() {
    let base = signing(&key("p256"));
    let urls: Vec<String> = (0..50).map(|index| format!("{HOST}/{index}")).collect();
    let (_, signed, _) = text(&with_input(&sign(&base, &["-"]), urls.join("\n").as_bytes()));
    let changed = signed.replace("/7?", "/8?");
    let verify = |more: &[&str], list: &str| {
        let key = key("p256.pub");
        let arguments = [&["verify", "--url", "-", "--at", "2029-12-31", "--public-key", &key], more].concat();
        text(&with_input(&arguments, list.as_bytes()))
    };
    assert_eq!(verify(&[], &signed).0, Some(0));
    let (status, decisions, errors) = verify(&["--output", "json"], &changed);
    assert_eq!((status, errors.as_str()), (Some(3), ""));
    let decisions = json_lines(&decisions);
    assert_eq!(decisions.len(), 50);
    for (index, decision) in decisions.iter().enumerate() {
        assert_eq!(decision["line"], index + 1);
        assert_eq!(decision["allowed"], index != 7, "{decision}");
    }
    let (status, lines, _) = verify(&[], &changed);
    assert_eq!(status, Some(3));
    assert!(lines.starts_with(&format!("1\tallowed\t{}\tfor another ", urls[0])), "{lines}");
    assert!(lines.lines().nth(7).unwrap().starts_with("8\tdenied\tAccessDenied\t"), "{lines}");

    let inspect = |arguments: &[&str], list: &str| text(&with_input(&[&["inspect"], arguments].concat(), list.as_bytes()));
    let (status, findings, _) = inspect(&["-", "--output", "json", "--at", "2029-12-31"], &signed);
    assert_eq!((status, json_lines(&findings).len()), (Some(0), 50));
    assert_eq!(json_lines(&findings)[3]["url"], urls[3]);
    let late = inspect(&["--url", "-", "--at", "2031-01-01"], &signed);
    assert_eq!((late.0, late.1.matches("expired").count()), (Some(3), 50));
}

#[test]
fn defaults_come_from_variables() {
    let pem = fs::read_to_string(key("p256")).unwrap();
    let path = format!("file://{}", key("p256"));
    let verified = |id: &str, private: &str| {
        let mut sign = binary(&["sign", HOST, "--date-less-than", "1h", "--hash-algorithm", "sha1"]);
        let signed = text(&sign.env("COUNTERSIGN_KEY_PAIR_ID", id).env("COUNTERSIGN_PRIVATE_KEY", private).output().unwrap());
        assert_eq!(signed.0, Some(0), "{}", signed.2);
        let public = format!("{ID}={}", key("p256.pub"));
        text(&binary(&["verify", signed.1.trim_end(), "--public-key", &public]).output().unwrap()).0
    };
    for private in [&pem, &path, &pem.replace('\n', "\\n")] {
        assert_eq!(verified(ID, private), Some(0));
    }
    assert_eq!(verified("KOTHER", &pem), Some(3), "the id is that of the variable");
    // The flag overrides the variable; with neither, it is a usage error.
    let other = binary(&["public-key", "--private-key", &key("rsa2048")]).env("COUNTERSIGN_PRIVATE_KEY", &pem).output().unwrap();
    assert_eq!(other.stdout, fs::read(key("rsa2048.pub")).unwrap());
    let (status, _, errors) = text(&binary(&["public-key"]).output().unwrap());
    assert_eq!(status, Some(2));
    assert!(errors.contains("COUNTERSIGN_PRIVATE_KEY"), "{errors}");
    // No help page shows the variables' values.
    let help = binary(&["sign", "--help"]).env("COUNTERSIGN_PRIVATE_KEY", &pem).output().unwrap();
    assert!(!text(&help).1.contains("PRIVATE KEY-----"));
}

#[test]
fn a_public_key_without_its_id_is_the_key_of_every_id() {
    let base = signing(&key("rsa2048"));
    let (_, signed, _) = text(&binary(&sign(&base, &[HOST])).output().unwrap());
    let verify =
        |key: &str| text(&binary(&["verify", signed.trim_end(), "--at", "2029-12-31", "--public-key", key]).output().unwrap());
    for source in [key("rsa2048.pub"), format!("file://{}", key("rsa2048.pub"))] {
        let (status, answer, _) = verify(&source);
        assert_eq!(status, Some(0));
        assert!(answer.contains(&format!("key pair id   {ID}\n")), "{answer}");
    }
    let (status, answer, _) = verify(&key("p256.pub"));
    assert_eq!(status, Some(3));
    assert!(answer.contains("signature"), "{answer}");
}

#[test]
fn errors_are_json_where_answers_are() {
    let base = signing(&key("rsa2048"));
    let (status, answer, errors) = text(&binary(&sign(&base, &["films/1.mp4", "--output", "Json"])).output().unwrap());
    assert_eq!((status, errors.as_str()), (Some(1), ""));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["error"]["code"], "INVALID_URL");
    let no_key = signing("/no/such/file");
    let (status, answer, _) = text(&with_input(&sign(&no_key, &["-", "--output", "json"]), b"https://d.net/\n"));
    assert_eq!(status, Some(1));
    let [failure] = json_lines(&answer).try_into().unwrap();
    assert_eq!(failure["error"]["code"], "INVALID_PRIVATE_KEY");
    for arguments in [
        sign(&signing("-"), &["-"]),
        vec!["verify", "-", "--cookies", "-", "--public-key", &key("p256.pub")],
        vec!["verify", "-", "--public-key", "-"],
        vec!["verify", HOST, "--cookies", "-", "--public-key", "K1=-"],
        vec!["verify", HOST, "--public-key", "K1=-", "--public-key", "K2=-"],
        vec!["logs", "-", "--public-key", "-"],
    ] {
        let (status, _, errors) = text(&with_input(&arguments, b""));
        assert_eq!(status, Some(2));
        assert!(errors.contains("standard input"), "{errors}");
    }
}

/// Output that is not to a terminal has no colours, whatever the colour variables say.
#[test]
fn nothing_has_colours_in_a_pipe() {
    let output =
        binary(&["inspect", "https://d.net/?Expires=1&Signature=AAAA&Key-Pair-Id=K1"]).env("TERM", "xterm-256color").output();
    let (status, answer, _) = text(&output.unwrap());
    assert_eq!(status, Some(3));
    assert!(answer.contains("\nerror         ") && !answer.contains('\u{1b}'), "{answer}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_has_colours_and_progress_unless_it_is_told_otherwise() {
    let on_a_terminal = |command: &str, variable: (&str, &str)| {
        let mut script = Command::new("script");
        script.args(["-qec", command, "/dev/null"]).stdin(Stdio::null()).env("TERM", "xterm").env_remove("NO_COLOR");
        text(&script.env(variable.0, variable.1).output().expect("util-linux's `script` provides the terminal")).1
    };
    let words: Vec<String> = command::words().iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let binary = words.join(" ");
    let inspect = format!("{binary} inspect 'https://d.net/?Expires=1&Signature=AAAA&Key-Pair-Id=K1'");
    assert!(on_a_terminal(&inspect, ("LANG", "C")).contains("\u{1b}[31m"));
    assert!(!on_a_terminal(&inspect, ("NO_COLOR", "1")).contains('\u{1b}'));
    let list = Path::new(env!("CARGO_TARGET_TMPDIR")).join("progress.txt");
    fs::write(&list, format!("{HOST}/1\n").repeat(1_000)).unwrap();
    let sign = format!(
        "{binary} sign --url - --key-pair-id {ID} --private-key {} --date-less-than 1h < {} > /dev/null",
        key("rsa2048"),
        list.display()
    );
    let shown = on_a_terminal(&sign, ("LANG", "C"));
    assert!(shown.contains("URLs") && shown.contains("left") && shown.contains('%'), "{shown:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_a_reader_that_goes_is_none() {
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let base = signing(&key("p256"));
    let urls = format!("{HOST}/1\n").repeat(1_000);
    let list = Path::new(env!("CARGO_TARGET_TMPDIR")).join("full.txt");
    fs::write(&list, &urls).unwrap();
    for arguments in [sign(&base, &["-"]), sign(&base, &["-", "--output", "json"]), sign(&base, &[HOST]), vec!["man"]] {
        let output = binary(&arguments).stdin(fs::File::open(&list).unwrap()).stdout(full()).output().unwrap();
        let (status, _, errors) = text(&output);
        assert_eq!(status, Some(1), "{arguments:?}");
        assert!(errors.contains("cannot be written") && !errors.contains("panic"), "{errors}");
    }
    // An endless writer, and a reader that stops after one line.
    let mut child =
        binary(&sign(&base, &["-"])).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || while stdin.write_all(urls.as_bytes()).is_ok() {});
    let mut first = [0; 40];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
    writer.join().unwrap();
}

/// An endless line of NUL bytes is an error, and memory use stays constant.
#[cfg(target_os = "linux")]
#[test]
fn a_line_without_end_is_an_error_in_little_memory() {
    let base = signing(&key("p256"));
    for byte in [b'a', 0] {
        let mut child =
            binary(&sign(&base, &["-"])).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        for _ in 0..64 {
            stdin.write_all(&vec![byte; 1 << 20]).unwrap();
        }
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(peak < 48 * 1024, "{peak} KiB for a line of 64 MiB");
        stdin.write_all(format!("\n{HOST}/next").as_bytes()).unwrap();
        drop(stdin);
        let (status, signed, errors) = text(&child.wait_with_output().unwrap());
        assert_eq!((status, signed.lines().count()), (Some(1), 1));
        assert!(errors.starts_with("line 1: error: the line has more than 65536 bytes"), "{errors}");
    }
}
