//! What was passed instead of a key, and what to do about it.

use crate::error::{Error, ErrorCode, quoted};
use crate::key::accepted::{RSA_BITS, unsupported, unsupported_rsa_size};
use crate::key::encoded;
use crate::key::half::Half;
use crate::key::openssh::{self, Kind};

/// What a text or bytes are that hold no key.
pub(super) enum Instead {
    /// It is known what it is.
    Known(Error),
    /// It is not, but for its looks: there may be a key in it.
    Unknown(Error),
}

impl Instead {
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Known(error) | Self::Unknown(error) => error,
        }
    }
}

const IS_IT_SET: &str = "Is the variable or the secret set?";

/// Of bytes that are no text. The first bytes of files: <https://en.wikipedia.org/wiki/List_of_file_signatures>.
pub(super) fn of_bytes(input: &[u8], half: Half) -> Instead {
    let found = |kind: &str, hint: &'static str| {
        Instead::Known(Error::new(half.code(), format!("the {} is {kind}", half.name())).with_hint(hint))
    };
    match input {
        [0xfe, 0xed, 0xfe, 0xed, ..] | [0xce, 0xce, 0xce, 0xce, ..] => {
            found("a Java key store", "Export the key from it, as PKCS#8 in PEM.")
        }
        [0x1f, 0x8b, ..] => found("compressed by gzip", "Decompress it first: gunzip -c FILE > key.pem."),
        [b'B', b'Z', b'h', ..] => found("compressed by bzip2", "Decompress it first."),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => found("compressed by xz", "Decompress it first."),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => found("compressed by zstd", "Decompress it first."),
        [b'P', b'K', 3, 4, ..] => found("a ZIP file", "Take the key's file out of it."),
        // PRIVATEKEYBLOB and PUBLICKEYBLOB of Microsoft's CryptoAPI.
        [7, 2, 0, 0, ..] | [6, 2, 0, 0, ..] => {
            found("in Microsoft's format BLOB", "Convert it: openssl pkey -inform MSBLOB -in FILE -out private_key.pem.")
        }
        [0x1e, 0xf1, 0xb5, 0xb0, ..] => {
            found("in Microsoft's format PVK", "Convert it: openssl pkey -inform PVK -in FILE -out private_key.pem.")
        }
        // Old and new packets of an OpenPGP key, secret and public (RFC 9580, section 4.2).
        [0x95 | 0x99 | 0x94 | 0x98 | 0xc5 | 0xc6, ..] => found("an OpenPGP key", OPENPGP),
        _ => Instead::Unknown(
            Error::new(half.code(), format!("the {} is binary data that is not DER", half.name()))
                .with_hint("Pass the PEM file's text, or the bytes of a DER file."),
        ),
    }
}

const OPENPGP: &str = "CloudFront takes no keys of GnuPG. Make a new one: countersign keygen.";

/// Of a text without a block of PEM. Nothing of it is repeated but what cannot be a part of a key.
pub(super) fn of_text(text: &str, half: Half) -> Instead {
    let (code, what) = (half.code(), half.name());
    let raw = text;
    let text = text.trim_start_matches('\u{feff}').trim().trim_matches(['"', '\'', '`']).trim();
    let error = |kind: &str, hint: &'static str| Error::new(code, format!("the {what} is {kind}")).with_hint(hint);
    let known = |kind: &str, hint| Instead::Known(error(kind, hint));
    let unknown = |kind: &str, hint| Instead::Unknown(error(kind, hint));
    let starts = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
    if text.is_empty() {
        return known("empty", IS_IT_SET);
    }
    if let Some(kind) = openssh::of_public_line(text) {
        return Instead::Known(match half {
            Half::Private => Error::new(ErrorCode::NotAPrivateKey, "the private key is an OpenSSH public key")
                .with_hint("Pass the private key of the pair: the file of the same name without .pub."),
            Half::Public => in_openssh_format(kind, half, "an OpenSSH public key", "ssh-keygen -e -m PKCS8 -f FILE.pub"),
        });
    }
    if let Some(after) = text.strip_prefix("PuTTY-User-Key-File-") {
        let name = after.split_once(": ").and_then(|(_, name)| name.split_whitespace().next());
        return Instead::Known(match name.and_then(openssh::of_name) {
            Some(name) => unsupported_of(half, &format!("a PuTTY key of the type {name}")),
            None => error("a PuTTY key", "In PuTTYgen, load it and choose Conversions, Export OpenSSH key; pass that file."),
        });
    }
    // In JSON, and as Python shows it.
    if let Some(jwk) = ["\"kty\"", "'kty'"].iter().find_map(|name| text.split_once(name)).map(|(_, kind)| kind) {
        let kind = jwk.trim_start_matches([' ', '\t', ':', '"', '\'']);
        return if kind.starts_with("OKP") || kind.starts_with("oct") {
            let kind = if kind.starts_with("oct") {
                "a JSON Web Key with a shared secret"
            } else {
                "a JSON Web Key on an Edwards curve"
            };
            Instead::Known(unsupported_of(half, kind))
        } else if text.contains("\"keys\"") {
            known("a set of JSON Web Keys", "Take one of its keys out of it, and convert that to PEM.")
        } else {
            let has = |member: &str| ["\"", "'"].iter().any(|quote| text.contains(&format!("{quote}{member}{quote}")));
            let is_public = (has("n") || has("x")) && !has("d");
            match half {
                Half::Private if is_public => known("a JSON Web Key without its private part, d", PASS_THE_PRIVATE),
                Half::Private => known("a JSON Web Key", JWK_TO_PRIVATE_PEM),
                Half::Public => known("a JSON Web Key", JWK_TO_PUBLIC_PEM),
            }
        };
    }
    if starts(&["$ANSIBLE_VAULT;"]) {
        return known("encrypted by Ansible Vault", "Decrypt it first, with ansible-vault.");
    }
    if starts(&["ENC["]) || text.contains("\"ENC[") {
        return known("encrypted by SOPS", "Decrypt it first, with sops.");
    }
    if text.contains("AGE-SECRET-KEY-") || starts(&["age1"]) {
        return known("a key of age", "CloudFront takes no such key. Make a new one: countersign keygen.");
    }
    if text.contains("Private-Key: (") || text.contains("Public-Key: (") {
        return known(
            "what OpenSSL prints of a key with -text",
            "Pass the file that it was printed of; leave out -text and -noout.",
        );
    }
    if starts(&["arn:"]) {
        return known("the name of an AWS secret", "Fetch the secret's value, and pass that.");
    }
    let is_one_word = !text.contains(char::is_whitespace);
    let is_short = text.len() < 100;
    if is_short && is_placeholder(text) {
        return known("a placeholder that was never filled in", IS_IT_SET);
    }
    if is_short && is_mask(text) {
        return known("a mask that a program shows instead of the secret", "Pass the secret itself.");
    }
    if is_no_key(text) {
        return known(&format!("the text {}", quoted(text)), IS_IT_SET);
    }
    if is_short && text.contains('_') && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_') {
        return known("the name of a variable", "Pass its value, in Node process.env and the name.");
    }
    if starts(&["<Buffer ", "Uint8Array(", "ArrayBuffer {", "KeyObject", "PrivateKeyObject", "CryptoKey"]) {
        return known(
            "what Node prints of an object, not what is in it",
            "Pass the bytes, or the text: key.export({ type: \"pkcs8\", format: \"pem\" }).",
        );
    }
    let is_id = |prefix: &str| {
        text.starts_with(prefix)
            && (13..=21).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    if ["K", "APKA"].into_iter().any(is_id) {
        return known("the ID of a public key", "Pass the private key's PEM; the ID is passed beside it.");
    }
    if ["AKIA", "ASIA"].into_iter().any(is_id) {
        return known("the ID of an access key of AWS (IAM)", "CloudFront takes a key pair of its own: countersign keygen.");
    }
    // Only what has the form of a path is repeated in a message: anything else may be a part of the key.
    let endings = [".pem", ".key", ".der", ".txt", ".pub", ".p12", ".pfx", ".ppk", ".jks"];
    let is_path =
        text.len() < 300 && !text.contains('\n') && (starts(&["file://"]) || endings.iter().any(|ending| text.ends_with(ending)));
    if is_path && (is_one_word || starts(&["/", "./", "../", "~/"])) {
        return known(&format!("a path, {}", quoted(text)), "Read the file and pass what is in it.");
    }
    if is_one_word && text.len() < 300 && text.contains("://") {
        return known("an address", "Fetch what is there, and pass that.");
    }
    let names_a_secret = ["ssm:", "vault:", "secretsmanager:", "projects/"];
    if is_one_word && is_short && starts(&names_a_secret) {
        return known("the name of a secret", "Fetch the secret's value, and pass that.");
    }
    let is_binary = |c: char| c == '\u{fffd}' || c.is_control() && !c.is_whitespace() && c != '\0';
    if raw.contains(is_binary) {
        return known(
            "binary data that was read as text",
            "Read the file as bytes: in Node, readFileSync(path) without an encoding.",
        );
    }
    if is_one_word && is_short && starts(&["/", "./", "../", "~/"]) {
        return unknown("neither PEM nor DER, and looks like a path", "Read the file and pass what is in it.");
    }
    if text.starts_with(['{', '[']) {
        return unknown("JSON with no PEM in it", "Pass the value of the field that holds the key.");
    }
    if text.contains("<RSAKeyValue>") {
        let hint = match half {
            Half::Private => "In .NET, read it by FromXmlString and pass what ExportPkcs8PrivateKeyPem gives.",
            Half::Public => "In .NET, read it by FromXmlString and pass what ExportSubjectPublicKeyInfoPem gives.",
        };
        return known("in .NET's XML", hint);
    }
    if text.starts_with('<') {
        return unknown("a web page or XML", "Did the download need a login? Pass the key's PEM.");
    }
    if text.contains("BEGIN") {
        let message = format!("the {what}'s first line is damaged");
        let hint = "It must be five hyphens, BEGIN, a space, the kind in capitals and five hyphens: -----BEGIN PRIVATE KEY-----.";
        return Instead::Unknown(Error::new(code, message).with_hint(hint));
    }
    unknown("neither PEM nor DER", "Pass the whole text of the file, with the lines -----BEGIN …----- and -----END …-----.")
}

const PASS_THE_PRIVATE: &str = "Pass the private key of the pair; the public one belongs in CloudFront's key group.";
const JWK_TO_PRIVATE_PEM: &str =
    "In Node: crypto.createPrivateKey({ key: jwk, format: \"jwk\" }).export({ type: \"pkcs8\", format: \"pem\" }).";
const JWK_TO_PUBLIC_PEM: &str =
    "In Node: crypto.createPublicKey({ key: jwk, format: \"jwk\" }).export({ type: \"spki\", format: \"pem\" }).";

/// Of shells, of templates, of CloudFormation and of documentation.
fn is_placeholder(text: &str) -> bool {
    let between = |start: &str, end: &str| text.len() > 2 && text.starts_with(start) && text.ends_with(end);
    let lower = text.to_ascii_lowercase();
    let is_word = !text.contains(char::is_whitespace);
    is_word && text.starts_with('$')
        || between("${", "}")
        || between("{{", "}}")
        || between("%", "%") && is_word
        || between("#{", "}")
        || between("<%", "%>")
        || between("<", ">") && (lower.contains("key") || lower.contains("secret")) && !text.contains("</")
        || ["!ref ", "!sub ", "!getatt ", "process.env", "os.environ", "import.meta.env"]
            .iter()
            .any(|start| lower.starts_with(start))
        || lower.starts_with("your") && lower.contains("key")
}

fn is_mask(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let word = lower.trim_matches(['[', ']', '(', ')', '<', '>', '*', ' ']);
    text.chars().all(|character| matches!(character, '*' | '•' | '●' | 'x' | 'X' | '.'))
        || [
            "redacted",
            "hidden",
            "masked",
            "secret",
            "filtered",
            "sensitive",
            "sensitive value",
            "known after apply",
            "protected",
        ]
        .contains(&word)
}

/// What a program writes where it has no text, or something else than text.
fn is_no_key(text: &str) -> bool {
    ["undefined", "null", "None", "nil", "NaN", "true", "false"].contains(&text)
        || text.starts_with("[object ") && text.ends_with(']') && text.len() < 40
        || text.starts_with("function ") && text.len() < 100
}

fn unsupported_of(half: Half, what: &str) -> Error {
    let error = unsupported(what);
    if half == Half::Public { error.with_code(half.code()) } else { error }
}

/// What to do with a key in a format of OpenSSH's: it is converted, if it is one that CloudFront accepts.
fn in_openssh_format(kind: Kind, half: Half, format: &str, command: &str) -> Error {
    match kind {
        Kind::Rsa(bits) if bits != RSA_BITS => {
            let error = unsupported_rsa_size(ErrorCode::UnsupportedKey, bits);
            if half == Half::Public { error.with_code(half.code()) } else { error }
        }
        Kind::Other(Some(name)) => unsupported_of(half, &format!("an OpenSSH key of the type {name}")),
        Kind::Other(None) => unsupported_of(half, "an OpenSSH key of another type"),
        Kind::Rsa(_) | Kind::P256 => Error::new(half.code(), format!("the {} is {format}", half.name()))
            .with_hint(format!("Convert it to PEM: {command}.")),
    }
}

/// Of a block of PEM that holds something else.
pub(super) fn of_block(label: &str, rest: &str, half: Half) -> Error {
    let (code, what, other) = (half.code(), half.name(), half.code_of_another());
    let found = |code, kind: &str| Error::new(code, format!("the {what} is {kind}"));
    if let Some(error) = of_certificate(label, "", half) {
        return error;
    }
    match (label, half) {
        ("OPENSSH PRIVATE KEY", _) => {
            let body = rest.split_once('-').map_or(rest, |(body, _)| body);
            match encoded::base64(body).and_then(|key| openssh::of_private_key(&key)) {
                Some(kind) if half == Half::Private => {
                    in_openssh_format(kind, half, "in OpenSSH's own format", "ssh-keygen -p -m PEM -f FILE")
                }
                Some(kind) => in_openssh_format(kind, half, "an OpenSSH private key", "ssh-keygen -e -m PKCS8 -f FILE"),
                None => {
                    found(code, "in OpenSSH's own format, and damaged").with_hint("Copy it again, from -----BEGIN to -----END.")
                }
            }
        }
        ("PUBLIC KEY" | "RSA PUBLIC KEY" | "SSH2 PUBLIC KEY", Half::Private) => {
            found(other, "a public key").with_hint(PASS_THE_PRIVATE)
        }
        ("SSH2 PUBLIC KEY", Half::Public) => {
            let body: String = rest.split("----").next().unwrap_or(rest).lines().filter(|line| !line.contains(':')).collect();
            let kind = encoded::base64(&body).and_then(|key| openssh::of_public_key(&key)).unwrap_or(Kind::Rsa(RSA_BITS));
            let command = "ssh-keygen -i -f FILE > FILE.pub, then ssh-keygen -e -m PKCS8 -f FILE.pub";
            in_openssh_format(kind, half, "in the format of SSH2 (RFC 4716)", command)
        }
        ("SSH2 ENCRYPTED PRIVATE KEY", _) => {
            found(code, "in the format of SSH2").with_hint("Export it as PEM in the program that made it.")
        }
        ("EC PARAMETERS", _) => found(code, "only the parameters of a curve")
            .with_hint("Pass the whole file, with the block that follows them; or make a new key: countersign keygen."),
        (label, _) if label.ends_with("DH PARAMETERS") || label == "DSA PARAMETERS" => {
            found(other, &format!("only parameters ({label})")).with_hint("It holds no key. Make a new one: countersign keygen.")
        }
        (label, _) if label.starts_with("PGP ") => found(other, "of OpenPGP (GnuPG)").with_hint(OPENPGP),
        (label, _) if label.starts_with("AGE ") => found(other, "encrypted by age").with_hint("Decrypt it first, with age."),
        ("DSA PRIVATE KEY" | "DSA PUBLIC KEY", _) => unsupported_of(half, "a DSA key"),
        (label, Half::Public) if label.ends_with("PRIVATE KEY") => private_for_public(),
        (label, _) if label.ends_with("KEY") => {
            found(other, "a key of another kind").with_hint(format!("Pass a {what} in PEM, as OpenSSL writes it."))
        }
        (label, _) => {
            found(other, &format!("a PEM block of another kind, {}", quoted(label))).with_hint(format!("Pass a {what}."))
        }
    }
}

/// Of a certificate and its like; `form` is the option by which OpenSSL reads DER.
pub(super) fn of_certificate(label: &str, form: &str, half: Half) -> Option<Error> {
    let (found, advice, command) = match label {
        "CERTIFICATE" | "TRUSTED CERTIFICATE" | "X509 CERTIFICATE" => (
            "a certificate",
            "Pass the private key; CloudFront needs no certificate for signed URLs.",
            format!("openssl x509 {form}-pubkey -noout -in FILE"),
        ),
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => {
            ("a certificate request", "Pass the key itself.", format!("openssl req {form}-pubkey -noout -in FILE"))
        }
        "PKCS7" | "PKCS #7 SIGNED DATA" | "CMS" => (
            "a chain of certificates (PKCS#7)",
            "Pass the private key; there is none in such a file.",
            format!("openssl pkcs7 {form}-print_certs -in FILE | openssl x509 -pubkey -noout"),
        ),
        _ => return None,
    };
    let error = Error::new(half.code_of_another(), format!("the {} is {found}", half.name()));
    Some(match half {
        Half::Private => error.with_hint(advice),
        Half::Public => error.with_hint(format!("Take the public key out of it: {command}.")),
    })
}

/// A private key where its public half is asked for.
pub(super) fn private_for_public() -> Error {
    Error::new(ErrorCode::InvalidPublicKey, "the public key is a private key")
        .with_hint("Pass the public key: openssl pkey -pubout -in FILE, or countersign public-key.")
}
