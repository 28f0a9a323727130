//! The demo: OpenSSL makes a key, the module in Node and the binary sign with it, the results are compared, and OpenSSL verifies
//! them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::build;
use crate::programs::install_openssl;
use crate::project::{binary, cargo, command, npm_ci, output, path, run, say};

const URL: &str = "https://d111111abcdef8.cloudfront.net/films/trailer.mp4?size=hd";
const RESOURCE: &str = "https://d111111abcdef8.cloudfront.net/films/*";
const KEY_PAIR_ID: &str = "K2JCJMDEHXQW5F";
const EXPIRY: &str = "20301231T23:59:59+09:00";
const START: &str = "2026-01-01T00:00:00Z";
const ADDRESS: &str = "192.0.2.0/24";

const POLICY_MARK: &str = "<!-- policy -->";
const SCRIPT_MARK: &str = "<!-- script -->";

/// The documents beside the page have no script.
const DOCUMENTS_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'";

/// The page may connect to no server, so the key cannot leave it.
const EXPORTED_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
                               connect-src 'none'; base-uri 'none'; form-action 'none'";

/// What is signed: the title, the binary's arguments besides key and expiry, and the same call in JavaScript.
const JOBS: [(&str, &[&str], &str); 3] = [
    ("a URL with a canned policy", &["sign", "--url", URL], "signer.signUrl(url, { dateLessThan })"),
    (
        "a URL with a custom policy: wildcard, address, start",
        &["sign", "--url", URL, "--policy-resource", RESOURCE, "--ip-address", ADDRESS, "--date-greater-than", START],
        "signer.signUrl(url, { dateLessThan, resource, ipAddress, dateGreaterThan })",
    ),
    (
        "cookies for everything below /films",
        &["sign-cookies", "--resource", RESOURCE, "--output", "text"],
        "Object.entries(signer.signCookies(resource, { dateLessThan })).map((pair) => pair.join(\"=\")).join(\"\\n\")",
    ),
];

/// Shows it in the terminal, then serves the page and its private files until it is stopped.
pub fn demo() -> Result<()> {
    build::build()?;
    show()?;
    npm_ci("www")?;
    say("serving the demo page; Ctrl-C ends it");
    run(command("node").arg(path("www/server.mjs")))
}

/// Writes only the page, as static files for any host or none. The page itself then decides on requests.
pub fn export(folder: &str) -> Result<()> {
    build::build()?;
    npm_ci("www")?;
    let folder = std::env::current_dir()?.join(folder);
    write_page(&folder)?;
    say(&format!("the page is in {}: open index.html, or put the folder on any host", folder.display()));
    Ok(())
}

/// The same with the existing module and the npm packages in `www/`.
pub fn write_page(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder.join("files"))?;
    let html = fs::read_to_string(path("www/index.html"))?;
    let head = [(POLICY_MARK, policy(EXPORTED_POLICY)), (SCRIPT_MARK, "<script src=\"page.js\" defer></script>".to_owned())];
    fs::write(folder.join("index.html"), with_marks(&html, &head)?)?;
    for name in ["icon.svg", "style.css"] {
        fs::copy(path("www").join(name), folder.join(name))?;
    }
    for file in fs::read_dir(path("www/private"))? {
        let file = file?;
        if file.file_type()?.is_file() {
            fs::copy(file.path(), folder.join("files").join(file.file_name()))?;
        }
    }
    npm_ci("xtask")?;
    run(command("node").arg(path("xtask/page_script.mjs")).arg(folder.join("page.js")))?;
    run(command("node").arg(path("www/guides.mjs")).arg(folder))?;
    for file in fs::read_dir(folder.join("docs"))? {
        let file = file?.path();
        let html = with_marks(&fs::read_to_string(&file)?, &[(POLICY_MARK, policy(DOCUMENTS_POLICY))])?;
        fs::write(file, html)?;
    }
    Ok(())
}

fn policy(text: &str) -> String {
    format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{text}\" />\n    <meta name=\"countersign-page\" content=\"exported\" />"
    )
}

fn with_marks(html: &str, marks: &[(&str, String)]) -> Result<String> {
    let mut html = html.to_owned();
    for (mark, text) in marks {
        if !html.contains(mark) {
            bail!("a page has no place for {mark}");
        }
        html = html.replacen(mark, text, 1);
    }
    Ok(html)
}

/// The same with the existing module.
pub fn show() -> Result<()> {
    install_openssl()?;
    run(cargo().args(["build", "--features", "cli", "--bin", "countersign"]))?;
    let folder = path("target/demo");
    fs::create_dir_all(&folder)?;

    say("openssl genrsa -out private_key.pem 2048; openssl rsa -pubout -in private_key.pem -out public_key.pem");
    run(command("openssl").args(["genrsa", "-out", "private_key.pem", "2048"]).current_dir(&folder))?;
    run(command("openssl").args(["rsa", "-pubout", "-in", "private_key.pem", "-out", "public_key.pem"]).current_dir(&folder))?;

    for (title, arguments, javascript) in JOBS {
        println!("\n{title}, until {EXPIRY}");
        let by_binary = output(
            command(&binary().to_string_lossy())
                .args(arguments)
                .args(["--key-pair-id", KEY_PAIR_ID, "--private-key", "file://private_key.pem", "--date-less-than", EXPIRY])
                .current_dir(&folder),
        )?;
        let by_module =
            output(command("node").args(["--input-type=module", "--eval", &program(javascript)]).current_dir(&folder))?;
        println!("{}", by_binary.trim());
        if by_binary.trim() != by_module.trim() {
            bail!("the module in Node gives other bytes:\n{by_module}");
        }
        println!("  the binary and the module in Node give the same bytes");
        check_with_openssl(&folder, by_binary.trim())?;
        println!("  openssl dgst -verify: Verified OK");
    }
    println!();
    Ok(())
}

fn program(call: &str) -> String {
    let constants =
        [("url", URL), ("resource", RESOURCE), ("dateLessThan", EXPIRY), ("dateGreaterThan", START), ("ipAddress", ADDRESS)];
    let constants: String = constants.iter().map(|(name, value)| format!("const {name} = {value:?};\n")).collect();
    format!(
        "import {{ readFileSync }} from \"node:fs\";
         import {{ Signer }} from \"../../pkg/dist/index.js\";
         {constants}
         const signer = new Signer({{ keyPairId: {KEY_PAIR_ID:?}, privateKey: readFileSync(\"private_key.pem\"), engine: \"wasm\" }});
         console.log({call});"
    )
}

/// Takes policy and signature out of the result, without our code, and verifies them with OpenSSL.
fn check_with_openssl(folder: &Path, signed: &str) -> Result<()> {
    let value = |name: &str| {
        signed
            .split(['?', '&', '\n'])
            .find_map(|part| part.strip_prefix("CloudFront-").unwrap_or(part).strip_prefix(name)?.strip_prefix('='))
    };
    let policy = match value("Policy") {
        Some(policy) => decode(policy)?,
        None => {
            let expires = value("Expires").context("neither Policy nor Expires")?;
            format!(r#"{{"Statement":[{{"Resource":"{URL}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}"#)
                .into_bytes()
        }
    };
    fs::write(folder.join("policy.json"), policy)?;
    fs::write(folder.join("signature.bin"), decode(value("Signature").context("no Signature")?)?)?;
    output(
        command("openssl")
            .args(["dgst", "-sha1", "-verify", "public_key.pem", "-signature", "signature.bin", "policy.json"])
            .current_dir(folder),
    )?;
    Ok(())
}

fn decode(cloudfront: &str) -> Result<Vec<u8>> {
    use base64::Engine as _;
    let standard = cloudfront.replace('-', "+").replace('~', "/").replace('_', "=");
    Ok(base64::engine::general_purpose::STANDARD.decode(standard)?)
}
