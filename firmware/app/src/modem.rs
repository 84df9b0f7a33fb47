//! The modem: MQTT over AT commands of the Quectel BG95 class. The dialect is in the crate's README.
//!
//! ```text
//!  rest --link wished--> attach --> open --> link up --> serve --broken, or not wished any more--> link down --> rest
//!                          \---------\---failure----------------------------------------------------^
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

use crate::{
    hub::{Hub, Keys, LinkWish, Storage},
    promise::Task,
};
use embassy_futures::select::{Either, select};
use embassy_time::{Duration, TimeoutError, Timer, with_timeout};
use embedded_hal::digital::OutputPin;
use embedded_io_async::{Read, Write};
use lenke_firmware_core::{Input, provision::Provision};
use port::{Port, PortError};
use session::{CONNECT_MAX, Session};

/// After this many silent commands in a row the modem is switched off and on.
const SILENT_MAX: u32 = 3;
/// How long it stays off at least.
const OFF: Duration = Duration::from_secs(1);
/// How long it takes to boot at least; it is asked from then on.
const BOOT: Duration = Duration::from_millis(500);

/// Runs the modem. Never ends.
pub async fn run<J: Storage, K: Keys>(
    hub: &Hub<J, K>,
    rx: impl Read,
    tx: impl Write,
    power: impl OutputPin,
    provision: &Provision,
) -> ! {
    let mut session = Session::new(Port::new(rx, tx), provision);
    let mut switch = Switch { power, is_on: false, silent: 0 };
    loop {
        hub.promises.rest(Task::Modem);
        match hub.link.wait().await {
            LinkWish::Up => {
                hub.promises.within(Task::Modem, OFF + BOOT * 2);
                switch.on().await;
                let error = live(hub, &mut session).await;
                switch.handle_end(error);
                if error == PortError::Dismissed {
                    session.close(hub).await;
                    switch.off();
                }
            }
            LinkWish::Down => switch.off(),
        }
        hub.lose_link();
    }
}

/// From connecting to the link's end, and why it ended.
async fn live<J: Storage, K: Keys>(
    hub: &Hub<J, K>,
    session: &mut Session<'_, impl Read, impl Write>,
) -> PortError {
    match select(with_timeout(CONNECT_MAX, session.connect(hub)), dismissed(hub)).await {
        Either::First(Ok(Ok(()))) => {}
        Either::First(Ok(Err(error))) => return error,
        Either::First(Err(TimeoutError)) => return PortError::Silent,
        Either::Second(()) => return PortError::Dismissed,
    }
    hub.give(Input::LinkUp);
    session.serve(hub).await
}

/// Waits until the core wishes no link any more.
async fn dismissed<J: Storage, K: Keys>(hub: &Hub<J, K>) {
    while hub.link.wait().await != LinkWish::Down {}
}

/// The modem's power.
struct Switch<P> {
    power: P,
    is_on: bool,
    /// Times in a row that the modem did not answer.
    silent: u32,
}

impl<P: OutputPin> Switch<P> {
    /// On; first off, if it has been silent for too often. A pin that fails leaves it as it is, and it is tried anyway.
    async fn on(&mut self) {
        if self.silent >= SILENT_MAX {
            self.off();
            Timer::after(OFF).await;
        }
        if !self.is_on {
            self.power.set_high().ok();
            Timer::after(BOOT).await;
            self.is_on = true;
        }
    }

    fn off(&mut self) {
        self.power.set_low().ok();
        self.is_on = false;
        self.silent = 0;
    }

    const fn handle_end(&mut self, error: PortError) {
        self.silent = match error {
            PortError::Silent => self.silent + 1,
            PortError::Dead => SILENT_MAX,
            PortError::Refused | PortError::Lost | PortError::Dismissed => 0,
        };
    }
}

#[cfg(test)]
mod tests;
