//! The tag as a pure state machine: inputs and the time go in, effects come out.
//!
//! | module | what it is |
//! |---|---|
//! | [`input`], [`effect`] | what a board tells the core, and what the core asks of it |
//! | [`machine`] | [`Tag`]: one call for each input |
//! | [`settings`], [`provision`] | what a tag is delivered with |
//! | [`journal`] | frames until the centre has them: the trait, and a ring in RAM |
//! | `recorder`, `ledger` | batches; numbers, seals, chains, checkpoints |
//! | `transmitter` | what is sent when: alarms, newest, backlog; link and acknowledgements |
//! | `location` | when to sample GNSS, home beacon, lost and regained |
//! | `tamper`, `power` | debounced and latched contacts; battery marks and forecast |
//! | [`gnss`] | receivers' bytes to fixes: NMEA, UBX, SiRF |
//!
//! Invariants: `no_std`, no allocation, no `unsafe`, no clock and no randomness of its own; a committed frame stays in the
//! journal until the centre acknowledges it; no (epoch, seq) seals two reports; a latch is only set, never cleared, here.
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg(test)]
extern crate std;

mod jitter;
mod ledger;
mod location;
mod power;
mod recorder;
mod tamper;
mod transmitter;

pub mod effect;
pub mod gnss;
pub mod input;
pub mod journal;
pub mod machine;
pub mod provision;
pub mod settings;

pub use effect::{Effect, Effects};
pub use gnss::GnssFix;
pub use input::{Input, ResetCause};
pub use journal::Journal;
pub use ledger::{CHECKPOINT_FRAMES_MAX, CHECKPOINT_MS_MAX};
pub use machine::{Counters, Tag};
pub use recorder::{THINNED_ONE_IN, THINNING_PERCENT};
pub use settings::{Identity, Settings};
pub use transmitter::{BACKLOG_WINDOW, IN_FLIGHT_MAX};
