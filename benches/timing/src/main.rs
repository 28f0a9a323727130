//! Signs with secrets of two classes, as src/key/rsa_crt.rs and src/key/p256_generator.rs do it (`--cfg wasm_arithmetic`).
//!
//! - `sample SUBJECT COUNT` prints the class and the nanoseconds of each of so many signatures, the classes in random order.
//! - `trace SUBJECT CLASS` prints the address of a place, waits for a line, and signs once between two writes to it; for valgrind.
//! - `prepare FOLDER` writes the keys and the messages for Node.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use countersign::{Algorithm, LoadOptions, PrivateKey};
use p256::NistP256;
use p256::elliptic_curve::Curve as _;
use p256::elliptic_curve::bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use p256::elliptic_curve::bigint::{BoxedUint, Odd, Resize as _, U256};
use rsa::pkcs8::{EncodePrivateKey as _, LineEnding};
use sha2::{Digest as _, Sha256};

/// The classes differ in one secret alone.
const SUBJECTS: [&str; 6] = ["rsa-message", "rsa-key", "ecdsa-message", "ecdsa-key", "ecdsa-nonce", "control"];

/// How many messages a class has.
const MESSAGES: usize = 64;

/// The policy of a URL with a number of eight digits in it, which Node signs.
fn message(number: u64) -> Vec<u8> {
    let url = format!("https://d111111abcdef8.cloudfront.net/{number:08}.jpg");
    format!(r#"{{"Statement":[{{"Resource":"{url}","Condition":{{"DateLessThan":{{"AWS:EpochTime":1893456000}}}}}}]}}"#).into_bytes()
}

/// Primes beside powers of two: nearly all of their bits are zeros, or ones.
fn rsa_key(dense: bool) -> Result<String> {
    let (zero, power) = (BoxedUint::zero_with_precision(1024), |bits| BoxedUint::one_with_precision(1024).shl(bits));
    let small = |number: u64| BoxedUint::from(number).resize_unchecked(1024);
    let [p, q] = if dense {
        [105, 179].map(|less| zero.wrapping_sub(small(less)))
    } else {
        [1037, 1697].map(|more| power(1023).wrapping_add(power(1022)).wrapping_add(small(more)))
    };
    let key = rsa::PrivateKey::from_p_q(p, q, BoxedUint::from(65537u64))?;
    Ok(key.to_pkcs8_pem(LineEnding::LF)?.as_str().to_owned())
}

/// The bytes of a number of which one bit is set, or nearly all.
fn ecdsa_secret(dense: bool) -> [u8; 32] {
    let mut secret = if dense { [0xff; 32] } else { [0; 32] };
    [secret[0], secret[3]] = if dense { [0xff, 0xfe] } else { [0x80, 0] };
    secret
}

fn ecdsa_key(dense: bool) -> Result<String> {
    Ok(p256::SecretKey::from_slice(&ecdsa_secret(dense))?.to_pkcs8_pem(LineEnding::LF)?.as_str().to_owned())
}

/// Numbers of messages whose nonce (RFC 6979) begins with eight zero bits or more: a Minerva attack finds such by their time.
fn short_nonces() -> Vec<u64> {
    let secret = ecdsa_secret(true);
    let has_short_nonce = |number: &u64| {
        let mut nonce = p256::FieldBytes::default();
        rfc6979::KGenerator::<Sha256, U256>::new(&secret, &Sha256::digest(message(*number)), &[], &NistP256::ORDER)
            .fill_next_k(&mut nonce);
        nonce[0] == 0
    };
    (0..).filter(has_short_nonce).take(MESSAGES).collect()
}

/// The numbers of the messages, by class.
fn numbers(subject: &str) -> [Vec<u64>; 2] {
    let any: Vec<u64> = (0..MESSAGES as u64).map(|at| 90_000_000 + at).collect();
    match subject {
        "rsa-message" | "ecdsa-message" => [vec![12_345_678; MESSAGES], any],
        "ecdsa-nonce" => [short_nonces(), any],
        _ => [any.clone(), any],
    }
}

/// What is timed, for a class and a message; how many bytes the signature has.
type Work = Box<dyn Fn(usize, &[u8]) -> usize>;

fn work(subject: &str) -> Result<Work> {
    if subject == "control" {
        return Ok(textbook());
    }
    let classes = match subject {
        "rsa-message" => [rsa_key(true)?, rsa_key(true)?],
        "rsa-key" => [rsa_key(false)?, rsa_key(true)?],
        "ecdsa-message" | "ecdsa-nonce" => [ecdsa_key(true)?, ecdsa_key(true)?],
        "ecdsa-key" => [ecdsa_key(false)?, ecdsa_key(true)?],
        _ => bail!("the subjects are {}", SUBJECTS.join(", ")),
    };
    let keys = classes.map(|pem| PrivateKey::load(pem.as_bytes(), &LoadOptions::new()));
    let [zero, one] = keys;
    let keys = [zero?, one?];
    Ok(Box::new(move |class, message| {
        black_box(keys[class].sign(Algorithm::Sha256, message)).map_or(0, |signature| signature.len())
    }))
}

/// Squaring, and multiplying where a bit is set, as in a textbook: it takes longer for an exponent with more ones.
fn textbook() -> Work {
    let modulus = Odd::new(BoxedUint::from_be_slice(&[0xab; 128], 1024).expect("it has 1024 bits")).expect("it is odd");
    let form = BoxedMontyForm::new(BoxedUint::from(3u64).resize_unchecked(1024), &BoxedMontyParams::new(modulus));
    Box::new(move |class, _| {
        // 30 and 34 of 64 bits are ones.
        let exponent = [0x0f0f_0f0f_0f0f_0f0c, 0x0f0f_0f0f_0f0f_0f3fu64][class];
        let mut power = form.clone();
        for bit in (0..64).rev() {
            power = power.square();
            if exponent >> bit & 1 == 1 {
                power = power.mul(&form);
            }
        }
        black_box(power);
        0
    })
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(bytes)
}

fn sample(subject: &str, count: usize) -> Result<()> {
    let work = work(subject)?;
    let messages = numbers(subject).map(|numbers| numbers.into_iter().map(message).collect::<Vec<_>>());
    let mut printed = String::new();
    for at in 0..count + count / 20 {
        let [class, which] = random::<2>()?.map(usize::from);
        let class = class & 1;
        let message = &messages[class][which % MESSAGES];
        let begin = Instant::now();
        work(class, message);
        let taken = begin.elapsed();
        // The first twentieth is for caches and the like.
        if at >= count / 20 {
            writeln!(printed, "{class} {}", taken.as_nanos())?;
        }
    }
    print!("{printed}");
    Ok(())
}

static MARK: AtomicU64 = AtomicU64::new(0);

fn trace(subject: &str, class: usize) -> Result<()> {
    let work = work(subject)?;
    // Signatures of ECDSA, which are public, are written with a byte more or less; of 70 is every fourth. And what is made
    // with the first signature is made.
    let messages = numbers(subject).map(|numbers| numbers.into_iter().map(message));
    let [zero, one] = messages.map(|mut messages| messages.find(|message| [0, 70, 256].contains(&work(class, message))));
    let message = if class == 0 { zero } else { one }.context("there is no such message")?;
    println!("{:p}", &raw const MARK);
    // Until who reads the trace has read that.
    std::io::stdin().read_line(&mut String::new())?;
    MARK.store(1, Ordering::SeqCst);
    work(class, &message);
    MARK.store(2, Ordering::SeqCst);
    Ok(())
}

fn prepare(folder: &Path) -> Result<()> {
    for (name, pem) in [
        ("rsa-sparse", rsa_key(false)?),
        ("rsa-dense", rsa_key(true)?),
        ("ecdsa-sparse", ecdsa_key(false)?),
        ("ecdsa-dense", ecdsa_key(true)?),
    ] {
        std::fs::write(folder.join(format!("{name}.pem")), pem)?;
    }
    let short: Vec<String> = short_nonces().iter().map(u64::to_string).collect();
    Ok(std::fs::write(folder.join("short-nonces.json"), format!("[{}]", short.join(",")))?)
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["sample", subject, count] => sample(subject, count.parse().context("COUNT is a number")?),
        ["trace", subject, class @ ("0" | "1")] => trace(subject, usize::from(*class == "1")),
        ["prepare", folder] => prepare(Path::new(folder)),
        _ => bail!("usage: timing sample SUBJECT COUNT | trace SUBJECT CLASS | prepare FOLDER"),
    }
}
