//! The pipeline end to end: sealed frames in, rows, alerts and acknowledgements out, on SQLite in a temporary folder.

mod crash;
pub(crate) mod harness;
mod outage;
mod pipeline;
mod refusal;
mod victim;
