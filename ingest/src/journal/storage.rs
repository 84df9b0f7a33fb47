//! The seam between the journal and the file system: real files, and in tests a disk that loses power.

use super::segment_name;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

/// Zeros are written in pieces of this size when a segment is created.
const FILL_BYTES: usize = 1 << 20;

/// Numbered segments of bytes.
pub trait Storage: Send + 'static {
    /// The numbers of all segments, ascending.
    fn list(&self) -> io::Result<Vec<u64>>;
    /// A new segment of `bytes` zeros that is there after a crash.
    fn create(&mut self, segment: u64, bytes: u64) -> io::Result<()>;
    /// All bytes of a segment.
    fn read(&self, segment: u64) -> io::Result<Vec<u8>>;
    /// Puts `bytes` at `offset` of a segment; durable only after [`Storage::sync`].
    fn write(&mut self, segment: u64, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Makes all writes to a segment durable.
    fn sync(&mut self, segment: u64) -> io::Result<()>;
    /// Cuts a segment to `bytes`, durably.
    fn truncate(&mut self, segment: u64, bytes: u64) -> io::Result<()>;
    /// Deletes a segment.
    fn delete(&mut self, segment: u64) -> io::Result<()>;
    /// Name of a segment in messages.
    fn name(&self, segment: u64) -> PathBuf;
}

/// Held by the one process that uses the directory.
const LOCK_NAME: &str = "lock";

/// A directory of files.
#[derive(Debug)]
pub struct Files {
    directory: PathBuf,
    /// Locked as long as it is open.
    _lock: File,
    /// The segment written last, kept open.
    open: Option<(u64, File)>,
}

impl Files {
    /// The directory is made if it does not exist, and locked.
    ///
    /// # Errors
    /// As the file system says; [`ErrorKind::ResourceBusy`] if another process uses the directory.
    pub fn open(directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).open(directory.join(LOCK_NAME))?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => {
                io::Error::new(ErrorKind::ResourceBusy, "another process uses this journal")
            }
            fs::TryLockError::Error(error) => error,
        })?;
        Ok(Self { directory: directory.to_owned(), _lock: lock, open: None })
    }

    fn file(&mut self, segment: u64) -> io::Result<&File> {
        if self.open.as_ref().is_none_or(|(number, _)| *number != segment) {
            self.open = Some((segment, OpenOptions::new().write(true).open(self.name(segment))?));
        }
        self.open.as_ref().map(|(_, file)| file).ok_or_else(|| ErrorKind::NotFound.into())
    }

    /// A file's name is durable only when its directory is.
    fn sync_directory(&self) -> io::Result<()> {
        File::open(&self.directory)?.sync_all()
    }
}

impl Storage for Files {
    fn list(&self) -> io::Result<Vec<u64>> {
        let mut segments = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let name = entry?.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".journal")).map(str::parse::<u64>);
            segments.extend(number.and_then(Result::ok));
        }
        segments.sort_unstable();
        Ok(segments)
    }

    fn create(&mut self, segment: u64, bytes: u64) -> io::Result<()> {
        let file = OpenOptions::new().write(true).create_new(true).open(self.name(segment))?;
        let zeros = vec![0; FILL_BYTES];
        let mut offset = 0;
        while offset < bytes {
            let piece = zeros.len().min((bytes - offset) as usize);
            file.write_all_at(zeros.get(..piece).unwrap_or_default(), offset)?;
            offset += piece as u64;
        }
        file.sync_all()?;
        self.open = Some((segment, file));
        self.sync_directory()
    }

    fn read(&self, segment: u64) -> io::Result<Vec<u8>> {
        fs::read(self.name(segment))
    }

    fn write(&mut self, segment: u64, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file(segment)?.write_all_at(bytes, offset)
    }

    fn sync(&mut self, segment: u64) -> io::Result<()> {
        self.file(segment)?.sync_data()
    }

    fn truncate(&mut self, segment: u64, bytes: u64) -> io::Result<()> {
        let file = self.file(segment)?;
        file.set_len(bytes)?;
        file.sync_all()
    }

    fn delete(&mut self, segment: u64) -> io::Result<()> {
        self.open.take_if(|(number, _)| *number == segment);
        fs::remove_file(self.name(segment))
    }

    fn name(&self, segment: u64) -> PathBuf {
        self.directory.join(segment_name(segment))
    }
}
