//! The tag's drivers and tasks: turns the pure core into a device, over `embedded-hal`, `embedded-io-async` and
//! `embedded-storage`.
//!
//! ```text
//!   contacts  battery  gnss  radio  modem        one async function each: reads its peripheral, gives inputs to the hub,
//!       \        |      |     |     /            waits for what the hub wishes
//!                    hub                         owns Tag, journal and clock; inputs in, effects out as signals
//!                 /       \
//!            timer        supervisor             wake-ups; watchdog, real-time clock, restart
//! ```
//!
//! | module | what it is |
//! |---|---|
//! | [`hub`] | the tag with its journal, signer and clock, and the signals by which its effects reach the tasks |
//! | [`clock`] | Unix time out of uptime and whoever knows better |
//! | [`promise`], [`supervisor`] | who said to be back by when; feeds the watchdog only while everybody keeps their word |
//! | [`modem`] | AT commands, MQTT in the modem |
//! | [`gnss`] | the receiver: on when a position is wanted |
//! | [`radio`] | beacons, challenge and response |
//! | [`contacts`], [`battery`], [`notice`] | strap, case and button; fuel gauge; vibration and light |
//! | [`boot`] | provisioning record and journal in flash, and the flash's map |
//! | [`crypto`] | Ed25519 |
//!
//! Invariants: `no_std`, no allocation, no `unsafe`; every task is generic over traits, so that tests run it on a host; no borrow
//! of the hub lives across an await; every wait is bounded by a promise.
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg(test)]
extern crate std;

pub mod boot;
pub mod clock;
pub mod contacts;
pub mod crypto;
pub mod gnss;
pub mod hub;
pub mod modem;
pub mod notice;
pub mod promise;
pub mod supervisor;

#[cfg(test)]
mod bench;
