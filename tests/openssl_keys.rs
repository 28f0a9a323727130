//! Keys made by OpenSSL and OpenSSH are read, mangled or not, and OpenSSL makes the same signatures or accepts ours.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod folder;

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::{Algorithm, Conditions, ErrorCode, KeyDescription, KeyType, LoadOptions, PrivateKey, PublicKey, Signer};
use folder::folder;

const PASSPHRASE: &str = "correct horse";
const PASS_OUT: [&str; 2] = ["-passout", "pass:correct horse"];
const URL: &str = "https://d111111abcdef8.cloudfront.net/invoice.pdf";

/// An empty folder for one test.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        Self(folder(test))
    }

    fn run(&self, program: &str, arguments: &[impl AsRef<OsStr>]) -> std::io::Result<Vec<u8>> {
        let output = Command::new(program).args(arguments).current_dir(&self.0).stdin(Stdio::null()).output()?;
        let shown: Vec<_> = arguments.iter().map(|argument| argument.as_ref().to_string_lossy()).collect();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {}: {errors}", shown.join(" "));
        Ok(output.stdout)
    }

    /// Runs `openssl` with words separated by single spaces.
    fn openssl(&self, command: &str) -> Vec<u8> {
        self.run("openssl", &command.split(' ').collect::<Vec<_>>()).expect("openssl is needed for these tests")
    }

    fn openssl_encrypting(&self, command: &str) {
        let arguments: Vec<&str> = command.split(' ').chain(PASS_OUT).collect();
        self.run("openssl", &arguments).expect("openssl is needed for these tests");
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.join(name)).unwrap()
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.join(name), bytes).unwrap();
    }

    /// Whether OpenSSL accepts `signature` with the unencrypted key in the file `key`.
    fn assert_verifies(&self, key: &str, algorithm: Algorithm, message: &[u8], signature: &[u8]) {
        self.write("message", message);
        self.write("signature", signature);
        self.openssl(&format!("pkey -in {key} -pubout -out public.pem"));
        let hash = algorithm.as_str().to_ascii_lowercase();
        assert_eq!(self.openssl(&format!("dgst -{hash} -verify public.pem -signature signature message")), b"Verified OK\n");
    }

    /// Loads `input` and compares it with OpenSSL's reading of the same key in the file `reference`.
    fn check(&self, reference: &str, what: &str, input: &[u8], passphrase: Option<&str>) -> PrivateKey {
        let key = load(input, passphrase).unwrap_or_else(|error| panic!("{what}: {error:?}"));
        let public = String::from_utf8(self.openssl(&format!("pkey -in {reference} -pubout"))).unwrap();
        assert_eq!(key.public_key().to_pem().unwrap(), public, "{what}");
        assert_eq!(PublicKey::load(public.as_bytes()).unwrap(), key.public_key(), "{what}");
        for algorithm in [Algorithm::Sha1, Algorithm::Sha256] {
            let message = format!("{what} {algorithm}");
            let signature = key.sign(algorithm, message.as_bytes()).unwrap();
            self.assert_verifies(reference, algorithm, message.as_bytes(), &signature);
            assert!(key.public_key().verify(algorithm, message.as_bytes(), &signature), "{what}");
            let theirs = self.openssl(&format!("dgst -{} -sign {reference} message", algorithm.as_str().to_ascii_lowercase()));
            match key.key_type() {
                KeyType::Rsa => assert_eq!(signature, theirs, "{what}"),
                // OpenSSL's nonce is random, so the signatures differ; each side accepts the other's.
                KeyType::Ecdsa => assert!(key.public_key().verify(algorithm, message.as_bytes(), &theirs), "{what}"),
            }
        }
        key
    }
}

fn load(input: &[u8], passphrase: Option<&str>) -> countersign::Result<PrivateKey> {
    let options = LoadOptions::new();
    PrivateKey::load(input, &passphrase.map_or(options, |passphrase| options.passphrase(passphrase.as_bytes())))
}

/// CloudFront's Base64, by its definition.
fn decode(text: &str) -> Vec<u8> {
    STANDARD.decode(text.replace('-', "+").replace('~', "/").replace('_', "=")).unwrap()
}

fn without_line_breaks(pem: &str, in_their_place: &str) -> String {
    pem.trim_end().replace('\n', in_their_place)
}

fn body(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("-----")).collect()
}

#[test]
fn keys_of_every_command() {
    let folder = Folder::new("every_command");
    for (name, command) in [
        ("genrsa.pem", "genrsa -out genrsa.pem 2048"),
        ("genrsa_traditional.pem", "genrsa -traditional -out genrsa_traditional.pem 2048"),
        ("genrsa_f3.pem", "genrsa -3 -out genrsa_f3.pem 2048"),
        ("genpkey_rsa.pem", "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out genpkey_rsa.pem"),
        ("genpkey_ec.pem", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out genpkey_ec.pem"),
        ("ecparam.pem", "ecparam -name prime256v1 -genkey -out ecparam.pem"),
        ("ecparam_noout.pem", "ecparam -name prime256v1 -genkey -noout -out ecparam_noout.pem"),
    ] {
        folder.openssl(command);
        folder.check(name, command, &folder.read(name), None);
        let key_type = if command.contains("rsa") || command.contains("RSA") { "rsa" } else { "ec" };
        for (form, convert) in [
            ("PKCS#8 in DER", format!("pkcs8 -topk8 -nocrypt -in {name} -outform DER -out converted")),
            ("DER of its own", format!("{key_type} -in {name} -outform DER -out converted")),
            ("PKCS#8", format!("pkcs8 -topk8 -nocrypt -in {name} -out converted")),
            ("PEM of its own", format!("pkey -in {name} -traditional -out converted")),
        ] {
            folder.openssl(&convert);
            folder.check(name, &format!("{command}, {form}"), &folder.read("converted"), None);
        }
    }
    assert!(folder.text("ecparam.pem").starts_with("-----BEGIN EC PARAMETERS-----\n"));
    folder.openssl("ec -in genpkey_ec.pem -no_public -out no_public.pem");
    folder.check("genpkey_ec.pem", "ec -no_public", &folder.read("no_public.pem"), None);
}

#[test]
fn encrypted_keys() {
    let folder = Folder::new("encrypted");
    folder.openssl("genrsa -out rsa.pem 2048");
    folder.openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem");
    let encrypted = [
        "pkcs8 -topk8 -v2 aes-128-cbc",
        "pkcs8 -topk8 -v2 aes-192-cbc",
        "pkcs8 -topk8 -v2 aes-256-cbc",
        "pkcs8 -topk8 -v2 des3",
        "pkcs8 -topk8 -scrypt",
        "pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA1",
        "pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256",
        "pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA224",
        "pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA384",
        "pkcs8 -topk8 -v2 aes-128-cbc -v2prf hmacWithSHA512",
        "pkcs8 -topk8 -v2 aes-256-cbc -iter 10000",
        "pkcs8 -topk8 -v2 aes-256-cbc -outform DER",
        "pkcs8 -topk8 -scrypt -outform DER",
    ];
    let traditional = [
        ("rsa", "-traditional -aes128"),
        ("rsa", "-traditional -aes192"),
        ("rsa", "-traditional -aes256"),
        ("rsa", "-traditional -des3"),
    ]
    .into_iter()
    .chain([("ec", "-aes128"), ("ec", "-aes256"), ("ec", "-des3")]);
    let commands = encrypted
        .into_iter()
        .flat_map(|command| [("rsa", command.to_owned()), ("ec", command.to_owned())])
        .chain(traditional.map(|(key, options)| (key, format!("{key} {options}"))));
    for (key, command) in commands {
        let reference = format!("{key}.pem");
        folder.openssl_encrypting(&format!("{command} -in {reference} -out encrypted"));
        let input = folder.read("encrypted");
        let what = format!("{command} of {key}");
        let expected = folder.check(&reference, &what, &input, Some(PASSPHRASE)).to_pkcs8_der().unwrap();
        let code = |options: &LoadOptions<'_>| PrivateKey::load(&input, options).unwrap_err().code();
        assert_eq!(code(&LoadOptions::new()), ErrorCode::PassphraseRequired, "{what}");
        assert_eq!(code(&LoadOptions::new().passphrase(b"incorrect horse")), ErrorCode::WrongPassphrase, "{what}");
        assert_eq!(code(&LoadOptions::new().passphrase(b"")), ErrorCode::WrongPassphrase, "{what}");
        if let Ok(pem) = str::from_utf8(&input) {
            for in_their_place in ["\\n", " ", "", "\r\n"] {
                let mangled = without_line_breaks(pem, in_their_place);
                let key = load(mangled.as_bytes(), Some(PASSPHRASE)).unwrap_or_else(|error| panic!("{what}: {error:?}"));
                assert_eq!(key.to_pkcs8_der().unwrap(), expected, "{what}, {in_their_place:?}");
            }
        }
    }
    // An unneeded passphrase is no error, as with OpenSSL.
    folder.check("rsa.pem", "not encrypted", &folder.read("rsa.pem"), Some(PASSPHRASE));
}

#[test]
fn keys_of_ssh_keygen() {
    let folder = Folder::new("ssh_keygen");
    for (kind, bits) in [("rsa", "2048"), ("ecdsa", "256")] {
        for passphrase in ["", PASSPHRASE] {
            let name = format!("{kind}{}", passphrase.len());
            let arguments = ["-q", "-m", "PEM", "-t", kind, "-b", bits, "-C", "test", "-N", passphrase, "-f", &name];
            folder.run("ssh-keygen", &arguments).expect("ssh-keygen, of OpenSSH, is on this machine");
            let plain = format!("{name}.plain");
            let unlock = ["pkey", "-in", &name, "-passin", &format!("pass:{passphrase}"), "-out", &plain];
            folder.run("openssl", &unlock).unwrap();
            let given = Some(passphrase).filter(|passphrase| !passphrase.is_empty());
            folder.check(&plain, &format!("ssh-keygen -m PEM -t {kind}"), &folder.read(&name), given);
            assert_eq!(
                PrivateKey::load(&folder.read(&format!("{name}.pub")), &LoadOptions::new()).unwrap_err().code(),
                ErrorCode::NotAPrivateKey
            );
            if given.is_some() {
                let error = PrivateKey::load(&folder.read(&name), &LoadOptions::new()).unwrap_err();
                assert_eq!(error.code(), ErrorCode::PassphraseRequired);
            }
        }
    }
}

/// docs/architecture.md, promise 5.
#[test]
fn mangled_keys() {
    let folder = Folder::new("mangled");
    folder.openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa8.pem");
    folder.openssl("genrsa -traditional -out rsa1.pem 2048");
    folder.openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec8.pem");
    folder.openssl("ecparam -name prime256v1 -genkey -out sec1_with_parameters.pem");
    for name in ["rsa8.pem", "rsa1.pem", "ec8.pem", "sec1_with_parameters.pem"] {
        let pem = folder.text(name);
        let expected = folder.check(name, name, pem.as_bytes(), None).to_pkcs8_der().unwrap();
        let one_line = without_line_breaks(&pem, "\\n");
        let utf16 =
            |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| mark.into_iter().chain(pem.encode_utf16().flat_map(bytes)).collect();
        let base64 = STANDARD.encode(&pem);
        let wrapped: String = base64.as_bytes().chunks(76).flat_map(|line| [str::from_utf8(line).unwrap(), "\n"]).collect();
        let mut mangled: Vec<(&str, Vec<u8>)> = vec![
            ("CRLF", pem.replace('\n', "\r\n").into()),
            ("CR", pem.replace('\n', "\r").into()),
            ("literal \\n", one_line.clone().into()),
            ("literal \\n at the end too", pem.replace('\n', "\\n").into()),
            ("literal \\\\n", pem.replace('\n', "\\\\n").into()),
            ("literal \\r\\n", pem.replace('\n', "\\r\\n").into()),
            ("spaces", without_line_breaks(&pem, " ").into()),
            ("nothing", without_line_breaks(&pem, "").into()),
            ("empty lines", pem.replace('\n', "\n\n").into()),
            ("indentation", format!("    {}", pem.replace('\n', "\n    ")).into()),
            ("tabs", pem.replace('\n', "\n\t").into()),
            ("white space at line ends", pem.replace('\n', " \n").into()),
            ("quotes", format!("\"{pem}\"").into()),
            ("apostrophes", format!("'{pem}'").into()),
            ("quotes and literal \\n", format!("\"{one_line}\"").into()),
            ("apostrophes and literal \\n", format!("'{one_line}'").into()),
            ("escaped quotes and literal \\n", format!("\\\"{one_line}\\\"").into()),
            ("a variable's definition", format!("PRIVATE_KEY=\"{one_line}\"").into()),
            ("byte order mark", format!("\u{feff}{pem}").into()),
            ("byte order mark and CRLF", format!("\u{feff}{}", pem.replace('\n', "\r\n")).into()),
            ("UTF-16, little end first", utf16([0xff, 0xfe], u16::to_le_bytes)),
            ("UTF-16, big end first", utf16([0xfe, 0xff], u16::to_be_bytes)),
            ("Base64", base64.clone().into()),
            ("Base64 in lines", wrapped.into()),
            ("Base64 in quotes", format!("\"{base64}\"").into()),
            ("Base64 of Base64", STANDARD.encode(&base64).into()),
            ("Base64 of CRLF", STANDARD.encode(pem.replace('\n', "\r\n")).into()),
            ("JSON", serde_json::json!({ "privateKey": pem, "other": "x" }).to_string().into()),
            ("JSON string", serde_json::json!(pem).to_string().into()),
            ("text around", format!("Bag Attributes\n    localKeyID: 01\nKey Attributes: <No Attributes>\n{pem}\nend\n").into()),
            ("no line break at the end", pem.trim_end().into()),
        ];
        if name != "sec1_with_parameters.pem" {
            mangled.push(("without its first and last line", body(&pem).into()));
        }
        for (what, input) in mangled {
            let key = load(&input, None).unwrap_or_else(|error| panic!("{name}: {what}: {error:?}"));
            assert_eq!(key.to_pkcs8_der().unwrap(), expected, "{name}: {what}");
        }
    }
}

#[test]
fn written_keys_are_right() {
    let folder = Folder::new("written");
    folder.openssl("genrsa -traditional -out rsa.pem 2048");
    folder.openssl("ecparam -name prime256v1 -genkey -noout -out ec.pem");
    for name in ["rsa.pem", "ec.pem"] {
        let key = PrivateKey::load(&folder.read(name), &LoadOptions::new()).unwrap();
        let theirs = folder.openssl(&format!("pkcs8 -topk8 -nocrypt -in {name}"));
        assert_eq!(key.to_pkcs8_pem().unwrap().as_bytes(), theirs, "{name}");
        let theirs = folder.openssl(&format!("pkcs8 -topk8 -nocrypt -in {name} -outform DER"));
        assert_eq!(key.to_pkcs8_der().unwrap().as_slice(), theirs, "{name}");
    }
    for key_type in [KeyType::Rsa, KeyType::Ecdsa] {
        let key = PrivateKey::generate(key_type).unwrap();
        folder.write("generated.pem", key.to_pkcs8_pem().unwrap().as_bytes());
        folder.openssl("pkey -in generated.pem -check -noout");
        folder.write("generated.pub.pem", key.public_key().to_pem().unwrap().as_bytes());
        folder.openssl("pkey -pubin -in generated.pub.pem -pubcheck -noout");
        folder.check("generated.pem", "generated", &folder.read("generated.pem"), None);
    }
}

/// The steps of many articles on signed URLs: create a key pair, publish the public half, sign until the end of 2030 in Tokyo.
#[test]
fn the_article() {
    let folder = Folder::new("article");
    folder.openssl("genrsa -out private_key.pem 2048");
    folder.openssl("rsa -pubout -in private_key.pem -out public_key.pem");
    let key = PrivateKey::load(&folder.read("private_key.pem"), &LoadOptions::new()).unwrap();
    let signer = Signer::new("K2JCJMDEHXQW5F", key).unwrap();
    let conditions = Conditions::new("20301231T23:59:59+09:00").now("2026-01-01");
    let signed = signer.sign_url(URL, &conditions).unwrap();

    let parsed = url::Url::parse(&signed).unwrap();
    let parameters: HashMap<String, String> = parsed.query_pairs().into_owned().collect();
    // What `date -u -d 2030-12-31T23:59:59+09:00 +%s` prints.
    assert_eq!(parameters["Expires"], "1924959599");
    assert_eq!(parameters["Key-Pair-Id"], "K2JCJMDEHXQW5F");
    let policy =
        format!(r#"{{"Statement":[{{"Resource":"{URL}","Condition":{{"DateLessThan":{{"AWS:EpochTime":1924959599}}}}}}]}}"#);
    let signature = decode(&parameters["Signature"]);
    folder.assert_verifies("private_key.pem", Algorithm::Sha1, policy.as_bytes(), &signature);
    assert_eq!(folder.openssl("dgst -sha1 -verify public_key.pem -signature signature message"), b"Verified OK\n");
    folder.write("message", policy.as_bytes());
    assert_eq!(signature, folder.openssl("dgst -sha1 -sign private_key.pem message"));

    // "datetime.now() + 30 minutes", with cookies for a folder.
    let cookies = signer.sign_cookies("https://d111111abcdef8.cloudfront.net/films/*", &Conditions::new("30m")).unwrap();
    let pairs: HashMap<&str, String> = cookies.pairs().into_iter().collect();
    let policy = decode(&pairs["CloudFront-Policy"]);
    folder.assert_verifies("private_key.pem", Algorithm::Sha1, &policy, &decode(&pairs["CloudFront-Signature"]));
}

#[test]
fn ecdsa_in_a_signed_url() {
    let folder = Folder::new("ecdsa");
    folder.openssl("ecparam -name prime256v1 -genkey -noout -out ec.pem");
    for algorithm in [Algorithm::Sha1, Algorithm::Sha256] {
        let key = PrivateKey::load(&folder.read("ec.pem"), &LoadOptions::new()).unwrap();
        let signer = Signer::with_algorithm("K2JCJMDEHXQW5F", key, algorithm).unwrap();
        let signed = signer.sign_url(URL, &Conditions::new("2h").ip_address("192.0.2.1")).unwrap();
        let parameters: HashMap<String, String> = url::Url::parse(&signed).unwrap().query_pairs().into_owned().collect();
        let policy = decode(&parameters["Policy"]);
        assert!(str::from_utf8(&policy).unwrap().contains(r#""IpAddress":{"AWS:SourceIp":"192.0.2.1/32"}"#));
        assert_eq!(parameters.get("Hash-Algorithm").map(String::as_str), (algorithm == Algorithm::Sha256).then_some("SHA256"));
        folder.assert_verifies("ec.pem", algorithm, &policy, &decode(&parameters["Signature"]));
    }
}

#[test]
fn keys_that_cloudfront_refuses() {
    let folder = Folder::new("refused");
    for (command, words) in [
        (
            "genrsa -out key.pem 4096",
            "4096 bits; CloudFront accepts 2048 and answers 'Your request contains empty/invalid/out of limits RSA Encoded Key'",
        ),
        (
            "genrsa -out key.pem 1024",
            "1024 bits; CloudFront accepts 2048 and answers 'Your request contains empty/invalid/out of limits RSA Encoded Key'",
        ),
        ("genrsa -traditional -out key.pem 3072", "3072 bits"),
        ("ecparam -name secp384r1 -genkey -out key.pem", "P-384"),
        ("ecparam -name secp521r1 -genkey -noout -out key.pem", "P-521"),
        ("ecparam -name secp256k1 -genkey -noout -out key.pem", "secp256k1"),
        ("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out key.pem", "P-384"),
        ("genpkey -algorithm ED25519 -out key.pem", "Ed25519"),
        ("genpkey -algorithm ED448 -out key.pem", "Ed448"),
        ("genpkey -algorithm X25519 -out key.pem", "X25519"),
    ] {
        folder.openssl(command);
        let error = PrivateKey::load(&folder.read("key.pem"), &LoadOptions::new()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::UnsupportedKey, "{command}");
        assert!(error.message().contains(words), "{command}: {error}");
    }
    // Allowed on request, for old test vectors; the signature is right.
    folder.openssl("genrsa -out key.pem 1024");
    let key = PrivateKey::load(&folder.read("key.pem"), &LoadOptions::new().allow_unsupported_key(true)).unwrap();
    for algorithm in [Algorithm::Sha1, Algorithm::Sha256] {
        folder.assert_verifies("key.pem", algorithm, b"policy", &key.sign(algorithm, b"policy").unwrap());
    }
}

#[test]
fn descriptions_say_what_a_key_is_and_what_was_repaired() {
    let folder = Folder::new("descriptions");
    folder.openssl("genrsa -out rsa.pem 2048");
    folder.openssl("rsa -in rsa.pem -traditional -out pkcs1.pem");
    folder.openssl("pkcs8 -topk8 -nocrypt -in rsa.pem -outform DER -out rsa.der");
    folder.openssl("ecparam -name prime256v1 -genkey -noout -out sec1.pem");
    folder.openssl_encrypting("pkey -in rsa.pem -aes256 -out encrypted.pem");
    folder.openssl_encrypting("rsa -in rsa.pem -traditional -aes256 -out old.pem");
    let pem = folder.text("rsa.pem");
    let with_passphrase = LoadOptions::new().passphrase(PASSPHRASE.as_bytes());
    let describe = |input: &[u8]| KeyDescription::of(input, &with_passphrase).unwrap();
    for (name, key_type, bits, encoding, container) in [
        ("rsa.pem", KeyType::Rsa, 2048, "PEM", "PKCS#8"),
        ("pkcs1.pem", KeyType::Rsa, 2048, "PEM", "PKCS#1"),
        ("rsa.der", KeyType::Rsa, 2048, "DER", "PKCS#8"),
        ("sec1.pem", KeyType::Ecdsa, 256, "PEM", "SEC1"),
        ("encrypted.pem", KeyType::Rsa, 2048, "PEM", "encrypted PKCS#8"),
        ("old.pem", KeyType::Rsa, 2048, "PEM", "PKCS#1, encrypted by OpenSSL"),
    ] {
        let description = describe(&folder.read(name));
        assert_eq!((description.key_type, description.bits), (key_type, bits), "{name}");
        assert_eq!((description.encoding, description.container), (encoding, container), "{name}");
        assert!(description.repairs.is_empty(), "{name}: {:?}", description.repairs);
        let public = if key_type == KeyType::Rsa { "rsa.pem" } else { name };
        assert_eq!(description.public_key.as_bytes(), folder.openssl(&format!("pkey -in {public} -pubout")), "{name}");
    }
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(pem.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for (input, repair) in [
        (pem.replace('\n', "\\n").into_bytes(), "its line breaks were the two characters \\n"),
        (without_line_breaks(&pem, " ").into_bytes(), "its line breaks were spaces"),
        (without_line_breaks(&pem, "").into_bytes(), "its line breaks were lost"),
        (pem.replace('\n', "\r\n").into_bytes(), "its lines ended in CR and LF"),
        (pem.replace('\n', "\n  ").into_bytes(), "it was indented"),
        (format!("\"{pem}\"").into_bytes(), "quotation marks stood around it"),
        (format!("\u{feff}{pem}").into_bytes(), "a byte order mark stood before it"),
        (utf16, "it was UTF-16"),
        (STANDARD.encode(&pem).into_bytes(), "the whole of it was in Base64"),
    ] {
        assert_eq!(describe(&input).repairs, [repair]);
    }
    let refused = KeyDescription::of(&folder.read("encrypted.pem"), &LoadOptions::new()).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::PassphraseRequired);
}
