//! Strap loop, case contact and panic button.
//!
//! ```text
//! all closed --a level rises, or 10 s--> sample --something open--> sample every 250 ms --open for 15 s--> every second
//! ```
//!
//! Levels are waited for, not edges, so that nothing between two looks is lost. The core debounces strap and case; every sample of
//! a contact that has just opened is given, later ones only when they differ. The button calls for help when it is held.

use crate::{hub::Hub, promise::Task};
use embassy_futures::select::select4;
use embassy_time::{Duration, Instant, Timer};
use embedded_hal::digital::InputPin;
use embedded_hal_async::digital::Wait;
use lenke_firmware_core::{Input, Journal};
use lenke_wire::chain::Sign;

/// Closed contacts are looked at this often.
pub const QUIET_EVERY: Duration = Duration::from_secs(10);
/// Contacts that have just opened are looked at this often.
pub const SAMPLE_EVERY: Duration = Duration::from_millis(250);
/// Contacts that stay open are looked at this often.
pub const OPEN_EVERY: Duration = Duration::from_secs(1);
/// A contact has just opened for this long.
pub const FRESH: Duration = Duration::from_secs(15);
/// The button is held for this long to call for help.
pub const HOLD: Duration = Duration::from_secs(2);

/// The three inputs; high is open or pressed.
pub struct Contacts<S, C, B> {
    /// The strap's loop.
    pub strap: S,
    /// The case's light or pressure contact.
    pub case: C,
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

    fn is_fresh(&self, now: Instant) -> bool {
        self.open_since.is_some_and(|since| now < since + FRESH)
    }
}

/// Watches the contacts. Never ends.
pub async fn run<J: Journal, S: Sign>(
    hub: &Hub<J, S>,
    mut contacts: Contacts<impl InputPin + Wait, impl InputPin + Wait, impl InputPin + Wait>,
) -> ! {
    let (mut strap, mut case) = (Seen::default(), Seen::default());
    let mut pressed = Seen::default();
    let mut called = false;
    loop {
        hub.promises.within(Task::Contacts, QUIET_EVERY * 2);
        let now = Instant::now();
        // An input that cannot be read counts as open: cutting it off must not help.
        let open = contacts.strap.is_high().unwrap_or(true);
        if strap.take(open, now) {
            hub.give(Input::Strap { open });
        }
        let open = contacts.case.is_high().unwrap_or(true);
        if case.take(open, now) {
            hub.give(Input::Case { open });
        }
        pressed.take(contacts.button.is_high().unwrap_or(false), now);
        let held = pressed.open_since.is_some_and(|since| now >= since + HOLD);
        if held && !called {
            hub.give(Input::Panic);
        }
        called = held;

        let all = [&strap, &case, &pressed];
        if all.iter().any(|seen| seen.is_fresh(now)) {
            Timer::after(SAMPLE_EVERY).await;
        } else if all.iter().any(|seen| seen.open_since.is_some()) {
            Timer::after(OPEN_EVERY).await;
        } else {
            let Contacts { strap, case, button } = &mut contacts;
            select4(
                strap.wait_for_high(),
                case.wait_for_high(),
                button.wait_for_high(),
                Timer::after(QUIET_EVERY),
            )
            .await;
        }
    }
}

#[cfg(test)]
mod tests;
