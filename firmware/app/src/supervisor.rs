//! Keeps the tag honest: feeds the watchdog only while every task keeps its word, sets the real-time clock, restarts.

use crate::hub::{Hub, SystemWish};
use embassy_futures::select::{Either, select};
use embassy_time::{Duration, Instant, Timer};
use lenke_firmware_core::Journal;
use lenke_wire::{UnixMillis, chain::Sign};

/// The watchdog is fed this often; a board's watchdog must wait for longer.
pub const FEED_EVERY: Duration = Duration::from_secs(8);

/// What a board lets the supervisor do.
pub trait System {
    /// Puts off the watchdog's bite.
    fn feed(&mut self);
    /// Sets the clock that runs while the tag is off.
    fn set_clock(&mut self, time: UnixMillis);
    /// Resets the tag; the cause will read as software.
    fn restart(&mut self);
}

/// Runs the supervisor. Never ends, unless by a reset.
pub async fn run<J: Journal, S: Sign>(hub: &Hub<J, S>, system: &mut impl System) -> ! {
    system.feed();
    let mut next = Instant::now() + FEED_EVERY;
    loop {
        match select(hub.system.wait(), Timer::at(next)).await {
            Either::First(SystemWish::SetClock(time)) => system.set_clock(time),
            Either::First(SystemWish::Restart(time)) => {
                system.set_clock(time);
                system.restart();
            }
            Either::Second(()) => {
                if hub.promises.are_kept(Instant::now()) {
                    system.feed();
                }
                next += FEED_EVERY;
            }
        }
    }
}
