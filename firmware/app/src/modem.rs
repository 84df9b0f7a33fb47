//! The modem: MQTT over AT commands of the Quectel BG95 class. The dialect is in the crate's README.
//!
//! ```text
//!  rest --connect wished--> attach --> open --> link up --> serve --broken--> link down --> rest
//!                             \---------\---failure------------------------------^
//! ```
//!
//! | module | what it is |
//! |---|---|
//! | [`scanner`] | bytes to lines, prompts and messages |
//! | [`reply`] | lines to what they mean |
//! | [`port`] | one command and its answer; keeps what came unasked |
//! | [`session`] | connecting, publishing, receiving |
//!
//! Invariants: one command at a time; every wait has a time-out; nothing that the modem says can do more than end the link.

pub mod port;
pub mod reply;
pub mod scanner;
pub mod session;

use crate::{hub::Hub, promise::Task};
use embassy_time::{Duration, Timer};
use embedded_hal::digital::OutputPin;
use embedded_io_async::{Read, Write};
use lenke_firmware_core::{Input, Journal, provision::Provision};
use lenke_wire::chain::Sign;
use port::{Port, PortError};
use session::Session;

/// After this many silent commands in a row the modem is switched off and on.
const SILENT_MAX: u32 = 3;
/// How long it stays off.
const OFF: Duration = Duration::from_secs(1);
/// How long it takes to boot at least; it is asked from then on.
const BOOT: Duration = Duration::from_millis(500);

/// Runs the modem. Never ends.
pub async fn run<J: Journal, S: Sign>(
    hub: &Hub<J, S>,
    rx: impl Read,
    tx: impl Write,
    mut power: impl OutputPin,
    provision: &Provision,
) -> ! {
    let mut session = Session::new(Port::new(rx, tx), provision);
    let mut silent = SILENT_MAX;
    loop {
        hub.promises.rest(Task::Modem);
        hub.connect.wait().await;
        if silent >= SILENT_MAX {
            hub.promises.within(Task::Modem, OFF + BOOT * 2);
            cycle(&mut power).await;
            silent = 0;
        }
        let error = match session.connect(hub).await {
            Ok(()) => {
                // Whatever was wished while connecting is fulfilled.
                hub.connect.reset();
                hub.give(Input::LinkUp);
                silent = 0;
                session.serve(hub).await
            }
            Err(error) => error,
        };
        match error {
            PortError::Silent => silent += 1,
            PortError::Dead => silent = SILENT_MAX,
            PortError::Refused | PortError::Lost => silent = 0,
        }
        hub.lose_link();
    }
}

/// Off and on again. A pin that cannot be set leaves the modem as it is, and it will be tried again.
async fn cycle(power: &mut impl OutputPin) {
    let off = power.set_low();
    Timer::after(OFF).await;
    let on = power.set_high();
    if off.is_ok() && on.is_ok() {
        Timer::after(BOOT).await;
    }
}

#[cfg(test)]
mod tests;
