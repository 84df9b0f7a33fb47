//! Passwords: argon2id, random readable ones, and a check whose duration does not tell whether the name exists.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use rand::RngExt as _;
use std::sync::LazyLock;

/// Without characters that look alike.
const ALPHABET: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// 4 groups of 5 characters: 99 bits.
const GROUPS: usize = 4;
const GROUP_CHARS: usize = 5;

/// The hash that is checked for a name that does not exist.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash(&random()).unwrap_or_default());

/// The password could not be hashed.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct HashError(argon2::password_hash::Error);

/// A random password that can be read out and typed: `k7m2p-x9qwe-...`.
pub(crate) fn random() -> String {
    let mut rng = rand::rng();
    let mut group = || -> String {
        (0..GROUP_CHARS).map(|_| char::from(ALPHABET[rng.random_range(0..ALPHABET.len())])).collect()
    };
    (0..GROUPS).map(|_| group()).collect::<Vec<_>>().join("-")
}

/// The password's hash with a random salt, in PHC string form.
///
/// # Errors
/// Only if argon2 itself fails.
pub(crate) fn hash(password: &str) -> Result<String, HashError> {
    let salt: [u8; 16] = rand::random();
    let hash: PasswordHash =
        Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).map_err(HashError)?;
    Ok(hash.to_string())
}

/// Whether `password` fits. Takes as long for a name without an account. Blocks for about 50 ms.
pub(crate) fn verify(password: &str, stored: Option<&str>) -> bool {
    let Ok(parsed) = PasswordHash::new(stored.unwrap_or(&NOBODY)) else {
        tracing::error!("an account's password hash cannot be read");
        return false;
    };
    let fits = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
    fits && stored.is_some()
}

/// Makes the hash that stands for unknown names, so that the first such login takes no longer than others.
pub(crate) fn prepare() {
    LazyLock::force(&NOBODY);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_takes_its_own_password_and_no_other() {
        let stored = hash("k7m2p-x9qwe").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(verify("k7m2p-x9qwe", Some(&stored)));
        assert!(!verify("k7m2p-x9qwf", Some(&stored)));
        assert!(!verify("k7m2p-x9qwe", None));
        assert!(!verify("k7m2p-x9qwe", Some("not a hash")));
        assert_ne!(stored, hash("k7m2p-x9qwe").unwrap());
    }

    #[test]
    fn random_passwords_are_readable_and_differ() {
        let (one, two) = (random(), random());
        assert_ne!(one, two);
        assert_eq!(one.len(), GROUPS * GROUP_CHARS + GROUPS - 1);
        assert!(one.bytes().all(|b| b == b'-' || ALPHABET.contains(&b)), "{one}");
    }
}
