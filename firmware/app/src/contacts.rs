//! Strap loop, case contacts and panic button.
//!
//! ```text
//! all closed --a level rises, or 10 s--> sample --something open--> sample as often as the core wishes --15 s--> every second
//! ```
//!
//! Levels are waited for, not edges, so that nothing between two looks is lost. The core debounces strap and case; every sample of
//! a contact that has just opened is given, later ones only when they differ. The button calls for help when it is held.

use crate::{
    hub::{Hub, Keys, Storage},
    promise::Task,
};
use embassy_futures::select::{select, select4};
use embassy_time::{Duration, Instant, Timer};
use embedded_hal::digital::InputPin;
use embedded_hal_async::digital::Wait;
use lenke_firmware_core::{Input, input::CaseSensor};

/// Closed contacts are looked at this often.
pub const QUIET_EVERY: Duration = Duration::from_secs(10);
/// Contacts that stay open are looked at this often.
pub const OPEN_EVERY: Duration = Duration::from_secs(1);
/// A contact has just opened for this long.
pub const FRESH: Duration = Duration::from_secs(15);
/// The button is held for this long to call for help.
pub const HOLD: Duration = Duration::from_secs(2);
/// Samples a second while the core wishes none of the strap.
const HERTZ_MIN: u8 = 4;

/// The inputs; high is open or pressed.
pub struct Contacts<S, L, P, B> {
    /// The strap's loop.
    pub strap: S,
    /// The light sensor in the case.
    pub light: L,
    /// The pressure switch in the case.
    pub pressure: P,
    /// The panic button.
    pub button: B,
}

/// One contact, as it was seen last.
#[derive(Default)]
struct Seen {
    open_since: Option<Instant>,
    known: bool,
}

impl Seen {
    /// Takes a sample; whether the core should hear it.
    fn take(&mut self, open: bool, now: Instant) -> bool {
        let changed = !self.known || open != self.open_since.is_some();
        self.known = true;
        self.open_since = open.then(|| self.open_since.unwrap_or(now));
        changed || self.is_fresh(now)
    }

    fn is_open(&self) -> bool {
        self.open_since.is_some()
    }

    fn is_fresh(&self, now: Instant) -> bool {
        self.open_since.is_some_and(|since| now < since + FRESH)
    }
}

/// Watches the contacts. Never ends.
pub async fn run<J: Storage, K: Keys, S, L, P, B>(hub: &Hub<J, K>, mut contacts: Contacts<S, L, P, B>) -> !
where
    S: InputPin + Wait,
    L: InputPin + Wait,
    P: InputPin + Wait,
    B: InputPin + Wait,
{
    let (mut strap, mut light, mut pressure, mut button) =
        (Seen::default(), Seen::default(), Seen::default(), Seen::default());
    let mut called = false;
    loop {
        hub.promises.within(Task::Contacts, QUIET_EVERY * 2);
        let now = Instant::now();
        // An input that cannot be read counts as open: cutting it off must not help.
        let open = contacts.strap.is_high().unwrap_or(true);
        if strap.take(open, now) {
            hub.give(Input::Strap { open });
        }
        for (sensor, seen, open) in [
            (CaseSensor::Light, &mut light, contacts.light.is_high().unwrap_or(true)),
            (CaseSensor::Pressure, &mut pressure, contacts.pressure.is_high().unwrap_or(true)),
        ] {
            if seen.take(open, now) {
                hub.give(Input::Case { sensor, open });
            }
        }
        button.take(contacts.button.is_high().unwrap_or(false), now);
        let is_held = button.open_since.is_some_and(|since| now >= since + HOLD);
        if is_held && !called {
            hub.give(Input::Panic);
        }
        called = is_held;

        let all = [&strap, &light, &pressure, &button];
        if all.iter().any(|seen| seen.is_fresh(now)) {
            let hertz = hub.strap_hertz.get().max(HERTZ_MIN);
            Timer::after_millis(1_000 / u64::from(hertz)).await;
        } else if all.iter().any(|seen| seen.is_open()) {
            Timer::after(OPEN_EVERY).await;
        } else {
            let Contacts { strap, light, pressure, button } = &mut contacts;
            let case = select(light.wait_for_high(), pressure.wait_for_high());
            select4(strap.wait_for_high(), case, button.wait_for_high(), Timer::after(QUIET_EVERY)).await;
        }
    }
}

#[cfg(test)]
mod tests;
