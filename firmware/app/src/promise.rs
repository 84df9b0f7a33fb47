//! Who said to be back by when.
//!
//! A task that works or waits for its peripheral promises to be back by a time; a task that waits for a wish of the hub
//! rests. The supervisor feeds the watchdog only while no promise is broken: a task that hangs breaks its promise.

use core::cell::Cell;
use embassy_time::{Duration, Instant};

/// The tasks that promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Task {
    /// Wakes the core.
    Timer,
    /// Strap, case, button.
    Contacts,
    /// Fuel gauge.
    Battery,
    /// GNSS receiver.
    Gnss,
    /// Modem.
    Modem,
    /// Beacon radio.
    Radio,
    /// Vibration and light.
    Notice,
}

const TASKS: usize = Task::Notice as usize + 1;

/// The promises of all tasks. At first none is given: everybody rests.
#[derive(Debug, Default)]
pub struct Promises([Cell<Option<Instant>>; TASKS]);

impl Promises {
    /// `task` is back within `patience`, or the tag is sick.
    pub fn within(&self, task: Task, patience: Duration) {
        self.0[task as usize].set(Some(Instant::now() + patience));
    }

    /// `task` waits for something that may never come.
    pub fn rest(&self, task: Task) {
        self.0[task as usize].set(None);
    }

    /// Everybody is on time.
    pub fn are_kept(&self, now: Instant) -> bool {
        self.0.iter().all(|due| due.get().is_none_or(|due| now <= due))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_broken_promise_is_enough() {
        let promises = Promises::default();
        let start = Instant::now();
        assert!(promises.are_kept(start + Duration::from_secs(1_000)));
        promises.within(Task::Gnss, Duration::from_secs(5));
        promises.within(Task::Modem, Duration::from_secs(50));
        assert!(promises.are_kept(start + Duration::from_secs(5)));
        assert!(!promises.are_kept(start + Duration::from_secs(6)));
        promises.rest(Task::Gnss);
        assert!(promises.are_kept(start + Duration::from_secs(6)));
    }
}
