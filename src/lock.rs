//! One centre a data folder: a lock that the kernel lets go when the process ends, however it ends.

use anyhow::{Context, Result};
use std::{
    fs::{File, TryLockError},
    path::Path,
};

/// Name of the lock's file in the data folder.
const LOCK: &str = "lenke.lock";

/// Held while a centre runs on the folder.
pub(crate) struct FolderLock(#[expect(dead_code, reason = "the lock is held by the open file")] File);

/// Takes the folder.
///
/// # Errors
/// Another centre runs on it, or the file cannot be made.
pub(crate) fn take(data_dir: &Path) -> Result<FolderLock> {
    let path = data_dir.join(LOCK);
    let file = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(FolderLock(file)),
        Err(TryLockError::WouldBlock) => {
            anyhow::bail!(
                "the data folder {} is in use by another centre: end it, or choose another folder",
                data_dir.display()
            )
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}
