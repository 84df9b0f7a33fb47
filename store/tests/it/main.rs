//! Tests of the store: one conformance suite over the trait, and what only SQLite promises.
#![expect(clippy::unwrap_used, reason = "tests")]

mod conformance;
mod samples;
mod sqlite;
