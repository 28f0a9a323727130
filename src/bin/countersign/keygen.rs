//! `keygen`: writes two files. Each is written completely or not at all, and no file is replaced.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use countersign::{KeyType, PrivateKey};

use crate::arguments::{KeygenArguments, Kind};
use crate::output::{Failure, print, tell};

pub fn keygen(arguments: &KeygenArguments) -> Result<u8, Failure> {
    let folder = &arguments.out;
    let (private, public) = (folder.join("private_key.pem"), folder.join("public_key.pem"));
    // Fails before the work of making a key. The check that counts is the one in `publish`.
    for path in [&private, &public] {
        if path.symlink_metadata().is_ok() {
            return Err(exists(path));
        }
    }
    let key = PrivateKey::generate(match arguments.key_type {
        Kind::Rsa => KeyType::Rsa,
        Kind::Ecdsa => KeyType::Ecdsa,
    })?;
    fs::create_dir_all(folder)
        .map_err(|error| Failure::other(format!("the folder {} cannot be made: {error}", folder.display())))?;

    let private_file = Unpublished::write(folder, key.to_pkcs8_pem()?.as_bytes(), &private)?;
    let public_file = Unpublished::write(folder, key.public_key().to_pem()?.as_bytes(), &public)?;
    // The private key first: if its name is taken, the public key of this pair is not written beside another private key.
    private_file.publish()?;
    if let Err(failure) = public_file.publish() {
        let _ = fs::remove_file(&private);
        return Err(failure);
    }
    tell(&next_step(&public));
    print(&format!("{}\n{}\n", private.display(), public.display()))?;
    Ok(0)
}

/// The command that takes the public key to CloudFront, for a POSIX shell.
fn next_step(public: &Path) -> String {
    let quoted = public.display().to_string().replace('\'', r"'\''");
    format!(
        "Next, upload the public key; the Id in the answer is the --key-pair-id to sign with:\n\
         aws cloudfront create-public-key --public-key-config \
         \"CallerReference=$(date +%s),Name=countersign-$(date +%s),EncodedKey=$(cat '{quoted}')\""
    )
}

/// A file that is complete under a temporary name. It gets its real name in one step, which fails if there is such a file.
struct Unpublished {
    temporary: PathBuf,
    wanted: PathBuf,
}

impl Unpublished {
    fn write(folder: &Path, contents: &[u8], wanted: &Path) -> Result<Self, Failure> {
        let name = wanted.file_name().unwrap_or_default().to_string_lossy();
        // A process ID would do, but WebAssembly has none.
        let number = getrandom::u32().map_err(|error| Failure::other(format!("there are no random numbers: {error}")))?;
        let temporary = folder.join(format!(".{name}.{number:08x}"));
        let cannot = |error| Failure::other(format!("{} cannot be written: {error}", temporary.display()));
        let mut file = create_private(&temporary).map_err(cannot)?;
        // From here on the file is removed whatever happens.
        let unpublished = Self { temporary: temporary.clone(), wanted: wanted.to_owned() };
        file.write_all(contents).and_then(|()| file.sync_all()).map_err(cannot)?;
        Ok(unpublished)
    }

    fn publish(self) -> Result<(), Failure> {
        fs::hard_link(&self.temporary, &self.wanted).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => exists(&self.wanted),
            _ => Failure::other(format!("{} cannot be written: {error}", self.wanted.display())),
        })
    }
}

impl Drop for Unpublished {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.temporary);
    }
}

/// Makes a file that only its owner can read, from its first moment.
fn create_private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn exists(path: &Path) -> Failure {
    Failure::with_hint(
        format!("{} exists already, and nothing is overwritten", path.display()),
        "Choose another folder, or move the old pair away.",
    )
}
