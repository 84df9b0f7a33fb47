//! The GNSS receiver: switched on when the core wishes a position, off when there is one or the patience ends.
//!
//! While the receiver is off, what still arrives is passed over, so that no old position is taken for a new one.

use crate::{hub::Hub, promise::Task};
use embassy_futures::select::select;
use embassy_time::{Duration, Instant, Timer, with_deadline, with_timeout};
use embedded_hal::digital::OutputPin;
use embedded_io_async::{Read, Write};
use lenke_firmware_core::{
    GnssFix, Input, Journal,
    gnss::{GnssEvent, Receiver, ubx_checksum},
};
use lenke_wire::chain::Sign;

/// A receiver without a position after this long is given up for this time.
pub const SEARCH_PATIENCE: Duration = Duration::from_secs(90);
/// A pause between bytes that ends an epoch.
const EPOCH_PAUSE: Duration = Duration::from_millis(150);
/// A receiver's UART that fails is asked again after this.
const BROKEN_PAUSE: Duration = Duration::from_secs(1);
const CONFIGURE_PATIENCE: Duration = Duration::from_secs(2);
const CHUNK_BYTES: usize = 64;

/// UBX-CFG-VALSET from class to payload: in RAM, NAV-PVT on UART1 at every epoch, no NMEA there.
const CONFIGURE: [u8; 18] = [
    0x06, 0x8a, 14, 0, // class, id, length
    0, 1, 0, 0, // version, RAM layer, reserved
    0x07, 0x00, 0x91, 0x20, 1, // CFG-MSGOUT-UBX_NAV_PVT_UART1
    0x02, 0x00, 0x74, 0x10, 0, // CFG-UART1OUTPROT-NMEA
];
const UBX_SYNC: [u8; 2] = [0xb5, 0x62];

/// Runs the receiver. Never ends.
pub async fn run<J: Journal, S: Sign>(
    hub: &Hub<J, S>,
    mut rx: impl Read,
    mut tx: impl Write,
    mut power: impl OutputPin,
) -> ! {
    let mut receiver = Receiver::new();
    loop {
        hub.promises.rest(Task::Gnss);
        select(hub.sample.wait(), pass_over(&mut rx)).await;
        hub.promises.within(Task::Gnss, SEARCH_PATIENCE + CONFIGURE_PATIENCE * 2);
        let switched = power.set_high();
        configure(&mut tx).await;
        let deadline = Instant::now() + SEARCH_PATIENCE;
        let found = match switched {
            Ok(()) => with_deadline(deadline, search(&mut receiver, &mut rx)).await.ok(),
            Err(_) => None,
        };
        // A pin that fails leaves the receiver on: costly, but no position is lost by it.
        power.set_low().ok();
        receiver = Receiver::new();
        match found {
            Some(fix) => {
                hub.correct_clock(fix.at);
                hub.give(Input::Fix(fix));
            }
            None => hub.give(Input::NoFix),
        }
    }
}

/// The next position.
async fn search(receiver: &mut Receiver, rx: &mut impl Read) -> GnssFix {
    let mut chunk = [0; CHUNK_BYTES];
    loop {
        match with_timeout(EPOCH_PAUSE, rx.read(&mut chunk)).await {
            Ok(Ok(length)) if length > 0 => {
                for &byte in &chunk[..length] {
                    if let Some(GnssEvent::Fix(fix)) = receiver.push(byte) {
                        return fix;
                    }
                }
            }
            Ok(_) => Timer::after(BROKEN_PAUSE).await,
            Err(_) => {
                while let Some(event) = receiver.finish() {
                    if let GnssEvent::Fix(fix) = event {
                        return fix;
                    }
                }
            }
        }
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

async fn pass_over(rx: &mut impl Read) {
    let mut chunk = [0; CHUNK_BYTES];
    loop {
        if !matches!(rx.read(&mut chunk).await, Ok(1..)) {
            Timer::after(BROKEN_PAUSE).await;
        }
    }
}

#[cfg(test)]
mod tests;
