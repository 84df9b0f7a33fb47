//! The device protocol: what a tag, a home unit or a victim unit says to the centre and hears from it.
//!
//! Layers, inside out:
//!
//! | layer | module | what it is |
//! |---|---|---|
//! | values | [`ids`], [`time`], [`position`] | newtypes whose constructors validate |
//! | report | [`report`], [`codec`] | deterministic CBOR with integer keys, one kind a frame |
//! | frame | [`frame`] | COSE_Encrypt0 (AES-CCM-16-128-128), nonce from (epoch, seq) |
//! | chain | [`chain`] | SHA-256 over the inner bytes, checkpoints signed with Ed25519 |
//! | downlink | [`downlink`] | what the centre tells a device |
//! | transport | [`topic`], [`credential`] | MQTT topic names and the CONNECT password |
//!
//! Invariants: `no_std`, no allocation, no `unsafe`; hostile bytes end in a typed error, never in a panic.
//! Left to others: sockets, storage, clocks, keys at rest.
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg(feature = "std")]
extern crate std;

mod cbor;

pub mod chain;
pub mod codec;
pub mod credential;
pub mod downlink;
pub mod frame;
pub mod ids;
pub mod position;
pub mod report;
pub mod time;
pub mod topic;

pub use ids::{DeviceId, Epoch, FrameId, Seq};
pub use position::Position;
pub use report::{BatteryState, Checkpoint, Event, EventKind, Fix, Health, Sighting, TimeSource};
pub use time::UnixMillis;
pub use topic::Lane;
