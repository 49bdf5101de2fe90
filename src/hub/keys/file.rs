//! One key file: PKCS#8 PEM that only its owner can read, written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, KeypairBytes};
use pkcs8::LineEnding;
use pkcs8::der::zeroize::Zeroizing;

use super::Passphrase;
use crate::hub::HubFault;
use crate::hub::disk::sync_folder;

/// A key file that is longer is none.
const LIMIT: u64 = 16 << 10;
/// How a sealed file begins (RFC 7468, 11).
const SEALED: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";

/// What a key file says.
pub struct KeyFile(Zeroizing<String>);

impl KeyFile {
    /// A key as it will lie on the disk.
    pub fn of(key: &SigningKey, passphrase: Option<&Passphrase>, path: &Path) -> Result<Self, HubFault> {
        // Without the public half, which OpenSSL 3.0 does not expect in the file.
        let bytes = KeypairBytes { secret_key: key.to_bytes(), public_key: None };
        let pem = match passphrase {
            Some(passphrase) => bytes.to_pkcs8_encrypted_pem(passphrase.bytes(), LineEnding::LF),
            None => bytes.to_pkcs8_pem(LineEnding::LF),
        };
        pem.map(Self).map_err(|error| HubFault::key(path, format!("cannot be encoded: {error}")))
    }

    /// Reads a file that only its owner can read.
    pub fn read(path: &Path) -> Result<Self, HubFault> {
        let file = File::open(path).map_err(|source| {
            let is_away = source.kind() == ErrorKind::NotFound;
            let away = HubFault::key(path, "is not there; bring the file back, or rotate the key");
            if is_away { away } else { HubFault::file(path, "read", source) }
        })?;
        refuse_open_to_others(&file, path)?;
        let mut pem = Zeroizing::new(String::with_capacity(usize::try_from(LIMIT).unwrap_or_default()));
        file.take(LIMIT).read_to_string(&mut pem).map_err(|source| HubFault::file(path, "read", source))?;
        Ok(Self(pem))
    }

    pub fn is_sealed(&self) -> bool {
        self.0.contains(SEALED)
    }

    /// The key; what the decoder says of a broken file stays out of messages, for it could tell of the secret.
    pub fn open(&self, passphrase: Option<&Passphrase>, path: &Path) -> Result<SigningKey, HubFault> {
        match passphrase.filter(|_| self.is_sealed()) {
            Some(passphrase) => SigningKey::from_pkcs8_encrypted_pem(&self.0, passphrase.bytes()).map_err(|_| {
                HubFault::key(path, "does not open; give the right passphrase, or its copy if it is damaged")
            }),
            None => SigningKey::from_pkcs8_pem(&self.0)
                .map_err(|_| HubFault::key(path, "is no Ed25519 key in PKCS#8 PEM; put its copy there")),
        }
    }

    /// Writes a new file: it is on the disk, or it is not there.
    pub fn write(&self, path: &Path) -> Result<(), HubFault> {
        let part = path.with_extension("part");
        let fault = |source| HubFault::file(&part, "written", source);
        match fs::remove_file(&part) {
            Err(source) if source.kind() != ErrorKind::NotFound => return Err(fault(source)),
            Ok(()) | Err(_) => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&part).map_err(fault)?;
        file.write_all(self.0.as_bytes()).and_then(|()| file.sync_all()).map_err(fault)?;
        rename(&part, path)
    }
}

/// Gives a file another name, for good.
pub fn rename(from: &Path, to: &Path) -> Result<(), HubFault> {
    fs::rename(from, to).map_err(|source| HubFault::file(to, "written", source))?;
    to.parent().map_or(Ok(()), sync_folder)
}

/// A folder, closed to others unless it is there already.
pub fn prepare_folder(folder: &Path) -> Result<(), HubFault> {
    if folder.exists() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| HubFault::file(folder, "made", source))?;
    folder.parent().map_or(Ok(()), sync_folder)
}

/// A new key.
pub fn generate() -> Result<SigningKey, HubFault> {
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *secret)
        .map_err(|error| HubFault::Refused(format!("the system gives no random numbers: {error}")))?;
    Ok(SigningKey::from_bytes(&secret))
}

/// A secret that others can read is none. A pipe has no owner that matters.
#[cfg(unix)]
pub fn refuse_open_to_others(file: &File, path: &Path) -> Result<(), HubFault> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata().map_err(|source| HubFault::file(path, "read", source))?;
    let mode = metadata.permissions().mode() & 0o777;
    if metadata.is_file() && mode & 0o077 != 0 {
        let shown = path.display();
        return Err(HubFault::key(
            path,
            format!("has mode `{mode:o}`, so others can read it; run `chmod 600 {shown}`"),
        ));
    }
    Ok(())
}

/// Elsewhere the folder's own rights have to do.
#[cfg(not(unix))]
pub fn refuse_open_to_others(_file: &File, _path: &Path) -> Result<(), HubFault> {
    Ok(())
}
