//! Each command that a key error recommends turns such a file into one that is accepted. Each command is run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod folder;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use countersign::{Error, ErrorCode, LoadOptions, PrivateKey, PublicKey};
use folder::folder;

const PASSPHRASE: &str = "correct horse";

/// An empty folder for one test.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        Self(folder(test))
    }

    /// Runs a shell line with `FILE` replaced, and with the passphrase where the program would ask for it.
    fn shell(&self, command: &str) -> Vec<u8> {
        let output = Command::new("sh")
            .args(["-ec", command])
            .env("P", PASSPHRASE)
            .current_dir(&self.0)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.join(name)).unwrap()
    }
}

fn options() -> LoadOptions<'static> {
    LoadOptions::new().passphrase(PASSPHRASE.as_bytes())
}

fn refused(error: &Error, code: ErrorCode, command: &str) {
    assert_eq!(error.code(), code, "{error:?}");
    assert!(error.hint().unwrap().contains(command), "{error:?} does not advise {command}");
}

/// A recommended command, and how to pass it the passphrase without a terminal.
struct Advice {
    /// A command that creates FILE.
    make: &'static str,
    command: &'static str,
    with_passphrase: &'static [(&'static str, &'static str)],
    /// Where the command leaves the key; if empty, in its output.
    product: Option<&'static str>,
}

const PRIVATE: [Advice; 12] = [
    Advice {
        make: "openssl genrsa -out k 2048; openssl req -new -x509 -key k -subj /CN=x -days 1 -out c; openssl pkcs12 -export -inkey k -in c -out FILE -passout env:P",
        command: "openssl pkcs12 -in FILE -nocerts -nodes -out private_key.pem",
        with_passphrase: &[("-in FILE", "-in FILE -passin env:P")],
        product: Some("private_key.pem"),
    },
    Advice {
        make: "openssl genrsa -out k 2048; openssl pkcs8 -topk8 -v1 PBE-MD5-DES -provider legacy -provider default -in k -out FILE -passout env:P",
        command: "openssl pkcs8 -topk8 -v2 aes-256-cbc -provider legacy -provider default -in FILE -out private_key.pem",
        with_passphrase: &[("-in FILE", "-in FILE -passin env:P -passout env:P")],
        product: Some("private_key.pem"),
    },
    Advice {
        make: "openssl genrsa -out k 2048; openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -in k -out FILE -passout env:P",
        command: "openssl pkcs8 -topk8 -v2 aes-256-cbc -provider legacy -provider default -in FILE -out private_key.pem",
        with_passphrase: &[("-in FILE", "-in FILE -passin env:P -passout env:P")],
        product: Some("private_key.pem"),
    },
    Advice {
        make: "openssl genrsa -out k 2048; openssl rsa -in k -traditional -camellia256 -out FILE -passout env:P",
        command: "openssl pkcs8 -topk8 -provider legacy -provider default -in FILE -out private_key.pem",
        with_passphrase: &[("-in FILE", "-in FILE -passin env:P -passout env:P")],
        product: Some("private_key.pem"),
    },
    Advice {
        make: "openssl genrsa -out k 2048; openssl rsa -in k -traditional -des -provider legacy -provider default -out FILE -passout env:P",
        command: "openssl pkcs8 -topk8 -provider legacy -provider default -in FILE -out private_key.pem",
        with_passphrase: &[("-in FILE", "-in FILE -passin env:P -passout env:P")],
        product: Some("private_key.pem"),
    },
    Advice {
        make: "ssh-keygen -q -t rsa -b 2048 -N '' -f FILE",
        command: "ssh-keygen -p -m PEM -f FILE",
        with_passphrase: &[("-f FILE", "-P '' -N '' -f FILE")],
        product: Some("FILE"),
    },
    Advice {
        make: "ssh-keygen -q -t ecdsa -b 256 -N \"$P\" -f FILE",
        command: "ssh-keygen -p -m PEM -f FILE",
        with_passphrase: &[("-f FILE", "-P \"$P\" -N \"$P\" -f FILE")],
        product: Some("FILE"),
    },
    Advice {
        make: "openssl genrsa -out k 2048; gzip -c k > FILE",
        command: "gunzip -c FILE > key.pem",
        with_passphrase: &[],
        product: Some("key.pem"),
    },
    Advice {
        make: "openssl genrsa -out k 2048; openssl rsa -in k -outform MSBLOB -out FILE",
        command: "openssl pkey -inform MSBLOB -in FILE -out private_key.pem",
        with_passphrase: &[],
        product: Some("private_key.pem"),
    },
    Advice {
        make: "openssl genrsa -out k 2048; openssl rsa -in k -outform PVK -pvk-none -provider legacy -provider default -out FILE",
        command: "openssl pkey -inform PVK -in FILE -out private_key.pem",
        with_passphrase: &[],
        product: Some("private_key.pem"),
    },
    Advice {
        make: "openssl genrsa -out k 2048; node -e \"console.log(JSON.stringify(crypto.createPrivateKey(fs.readFileSync('k')).export({ format: 'jwk' })))\" > FILE",
        command: "crypto.createPrivateKey({ key: jwk, format: \"jwk\" }).export({ type: \"pkcs8\", format: \"pem\" })",
        with_passphrase: IN_NODE,
        product: None,
    },
    Advice {
        make: "openssl ecparam -name prime256v1 -genkey -noout -out k; node -e \"console.log(JSON.stringify(crypto.createPrivateKey(fs.readFileSync('k')).export({ format: 'jwk' })))\" > FILE",
        command: "crypto.createPrivateKey({ key: jwk, format: \"jwk\" }).export({ type: \"pkcs8\", format: \"pem\" })",
        with_passphrase: IN_NODE,
        product: None,
    },
];

/// Runs an expression in Node.
const IN_NODE: &[(&str, &str)] = &[
    ("crypto.", "node -e 'const jwk = JSON.parse(fs.readFileSync(\"FILE\")); console.log(crypto."),
    ("\"pem\" })", "\"pem\" }))'"),
];

const PUBLIC: [Advice; 16] = [
    Advice {
        make: "ssh-keygen -q -t rsa -b 2048 -N '' -f k; mv k.pub FILE.pub; cp FILE.pub FILE",
        command: "ssh-keygen -e -m PKCS8 -f FILE.pub",
        with_passphrase: &[],
        product: None,
    },
    Advice {
        make: "ssh-keygen -q -t ecdsa -b 256 -N '' -f k; mv k.pub FILE.pub; cp FILE.pub FILE",
        command: "ssh-keygen -e -m PKCS8 -f FILE.pub",
        with_passphrase: &[],
        product: None,
    },
    Advice {
        make: "ssh-keygen -q -t rsa -b 2048 -N '' -f FILE; rm FILE.pub",
        command: "ssh-keygen -e -m PKCS8 -f FILE",
        with_passphrase: &[],
        product: None,
    },
    Advice {
        make: "ssh-keygen -q -t rsa -b 2048 -N '' -f k; ssh-keygen -e -f k.pub > FILE",
        command: "ssh-keygen -i -f FILE > FILE.pub, then ssh-keygen -e -m PKCS8 -f FILE.pub",
        with_passphrase: &[(", then", ";")],
        product: None,
    },
    Advice {
        make: "openssl genrsa -out k 2048; openssl req -new -x509 -key k -subj /CN=x -days 1 -out FILE",
        command: "openssl x509 -pubkey -noout -in FILE",
        with_passphrase: &[],
        product: None,
    },
    Advice {
        make: "openssl genrsa -out k 2048; openssl req -new -x509 -key k -subj /CN=x -days 1 -outform DER -out FILE",
        command: "openssl x509 -inform DER -pubkey -noout -in FILE",
        with_passphrase: &[],
        product: None,
    },
    Advice {
        make: "openssl genrsa -out k 2048; openssl req -new -key k -subj /CN=x -outform DER -out FILE",
        command: "openssl req -inform DER -pubkey -noout -in FILE",
        with_passphrase: &[],
        product: None,
    },
    Advice {
        make: "openssl genrsa -out k 2048; openssl req -new -x509 -key k -subj /CN=x -days 1 -out c; openssl crl2pkcs7 -nocrl -certfile c -out FILE",
        command: "openssl pkcs7 -print_certs -in FILE | openssl x509 -pubkey -noout",
        with_passphrase: &[],
        product: None,
    },
    Advice {
        make: "openssl genrsa -out k 2048; openssl req -new -x509 -key k -subj /CN=x -days 1 -out c; openssl crl2pkcs7 -nocrl -certfile c -outform DER -out FILE",
        command: "openssl pkcs7 -inform DER -print_certs -in FILE | openssl x509 -pubkey -noout",
        with_passphrase: &[],
        product: None,
    },
    Advice {
        make: "openssl genrsa 2048 | openssl pkey -outform DER -out FILE",
        command: "openssl pkey -pubout -in FILE",
        with_passphrase: &[],
        product: None,
    },
    Advice {
        make: "openssl genrsa 2048 | openssl pkey -aes256 -passout env:P -out FILE",
        command: "openssl pkey -pubout -in FILE",
        with_passphrase: &[("-in FILE", "-in FILE -passin env:P")],
        product: None,
    },
    Advice {
        make: "openssl genrsa -out k 2048; node -e \"console.log(JSON.stringify(crypto.createPublicKey(fs.readFileSync('k')).export({ format: 'jwk' })))\" > FILE",
        command: "crypto.createPublicKey({ key: jwk, format: \"jwk\" }).export({ type: \"spki\", format: \"pem\" })",
        with_passphrase: IN_NODE,
        product: None,
    },
    Advice {
        make: "openssl genrsa -out k 2048; openssl pkey -in k -pubout | gzip -c > FILE",
        command: "gunzip -c FILE > key.pem",
        with_passphrase: &[],
        product: Some("key.pem"),
    },
    Advice {
        make: "openssl genrsa -out k 2048; openssl req -new -key k -subj /CN=x -out FILE",
        command: "openssl req -pubkey -noout -in FILE",
        with_passphrase: &[],
        product: None,
    },
    Advice {
        make: "openssl genrsa -out FILE 2048",
        command: "openssl pkey -pubout -in FILE",
        with_passphrase: &[],
        product: None,
    },
    Advice {
        make: "openssl genrsa -out k 2048; openssl req -new -x509 -key k -subj /CN=x -days 1 -out c; openssl pkcs12 -export -inkey k -in c -out FILE -passout env:P",
        command: "openssl pkcs12 -in FILE -clcerts -nokeys | openssl x509 -pubkey -noout",
        with_passphrase: &[("-in FILE", "-in FILE -passin env:P")],
        product: None,
    },
];

impl Advice {
    /// Returns what the command makes of FILE.
    fn follow(&self, folder: &Folder) -> Vec<u8> {
        let command =
            self.with_passphrase.iter().fold(self.command.to_owned(), |command, (from, to)| command.replacen(from, to, 1));
        let printed = folder.shell(&command);
        self.product.map_or(printed, |name| folder.read(name))
    }
}

/// Creates each file, is refused, follows the advice, and is accepted.
fn helps(half: &str, advice: &[Advice], code: ErrorCode, load: impl Fn(&[u8]) -> Result<(), Error>) {
    for (at, advice) in advice.iter().enumerate() {
        let folder = Folder::new(&format!("{half}-{at}"));
        folder.shell(advice.make);
        refused(&load(&folder.read("FILE")).unwrap_err(), code, advice.command);
        load(&advice.follow(&folder)).unwrap_or_else(|error| panic!("{}: {error:?}", advice.command));
    }
}

#[test]
fn what_is_advised_for_a_private_key_helps() {
    helps("private", &PRIVATE, ErrorCode::InvalidPrivateKey, |file| PrivateKey::load(file, &options()).map(drop));
}

#[test]
fn what_is_advised_for_a_public_key_helps() {
    helps("public", &PUBLIC, ErrorCode::InvalidPublicKey, |file| PublicKey::load(file).map(drop));
}

/// Key types that no conversion makes acceptable: the error names the type and recommends no conversion.
#[test]
fn an_openssh_key_that_cannot_be_used_is_named_by_its_type() {
    for (kind, found) in [
        ("ed25519", "this is an OpenSSH key of the type ssh-ed25519"),
        ("ecdsa -b 384", "this is an OpenSSH key of the type ecdsa-sha2-nistp384"),
        ("rsa -b 3072", "this is an RSA key of 3072 bits"),
    ] {
        let folder = Folder::new(&kind.replace(' ', ""));
        for passphrase in ["''", "\"$P\""] {
            folder.shell(&format!("rm -f FILE; ssh-keygen -q -t {kind} -N {passphrase} -f FILE"));
            let error = PrivateKey::load(&folder.read("FILE"), &options()).unwrap_err();
            assert_eq!(error.code(), ErrorCode::UnsupportedKey, "{error:?}");
            assert!(error.message().contains(found) && !error.hint().unwrap().contains("ssh-keygen"), "{error:?}");
            for name in ["FILE", "FILE.pub"] {
                let error = PublicKey::load(&folder.read(name)).unwrap_err();
                assert_eq!(error.code(), ErrorCode::InvalidPublicKey, "{error:?}");
                assert!(error.message().contains(found) && !error.hint().unwrap().contains("ssh-keygen"), "{error:?}");
            }
        }
    }
}

/// Keys and key halves that no command makes acceptable.
#[test]
fn no_command_is_advised_where_none_helps() {
    let folder = Folder::new("other-kinds");
    for (make, found) in [
        ("openssl genpkey -algorithm ed25519 -out FILE", "an Ed25519 key"),
        ("openssl genpkey -algorithm x25519 -out FILE", "X25519"),
        ("openssl genpkey -algorithm ed25519 | openssl pkey -outform DER -out FILE", "an Ed25519 key"),
        ("openssl ecparam -name secp384r1 -genkey -noout -out FILE", "P-384"),
        ("openssl genrsa -out FILE 1024", "1024 bits"),
        ("openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:1024 -out FILE", "bound to PSS"),
    ] {
        folder.shell(make);
        for error in
            [PrivateKey::load(&folder.read("FILE"), &options()).unwrap_err(), PublicKey::load(&folder.read("FILE")).unwrap_err()]
        {
            assert!(error.message().contains(found) && error.hint().unwrap().contains("countersign keygen"), "{make}: {error:?}");
        }
    }
    folder.shell("openssl genpkey -algorithm ed25519 | openssl pkey -pubout -out FILE");
    assert!(PublicKey::load(&folder.read("FILE")).unwrap_err().message().contains("an Ed25519 key"));
    folder.shell("openssl genrsa -out k 2048; openssl req -new -key k -subj /CN=x -outform DER -out FILE");
    assert!(PrivateKey::load(&folder.read("FILE"), &options()).unwrap_err().message().ends_with("a certificate request"));
}

/// The command that an error recommends for checking a file tells a good file from a bad one.
#[test]
fn what_is_advised_to_check_a_file_tells_good_from_bad() {
    let folder = Folder::new("check");
    folder.shell("openssl genrsa -out good 2048; openssl pkcs8 -topk8 -in good -out encrypted -passout env:P");
    folder.shell("openssl pkey -in good -noout; openssl pkey -in good -noout -check; openssl rsa -in good -check -noout");
    folder.shell("openssl pkey -in encrypted -passin env:P -noout; ! openssl pkey -in encrypted -passin pass:wrong -noout");
    // One line is missing.
    folder.shell("sed 5d good > cut; ! openssl pkey -in cut -noout");
    let error = PrivateKey::load(&folder.read("encrypted"), &LoadOptions::new().passphrase(b"wrong")).unwrap_err();
    refused(&error, ErrorCode::WrongPassphrase, "openssl pkey -in FILE -noout");
    let error = PrivateKey::load(&folder.read("encrypted"), &LoadOptions::new()).unwrap_err();
    refused(&error, ErrorCode::PassphraseRequired, "openssl pkey -in FILE -out DECRYPTED");
    folder.shell("openssl pkey -in encrypted -passin env:P -out DECRYPTED");
    PrivateKey::load(&folder.read("DECRYPTED"), &LoadOptions::new()).unwrap();
    folder.shell("openssl genrsa -out small 1024; openssl genrsa -out private_key.pem 2048");
    let error = PrivateKey::load(&folder.read("small"), &LoadOptions::new()).unwrap_err();
    refused(&error, ErrorCode::UnsupportedKey, "openssl genrsa -out private_key.pem 2048");
    PrivateKey::load(&folder.read("private_key.pem"), &LoadOptions::new()).unwrap();
}
