//! Local accounts: making them, setting passwords, and knowing that a signed-in one still is what it was.

use crate::{limits, password};
use lenke_store::{Role, Store, StoreError, User};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::time::Instant;

/// Characters of a user name.
const NAME_CHARS_MAX: usize = 64;

/// An account could not be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The name is not one.
    #[error("a user name is 1 to {NAME_CHARS_MAX} of: lower-case letters a-z, digits, `.`, `-` and `_`")]
    Name,
    /// The password is too short or too long.
    #[error(
        "a password has at least {} characters and at most {} bytes",
        limits::PASSWORD_CHARS_MIN,
        limits::CREDENTIAL_BYTES_MAX
    )]
    Password,
    /// No such user.
    #[error("there is no user `{0}`")]
    Unknown(String),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] password::HashError),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the user, or gives an existing one this role, with a new random password, which is returned: only its hash
/// is kept. Sessions with the old password end within seconds.
///
/// # Errors
/// A name that is not one, or a store that does not answer.
pub async fn bootstrap_user(store: &dyn Store, name: &str, role: Role) -> Result<String, AccountError> {
    let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
    if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.chars().all(valid) {
        return Err(AccountError::Name);
    }
    let password = password::random();
    let display = store.user(name).await?.map_or_else(|| name.to_owned(), |user| user.display);
    let password_hash = password::hash(&password)?;
    store.put_user(&User { name: name.to_owned(), password_hash, role, display }).await?;
    Ok(password)
}

/// Sets the password of an existing user. Sessions with the old one end within seconds.
///
/// # Errors
/// No such user, a password that is too short, or a store that does not answer.
pub async fn set_password(store: &dyn Store, name: &str, password: &str) -> Result<(), AccountError> {
    let long_enough = password.chars().count() >= limits::PASSWORD_CHARS_MIN;
    if !long_enough || password.len() > limits::CREDENTIAL_BYTES_MAX {
        return Err(AccountError::Password);
    }
    let mut user = store.user(name).await?.ok_or_else(|| AccountError::Unknown(name.to_owned()))?;
    user.password_hash = password::hash(password)?;
    Ok(store.put_user(&user).await?)
}

/// The accounts of those who are signed in, read again now and then.
pub(crate) struct Accounts {
    store: Arc<dyn Store>,
    known: Mutex<HashMap<String, (Instant, User)>>,
}

impl Accounts {
    /// Accounts of this store.
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, known: Mutex::default() }
    }

    /// The account of this name, at most [`limits::ACCOUNT_FRESH_FOR`] old; `None` if it is gone. When the store does
    /// not answer, the last answer holds: the work with live alerts must not end with the database.
    pub(crate) async fn current(&self, name: &str) -> Result<Option<User>, StoreError> {
        let now = Instant::now();
        let last = self.known().get(name).cloned();
        match last {
            Some((read_at, user)) if now.duration_since(read_at) < limits::ACCOUNT_FRESH_FOR => {
                Ok(Some(user))
            }
            last => match (self.store.user(name).await, last) {
                (Ok(Some(user)), _) => {
                    self.remember(user.clone(), now);
                    Ok(Some(user))
                }
                (Ok(None), _) => {
                    self.known().remove(name);
                    Ok(None)
                }
                (Err(error), Some((_, user))) => {
                    tracing::warn!(%error, "accounts cannot be read; the last known one holds");
                    Ok(Some(user))
                }
                (Err(error), None) => Err(error),
            },
        }
    }

    fn remember(&self, user: User, now: Instant) {
        let mut known = self.known();
        if known.len() >= limits::SESSIONS_MAX {
            known.clear();
        }
        known.insert(user.name.clone(), (now, user));
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Instant, User)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
