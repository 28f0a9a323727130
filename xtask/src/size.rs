//! `cargo xtask size`: the size of the module and of each feature.
//!
//! The module is linked once, with function names. For each feature, its exports are removed and its functions replaced by traps;
//! wasm-opt then drops everything that is unreachable. The difference is the feature's size. It does not include code that two
//! features share, nor constants and tables, which wasm-opt keeps.

use std::fs;

use anyhow::{Result, bail};
use walrus::{ExportItem, FunctionId, ModuleConfig};
use wasm_bindgen_cli_support::Bindgen;

use crate::build::{Place, cargo_home, gzip_size, link, optimise};
use crate::panics::{end_at_once, name_of, replace_by_trap};
use crate::project::{command, npm_ci, path, root, say};

struct Feature {
    name: &'static str,
    /// The beginning of its exports' names.
    exports: &'static [&'static str],
    /// A part of its functions' names.
    functions: &'static [&'static str],
}

const FEATURES: [Feature; 12] = [
    Feature { name: "RSA: loading, signing, verifying, writing", exports: &[], functions: &["key::rsa_", "rsa::", "boxed"] },
    Feature { name: "the RSA kernel alone", exports: &[], functions: &["key::rsa_kernel"] },
    Feature {
        name: "ECDSA on P-256",
        exports: &[],
        functions: &["key::ecdsa_", "p256::", "primeorder", "elliptic_curve", "ecdsa::"],
    },
    Feature {
        name: "encrypted keys: PBES2, and OpenSSL's own encryption",
        exports: &[],
        functions: &[
            "key_encryption",
            "pkcs5::",
            "cbc::",
            "aes_gcm",
            "aes::",
            "des::",
            "scrypt::",
            "salsa20::",
            "pbkdf2::",
            "md5::",
            "sha2::sha512",
        ],
    },
    Feature { name: "dates and durations", exports: &[], functions: &["countersign::date::"] },
    Feature {
        name: "Verifier, inspect, stripSignature",
        exports: &["verifiercore_", "__wbg_verifiercore_", "inspect", "stripSignature"],
        functions: &[],
    },
    Feature {
        name: "AsyncSigner",
        exports: &["keycore_", "__wbg_keycore_", "identitycore_", "__wbg_identitycore_", "unsignedcore_", "__wbg_unsignedcore_"],
        functions: &[],
    },
    Feature { name: "getSignedUrl and getSignedCookies", exports: &["getSignedUrl", "getSignedCookies"], functions: &[] },
    Feature { name: "manifests: HLS and DASH", exports: &["grantcore_manifest"], functions: &[] },
    Feature { name: "DASH alone", exports: &[], functions: &["manifest::dash", "manifest::xml_text", "quick_xml::"] },
    Feature { name: "toSetCookie", exports: &["toSetCookie"], functions: &[] },
    Feature { name: "publicKey, describeKey", exports: &["publicKey", "describeKey"], functions: &[] },
];

pub fn size() -> Result<()> {
    npm_ci("xtask")?;
    let place = Place { tree: root(), cargo_home: cargo_home()?, target: path("target/wasm") };
    let folder = place.target.join("size");
    say("compiling the core to WebAssembly");
    Bindgen::new()
        .input_path(link(&place, &[])?)
        .bundler(true)?
        .typescript(false)
        .remove_producers_section(true)
        .generate(&folder)?;
    let named = fs::read(folder.join("countersign_bg.wasm"))?;

    let (before, after) = (folder.join("before.wasm"), folder.join("after.wasm"));
    let weigh = |feature: Option<&Feature>| -> Result<Vec<u8>> {
        fs::write(&before, without(&named, feature)?)?;
        optimise(&before, &after)?;
        Ok(fs::read(&after)?)
    };
    say("optimising the module, whole and without each feature");
    let whole = weigh(None)?;
    let whole_gzip = gzip_size(&whole)?;
    let mut lines = Vec::new();
    for feature in &FEATURES {
        let rest = weigh(Some(feature))?;
        lines.push(format!("| {} | {} | {} |", feature.name, whole.len() - rest.len(), whole_gzip - gzip_size(&rest)?));
    }
    fs::write(&after, &whole)?;
    println!("\n| the module | bytes |\n| --- | --- |\n| as it is | {} |\n| compressed by gzip | {whole_gzip} |", whole.len());
    println!("| compressed by Brotli | {} |", brotli_size(&after)?);
    println!("\n| feature | bytes | bytes of gzip |\n| --- | --- | --- |\n{}", lines.join("\n"));
    Ok(())
}

/// The module without a feature, and without names.
fn without(named: &[u8], feature: Option<&Feature>) -> Result<Vec<u8>> {
    let mut module = ModuleConfig::new().generate_name_section(false).parse(named)?;
    end_at_once(&mut module)?;
    if let Some(feature) = feature {
        let begins = |name: &str| feature.exports.iter().any(|export| name.starts_with(export));
        let exports: Vec<_> = module.exports.iter().filter(|export| begins(&export.name)).map(|export| export.id()).collect();
        let functions: Vec<FunctionId> = module
            .funcs
            .iter_local()
            .filter(|(id, _)| {
                let name = name_of(&module, *id);
                feature.functions.iter().any(|part| name.contains(part))
            })
            .map(|(id, _)| id)
            .collect();
        if exports.len() < feature.exports.len() || (functions.is_empty() && !feature.functions.is_empty()) {
            bail!("the module has nothing of the feature \"{}\" by the names in xtask/src/size.rs", feature.name);
        }
        for export in exports {
            if matches!(module.exports.get(export).item, ExportItem::Function(_)) {
                module.exports.delete(export);
            }
        }
        for function in functions {
            replace_by_trap(&mut module, function);
        }
    }
    Ok(module.emit_wasm())
}

fn brotli_size(module: &std::path::Path) -> Result<usize> {
    const SCRIPT: &str = "console.log(zlib.brotliCompressSync(fs.readFileSync(process.argv[1])).length)";
    let output = command("node").args(["-e", SCRIPT]).arg(module).output()?;
    if !output.status.success() {
        bail!("node did not compress the module: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}
