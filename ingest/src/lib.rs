//! From a device's MQTT frame to an evaluated, stored and acknowledged report.
//!
//! ```text
//! front_door ---+                                             +-> desk: findings, positions
//!               +-> intake -> decode -> journal -> router -> shard -> writer -> store
//! broker_source +      |                   |                             |
//!                      +-> quarantine      +-> PUBACK                    +-> downlink: cumulative ack
//! ```
//!
//! | module | what it is |
//! |---|---|
//! | [`front_door`] | the MQTT 3.1.1 and 5 endpoint for devices |
//! | [`broker_source`] | the same frames from an existing broker |
//! | [`intake`] | where frames enter and when they may be acknowledged |
//! | [`decode`] | open, read, check times; [`rejection`] says why not |
//! | [`chain`] | the hash chain over a device's frames, in whatever order they come |
//! | [`journal`] | what is taken and not yet stored, on disk |
//! | [`shard`] | monitors of wearers, windows of devices |
//! | [`courier`] | what devices should hold and what was ordered for them, told until they have it |
//! | [`downlink`] | sealed, counted, and put on the device's connection |
//! | [`pipeline`] | the parts put together |
//! | [`counters`] | what happened to every frame |
//!
//! Invariants: a frame is acknowledged by MQTT only when the journal has synced it, and by the cumulative
//! acknowledgement only when the store has committed it. Findings leave before and independent of the store. A
//! protected person's position is neither stored nor published. Every queue is bounded.
//!
//! Left to others: what a report means (`lenke-alerts`), rows and transactions (`lenke-store`), an alert's life and its
//! channels (`lenke-notify`).
#![forbid(unsafe_code)]

mod arrival;
pub mod broker_source;
pub mod chain;
pub mod counters;
pub mod courier;
pub mod decode;
pub mod downlink;
pub mod front_door;
pub mod intake;
pub mod journal;
pub mod pipeline;
pub mod registry;
pub mod rejection;
mod router;
pub mod shard;
mod writer;

pub use arrival::{ARRIVAL_BYTES_MAX, Arrival, Source};
pub use broker_source::{BrokerConfig, BrokerError, BrokerSource};
pub use counters::{Counters, CountersSnapshot};
pub use downlink::{Attachment, Outgoing};
pub use front_door::{FrontDoor, FrontDoorConfig};
pub use intake::{Intake, IntakeError};
pub use pipeline::{Pipeline, PipelineConfig, StartError};
pub use registry::Registry;
pub use rejection::{Refusal, Rejection};

#[cfg(test)]
mod tests;
