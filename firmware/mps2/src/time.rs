//! The time that the host gives, and the alarms of the tasks: embassy's time driver.

use core::{
    cell::{Cell, RefCell},
    task::Waker,
};
use critical_section::Mutex;
use embassy_time_driver::{Driver, time_driver_impl};
use embassy_time_queue_utils::Queue;

/// The deadline of nobody.
pub(crate) const NEVER: u64 = u64::MAX;

/// Microseconds since the start, and who waits for which.
pub(crate) struct HostTime {
    now: Mutex<Cell<u64>>,
    /// Before this the host has nothing to say.
    until: Mutex<Cell<u64>>,
    alarms: Mutex<RefCell<Queue>>,
}

/// The time.
pub(crate) fn host_time() -> &'static HostTime {
    &TIME
}

time_driver_impl!(static TIME: HostTime = HostTime {
    now: Mutex::new(Cell::new(0)),
    until: Mutex::new(Cell::new(0)),
    alarms: Mutex::new(RefCell::new(Queue::new())),
});

impl HostTime {
    /// Wakes whose time has come; when the next one's will.
    pub(crate) fn deadline(&self) -> u64 {
        critical_section::with(|cs| self.alarms.borrow_ref_mut(cs).next_expiration(self.now.borrow(cs).get()))
    }

    /// It is `now`, unless it was later already, and the host has nothing to say before `until`.
    pub(crate) fn advance(&self, now: u64, until: u64) {
        critical_section::with(|cs| {
            let clock = self.now.borrow(cs);
            clock.set(clock.get().max(now));
            self.until.borrow(cs).set(until);
        });
        self.deadline();
    }

    /// It is `at`, if the host has nothing to say before that; whether it is.
    pub(crate) fn pass(&self, at: u64) -> bool {
        let until = critical_section::with(|cs| self.until.borrow(cs).get());
        let passes = at < until;
        if passes {
            self.advance(at, until);
        }
        passes
    }
}

impl Driver for HostTime {
    fn now(&self) -> u64 {
        critical_section::with(|cs| self.now.borrow(cs).get())
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        critical_section::with(|cs| self.alarms.borrow_ref_mut(cs).schedule_wake(at, waker));
    }
}
