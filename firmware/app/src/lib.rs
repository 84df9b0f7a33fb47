//! The tag's drivers and tasks: turns the pure core into a device, over `embedded-hal`, `embedded-io-async` and
//! `embedded-storage`.
//!
//! ```text
//!   contacts  sensors  gnss  radio  modem        one async function each: reads its peripheral, gives inputs to the hub,
//!       \        |      |     |     /            waits for what the hub wishes
//!                    hub                         owns Tag and storage; inputs in, effects out as signals
//!                 /       \
//!            timer        supervisor             wake-ups; watchdog, real-time clock, restart
//! ```
//!
//! | module | what it is |
//! |---|---|
//! | [`hub`] | the tag with its storage and keys, and the signals by which its effects reach the tasks |
//! | [`promise`], [`supervisor`] | who said to be back by when; feeds the watchdog only while everybody keeps their word |
//! | [`modem`] | AT commands, MQTT in the modem |
//! | [`gnss`] | the receiver, powered as the core wishes |
//! | [`radio`] | beacons, challenge and response |
//! | [`contacts`], [`sensors`], [`notice`] | strap, case and button; fuel gauge and accelerometer; vibration and light |
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
pub mod contacts;
pub mod crypto;
pub mod gnss;
pub mod hub;
pub mod modem;
pub mod notice;
pub mod promise;
pub mod radio;
pub mod sensors;
pub mod supervisor;

#[cfg(test)]
mod bench;
