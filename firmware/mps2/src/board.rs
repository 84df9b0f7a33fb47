//! What is on the board besides UARTs and flash: contacts, what the chips on the bus measure, outputs, the supervisor's view.

use crate::{
    pins::{Level, Output},
    reset::{self, watchdog},
};
use core::cell::Cell;
use critical_section::Mutex;
use embassy_time::{Duration, Instant};
use lenke_firmware_app::supervisor::System;
use lenke_firmware_core::ResetCause;
use lenke_wire::UnixMillis;

pub(crate) static STRAP: Level = Level::new();
pub(crate) static LIGHT_IN_CASE: Level = Level::new();
pub(crate) static PRESSURE_IN_CASE: Level = Level::new();
pub(crate) static BUTTON: Level = Level::new();
pub(crate) static CHARGER: Level = Level::new();
pub(crate) static STILL: Level = Level::new();
pub(crate) static BATTERY: Value<Battery> = Value::new(Battery { millivolts: 3_900, percent: 80 });
/// Degrees Celsius.
pub(crate) static TEMPERATURE: Value<i8> = Value::new(20);

pub(crate) const GNSS_POWER: Output = Output::bit(0);
pub(crate) const MODEM_POWER: Output = Output::bit(1);
pub(crate) const VIBRATION: Output = Output::bit(2);
pub(crate) const LIGHT: Output = Output::bit(3);
pub(crate) const GNSS_BACKUP: Output = Output::bit(4);

/// What the fuel gauge measures.
#[derive(Clone, Copy)]
pub(crate) struct Battery {
    pub(crate) millivolts: u16,
    pub(crate) percent: u8,
}

/// A value that the host sets and a driver reads.
pub(crate) struct Value<T>(Mutex<Cell<T>>);

impl<T: Copy> Value<T> {
    const fn new(value: T) -> Self {
        Self(Mutex::new(Cell::new(value)))
    }

    pub(crate) fn set(&self, value: T) {
        critical_section::with(|cs| self.0.borrow(cs).set(value));
    }

    pub(crate) fn get(&self) -> T {
        critical_section::with(|cs| self.0.borrow(cs).get())
    }
}

/// Lock-step time from one feeding to the next at most.
const PATIENCE: Duration = Duration::from_secs(30);

/// When the watchdog bites, in the host's time.
static BITES_AT: Value<Option<Instant>> = Value::new(None);

/// The supervisor's view of the board.
pub(crate) struct Mps2;

impl System for Mps2 {
    fn feed(&mut self) {
        BITES_AT.set(Some(Instant::now() + PATIENCE));
    }

    /// The host's clock is right by itself.
    fn set_clock(&mut self, _time: UnixMillis) {}

    fn restart(&mut self) {
        reset::reset(ResetCause::Software);
    }
}

/// Resets if nobody fed the watchdog in the host's time; puts off the machine's own, which counts real time.
pub(crate) fn watch() {
    if BITES_AT.get().is_some_and(|at| Instant::now() >= at) {
        reset::reset(ResetCause::Watchdog);
    }
    watchdog::feed();
}
