//! The centre's own key: made at the first start, kept in one file that nobody else may read.

use anyhow::{Context, Result, bail};
use lenke_wire::sign::KeyPair;
use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

/// Name of the authority's key in the data folder.
const AUTHORITY: &str = "authority.key";

/// Where the authority's key is: where the setting says, or in the data folder.
pub(crate) fn authority_path(setting: Option<&Path>, data_dir: &Path) -> PathBuf {
    setting.map_or_else(|| data_dir.join(AUTHORITY), Path::to_path_buf)
}

/// The key in `path`, which is made if it is missing: 64 hexadecimal digits and a line end.
///
/// # Errors
/// The file cannot be read or made, is not of that form, or others may read it.
pub(crate) fn load_or_create(path: &Path) -> Result<KeyPair> {
    match fs::read_to_string(path) {
        Ok(text) => {
            refuse_readable(path)?;
            let secret = parse_hex(text.trim_end()).with_context(|| {
                format!("{} does not hold 64 hexadecimal digits: it is no key", path.display())
            })?;
            Ok(KeyPair::from_secret(&secret))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => create(path),
        Err(error) => Err(error).with_context(|| format!("cannot read the key {}", path.display())),
    }
}

fn create(path: &Path) -> Result<KeyPair> {
    let key = KeyPair::from_secret(&rand::random());
    let text = format!("{}\n", hex(key.secret()));
    write_secret(path, text.as_bytes()).with_context(|| format!("cannot make the key {}", path.display()))?;
    Ok(key)
}

/// Writes a new file that only its owner may read, and syncs it; one that exists is left as it is.
///
/// # Errors
/// The file exists or cannot be written.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Refuses a file that others may read.
#[cfg(unix)]
pub(crate) fn refuse_readable(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("others may read the key {}: run chmod 600 on it", path.display());
    }
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same on every platform")]
pub(crate) fn refuse_readable(_: &Path) -> Result<()> {
    Ok(())
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Exactly `N` bytes from hexadecimal digits.
pub(crate) fn parse_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = authority_path(None, folder.path());
        let made = load_or_create(&path).unwrap();
        assert_eq!(load_or_create(&path).unwrap().secret(), made.secret());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            assert!(load_or_create(&path).unwrap_err().to_string().contains("chmod 600"));
        }
    }

    #[test]
    fn a_file_that_is_no_key_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.key");
        write_secret(&path, b"hello\n").unwrap();
        assert!(load_or_create(&path).unwrap_err().to_string().contains("no key"));
        assert_eq!(fs::read(&path).unwrap(), b"hello\n");
        assert!(write_secret(&path, b"again").is_err());
    }

    #[test]
    fn hexadecimal_reads_back_and_nothing_else_does() {
        assert_eq!(parse_hex::<3>(&hex(&[0, 0xab, 0x1f])), Some([0, 0xab, 0x1f]));
        for bad in ["", "00ab1", "00ab1fff", "00abxx"] {
            assert_eq!(parse_hex::<3>(bad), None, "{bad}");
        }
    }
}
