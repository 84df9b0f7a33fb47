//! The tag as a pure state machine: inputs and the time go in, effects come out.
//!
//! | module | what it is |
//! |---|---|
//! | [`input`], [`effect`] | what a board tells the core, and what the core asks of it |
//! | [`machine`] | [`Tag`]: one call for each input |
//! | [`state`] | the states and their rates: the table |
//! | [`settings`] | what a tag is delivered with |
//! | [`provision`] | the record in flash that says who the tag is |
//! | [`journal`] | frames until the centre has them: the trait, and a ring in RAM |
//! | [`storage`] | what else outlives a reset: latches, plan, zones |
//! | [`time`], `clock` | the board's own time; the time of day with source and uncertainty |
//! | `recorder`, `ledger` | batches; numbers, seals, chains, checkpoints |
//! | `transmitter` | what is sent when: alarms, newest, backlog; link and acknowledgements |
//! | `location`, `integrity` | when to sample GNSS, home, lost and regained; are the signals what they should be |
//! | [`beacon`] | challenge and response with the home beacon |
//! | `zones` | the wearer's zones on the tag |
//! | `tamper`, [`power`], `motion` | debounced contacts; battery and forecast; still or moving |
//! | [`energy`] | what each state costs the battery |
//! | `update` | firmware updates |
//! | [`gnss`] | receivers' bytes to fixes and signals: NMEA, UBX, SiRF |
//!
//! Invariants: `no_std`, no allocation, no `unsafe`, no clock and no randomness of its own; a committed frame stays in the
//! journal until the centre acknowledges it; no (epoch, seq) seals two reports; a latch is cleared by nothing but an officer's
//! signed order; nothing signed is followed whose signature does not hold.
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg(test)]
extern crate std;

mod clock;
mod integrity;
mod jitter;
mod ledger;
mod location;
mod motion;
mod recorder;
mod tamper;
mod transmitter;
mod update;
mod zones;

pub mod beacon;
pub mod effect;
pub mod energy;
pub mod gnss;
pub mod input;
pub mod journal;
pub mod machine;
pub mod power;
pub mod provision;
pub mod settings;
pub mod state;
pub mod storage;
pub mod time;

pub use beacon::{BeaconKey, HomeBeacon};
pub use clock::Stamp;
pub use effect::{Effect, Effects, GnssPower};
pub use gnss::GnssFix;
pub use input::{Input, ResetCause};
pub use journal::Journal;
pub use ledger::{CHECKPOINT_FRAMES_MAX, CHECKPOINT_S_MAX};
pub use machine::{Counters, Tag};
pub use recorder::{THINNED_ONE_IN, THINNING_PERCENT};
pub use settings::{Identity, Settings};
pub use state::Stage;
pub use storage::Config;
pub use time::Uptime;
pub use transmitter::{BACKLOG_WINDOW, CONNECT_PATIENCE_S, IN_FLIGHT_MAX};
pub use update::Update;
pub use zones::{ZONE_BYTES_MAX, ZONES_MAX};
