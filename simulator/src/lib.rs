//! A plausible world for ankle tags: people who live days in Norwegian and Danish towns, what satellites and radio make
//! of them, a scripted cast that shows every kind of alert, and fleets of firmware cores that report it all over MQTT.
//!
//! | layer | modules | knows |
//! |---|---|---|
//! | chance and ground | [`draw`], [`ground`], [`town`], [`route`] | seeds and metres |
//! | people | [`person`], [`day`] | where somebody truly is at any time: pure functions |
//! | instruments | [`gnss`], [`radio`], [`battery`], [`energy`] | what a tag sees of that, and what that costs |
//! | case load | [`cast`], [`scenario`], [`keys`], [`world`] | orders, zones and devices, and the script |
//! | replay | [`replay`] | recordings through one firmware core |
//! | fleet | [`clock`], [`fleet`] | firmware cores over MQTT |
//!
//! Invariants: the same seed gives the same world; nothing here prints; every queue is bounded.
#![forbid(unsafe_code)]

pub mod battery;
pub mod cast;
#[cfg(test)]
mod centre;
pub mod clock;
pub mod day;
pub mod draw;
pub mod energy;
pub mod fleet;
pub mod gnss;
pub mod ground;
pub mod keys;
pub mod person;
pub mod radio;
pub mod replay;
pub mod route;
pub mod scenario;
mod station;
pub mod town;
pub mod world;

pub use clock::SimClock;
pub use fleet::{Faults, Fleet, FleetConfig, FleetStats, Mischief};
pub use scenario::Scenario;
