//! A mangled key, private or public, is read if only one reading is possible, and the repairs are named. Each test is named after what
//! went wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::time::{Duration, Instant};

use base64ct::Encoding as _;
use countersign::{ErrorCode, KeyDescription, LoadOptions, PrivateKey, PublicKey};

const PRIVATE: [&str; 6] = [
    include_str!("keys/rsa2048.pem"),
    include_str!("keys/rsa2048.pkcs1.pem"),
    include_str!("keys/rsa2048.encrypted.pem"),
    include_str!("keys/rsa2048.traditional.pem"),
    include_str!("keys/p256.pem"),
    include_str!("keys/p256.sec1.pem"),
];
const PUBLIC: [&str; 3] =
    [include_str!("keys/rsa2048.pub.pem"), include_str!("keys/p256.pub.pem"), include_str!("keys/rsa2048.pub.pkcs1.pem")];

fn options() -> LoadOptions<'static> {
    LoadOptions::new().passphrase(b"correct horse")
}

/// Whether the block has OpenSSL's headers, which need their line breaks.
fn has_headers(pem: &str) -> bool {
    pem.contains("DEK-Info")
}

/// Mangles every key, and asserts that it is read as the original and that the repair is named.
fn is_read(mangle: impl Fn(&str) -> Vec<u8>, repair: &str) {
    for pem in PRIVATE {
        let mangled = mangle(pem);
        let shown = String::from_utf8_lossy(&mangled).into_owned();
        let expected = PrivateKey::load(pem.as_bytes(), &options()).unwrap().public_key();
        let loaded = PrivateKey::load(&mangled, &options()).unwrap_or_else(|error| panic!("{error:?}: {shown}"));
        assert_eq!(loaded.public_key(), expected, "{shown}");
        let repairs = KeyDescription::of(&mangled, &options()).unwrap().repairs;
        assert!(repair.is_empty() || repairs.contains(&repair), "{repairs:?}: {shown}");
    }
    for pem in PUBLIC {
        let mangled = mangle(pem);
        let shown = String::from_utf8_lossy(&mangled).into_owned();
        let loaded = PublicKey::load(&mangled).unwrap_or_else(|error| panic!("{error:?}: {shown}"));
        assert_eq!(loaded, PublicKey::load(pem.as_bytes()).unwrap(), "{shown}");
    }
}

/// The same, for text.
fn text_is_read(mangle: impl Fn(&str) -> String, repair: &str) {
    is_read(|pem| mangle(pem).into_bytes(), repair);
}

/// The same, but mangles only the Base64 and keeps OpenSSL's headers.
fn body_is_read(mangle: impl Fn(&str) -> String, repair: &str) {
    text_is_read(
        |pem| {
            let begin = if has_headers(pem) { pem.find("\n\n").unwrap() + 1 } else { pem.find('\n').unwrap() };
            let end = pem.rfind("-----END").unwrap();
            format!("{}{}{}", &pem[..begin], mangle(&pem[begin..end]), &pem[end..])
        },
        repair,
    );
}

#[test]
fn nothing() {
    text_is_read(str::to_owned, "");
    for pem in PRIVATE {
        assert_eq!(KeyDescription::of(pem.as_bytes(), &options()).unwrap().repairs, Vec::<&str>::new());
    }
}

#[test]
fn a_secret_store_wrote_json_with_escaped_slashes() {
    // As PHP's json_encode writes it.
    let json = |pem: &str| pem.replace('\n', "\\n").replace('/', "\\/");
    text_is_read(json, "it had escapes of JSON");
    text_is_read(|pem| format!("{{\"username\":\"x\",\"privateKey\":\"{}\"}}", json(pem)), "it had escapes of JSON");
    // JSON within JSON.
    text_is_read(|pem| json(pem).replace('\\', "\\\\"), "it had escapes of JSON");
    text_is_read(|pem| pem.replace('+', "\\u002b").replace('=', "\\u003D").replace('\n', "\\u000a"), "it had escapes of JSON");
}

#[test]
fn line_breaks_became_the_characters_of_their_escape() {
    text_is_read(|pem| pem.replace('\n', "\\n"), "its line breaks were the two characters \\n");
    text_is_read(|pem| pem.replace('\n', "\\\\n"), "its line breaks were the two characters \\n");
    text_is_read(|pem| pem.replace('\n', "\\r\\n"), "its line breaks were the two characters \\n");
    text_is_read(|pem| format!("\"{}\"", pem.replace('\n', "\\n")), "its line breaks were the two characters \\n");
}

#[test]
fn line_breaks_became_the_letter_n() {
    for pem in PRIVATE.iter().filter(|pem| !has_headers(pem)) {
        for separator in ["n", "rn"] {
            let description = KeyDescription::of(pem.replace('\n', separator).as_bytes(), &options()).unwrap();
            assert!(description.repairs.contains(&"its line breaks were the letter n"), "{:?}", description.repairs);
        }
    }
    for pem in PUBLIC {
        assert_eq!(PublicKey::load(pem.replace('\n', "n").as_bytes()).unwrap(), PublicKey::load(pem.as_bytes()).unwrap());
    }
}

#[test]
fn each_line_ends_in_a_backslash() {
    text_is_read(|pem| pem.replace('\n', "\\\n"), "a backslash stood at the end of each line");
    text_is_read(|pem| pem.replace('\n', " \\\r\n"), "a backslash stood at the end of each line");
}

#[test]
fn an_editor_of_web_pages_wrote_tags_and_entities() {
    for mark in ["<br>", "<br/>\n", "<BR />", "</p><p>", "&#10;", "&#x0A;", "&NewLine;", "&lt;br&gt;\n"] {
        body_is_read(|body| body.replace('\n', mark), "it had escapes of HTML");
        text_is_read(
            |pem| if has_headers(pem) { pem.replace('\n', "<br>\n") } else { pem.replace('\n', mark) },
            "it had escapes of HTML",
        );
    }
    body_is_read(|body| body.replace('+', "&#43;").replace('/', "&#x2F;").replace('=', "&equals;"), "");
    text_is_read(|pem| format!("<pre>{pem}</pre>"), "it had escapes of HTML");
}

#[test]
fn a_form_escaped_it() {
    let percent = |pem: &str| {
        let escape = |character: char| match character {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '-' => character.to_string(),
            other => format!("%{:02X}", u32::from(other)),
        };
        pem.chars().map(escape).collect::<String>()
    };
    text_is_read(percent, "it had escapes of a form");
    text_is_read(|pem| percent(pem).replace("%20", "+"), "it had escapes of a form");
    text_is_read(|pem| percent(&percent(pem)), "it had escapes of a form");
    text_is_read(|pem| percent(pem).replace("%2B", "%2b").replace("%0A", "%0D%0A"), "it had escapes of a form");
}

#[test]
fn plus_signs_became_spaces() {
    for pem in PRIVATE.iter().filter(|pem| !has_headers(pem)).chain(&PUBLIC).filter(|pem| pem.contains('+')) {
        for mangled in [pem.replace('+', " "), pem.replace('+', " ").replace('\n', "\r\n"), pem.replace(['+', '\n'], " ")] {
            if PUBLIC.contains(pem) {
                assert_eq!(PublicKey::load(mangled.as_bytes()).unwrap(), PublicKey::load(pem.as_bytes()).unwrap(), "{mangled}");
            } else {
                let description =
                    KeyDescription::of(mangled.as_bytes(), &options()).unwrap_or_else(|error| panic!("{error:?} {mangled}"));
                assert_eq!(description.public_key, KeyDescription::of(pem.as_bytes(), &options()).unwrap().public_key);
                assert!(description.repairs.contains(&"its plus signs were spaces"), "{:?}", description.repairs);
            }
        }
    }
}

#[test]
fn an_editor_turned_hyphens_into_dashes_and_quotes_into_curly_ones() {
    for dashes in ["—————", "–––––", "‐‐‐‐‐", "――", "—–"] {
        text_is_read(|pem| pem.replace("-----", dashes), "its hyphens were dashes");
    }
    text_is_read(|pem| format!("“{pem}”"), "");
}

#[test]
fn the_first_line_lost_hyphens() {
    for lost in ["----BEGIN ", "-BEGIN ", "BEGIN ", "--- BEGIN "] {
        text_is_read(|pem| pem.replace("-----BEGIN ", lost), "its first line was damaged");
    }
    text_is_read(|pem| pem.replacen("KEY-----\n", "KEY---\n", 1), "its first line was damaged");
    text_is_read(|pem| pem.replacen("KEY-----\n", "KEY\n", 1), "its first line was damaged");
    text_is_read(
        |pem| pem.to_lowercase().lines().next().unwrap().to_owned() + &pem[pem.find('\n').unwrap()..],
        "its first line was damaged",
    );
}

#[test]
fn the_last_line_is_damaged_or_missing() {
    for (from, to) in [
        ("-----END ", "----END "),
        ("-----END ", "-----END"),
        ("-----END ", "-----EN "),
        ("-----END ", "END "),
        ("-----END ", "----- END "),
    ] {
        text_is_read(|pem| pem.replace(from, to), "its last line was damaged");
    }
    text_is_read(|pem| pem.trim_end().trim_end_matches('-').to_owned(), "its last line was damaged");
    text_is_read(|pem| pem[..pem.rfind("KEY-----").unwrap()].to_owned(), "its last line was damaged");
    text_is_read(|pem| pem[..pem.rfind("-----END").unwrap() + 5].to_owned(), "its last line was damaged");
    text_is_read(|pem| pem[..pem.rfind("-----END").unwrap()].to_owned(), "its last line was missing");
    text_is_read(|pem| pem.replacen("-----END ", "-----END X ", 1), "its last line was damaged");
}

#[test]
fn a_file_in_utf_16_was_read_as_utf_8() {
    let units = |pem: &str, unit: fn(u16) -> [u8; 2]| pem.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    for unit in [u16::to_le_bytes, u16::to_be_bytes] {
        // UTF-16 read as UTF-8: the byte order mark is invalid, and each character has a NUL beside it.
        let text = |pem: &str| format!("\u{fffd}\u{fffd}{}", String::from_utf8(units(pem, unit)).unwrap()).into_bytes();
        is_read(text, "it was UTF-16, read as UTF-8");
        is_read(|pem| units(pem, unit), "it was UTF-16, read as UTF-8");
        let mark = unit(0xfeff);
        is_read(|pem| [&mark[..], &units(pem, unit)].concat(), "it was UTF-16");
    }
}

#[test]
fn it_was_quoted_in_a_mail_or_indented() {
    text_is_read(|pem| pem.lines().map(|line| format!("> {line}\n")).collect(), "it was quoted as in a mail");
    text_is_read(|pem| pem.lines().map(|line| format!("> > {line}\n")).collect(), "it was quoted as in a mail");
    text_is_read(|pem| pem.lines().map(|line| format!("    {line}\n")).collect(), "it was indented");
    text_is_read(|pem| pem.replace('\n', "\u{200b}\n"), "");
    body_is_read(|body| body.replace('\n', "\u{a0}\n"), "");
}

#[test]
fn the_whole_of_it_is_encoded_once_more() {
    fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> String {
        let mut text = String::new();
        for chunk in bytes.chunks(3) {
            let number = chunk.iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
            for at in 0..=chunk.len() {
                text.push(char::from(alphabet[(number >> (18 - 6 * at) & 63) as usize]));
            }
        }
        text
    }
    let standard = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut for_urls = *standard;
    (for_urls[62], for_urls[63]) = (b'-', b'_');
    for alphabet in [standard, &for_urls] {
        text_is_read(|pem| base64(pem.as_bytes(), alphabet), "the whole of it was in Base64");
        text_is_read(|pem| base64(base64(pem.as_bytes(), alphabet).as_bytes(), alphabet), "the whole of it was in Base64");
    }
    let der = PrivateKey::load(PRIVATE[0].as_bytes(), &options()).unwrap().to_pkcs8_der().unwrap();
    let hexadecimal: String = der.iter().map(|byte| format!("{byte:02x}")).collect();
    for text in [
        hexadecimal.clone(),
        hexadecimal.to_uppercase(),
        hexadecimal.as_bytes().chunks(60).map(|line| format!("{}\n", str::from_utf8(line).unwrap())).collect(),
    ] {
        let description = KeyDescription::of(text.as_bytes(), &options()).unwrap();
        assert_eq!((description.encoding, description.repairs), ("DER", vec!["the whole of it was in hexadecimal"]));
    }
}

/// Puts the first line's decoration on each line.
fn around(pem: &str, before: &str, after: &str) -> String {
    pem.lines().map(|line| format!("{before}{line}{after}\n")).collect()
}

#[test]
fn something_stood_around_each_line() {
    for (before, after) in [
        ("# ", ""),
        ("// ", ""),
        ("+", ""),
        ("- ", ""),
        (" * ", ""),
        ("private_key.pem:", ""),
        ("", "$"),
        ("", "^M$"),
        ("", " |"),
        ("2030-01-01T00:00:00Z ", ""),
    ] {
        text_is_read(|pem| around(pem, before, after), "");
    }
    text_is_read(|pem| pem.lines().zip(1..).map(|(line, at)| format!("{at:4}  {line}\n")).collect(), "");
    text_is_read(|pem| pem.lines().zip(1..).map(|(line, at)| format!("{at}: {line}\n")).collect(), "");
    // String literals.
    for (before, after) in [("\"", "\\n\" +"), ("\"", "\" ."), ("'", "\\n' +"), ("\"", "\\n\"")] {
        let mangle = |pem: &str| around(pem, before, after);
        for pem in PRIVATE.iter().filter(|pem| !has_headers(pem)) {
            PrivateKey::load(mangle(pem).as_bytes(), &options()).unwrap_or_else(|error| panic!("{error:?} {}", mangle(pem)));
        }
        for pem in PUBLIC {
            PublicKey::load(mangle(pem).as_bytes()).unwrap_or_else(|error| panic!("{error:?} {}", mangle(pem)));
        }
    }
}

#[test]
fn another_character_stood_in_the_place_of_each_line_break() {
    let without_headers = PRIVATE.iter().filter(|pem| !has_headers(pem));
    for mark in [
        "|",
        ";",
        "_",
        "#",
        "~",
        "*",
        "@",
        ":",
        "$",
        "↵",
        "¶\n",
        "\u{85}",
        "\u{2028}",
        "/n",
        "`n",
        "\\N",
        "\\012",
        "\\x0a",
        "\\u{a}",
        "&shy;\n",
        "\u{200f}\n",
    ] {
        for pem in without_headers.clone() {
            let mangled = pem.replace('\n', mark);
            let loaded = PrivateKey::load(mangled.as_bytes(), &options()).unwrap_or_else(|error| panic!("{error:?}: {mangled}"));
            assert_eq!(loaded.public_key(), PrivateKey::load(pem.as_bytes(), &options()).unwrap().public_key());
        }
        for pem in PUBLIC {
            assert_eq!(
                PublicKey::load(pem.replace('\n', mark).as_bytes()).unwrap(),
                PublicKey::load(pem.as_bytes()).unwrap(),
                "{mark}"
            );
        }
    }
}

#[test]
fn the_source_of_a_mail_was_copied() {
    for mangle in [
        |pem: &str| pem.replace('=', "=3D").replace("-----B", "=2D----B"),
        |pem: &str| pem.replace('=', "=3D").replace('\n', "=0A"),
        |pem: &str| {
            pem.lines()
                .map(|line| {
                    if line.len() > 50 {
                        format!("{}=\n{}\n", &line[..50], &line[50..].replace('=', "=3D"))
                    } else {
                        format!("{}\n", line.replace('=', "=3D"))
                    }
                })
                .collect()
        },
    ] {
        text_is_read(mangle, "it was quoted-printable, as the source of a mail");
    }
}

#[test]
fn the_label_was_damaged() {
    for (from, to) in [
        ("BEGIN ", "BEGIN"),
        ("BEGIN ", "BEGIN\t"),
        ("BEGIN ", "BEGIN\n"),
        ("BEGIN ", "Begin "),
        (" KEY-----", "KEY-----"),
        (" KEY-----", "\nKEY-----"),
    ] {
        text_is_read(|pem| pem.replacen(from, to, 1), "its first line was damaged");
    }
    text_is_read(|pem| pem.replace(' ', "\u{a0}"), "");
    // The first line twice, and missing.
    text_is_read(|pem| format!("{}\n{pem}", pem.lines().next().unwrap()), "");
    body_is_read(str::to_owned, "");
    for pem in PRIVATE.iter().filter(|pem| !has_headers(pem)) {
        let (_, without) = pem.split_once('\n').unwrap();
        PrivateKey::load(without.as_bytes(), &options()).unwrap_or_else(|error| panic!("{error:?} {without}"));
    }
}

#[test]
fn the_key_was_a_value_among_others() {
    let base64 = |pem: &str| base64ct::Base64::encode_string(pem.as_bytes());
    for around in [
        |base64: &str| format!("{{\"publicKey\":\"LS0tLS0=\",\"privateKey\":\"{base64}\"}}"),
        |base64: &str| format!("export PRIVATE_KEY_BASE64=\"{base64}\"\nOTHER=x\n"),
        |base64: &str| format!("PRIVATE_KEY_BASE64={base64}\nOTHER=x\n"),
        |base64: &str| format!("kind: Secret\ndata:\n  tls.key: {base64}\n"),
        |base64: &str| format!("key: !!binary |\n  {}\n  {}\n", &base64[..70], &base64[70..]),
        |base64: &str| format!("data:application/x-pem-file;base64,{base64}"),
        |base64: &str| format!("base64:{base64}"),
        |base64: &str| {
            let lines = base64.as_bytes().chunks(76).map(|line| format!("{}\r\n", str::from_utf8(line).unwrap()));
            format!("Content-Type: application/pem\r\nContent-Transfer-Encoding: base64\r\n\r\n{}", lines.collect::<String>())
        },
    ] {
        text_is_read(|pem| around(&base64(pem)), "it was in Base64");
    }
    text_is_read(|pem| format!("<key>{}</key>", base64(pem)), "the whole of it was in Base64");
    let twice = |pem: &str| base64(&base64(pem));
    text_is_read(|pem| twice(&twice(pem)), "the whole of it was in Base64");
}

#[test]
fn bytes_were_turned_into_text() {
    let numbers = |bytes: &[u8]| bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
    let hexadecimal = |pem: &str, between: &str| pem.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between);
    text_is_read(|pem| numbers(pem.as_bytes()), "the whole of it was a list of numbers");
    text_is_read(
        |pem| format!("{{\"type\":\"Buffer\",\"data\":[{}]}}", numbers(pem.as_bytes())),
        "the whole of it was a list of numbers",
    );
    text_is_read(
        |pem| {
            format!("{{{}}}", pem.bytes().enumerate().map(|(at, byte)| format!("\"{at}\":{byte}")).collect::<Vec<_>>().join(","))
        },
        "the whole of it was a list of numbers",
    );
    for between in ["", ":", "-", " ", "\n"] {
        text_is_read(|pem| hexadecimal(pem, between), "the whole of it was in hexadecimal");
    }
    // Go, C#, PowerShell and Java.
    let spaced = |bytes: &[u8]| numbers(bytes).replace(',', " ");
    let literals = |bytes: &[u8]| bytes.iter().map(|byte| format!("0x{byte:x}")).collect::<Vec<_>>().join(", ");
    let signed = |bytes: &[u8]| bytes.iter().map(|byte| byte.cast_signed().to_string()).collect::<Vec<_>>().join(", ");
    text_is_read(|pem| format!("[{}]", spaced(pem.as_bytes())), "the whole of it was a list of numbers");
    text_is_read(|pem| format!("[]byte{{{}}}", literals(pem.as_bytes())), "the whole of it was a list of numbers");
    text_is_read(
        |pem| format!("new byte[] {{ {} }}", literals(pem.as_bytes()).to_uppercase().replace("0X", "0x")),
        "the whole of it was a list of numbers",
    );
    text_is_read(|pem| format!("@({})\r\n", numbers(pem.as_bytes())), "the whole of it was a list of numbers");
    text_is_read(|pem| spaced(pem.as_bytes()).replace(' ', "\r\n"), "the whole of it was a list of numbers");
    for pem in [PRIVATE[0], PRIVATE[4]] {
        let key = PrivateKey::load(pem.as_bytes(), &options()).unwrap();
        let der = key.to_pkcs8_der().unwrap();
        for text in [format!("[{}]", signed(&der)), format!("[{}]", spaced(&der)), format!("[]byte{{{}}}", literals(&der))] {
            let read = PrivateKey::load(text.as_bytes(), &options()).unwrap();
            assert_eq!(read.public_key(), key.public_key(), "{text}");
        }
    }
    text_is_read(|pem| format!("0x{}", hexadecimal(pem, "").to_uppercase()), "the whole of it was in hexadecimal");
    text_is_read(|pem| format!("\\x{}", hexadecimal(pem, "")), "the whole of it was in hexadecimal");
    let der = PrivateKey::load(PRIVATE[0].as_bytes(), &options()).unwrap().to_pkcs8_der().unwrap();
    let latin1: String = der.iter().map(|byte| char::from(*byte)).collect();
    PrivateKey::load(latin1.as_bytes(), &options()).unwrap();
    // Read as UTF-8, a part of it is lost.
    for error in [
        PrivateKey::load(String::from_utf8_lossy(&der).as_bytes(), &options()).unwrap_err(),
        PublicKey::load(String::from_utf8_lossy(&der).as_bytes()).unwrap_err(),
    ] {
        assert!(error.message().contains("binary data that was read as text"), "{error:?}");
    }
    // A Latin-1 name beside the block.
    is_read(|pem| [b"friendlyName: Schl\xfcssel\n", pem.as_bytes()].concat(), "");
}

/// `certutil -encode` of Windows writes any file so; others invent a label.
#[test]
fn another_label_stood_over_it() {
    let lines = |base64: &str| {
        base64.as_bytes().chunks(64).map(|line| format!("{}\r\n", str::from_utf8(line).unwrap())).collect::<String>()
    };
    let under = |label: &str, body: &str| format!("-----BEGIN {label}-----\r\n{body}-----END {label}-----\r\n");
    let encoded = |pem: &str| lines(&base64ct::Base64::encode_string(pem.as_bytes()));
    text_is_read(|pem| under("CERTIFICATE", &encoded(pem)), "its first line was damaged");
    let body =
        |pem: &str| pem.lines().filter(|line| !line.starts_with('-')).map(|line| format!("{line}\r\n")).collect::<String>();
    for pem in PRIVATE.into_iter().filter(|pem| !has_headers(pem)) {
        let expected = PrivateKey::load(pem.as_bytes(), &options()).unwrap().public_key();
        for label in ["CERTIFICATE", "ECDSA PRIVATE KEY", "ANY PRIVATE KEY", "CLOUDFRONT PRIVATE KEY"] {
            let text = under(label, &body(pem));
            let loaded = PrivateKey::load(text.as_bytes(), &options()).unwrap_or_else(|error| panic!("{error:?}: {text}"));
            assert_eq!(loaded.public_key(), expected, "{text}");
        }
    }
    // Under the label is what it says.
    let certificate = include_str!("keys/certificate.pem");
    for text in [certificate.to_owned(), under("CERTIFICATE", &encoded(certificate)), under("CERTIFICATE", &encoded("no key"))] {
        for error in [PrivateKey::load(text.as_bytes(), &options()).unwrap_err(), PublicKey::load(text.as_bytes()).unwrap_err()] {
            assert!(error.message().ends_with("a certificate"), "{error:?}");
        }
    }
    let both = format!("{certificate}{}", PRIVATE[0]);
    assert!(PrivateKey::load(both.as_bytes(), &options()).is_ok());
}

/// What OpenSSL prints before a key that it takes from a PKCS#12 file is no damage.
#[test]
fn a_bag_without_attributes_was_said_to_have_had_html() {
    for pem in [PRIVATE[0], PRIVATE[2]] {
        let text = format!("Bag Attributes\n    localKeyID: 01 AB \nKey Attributes: <No Attributes>\n{pem}");
        assert_eq!(KeyDescription::of(text.as_bytes(), &options()).unwrap().repairs, Vec::<&str>::new());
    }
}

#[test]
fn the_letters_lost_their_case() {
    let (from, to) = (PRIVATE[0].find('\n').unwrap(), PRIVATE[0].rfind("-----END").unwrap());
    for change in [str::to_lowercase, str::to_uppercase] {
        let changed = format!("{}{}{}", &PRIVATE[0][..from], change(&PRIVATE[0][from..to]), &PRIVATE[0][to..]);
        let error = PrivateKey::load(changed.as_bytes(), &options()).unwrap_err();
        assert!(error.message().ends_with("only, and Base64 has both"), "{error:?}");
    }
}

/// If a part is missing, more than one reading is possible, so nothing is guessed.
#[test]
fn what_lost_or_gained_a_part_is_refused_with_the_count() {
    let pem = PRIVATE[0];
    let lines: Vec<&str> = pem.lines().collect();
    let without_a_line = [&lines[..5], &lines[6..]].concat().join("\n");
    let error = PrivateKey::load(without_a_line.as_bytes(), &options()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidPrivateKey);
    assert!(error.message().ends_with("holds 1169 bytes instead of 1217"), "{error:?}");
    let twice = [&lines[..6], &lines[5..]].concat().join("\n");
    let error = PrivateKey::load(twice.as_bytes(), &options()).unwrap_err();
    assert!(error.message().ends_with("holds 1265 bytes instead of 1217"), "{error:?}");
    for (symbol, shown) in [
        ("*", "'*', which is not Base64"),
        ("é", "the character U+00E9, which is not Base64"),
        ("", "holds 1216 bytes instead of 1217"),
    ] {
        let spoilt = format!("{}{symbol}{}", &pem[..200], &pem[201..]);
        let error = PrivateKey::load(spoilt.as_bytes(), &options()).unwrap_err();
        assert!(error.message().contains(shown), "{error:?}");
    }
}

/// The error names what was passed instead of a key.
#[test]
fn something_else_was_passed() {
    for (text, found) in [
        ("", "is empty"),
        ("undefined", "is the text \"undefined\""),
        ("NaN", "is the text"),
        ("false", "is the text"),
        ("[object Object]", "is the text \"[object Object]\""),
        ("[object Uint8Array]", "is the text"),
        ("function sign() { [native code] }", "is the text"),
        ("<nil>", "is the text \"<nil>\""),
        ("(null)", "is the text \"(null)\""),
        ("<unset>", "is neither PEM nor DER"),
        // Base64 of bytes that are no key, or no bytes at all.
        ("CHANGEME", "is neither PEM nor DER"),
        ("AQICAHhAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "is neither PEM nor DER"),
        ("mRandomPassphrase123", "is neither PEM nor DER"),
        ("mQENBGAAAAABCAC1", "is an OpenPGP key"),
        ("<Buffer 2d 2d 2d 2d 2d 42 45 47 49 4e ... 1654 more bytes>", "is what Node prints for an object"),
        ("${CLOUDFRONT_PRIVATE_KEY}", "is a placeholder"),
        ("{{private_key}}", "is a placeholder"),
        ("{{ secrets.PRIVATE_KEY }}", "is a placeholder"),
        ("${{ secrets.PRIVATE_KEY }}", "is a placeholder"),
        ("{{resolve:secretsmanager:key:SecretString}}", "is a placeholder"),
        ("$PRIVATE_KEY", "is a placeholder"),
        ("%PRIVATE_KEY%", "is a placeholder"),
        ("<PRIVATE_KEY>", "is a placeholder"),
        ("<your private key here>", "is a placeholder"),
        ("YOUR_PRIVATE_KEY", "is a placeholder"),
        ("process.env.PRIVATE_KEY", "is a placeholder"),
        ("!Ref PrivateKey", "is a placeholder"),
        ("********", "is a mask that a program shows instead of the secret"),
        ("x", "is neither PEM nor DER"),
        ("[REDACTED]", "is a mask that a program shows instead of the secret"),
        ("(sensitive value)", "is a mask that a program shows instead of the secret"),
        ("CLOUDFRONT_PRIVATE_KEY", "is the name of a variable"),
        ("<RSAKeyValue><Modulus>AQAB</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>", "is in .NET's XML"),
        ("K2JCJMDEHXQW5F", "is the ID of a public key"),
        ("APKAIOSFODNN7EXAMPLE", "is the ID of a public key"),
        ("AKIAIOSFODNN7EXAMPLE", "is the ID of an access key"),
        ("arn:aws:secretsmanager:us-east-1:123456789012:secret:key-AbCdEf", "is the name of something in AWS"),
        ("arn:aws:iam::123456789012:role/signer", "is the name of something in AWS"),
        ("arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab", "is the name of a key in AWS KMS"),
        ("arn:aws-cn:ssm:cn-north-1:123456789012:parameter/key", "is the name of something in AWS"),
        ("projects/p/secrets/key/versions/latest", "is the name of a secret"),
        ("op://vault/item/key", "is an address"),
        ("https://example.com/key", "is an address"),
        ("file:///etc/keys/private_key", "is a path"),
        ("/etc/keys/cloudfront.p12", "is a path"),
        ("C:\\keys\\private.pem", "is a path"),
        ("./my key.pem", "is a path"),
        ("~/.ssh/id_rsa", "looks like a path"),
        ("<!DOCTYPE html><html><title>Log in</title></html>", "is a web page or XML"),
        ("{\"kty\":\"RSA\",\"n\":\"AQAB\",\"d\":\"AQAB\"}", "is a JSON Web Key"),
        ("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQAB\",\"d\":\"AQAB\"}", "this is a JSON Web Key on an Edwards curve"),
        ("{\"kty\":\"oct\",\"k\":\"AQAB\"}", "this is a JSON Web Key with a shared secret"),
        ("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"d\":\"AQAB\"}]}", "is a set of JSON Web Keys"),
        ("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQAB\",\"y\":\"AQAB\"}", "is a JSON Web Key"),
        ("{'kty': 'RSA', 'n': 'AQAB', 'd': 'AQAB'}", "is a JSON Web Key"),
        ("{\"key\":\"\"}", "is JSON with no PEM in it"),
        ("PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n", "is a PuTTY key"),
        ("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", "a PuTTY key of the type ssh-ed25519"),
        ("$ANSIBLE_VAULT;1.1;AES256\n6162636465\n", "is encrypted by Ansible Vault"),
        ("{\"key\":\"ENC[AES256_GCM,data:abc,iv:x,tag:y,type:str]\"}", "is encrypted by SOPS"),
        ("# public key: age1xyz\nAGE-SECRET-KEY-1QQQQQQ\n", "is a key of age"),
        ("Private-Key: (2048 bit, 2 primes)\nmodulus:\n    00:c2", "is what OpenSSL prints for a key with -text"),
        ("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----", "is of OpenPGP"),
        ("-----BEGIN PGP MESSAGE-----\n\nlQOYBF\n-----END PGP MESSAGE-----", "is of OpenPGP"),
        ("-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----", "is encrypted by age"),
        ("-----BEGIN X9.42 DH PARAMETERS-----\nMIIB\n-----END X9.42 DH PARAMETERS-----", "is only parameters"),
        ("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----", "is only the parameters of a curve"),
        ("-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----", "is a chain of certificates"),
    ] {
        for error in [PrivateKey::load(text.as_bytes(), &options()).unwrap_err(), PublicKey::load(text.as_bytes()).unwrap_err()] {
            assert!(error.message().contains(found) && error.hint().is_some(), "{error:?}");
        }
    }
    for (bytes, found) in [
        (&b"PK\x03\x04\xff"[..], "ZIP"),
        (b"BZh9\xff", "bzip2"),
        (b"\xfd7zXZ\0", "xz"),
        (&[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2], "Java key store"),
        (&[0x1f, 0x8b, 8, 0, 0xff], "gzip"),
        (&[0xff, 0, 0x80], "binary data"),
    ] {
        assert!(PrivateKey::load(bytes, &options()).unwrap_err().message().contains(found));
        if found != "binary data" {
            // Its Base64 is recognised too.
            let base64 = base64ct::Base64::encode_string(bytes);
            assert!(PrivateKey::load(base64.as_bytes(), &options()).unwrap_err().message().contains(found), "{base64}");
        }
    }
}

/// Beginnings of escapes and blocks, as many as a key may have characters. Each was searched for its end to the end of the text, and before
/// each block to the text's beginning, which took minutes.
#[test]
fn work_on_a_hostile_text_grows_with_its_length() {
    let start = Instant::now();
    for beginning in [
        "&",
        "<a",
        "\\u{",
        "&#",
        "%",
        "=\n",
        "=3D",
        "`n",
        "-----BEGIN",
        "-----BEGIN PRIVATE KEY-----",
        "BEGIN PRIVATE KEY",
        "0x",
        "\"",
    ] {
        let text = beginning.repeat(300_000 / beginning.len());
        assert!(PrivateKey::load(text.as_bytes(), &options()).is_err());
        assert!(start.elapsed() < Duration::from_secs(60), "{beginning}: {:?}", start.elapsed());
    }
}

/// Of two keys in one text, taking the first would be a guess.
#[test]
fn a_text_holds_two_keys() {
    let (rsa, p256) = (PRIVATE[0], PRIVATE[4]);
    let der = |pem: &str| pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let line = |pem: &str| pem.replace('\n', "\\n");
    for (one, other, is_public) in [(rsa, p256, false), (PUBLIC[0], PUBLIC[1], true)] {
        for text in [
            format!("{one}{other}"),
            format!("{{\"previous\":\"{}\",\"current\":\"{}\"}}", line(one), line(other)),
            format!("{{\"previous\":\"{}\",\"current\":\"{}\"}}", der(one), der(other)),
            format!("previous={}\ncurrent={}\n", der(one), der(other)),
            format!("previous: {}\ncurrent: {}\n", base64ct::Base64::encode_string(one.as_bytes()), der(other)),
        ] {
            let error = if is_public {
                PublicKey::load(text.as_bytes()).map(drop)
            } else {
                PrivateKey::load(text.as_bytes(), &options()).map(drop)
            };
            let error = error.expect_err(&text);
            assert!(error.message().ends_with("is not one key: the text holds more than one"), "{error:?}: {text}");
        }
        // Twice the same is one.
        for text in [format!("{one}\n{one}"), format!("[\"{}\",\"{}\"]", der(one), der(one))] {
            if is_public {
                PublicKey::load(text.as_bytes()).unwrap();
            } else {
                PrivateKey::load(text.as_bytes(), &options()).unwrap();
            }
        }
    }
    // Twice the same in two containers, as Terraform's `tls_private_key` has it, is one too.
    for (pkcs8, other) in [(rsa, PRIVATE[1]), (p256, PRIVATE[5])] {
        let expected = PrivateKey::load(pkcs8.as_bytes(), &options()).unwrap().public_key();
        for text in [
            format!("{{\"private_key_pem\":\"{}\",\"private_key_pem_pkcs8\":\"{}\"}}", line(other), line(pkcs8)),
            format!("{{\"pkcs8\":\"{}\",\"other\":\"{}\"}}", der(pkcs8), der(other)),
            format!("{pkcs8}{other}"),
        ] {
            assert_eq!(PrivateKey::load(text.as_bytes(), &options()).unwrap().public_key(), expected, "{text}");
        }
    }
    for text in [format!("{}{}", PUBLIC[0], PUBLIC[2]), format!("[\"{}\",\"{}\"]", der(PUBLIC[2]), der(PUBLIC[0]))] {
        assert_eq!(PublicKey::load(text.as_bytes()).unwrap(), PublicKey::load(PUBLIC[0].as_bytes()).unwrap(), "{text}");
    }
    // The public half beside it is no second key, whichever comes first.
    for (private, public) in [(rsa, PUBLIC[0]), (p256, PUBLIC[1])] {
        let expected = PublicKey::load(public.as_bytes()).unwrap();
        for [one, other] in [[private, public], [public, private]] {
            for text in [
                format!("{one}{other}"),
                format!("{{\"a\":\"{}\",\"b\":\"{}\"}}", der(one), der(other)),
                // Some of them end in padding.
                format!("a: {}\nb: {}\nc: d\n", der(one), der(other)),
            ] {
                assert_eq!(PrivateKey::load(text.as_bytes(), &options()).unwrap().public_key(), expected, "{text}");
                assert_eq!(PublicKey::load(text.as_bytes()).unwrap(), expected, "{text}");
            }
        }
    }
}
