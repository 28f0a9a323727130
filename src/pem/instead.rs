//! What was passed instead of a key, and what to do about it.

use crate::accepted_keys::{RSA_BITS, unsupported, unsupported_rsa_size};
use crate::der::Content;
use crate::error::{Error, ErrorCode, quoted};
use crate::pem::encoded;
use crate::pem::half::Half;
use crate::pem::openssh::{self, Kind};

/// What a text or bytes are that hold no key.
pub(super) struct Instead {
    pub(super) error: Error,
    /// Otherwise only its looks are known, and there may be a key in it.
    pub(super) is_known: bool,
}

impl Instead {
    pub(super) fn known(error: Error) -> Self {
        Self { error, is_known: true }
    }

    fn unknown(error: Error) -> Self {
        Self { error, is_known: false }
    }
}

const DECOMPRESS: &str = "Decompress it first.";
const KMS: &str = "It never leaves KMS: sign there, with AsyncSigner.fromSign or Rust's external_signer. aws kms get-public-key gives the public one.";
const FETCH: &str = "Fetch the secret's value, and pass that.";
const IS_IT_SET: &str = "Is the variable or the secret set?";
const OPENPGP: &str = "CloudFront does not accept GnuPG keys. Make a new one: countersign keygen.";
const READ_IT: &str = "Read the file and pass what is in it.";
const PASS_THE_PRIVATE: &str = "Pass the private key of the pair; the public one belongs in CloudFront's key group.";
const JWK_TO_PRIVATE_PEM: &str =
    "In Node: crypto.createPrivateKey({ key: jwk, format: \"jwk\" }).export({ type: \"pkcs8\", format: \"pem\" }).";
const JWK_TO_PUBLIC_PEM: &str =
    "In Node: crypto.createPublicKey({ key: jwk, format: \"jwk\" }).export({ type: \"spki\", format: \"pem\" }).";

/// The first bytes of files (<https://en.wikipedia.org/wiki/List_of_file_signatures>), what such a file is, and what to do.
const FIRST_BYTES: [(&[&[u8]], &str, &str); 8] = [
    (&[b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce"], "a Java key store", "Export the key from it, as PKCS#8 in PEM."),
    (&[b"\x1f\x8b"], "compressed by gzip", "Decompress it first: gunzip -c FILE > key.pem."),
    (&[b"BZh"], "compressed by bzip2", DECOMPRESS),
    (&[b"\xfd7zXZ"], "compressed by xz", DECOMPRESS),
    (&[b"\x28\xb5\x2f\xfd"], "compressed by zstd", DECOMPRESS),
    (&[b"PK\x03\x04"], "a ZIP file", "Take the key's file out of it."),
    // PRIVATEKEYBLOB and PUBLICKEYBLOB of Microsoft's CryptoAPI.
    (
        &[b"\x07\x02\0\0", b"\x06\x02\0\0"],
        "in Microsoft's format BLOB",
        "Convert it: openssl pkey -inform MSBLOB -in FILE -out private_key.pem.",
    ),
    (&[b"\x1e\xf1\xb5\xb0"], "in Microsoft's format PVK", "Convert it: openssl pkey -inform PVK -in FILE -out private_key.pem."),
];

/// Whether it begins with a packet of an OpenPGP key, secret or public, old or new: its tag, its length and its version (RFC 9580).
fn is_openpgp(input: &[u8]) -> bool {
    matches!(input, [0x95 | 0x99 | 0xc5 | 0xc6, _, _, 3..=6, ..] | [0x94 | 0x98 | 0xc5 | 0xc6, _, 3..=6, ..])
}

/// Of bytes that are no text.
pub(super) fn of_bytes(input: &[u8], half: Half) -> Instead {
    match FIRST_BYTES.iter().find(|(starts, ..)| starts.iter().any(|start| input.starts_with(start))) {
        Some((_, what, hint)) => Instead::known(half.is(what, hint)),
        None if is_openpgp(input) => Instead::known(half.is("an OpenPGP key", OPENPGP)),
        None => Instead::unknown(half.is("binary data that is not DER", "Pass the PEM file's text, or the bytes of a DER file.")),
    }
}

/// Whether a text is this; what it is called, `{}` being the text itself; what to do.
type Rule = (fn(&str) -> bool, &'static str, &'static str);

/// What is known not to be a key. The first that fits is said. No text is repeated that may be a part of a key.
const KNOWN: [Rule; 18] = [
    (str::is_empty, "empty", IS_IT_SET),
    (|text| text.starts_with("$ANSIBLE_VAULT;"), "encrypted by Ansible Vault", "Decrypt it first, with ansible-vault."),
    (|text| text.starts_with("ENC[") || text.contains("\"ENC["), "encrypted by SOPS", "Decrypt it first, with sops."),
    (
        |text| text.starts_with("age1") || text.contains("AGE-SECRET-KEY-"),
        "a key of age",
        "CloudFront does not accept such a key. Make a new one: countersign keygen.",
    ),
    (
        |text| text.contains("Private-Key: (") || text.contains("Public-Key: ("),
        "what OpenSSL prints for a key with -text",
        "Pass the file that it was printed from; leave out -text and -noout.",
    ),
    (|text| text.starts_with("arn:") && text.contains(":kms:"), "the name of a key in AWS KMS", KMS),
    (|text| text.starts_with("arn:"), "the name of something in AWS", FETCH),
    (is_placeholder, "a placeholder that was never filled in", IS_IT_SET),
    (is_mask, "a mask that a program shows instead of the secret", "Pass the secret itself."),
    (is_no_text, "the text {}", IS_IT_SET),
    (is_variable, "the name of a variable", "Pass its value, in Node process.env and the name."),
    (
        |text| begins(text, &["<Buffer ", "Uint8Array(", "ArrayBuffer {", "KeyObject", "PrivateKeyObject", "CryptoKey"]),
        "what Node prints for an object, not what is in it",
        "Pass the bytes, or the text: key.export({ type: \"pkcs8\", format: \"pem\" }).",
    ),
    (|text| is_id(text, &["K", "APKA"]), "the ID of a public key", "Pass the private key's PEM; the ID is passed beside it."),
    (
        |text| is_id(text, &["AKIA", "ASIA"]),
        "the ID of an access key of AWS (IAM)",
        "CloudFront needs a key pair of its own: countersign keygen.",
    ),
    (is_path, "a path, {}", READ_IT),
    (|text| is_word(text, 300) && text.contains("://"), "an address", "Fetch what is there, and pass that."),
    (
        |text| is_word(text, 100) && begins(text, &["ssm:", "vault:", "secretsmanager:", "projects/"]),
        "the name of a secret",
        FETCH,
    ),
    (
        |text| text.contains("<RSAKeyValue>"),
        "in .NET's XML",
        "In .NET, read it with FromXmlString and pass what ExportPkcs8PrivateKeyPem (or ExportSubjectPublicKeyInfoPem) gives.",
    ),
];

/// What a text looks like in which there may be a key.
const LOOKS: [Rule; 5] = [
    (
        |text| text.contains(|c: char| c == '\u{fffd}' || c.is_control() && !c.is_whitespace() && c != '\0'),
        "binary data that was read as text",
        "Read the file as bytes: in Node, readFileSync(path) without an encoding.",
    ),
    (|text| is_word(text, 100) && begins(text, &PATHS), "neither PEM nor DER, and looks like a path", READ_IT),
    (|text| begins(text, &["{", "["]), "JSON with no PEM in it", "Pass the value of the field that holds the key."),
    (
        |text| text.starts_with('<') && text.contains("</"),
        "a web page or XML",
        "Did the download need a login? Pass the key's PEM.",
    ),
    (
        |text| !text.contains("BEGIN"),
        "neither PEM nor DER",
        "Pass the whole text of the file, with the lines -----BEGIN …----- and -----END …-----.",
    ),
];

const PATHS: [&str; 4] = ["/", "./", "../", "~/"];

/// Of a text without a block of PEM.
pub(super) fn of_text(text: &str, half: Half) -> Instead {
    let text = text.trim_start_matches('\u{feff}').trim().trim_matches(['"', '\'', '`']).trim();
    if let Some(error) = of_openssh(text, half).or_else(|| of_putty(text, half)).or_else(|| of_jwk(text, half)) {
        return Instead::known(error);
    }
    if let Some((_, what, hint)) = KNOWN.iter().find(|(is, ..)| is(text)) {
        return Instead::known(half.is(&what.replace("{}", &quoted(text)), hint));
    }
    Instead::unknown(match LOOKS.iter().find(|(is, ..)| is(text)) {
        Some((_, what, hint)) => half.is(what, hint),
        None => half.has(
            "first line is damaged",
            "It must be five hyphens, BEGIN, a space, the kind in capitals and five hyphens: -----BEGIN PRIVATE KEY-----.",
        ),
    })
}

fn begins(text: &str, starts: &[&str]) -> bool {
    starts.iter().any(|start| text.starts_with(start))
}

fn is_word(text: &str, longest: usize) -> bool {
    text.len() < longest && !text.contains(char::is_whitespace)
}

/// Of shells, of templates, of CloudFormation and of documentation.
fn is_placeholder(text: &str) -> bool {
    let between = |start: &str, end: &str| text.len() > 2 && text.starts_with(start) && text.ends_with(end);
    let lower = text.to_ascii_lowercase();
    let is_word = is_word(text, 100);
    let is_placeholder = is_word && (text.starts_with('$') || between("%", "%"))
        || [("${", "}"), ("{{", "}}"), ("#{", "}"), ("<%", "%>")].iter().any(|(start, end)| between(start, end))
        || between("<", ">") && (lower.contains("key") || lower.contains("secret")) && !text.contains("</")
        || begins(&lower, &["!ref ", "!sub ", "!getatt ", "process.env", "os.environ", "import.meta.env"])
        || lower.starts_with("your") && lower.contains("key");
    text.len() < 100 && is_placeholder
}

fn is_mask(text: &str) -> bool {
    const WORDS: [&str; 9] =
        ["redacted", "hidden", "masked", "secret", "filtered", "sensitive", "sensitive value", "known after apply", "protected"];
    let lower = text.to_ascii_lowercase();
    let word = lower.trim_matches(['[', ']', '(', ')', '<', '>', '*', ' ']);
    let is_blotted = || text.chars().nth(2).is_some() && text.chars().all(|c| matches!(c, '*' | '•' | '●' | 'x' | 'X' | '.'));
    text.len() < 100 && (is_blotted() || WORDS.contains(&word))
}

/// What a program writes where it has no text, or something else than text.
fn is_no_text(text: &str) -> bool {
    ["undefined", "null", "None", "nil", "NaN", "true", "false"].contains(&text.trim_matches(['<', '>', '(', ')']))
        || text.starts_with("[object ") && text.ends_with(']') && text.len() < 40
        || text.starts_with("function ") && text.len() < 100
}

fn is_capital(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn is_variable(text: &str) -> bool {
    text.len() < 100 && text.contains('_') && text.bytes().all(|byte| is_capital(byte) || byte == b'_')
}

fn is_id(text: &str, starts: &[&str]) -> bool {
    (13..=21).contains(&text.len()) && begins(text, starts) && text.bytes().all(is_capital)
}

fn is_path(text: &str) -> bool {
    let endings = [".pem", ".key", ".der", ".txt", ".pub", ".p12", ".pfx", ".ppk", ".jks"];
    text.len() < 300
        && !text.contains('\n')
        && (text.starts_with("file://") || endings.iter().any(|ending| text.ends_with(ending)))
        && (is_word(text, 300) || begins(text, &PATHS))
}

fn of_openssh(text: &str, half: Half) -> Option<Error> {
    let kind = openssh::of_public_line(text)?;
    Some(match half {
        Half::Private => {
            half.is_another("an OpenSSH public key", "Pass the private key of the pair: the file of the same name without .pub.")
        }
        Half::Public => in_openssh_format(&kind, half, "an OpenSSH public key", "ssh-keygen -e -m PKCS8 -f FILE.pub"),
    })
}

fn of_putty(text: &str, half: Half) -> Option<Error> {
    let (_, name) = text.strip_prefix("PuTTY-User-Key-File-")?.split_once(": ").unwrap_or_default();
    Some(match name.split_whitespace().next().and_then(openssh::of_name) {
        Some(name) => half.with_code(unsupported(&["a PuTTY key of the type ", name].concat())),
        None => half.is("a PuTTY key", "In PuTTYgen, load it and choose Conversions, Export OpenSSH key; pass that file."),
    })
}

/// Of a JSON Web Key, also as Python shows it.
fn of_jwk(text: &str, half: Half) -> Option<Error> {
    let (_, kind) = ["\"kty\"", "'kty'"].iter().find_map(|name| text.split_once(name))?;
    let kind = kind.trim_start_matches([' ', '\t', ':', '"', '\'']);
    let has = |names: &[&str]| names.iter().any(|name| text.contains(name));
    let is_public = has(&["\"n\"", "'n'", "\"x\"", "'x'"]) && !has(&["\"d\"", "'d'"]);
    Some(match half {
        _ if kind.starts_with("OKP") => half.with_code(unsupported("a JSON Web Key on an Edwards curve")),
        _ if kind.starts_with("oct") => half.with_code(unsupported("a JSON Web Key with a shared secret")),
        _ if has(&["\"keys\""]) => half.is("a set of JSON Web Keys", "Take one of its keys out of it, and convert that to PEM."),
        Half::Private if is_public => half.is("a JSON Web Key without its private part, d", PASS_THE_PRIVATE),
        Half::Private => half.is("a JSON Web Key", JWK_TO_PRIVATE_PEM),
        Half::Public => half.is("a JSON Web Key", JWK_TO_PUBLIC_PEM),
    })
}

/// Of a key in a format of OpenSSH's: it is converted, if it is one that CloudFront accepts.
fn in_openssh_format(kind: &Kind, half: Half, format: &str, command: &str) -> Error {
    half.with_code(match kind {
        Kind::Rsa(bits) if *bits != RSA_BITS => unsupported_rsa_size(ErrorCode::UnsupportedKey, *bits),
        Kind::Other(Some(name)) => unsupported(&["an OpenSSH key of the type ", name].concat()),
        Kind::Other(None) => unsupported("an OpenSSH key of another type"),
        Kind::Rsa(_) | Kind::P256 => half.is(format, "").with_hint(["Convert it to PEM: ", command, "."].concat()),
    })
}

/// Of a block of PEM that holds something else.
pub(super) fn of_block(label: &str, rest: &str, half: Half) -> Error {
    if let Some(error) = of_certificate(label, "", half) {
        return error;
    }
    let key = half.name();
    match label {
        "OPENSSH PRIVATE KEY" => {
            let body = rest.split_once('-').map_or(rest, |(body, _)| body);
            let kind = encoded::base64(body).and_then(|key| openssh::of_private_key(&key));
            match (kind, half) {
                (Some(kind), Half::Private) => {
                    in_openssh_format(&kind, half, "in OpenSSH's own format", "ssh-keygen -p -m PEM -f FILE")
                }
                (Some(kind), _) => in_openssh_format(&kind, half, "an OpenSSH private key", "ssh-keygen -e -m PKCS8 -f FILE"),
                (None, _) => half.is("in OpenSSH's own format, and damaged", "Copy it again, from -----BEGIN to -----END."),
            }
        }
        "PUBLIC KEY" | "RSA PUBLIC KEY" | "SSH2 PUBLIC KEY" if half == Half::Private => {
            half.is_another("a public key", PASS_THE_PRIVATE)
        }
        "SSH2 PUBLIC KEY" => {
            let body: String = rest.split("----").next().unwrap_or(rest).lines().filter(|line| !line.contains(':')).collect();
            let kind = encoded::base64(&body).and_then(|key| openssh::of_public_key(&key)).unwrap_or(Kind::Rsa(RSA_BITS));
            let command = "ssh-keygen -i -f FILE > FILE.pub, then ssh-keygen -e -m PKCS8 -f FILE.pub";
            in_openssh_format(&kind, half, "in the format of SSH2 (RFC 4716)", command)
        }
        "SSH2 ENCRYPTED PRIVATE KEY" => half.is("in the format of SSH2", "Export it as PEM in the program that made it."),
        "EC PARAMETERS" => half.is(
            "only the parameters of a curve",
            "Pass the whole file, with the block that follows them; or make a new key: countersign keygen.",
        ),
        "DSA PRIVATE KEY" | "DSA PUBLIC KEY" => half.with_code(unsupported("a DSA key")),
        _ if label.ends_with("DH PARAMETERS") || label == "DSA PARAMETERS" => {
            half.is_another(&["only parameters (", label, ")"].concat(), "It holds no key. Make a new one: countersign keygen.")
        }
        _ if label.starts_with("PGP ") => half.is_another("of OpenPGP (GnuPG)", OPENPGP),
        _ if label.starts_with("AGE ") => half.is_another("encrypted by age", "Decrypt it first, with age."),
        _ if label.ends_with("PRIVATE KEY") && half == Half::Public => private_for_public(),
        _ if label.ends_with("KEY") => {
            half.is_another("a key of another kind", "").with_hint(["Pass a ", key, " in PEM, as OpenSSL writes it."].concat())
        }
        _ => half
            .is_another(&["a PEM block of another kind, ", &quoted(label)].concat(), "")
            .with_hint(["Pass a ", key, "."].concat()),
    }
}

/// Of DER that holds something else, if it is known what.
pub(crate) fn of_content(content: Content, half: Half) -> Option<Error> {
    let label = match content {
        Content::Certificate => "CERTIFICATE",
        Content::CertificateRequest => "CERTIFICATE REQUEST",
        Content::Pkcs7 => "PKCS7",
        Content::Pkcs12 => {
            let options = match half {
                Half::Private => "-nocerts -nodes -out private_key.pem.",
                Half::Public => "-clcerts -nokeys | openssl x509 -pubkey -noout.",
            };
            let hint = ["Take it out: openssl pkcs12 -in FILE ", options].concat();
            return Some(half.is("in a PKCS#12 file (.p12, .pfx)", "").with_hint(hint));
        }
        Content::PublicKey if half == Half::Private => return Some(half.is_another("a public key", PASS_THE_PRIVATE)),
        _ => return None,
    };
    of_certificate(label, "-inform DER ", half)
}

/// Of a certificate and its like; `form` is the option by which OpenSSL reads DER.
fn of_certificate(label: &str, form: &str, half: Half) -> Option<Error> {
    let (what, advice, [command, options]) = match label {
        "CERTIFICATE" | "TRUSTED CERTIFICATE" | "X509 CERTIFICATE" => (
            "a certificate",
            "Pass the private key; CloudFront needs no certificate for signed URLs.",
            ["x509", "-pubkey -noout -in FILE"],
        ),
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => {
            ("a certificate request", "Pass the key itself.", ["req", "-pubkey -noout -in FILE"])
        }
        "PKCS7" | "PKCS #7 SIGNED DATA" | "CMS" => (
            "a chain of certificates (PKCS#7)",
            "Pass the private key; there is none in such a file.",
            ["pkcs7", "-print_certs -in FILE | openssl x509 -pubkey -noout"],
        ),
        _ => return None,
    };
    let error = half.is_another(what, advice);
    Some(match half {
        Half::Private => error,
        Half::Public => error.with_hint(["Take the public key out of it: openssl ", command, " ", form, options, "."].concat()),
    })
}

/// A private key where its public half is asked for.
pub(crate) fn private_for_public() -> Error {
    Half::Public.is("a private key", "Pass the public key: openssl pkey -pubout -in FILE, or countersign public-key.")
}
