//! The keys of persons, a file each in the data folder, and the list of those who were erased.
//!
//! Neither is in the database nor in a copy of it: a backup holds sealed names only, and whoever was erased after it was
//! made stays so when it is brought back.

use crate::{keys, lines};
use anyhow::{Context, Result, ensure};
use lenke_store::person::SubjectKey;
use lenke_wire::UnixMillis;
use lenke_zones::WearerId;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write as _},
    iter,
    path::{Path, PathBuf},
};

/// Name of the folder in the data folder.
const FOLDER: &str = "subject-keys";
/// Name of the folder of protected persons' keys: apart, so that it can lie on another disk and in another backup.
const VICTIMS: &str = "victim-keys";
/// Name of the list in it.
const ERASED: &str = "erased.jsonl";
const KEY_BYTES: usize = 16;

/// The folder.
#[derive(Clone, Debug)]
pub(crate) struct SubjectKeys {
    folder: PathBuf,
}

/// One who was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Erased {
    pub(crate) wearer: WearerId,
    pub(crate) at: UnixMillis,
}

impl SubjectKeys {
    /// The keys of this data folder.
    pub(crate) fn of(data_dir: &Path) -> Self {
        Self { folder: data_dir.join(FOLDER) }
    }

    /// The keys of this data folder's protected persons.
    pub(crate) fn of_victims(data_dir: &Path) -> Self {
        Self { folder: data_dir.join(VICTIMS) }
    }

    fn path(&self, wearer: WearerId) -> PathBuf {
        self.folder.join(format!("{wearer}.key"))
    }

    /// The wearer's key, if there is one.
    ///
    /// # Errors
    /// The file cannot be read or holds no key.
    pub(crate) fn load(&self, wearer: WearerId) -> Result<Option<SubjectKey>> {
        let path = self.path(wearer);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            text => text.with_context(|| format!("cannot read {}", path.display()))?,
        };
        let bytes = keys::parse_hex::<KEY_BYTES>(text.trim_end());
        let bytes = bytes.with_context(|| format!("{} holds no key", path.display()))?;
        // What is left of a key whose removal was cut short would open nothing and protect nothing.
        ensure!(bytes != [0; KEY_BYTES], "{} was overwritten: its wearer is being erased", path.display());
        Ok(Some(SubjectKey::new(bytes)))
    }

    /// The wearer's key, which is made if there is none.
    ///
    /// # Errors
    /// The file cannot be read or made, or holds no key.
    pub(crate) fn load_or_create(&self, wearer: WearerId) -> Result<SubjectKey> {
        if let Some(key) = self.load(wearer)? {
            return Ok(key);
        }
        self.make_folder()?;
        let bytes: [u8; KEY_BYTES] = rand::random();
        let path = self.path(wearer);
        keys::write_secret(&path, format!("{}\n", keys::hex(&bytes)).as_bytes())
            .with_context(|| format!("cannot make {}", path.display()))?;
        self.sync_folder()?;
        Ok(SubjectKey::new(bytes))
    }

    /// Whether there is a file of the wearer's key, here or among the protected persons', whatever is in it.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub(crate) fn exists(&self, wearer: WearerId) -> Result<bool> {
        let apart = self.folder.parent().map(Self::of_victims);
        let paths = iter::once(self.path(wearer)).chain(apart.map(|keys| keys.path(wearer)));
        for path in paths {
            if path.try_exists().with_context(|| format!("cannot read {}", path.display()))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Notes that the wearer was erased at `at`, unless that is noted already: from here on the erasure is finished
    /// whatever happens in between.
    ///
    /// # Errors
    /// The list cannot be read or written.
    pub(crate) fn note(&self, wearer: WearerId, at: UnixMillis) -> Result<()> {
        self.make_folder()?;
        if self.erased()?.iter().any(|gone| gone.wearer == wearer && gone.at >= at) {
            return Ok(());
        }
        lines::append(&self.folder.join(ERASED), &Erased { wearer, at })
    }

    /// Overwrites and removes the key, here and among the protected persons'. Done again, it finishes what was cut short.
    ///
    /// # Errors
    /// A file cannot be overwritten or removed; the key may still be there.
    pub(crate) fn remove(&self, wearer: WearerId) -> Result<()> {
        if let Some(data_dir) = self.folder.parent() {
            Self::of_victims(data_dir).discard(wearer)?;
        }
        self.discard(wearer)
    }

    /// Overwrites and removes the key in this folder, if there is one.
    ///
    /// # Errors
    /// The file cannot be overwritten or removed; the key may still be there.
    pub(crate) fn discard(&self, wearer: WearerId) -> Result<()> {
        let path = self.path(wearer);
        match OpenOptions::new().write(true).open(&path) {
            Ok(mut file) => {
                file.write_all(&[b'0'; 2 * KEY_BYTES])
                    .and_then(|()| file.sync_all())
                    .with_context(|| format!("cannot overwrite {}", path.display()))?;
                fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            }
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error).with_context(|| format!("cannot overwrite {}", path.display())),
        }
        self.sync_folder()
    }

    /// Everybody who was erased.
    ///
    /// # Errors
    /// The list cannot be read.
    pub(crate) fn erased(&self) -> Result<Vec<Erased>> {
        lines::read(&self.folder.join(ERASED))
    }

    fn make_folder(&self) -> Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder).with_context(|| format!("cannot make {}", self.folder.display()))
    }

    fn sync_folder(&self) -> Result<()> {
        Ok(File::open(&self.folder)?.sync_all()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_gone_for_good() {
        let folder = tempfile::tempdir().unwrap();
        let keys = SubjectKeys::of(folder.path());
        let wearer = WearerId(42);
        assert!(keys.load(wearer).unwrap().is_none() && keys.erased().unwrap().is_empty());
        let person = lenke_store::person::Person { name: "Kari".to_owned(), ..Default::default() };
        let sealed = keys.load_or_create(wearer).unwrap().seal(wearer, &person, [1; 13]).unwrap();
        assert_eq!(keys.load_or_create(wearer).unwrap().open(wearer, &sealed).unwrap(), person);
        for at in [5, 5, 4] {
            keys.note(wearer, UnixMillis(at)).unwrap();
            keys.remove(wearer).unwrap();
        }
        assert!(keys.load(wearer).unwrap().is_none() && !keys.exists(wearer).unwrap());
        assert_eq!(keys.erased().unwrap(), [Erased { wearer, at: UnixMillis(5) }], "noted once");
        assert!(
            keys.load_or_create(wearer).unwrap().open(wearer, &sealed).is_err(),
            "another key opens nothing"
        );
    }

    #[test]
    fn what_a_cut_left_of_a_key_is_no_key_and_is_removed_by_the_next_run() {
        let folder = tempfile::tempdir().unwrap();
        let keys = SubjectKeys::of(folder.path());
        let wearer = WearerId(42);
        keys.load_or_create(wearer).unwrap();
        // Power was cut between overwriting and removing: the key's digits are noughts.
        fs::write(keys.path(wearer), format!("{}\n", "0".repeat(2 * KEY_BYTES))).unwrap();
        for refused in [keys.load(wearer).map(|_| ()), keys.load_or_create(wearer).map(|_| ())] {
            assert!(refused.unwrap_err().to_string().contains("is being erased"));
        }
        assert!(keys.exists(wearer).unwrap());
        keys.remove(wearer).unwrap();
        assert!(!keys.exists(wearer).unwrap());
    }
}
