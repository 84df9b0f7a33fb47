//! Persistence behind one trait, and the server's clock.
//!
//! | module | what it is |
//! |---|---|
//! | [`store`] | the trait that the rest of the server programs against |
//! | [`rows`] | what a batch of telemetry and its queries consist of |
//! | [`ranges`] | which frames of a device's epoch are committed |
//! | [`people`], [`audit`] | users, and the hash-chained record of who did what |
//! | [`custody`], [`person`] | signed heads, search, holds, retention, erasure; names under keys of their own |
//! | [`victims`] | who protected persons are: in a schema and role, or a file, of their own |
//! | [`entities`] | every table as neutral rows, for copies, exports and imports |
//! | [`outbox`] | what devices should hold and what was ordered for them |
//! | [`inquiry`] | who was where when, what is missing, how alerts went |
//! | [`reports`] | what devices told beside positions |
//! | [`upkeep`] | room left, and the work that a database needs in time |
//! | [`sqlite`] | the embedded default |
//! | [`postgres`] | PostgreSQL, with TimescaleDB where it is available |
//! | [`clock`] | the one place of the server's crates that reads the time |
//!
//! Invariants: only this crate knows SQL, and nothing of SQL shows in the trait or its errors. Rows, the committed
//! ranges that say they are there, and the state snapshots that have seen them change in one transaction or not at
//! all. A protected person's positions never come here.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod audit;
mod batch;
pub mod clock;
mod convert;
pub mod custody;
pub mod entities;
pub mod error;
mod history;
pub mod inquiry;
pub mod interval;
pub mod outbox;
pub mod people;
pub mod person;
pub mod postgres;
pub mod ranges;
pub mod reports;
pub mod rows;
pub mod sqlite;
pub mod store;
pub mod upkeep;
pub mod victims;

pub use audit::{AuditEntry, AuditQuery, AuditRecord, head::AuditHead};
pub use clock::Clock;
pub use custody::{Custody, History, Hold, StoreSnapshot, Subject};
pub use error::StoreError;
pub use inquiry::Inquiry;
pub use interval::IntervalKey;
pub use outbox::Outbox;
pub use people::{Role, User};
pub use postgres::{PostgresConfig, PostgresStore};
pub use ranges::SeqRanges;
pub use reports::{Report, ReportKind, Told};
pub use rows::{
    Batch, Committed, Counts, DeviceLast, EventRow, FixRow, FrameKey, FrameRow, HealthRow, Quarantined,
    SightingRow, Stored, TrailKey, TrailPoint,
};
pub use sqlite::SqliteStore;
pub use upkeep::Upkeep;
pub use victims::VictimStore;

/// Everything that a database does for a centre and its commands.
pub trait Database: Casework + Outbox + Upkeep {}

impl<T: Casework + Outbox + Upkeep> Database for T {}

/// What people ask of a database about persons, and what keeps the answers accountable.
pub trait Casework: Custody + Inquiry {}

impl<T: Custody + Inquiry> Casework for T {}

pub use store::{AlertKey, AlertPage, AlertSave, Store};
