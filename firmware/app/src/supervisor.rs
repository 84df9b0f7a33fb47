//! Keeps the tag honest: feeds the watchdog only while every task keeps its word, sets the real-time clock, restarts.

use crate::hub::{Hub, Keys, Storage, SystemWish};
use embassy_futures::select::{Either, select};
use embassy_time::{Duration, Instant, Timer};
use lenke_firmware_core::Input;
use lenke_wire::UnixMillis;

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
pub async fn run<J: Storage, K: Keys>(hub: &Hub<J, K>, system: &mut impl System) -> ! {
    system.feed();
    let mut next = Instant::now() + FEED_EVERY;
    let mut told = None;
    loop {
        match select(hub.system.wait(), Timer::at(next)).await {
            Either::First(SystemWish::SetClock(time)) => system.set_clock(time),
            Either::First(SystemWish::Restart) => system.restart(),
            Either::Second(()) => {
                next += FEED_EVERY;
                let broken = hub.promises.broken(Instant::now());
                match broken {
                    None => system.feed(),
                    // Kept in flash before the bite.
                    Some(task) if told != broken => hub.give(Input::CheckInMissed { task: task as u8 }),
                    Some(_) => {}
                }
                told = broken;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bench::{hub, run as run_virtual, start},
        promise::Task,
    };
    use core::cell::Cell;

    #[derive(Default)]
    struct Board {
        fed: Cell<u32>,
        set: Cell<Option<UnixMillis>>,
        restarts: Cell<u32>,
    }

    impl System for &Board {
        fn feed(&mut self) {
            self.fed.set(self.fed.get() + 1);
        }

        fn set_clock(&mut self, time: UnixMillis) {
            self.set.set(Some(time));
        }

        fn restart(&mut self) {
            self.restarts.set(self.restarts.get() + 1);
        }
    }

    #[test]
    fn the_watchdog_is_fed_until_a_task_breaks_its_promise_and_that_is_reported() {
        let (hub, board) = (hub(), Board::default());
        start(&hub);
        let committed = hub.numbers().counters.committed;
        hub.promises.within(Task::Modem, Duration::from_secs(30));
        run_virtual(select(run(&hub, &mut &board), Timer::after_secs(60)));
        // At the start, and at 8, 16 and 24 s.
        assert_eq!(board.fed.get(), 4);
        assert!(hub.numbers().counters.committed > committed);
        assert_eq!(board.restarts.get(), 0);
    }

    #[test]
    fn wishes_reach_the_board() {
        let (hub, board) = (hub(), Board::default());
        hub.system.signal(SystemWish::SetClock(UnixMillis(5)));
        run_virtual(select(run(&hub, &mut &board), Timer::after_secs(1)));
        assert_eq!(board.set.get(), Some(UnixMillis(5)));
        hub.system.signal(SystemWish::Restart);
        run_virtual(select(run(&hub, &mut &board), Timer::after_secs(1)));
        assert_eq!(board.restarts.get(), 1);
    }
}
