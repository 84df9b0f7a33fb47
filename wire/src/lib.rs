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
//! | downlink | [`downlink`], [`command`] | what the centre tells a device, and which of it is signed |
//! | signatures | [`sign`] | Ed25519 behind traits, and what it covers |
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
pub mod command;
pub mod credential;
pub mod downlink;
pub mod frame;
pub mod ids;
pub mod position;
pub mod report;
pub mod sign;
pub mod time;
pub mod topic;

pub use ids::{DeviceId, Epoch, FrameId, Seq};
pub use position::Position;
pub use report::{
    BatteryState, Checkpoint, Event, EventKind, Fix, Health, Later, Outcome, Receipt, Sighting, TagState,
    TimeSource,
};
pub use time::UnixMillis;
pub use topic::Lane;
