//! The journal: what the centre has taken from a device and not yet committed to the store, on local disk.
//!
//! # Constraints
//! - A frame is acknowledged to its sender only after `fdatasync` covered it. A failed sync is final: the journal
//!   stops, nothing more is acknowledged, and the process is told to end ([`JournalError::Failed`]).
//! - A full disk refuses the group at hand ([`JournalError::Full`]) and is tried again with the next one.
//! - After a crash every acknowledged record is read back once, in order. A torn tail (writes that no sync covered) is
//!   cut off; damage to anything that was once synced is an error that names file and offset.
//! - One thread owns the files. Its queue is bounded; whoever appends waits.
//!
//! # On disk
//! A directory of segments `0000000000000001.journal`, filled with zeros to [`JournalConfig::segment_bytes`] when
//! created, so that an append changes no metadata. Numbers are little-endian.
//!
//! | part | bytes | what |
//! |---|---|---|
//! | segment header | 4 | `LNKJ` |
//! | | 4 | layout version, 1 |
//! | | 8 | sequence of the segment's first record |
//! | | 4 | CRC-32 of the 16 bytes before |
//! | | 4 | zero |
//! | record | 4 | length of the body; 0 ends the segment |
//! | | 4 | CRC-32 of the length and the body |
//! | body | 8 | sequence, without gaps over all segments |
//! | | 8 | durable: every record below this sequence was synced before this one was written |
//! | | 8 | device number |
//! | | 8 | received at, Unix milliseconds |
//! | | 1 | lane: 0 live, 1 backlog |
//! | | 1 | length of the source |
//! | | .. | source (UTF-8), then the frame |
//!
//! `durable` tells a torn tail from damage: a bad place at sequence n is damage if and only if a later record says that
//! n was durable, or a later segment exists (a segment is begun only when the one before is synced).
//!
//! # Life of a segment
//! Records count as pending until the store has them ([`Ledger::release`]); the oldest segments without pending
//! records are deleted, the one being written never.

mod ledger;
mod record;
mod recovery;
mod segment_log;
mod storage;
#[cfg(test)]
mod torn;
mod worker;

pub use ledger::{Ledger, Ticket};
pub use record::Record;
pub use storage::{Files, Storage};
pub use worker::{Appender, Consumer, Entry, Journal};

use std::{io, path::PathBuf};

/// Size of a segment file.
pub const SEGMENT_BYTES: u64 = 16 << 20;
/// Segments that may exist at once: a journal of 8 GiB. One more is refused as a full disk is.
pub const SEGMENTS_MAX: usize = 512;
/// Bytes that one group commit writes at most; what is queued beyond goes into the next.
pub const GROUP_BYTES_MAX: usize = 1 << 20;
/// Appends waiting for the journal's thread.
pub const APPENDS_QUEUED_MAX: usize = 4096;

/// Where and how large.
#[derive(Clone, Copy, Debug)]
pub struct JournalConfig {
    /// Size of a segment file, at least one group.
    pub segment_bytes: u64,
    /// Segments that may exist at once.
    pub segments_max: usize,
}

impl Default for JournalConfig {
    fn default() -> Self {
        Self { segment_bytes: SEGMENT_BYTES, segments_max: SEGMENTS_MAX }
    }
}

/// Why a record is not in the journal, or the journal cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// No room: nothing was acknowledged; the next append tries again.
    #[error("the journal's disk is full")]
    Full,
    /// A write or sync failed: the journal has stopped for good.
    #[error("the journal has stopped after a failed write or sync")]
    Failed,
    /// The journal's thread has ended.
    #[error("the journal is closed")]
    Closed,
    /// A record that was once synced cannot be read.
    #[error("{file}: damaged at offset {offset}: {what}")]
    Damaged {
        /// Segment file.
        file: String,
        /// Byte offset within it.
        offset: u64,
        /// What is wrong there.
        what: &'static str,
    },
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// File or directory.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// File name of segment `number`.
pub(crate) fn segment_name(number: u64) -> String {
    format!("{number:016}.journal")
}
