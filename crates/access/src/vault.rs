//! Secrets that must be read again (the seed of a second step) are kept sealed: AES-256-GCM under a key that is not in the
//! database. The place a secret belongs to is authenticated with it, so that one row's secret put into another row is refused.

use std::{io, path::Path};

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{Aead, KeyInit, Payload},
};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

/// What a sealed text begins with; a later form of sealing gets another one.
const FORM: &str = "v1:";
const NONCE: usize = 12;
/// Name of the key's file in the data folder.
pub const KEY_FILE: &str = "secret.key";

/// A sealed text that does not open: another key, another place, or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed secret does not open with this key")]
pub struct Unopened;

/// The key of an installation.
#[derive(Clone)]
pub struct Vault(Aes256Gcm);

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault { .. }")
    }
}

impl Vault {
    /// From 256 bits.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self(Aes256Gcm::new(&key.into()))
    }

    /// From 64 hexadecimal digits, as `RAPPORT_SECRET_KEY` gives it; none when it is something else.
    #[must_use]
    pub fn parse(hex_key: &str) -> Option<Self> {
        let mut key = [0u8; 32];
        hex::decode_to_slice(hex_key.trim(), &mut key).ok()?;
        Some(Self::new(key))
    }

    /// The key in a data folder, made at first use, readable by its owner only. Without it sealed secrets are lost: two-step
    /// login has to be set up again.
    ///
    /// # Errors
    /// The disk; `InvalidData` when the file holds no key; `PermissionDenied` when others may read it.
    pub fn of_folder(folder: &Path) -> io::Result<Self> {
        let path = folder.join(KEY_FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                only_owner(&path)?;
                Self::parse(&text)
                    .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, format!("{} holds no key", path.display())))
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                std::fs::create_dir_all(folder)?;
                // Written beside and put in place at once: of two processes starting together one wins, and no half key is seen.
                let text = hex::encode(rand::random::<[u8; 32]>());
                let beside = folder.join(format!(".{KEY_FILE}.{}", hex::encode(rand::random::<[u8; 6]>())));
                write_private(&beside, &text)?;
                let linked = std::fs::hard_link(&beside, &path);
                std::fs::remove_file(&beside)?;
                match linked {
                    Ok(()) => Self::parse(&text).ok_or_else(|| io::Error::other("no key")),
                    Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Self::of_folder(folder),
                    Err(e) => Err(e),
                }
            }
            Err(e) => Err(e),
        }
    }

    /// Seals a secret for its place (`credential/<user>/totp`).
    #[must_use]
    pub fn seal(&self, place: &str, secret: &str) -> String {
        let nonce: [u8; NONCE] = rand::random();
        let payload = Payload { msg: secret.as_bytes(), aad: place.as_bytes() };
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload).expect("a short text can be sealed");
        format!("{FORM}{}", STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// [`Unopened`].
    pub fn open(&self, place: &str, sealed: &str) -> Result<String, Unopened> {
        let bytes = sealed.strip_prefix(FORM).and_then(|s| STANDARD_NO_PAD.decode(s).ok()).ok_or(Unopened)?;
        let (nonce, text) = bytes.split_first_chunk::<NONCE>().ok_or(Unopened)?;
        let payload = Payload { msg: text, aad: place.as_bytes() };
        let plain = self.0.decrypt(&Nonce::from(*nonce), payload).map_err(|_| Unopened)?;
        String::from_utf8(plain).map_err(|_| Unopened)
    }
}

#[cfg(unix)]
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let mut f = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    f.write_all(text.as_bytes())?;
    f.sync_all()
}
#[cfg(not(unix))]
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    std::fs::write(path, text)
}

#[cfg(unix)]
fn only_owner(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if std::fs::metadata(path)?.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    let fault = format!("{} can be read by others; make it yours alone (mode 600)", path.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, fault))
}
#[cfg(not(unix))]
fn only_owner(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_at_its_place_with_its_key_only() {
        let v = Vault::new([7; 32]);
        let (a, b) = (v.seal("credential/a/totp", "GEZDGNBV"), v.seal("credential/a/totp", "GEZDGNBV"));
        assert_ne!(a, b, "the same secret is never sealed alike");
        assert!(!a.contains("GEZDGNBV"));
        assert_eq!(v.open("credential/a/totp", &a).as_deref(), Ok("GEZDGNBV"));
        // Two rows' secrets exchanged, another key, a flipped character, an unsealed secret, nothing.
        assert_eq!(v.open("credential/b/totp", &a), Err(Unopened));
        assert_eq!(Vault::new([8; 32]).open("credential/a/totp", &a), Err(Unopened));
        let mut flipped = a.clone().into_bytes();
        flipped[20] = if flipped[20] == b'A' { b'B' } else { b'A' };
        assert_eq!(v.open("credential/a/totp", std::str::from_utf8(&flipped).unwrap()), Err(Unopened));
        for bad in ["GEZDGNBV", "v1:", "v1:AAAA", ""] {
            assert_eq!(v.open("credential/a/totp", bad), Err(Unopened), "{bad}");
        }
    }

    #[test]
    fn the_key_file_is_made_once_and_kept_private() {
        let d = tempfile::tempdir().unwrap();
        let sealed = Vault::of_folder(d.path()).unwrap().seal("p", "x");
        assert_eq!(Vault::of_folder(d.path()).unwrap().open("p", &sealed).as_deref(), Ok("x"));
        let path = d.path().join(KEY_FILE);
        assert_eq!(std::fs::read_dir(d.path()).unwrap().count(), 1, "nothing else is left");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            assert_eq!(Vault::of_folder(d.path()).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        std::fs::write(&path, "not a key").unwrap();
        assert_eq!(Vault::of_folder(d.path()).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert!(Vault::parse(&"0f".repeat(32)).is_some() && Vault::parse("0f").is_none());
    }
}
