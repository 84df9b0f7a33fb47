//! What a database is asked now and then: how it is, how much room is left, and the work that it needs in time.

use crate::{Store, StoreError};
use async_trait::async_trait;
use lenke_wire::UnixMillis;
use serde::Serialize;

/// Used up so far, a limit is worth a look.
const USED_WARN: f64 = 0.5;
/// Used up so far, a limit will be met if nobody acts.
const USED_BAD: f64 = 0.8;

/// How a database is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Condition {
    /// Which database, with its version.
    pub database: String,
    /// How telemetry lies in it.
    pub layout: String,
    /// Version of the schema: the newest migration.
    pub schema_version: i64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Its tables, largest first.
    pub tables: Vec<TableSize>,
    /// Its limits.
    pub headroom: Vec<Headroom>,
}

/// How large a table is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableSize {
    /// Which.
    pub name: String,
    /// Partitions or chunks; 1 for a table in one piece.
    pub parts: u64,
    /// Rows, as the database estimates them; nothing where it does not.
    pub rows: Option<u64>,
    /// Bytes with indexes; nothing where the database does not tell.
    pub bytes: Option<u64>,
}

/// How far something finite is used up.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Headroom {
    /// What.
    pub what: &'static str,
    /// The used part, 0 to 1.
    pub used: f64,
    /// In words.
    pub detail: String,
}

/// What a limit asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing.
    Good,
    /// A look.
    Warn,
    /// To act now.
    Bad,
}

impl Headroom {
    /// `used` of `limit`.
    pub fn of(what: &'static str, used: f64, limit: f64, detail: String) -> Self {
        Self { what, used: if limit > 0.0 { (used / limit).clamp(0.0, 1.0) } else { 1.0 }, detail }
    }

    /// What it asks for.
    pub fn level(&self) -> Level {
        if self.used >= USED_BAD {
            Level::Bad
        } else if self.used >= USED_WARN {
            Level::Warn
        } else {
            Level::Good
        }
    }
}

/// What was done to a database in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Partitions made for weeks to come.
    pub partitions_added: u64,
    /// Empty partitions of weeks long past that were dropped.
    pub partitions_dropped: u64,
    /// Empty partitions that somebody is using: they go another time.
    pub partitions_busy: u64,
}

/// Looking after a database.
#[async_trait]
pub trait Upkeep: Store {
    /// How it is at `now`.
    async fn condition(&self, now: UnixMillis) -> Result<Condition, StoreError>;

    /// Does what it needs at `now`; to be repeated every hour or so. Bounded, and safe beside everything else.
    async fn keep_up(&self, now: UnixMillis) -> Result<Kept, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_warns_at_half_and_is_bad_near_its_end() {
        let level = |used| Headroom::of("x", used, 100.0, String::new()).level();
        assert_eq!(
            [0.0, 49.0, 50.0, 79.0, 80.0, 300.0].map(level),
            [Level::Good, Level::Good, Level::Warn, Level::Warn, Level::Bad, Level::Bad]
        );
        assert_eq!(Headroom::of("x", 1.0, 0.0, String::new()).level(), Level::Bad, "no limit, no room");
    }
}
