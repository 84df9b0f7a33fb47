//! The desk against a store that fails on demand.
#![expect(clippy::unwrap_used, reason = "tests")]

mod desk;
mod double;
