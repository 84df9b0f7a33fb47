//! Tests of the store: one conformance suite over the trait, and what only one database promises.
#![expect(clippy::unwrap_used, reason = "tests")]

mod conformance;
mod postgres;
mod previous;
mod samples;
mod sqlite;
mod timescale;
