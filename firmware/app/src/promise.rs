//! Who said to be back by when.
//!
//! A task that works or waits for its peripheral promises to be back by a time; a task that waits for a wish of the hub
//! rests. The supervisor feeds the watchdog only while no promise is broken: a task that hangs breaks its promise.

use core::cell::Cell;
use embassy_time::{Duration, Instant};

/// The tasks that promise. The numbers are those of the core's input about a missed check-in and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Task {
    /// Wakes the core.
    Timer = 0,
    /// Strap, case, button.
    Contacts = 1,
    /// Fuel gauge, accelerometer.
    Sensors = 2,
    /// GNSS receiver.
    Gnss = 3,
    /// Modem.
    Modem = 4,
    /// Beacon radio.
    Radio = 5,
    /// Vibration and light.
    Notice = 6,
}

const TASKS: [Task; 7] =
    [Task::Timer, Task::Contacts, Task::Sensors, Task::Gnss, Task::Modem, Task::Radio, Task::Notice];

/// The promises of all tasks. At first none is given: everybody rests.
#[derive(Debug, Default)]
pub struct Promises([Cell<Option<Instant>>; TASKS.len()]);

impl Promises {
    /// `task` is back within `patience`, or the tag is sick.
    pub fn within(&self, task: Task, patience: Duration) {
        self.0[task as usize].set(Some(Instant::now() + patience));
    }

    /// `task` waits for something that may never come.
    pub fn rest(&self, task: Task) {
        self.0[task as usize].set(None);
    }

    /// A task that is late.
    pub fn broken(&self, now: Instant) -> Option<Task> {
        TASKS.into_iter().find(|&task| self.0[task as usize].get().is_some_and(|due| now > due))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_broken_promise_is_enough() {
        let promises = Promises::default();
        let start = Instant::now();
        assert_eq!(promises.broken(start + Duration::from_secs(1_000)), None);
        promises.within(Task::Gnss, Duration::from_secs(5));
        promises.within(Task::Modem, Duration::from_secs(50));
        assert_eq!(promises.broken(start + Duration::from_secs(5)), None);
        assert_eq!(promises.broken(start + Duration::from_secs(6)), Some(Task::Gnss));
        promises.rest(Task::Gnss);
        assert_eq!(promises.broken(start + Duration::from_secs(6)), None);
    }

    #[test]
    fn every_task_has_its_place() {
        for (place, task) in TASKS.into_iter().enumerate() {
            assert_eq!(task as usize, place);
        }
    }
}
