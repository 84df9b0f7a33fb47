//! The GNSS receiver: two supplies, switched as the core wishes, and one position at a time.
//!
//! | power between samples | supply | backup supply | a sample |
//! |---|---|---|---|
//! | off | off | off | switches both on until there is a position, or the patience ends |
//! | backup | off | on | switches the supply on likewise |
//! | tracking | on | on | takes the next epoch; so are all others given |
//!
//! While the supply is off, what still arrives is passed over, so that no old position is taken for a new one.

use crate::{
    hub::{Hub, Keys, Storage},
    promise::Task,
};
use embassy_futures::select::select;
use embassy_time::{Duration, Instant, Timer, with_timeout};
use embedded_hal::digital::OutputPin;
use embedded_io_async::{Read, Write};
use lenke_firmware_core::{
    GnssFix, GnssPower, Input,
    gnss::{GnssEvent, Receiver, ubx_checksum},
};

/// A receiver without a position after this long is given up for this time.
pub const SEARCH_PATIENCE: Duration = Duration::from_secs(90);
/// A pause between bytes that ends an epoch.
const EPOCH_PAUSE: Duration = Duration::from_millis(150);
/// A receiver's UART that fails is asked again after this.
const BROKEN_PAUSE: Duration = Duration::from_secs(1);
const CONFIGURE_PATIENCE: Duration = Duration::from_secs(2);
const CHUNK_BYTES: usize = 64;

const UBX_SYNC: [u8; 2] = [0xb5, 0x62];
/// UBX-CFG-VALSET from class to payload: in RAM, what to say on UART1 at every epoch, and no NMEA there.
const CONFIGURE: [u8; 33] = [
    0x06, 0x8a, 29, 0, // class, id, length
    0, 1, 0, 0, // version, RAM layer, reserved
    0x07, 0x00, 0x91, 0x20, 1, // CFG-MSGOUT-UBX_NAV_PVT_UART1
    0x16, 0x00, 0x91, 0x20, 1, // CFG-MSGOUT-UBX_NAV_SAT_UART1
    0x1b, 0x00, 0x91, 0x20, 1, // CFG-MSGOUT-UBX_NAV_STATUS_UART1
    0x5a, 0x03, 0x91, 0x20, 1, // CFG-MSGOUT-UBX_MON_RF_UART1
    0x02, 0x00, 0x74, 0x10, 0, // CFG-UART1OUTPROT-NMEA
];

/// The receiver's switches.
pub struct Supplies<M, B> {
    /// All of it.
    pub main: M,
    /// Its memory and clock.
    pub backup: B,
}

impl<M: OutputPin, B: OutputPin> Supplies<M, B> {
    /// A pin that fails leaves the receiver as it is: a search then ends without a position.
    fn set(&mut self, main: bool, backup: bool) {
        self.main.set_state(main.into()).ok();
        self.backup.set_state(backup.into()).ok();
    }
}

/// Runs the receiver. Never ends.
pub async fn run<J: Storage, K: Keys>(
    hub: &Hub<J, K>,
    rx: impl Read,
    mut tx: impl Write,
    mut supplies: Supplies<impl OutputPin, impl OutputPin>,
) -> ! {
    let mut ear = Ear { rx, receiver: Receiver::new(), chunk: [0; CHUNK_BYTES], next: 0, filled: 0 };
    let mut is_on = false;
    loop {
        let power = hub.gnss_power.get();
        let is_wished = hub.is_position_wished.get();
        let is_tracking = power == GnssPower::Tracking;
        if is_wished || is_tracking {
            hub.promises.within(Task::Gnss, SEARCH_PATIENCE + CONFIGURE_PATIENCE * 2);
            if !is_on {
                supplies.set(true, true);
                configure(&mut tx).await;
                is_on = true;
            }
            let found = ear.search(hub, Instant::now() + SEARCH_PATIENCE).await;
            hub.is_position_wished.set(false);
            hub.give(found.map_or(Input::NoFix, Input::Fix));
            if found.is_some() {
                hub.keep_time();
            }
            continue;
        }
        supplies.set(false, power != GnssPower::Off);
        is_on = false;
        ear.receiver = Receiver::new();
        hub.promises.rest(Task::Gnss);
        select(hub.gnss.wait(), ear.pass_over()).await;
    }
}

/// What hears the receiver.
struct Ear<R> {
    rx: R,
    receiver: Receiver,
    chunk: [u8; CHUNK_BYTES],
    next: usize,
    filled: usize,
}

impl<R: Read> Ear<R> {
    /// The next position, while there is time; words about signals go to the core meanwhile.
    async fn search<J: Storage, K: Keys>(&mut self, hub: &Hub<J, K>, deadline: Instant) -> Option<GnssFix> {
        loop {
            while self.next < self.filled {
                let byte = self.chunk[self.next];
                self.next += 1;
                if let Some(fix) = self.receiver.push(byte).and_then(|event| told(hub, event)) {
                    return Some(fix);
                }
            }
            if Instant::now() >= deadline {
                return None;
            }
            (self.next, self.filled) = (0, 0);
            match with_timeout(EPOCH_PAUSE, self.rx.read(&mut self.chunk)).await {
                Ok(Ok(length)) if length > 0 => self.filled = length,
                Ok(_) => Timer::after(BROKEN_PAUSE).await,
                Err(_) => {
                    while let Some(event) = self.receiver.finish() {
                        if let Some(fix) = told(hub, event) {
                            return Some(fix);
                        }
                    }
                }
            }
        }
    }

    async fn pass_over(&mut self) {
        (self.next, self.filled) = (0, 0);
        loop {
            if !matches!(self.rx.read(&mut self.chunk).await, Ok(1..)) {
                Timer::after(BROKEN_PAUSE).await;
            }
        }
    }
}

/// The position, if that is what the receiver tells.
fn told<J: Storage, K: Keys>(hub: &Hub<J, K>, event: GnssEvent) -> Option<GnssFix> {
    match event {
        GnssEvent::Fix(fix) => Some(fix),
        GnssEvent::Signal(signal) => {
            hub.give(Input::Signal(signal));
            None
        }
        GnssEvent::NoFix => None,
    }
}

/// A receiver that does not take it goes on with NMEA, which is read as well.
async fn configure(tx: &mut impl Write) {
    let sum = ubx_checksum(&CONFIGURE);
    let written = with_timeout(CONFIGURE_PATIENCE, async {
        for part in [&UBX_SYNC[..], &CONFIGURE, &sum] {
            tx.write_all(part).await?;
        }
        tx.flush().await
    });
    written.await.ok();
}

#[cfg(test)]
mod tests;
