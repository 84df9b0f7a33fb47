//! What is on the I2C bus: fuel gauge and accelerometer; and the pins that go with them.
//!
//! The accelerometer decides by itself whether the tag moves, and says so on a pin: high while it has been still for some time.
//! The gauge is asked once a minute.

mod accelerometer;
mod gauge;

use crate::{
    hub::{Hub, Keys, Storage},
    promise::Task,
};
use embassy_futures::select::select3;
use embassy_time::{Duration, Timer};
use embedded_hal::digital::InputPin;
use embedded_hal_async::{digital::Wait, i2c::I2c};
use lenke_firmware_core::Input;
use lenke_wire::BatteryState;

pub use accelerometer::ACCELEROMETER;
pub use gauge::GAUGE;

/// The gauge and the thermometer are asked this often.
pub const MEASURE_EVERY: Duration = Duration::from_secs(60);
/// The pins may not ask for more attention than this.
const SETTLE: Duration = Duration::from_millis(500);

/// Bus and pins.
pub struct Sensors<I, C, S> {
    /// The bus.
    pub bus: I,
    /// High while a charger is connected.
    pub charger: C,
    /// High while the accelerometer finds the tag still.
    pub still: S,
}

/// Watches the sensors. Never ends.
pub async fn run<J: Storage, K: Keys>(
    hub: &Hub<J, K>,
    mut sensors: Sensors<impl I2c, impl InputPin + Wait, impl InputPin + Wait>,
) -> ! {
    let mut is_configured = false;
    let mut moving = None;
    loop {
        hub.promises.within(Task::Sensors, MEASURE_EVERY * 2);
        let bus = &mut sensors.bus;
        if !is_configured {
            is_configured = accelerometer::configure(bus).await.is_ok();
        }
        // Without an accelerometer the tag counts as moving: it then looks at its position as often as it should.
        let now_moving = !is_configured || sensors.still.is_low().unwrap_or(true);
        if moving != Some(now_moving) {
            moving = Some(now_moving);
            hub.give(Input::Motion { moving: now_moving });
        }
        if let Ok(celsius) = accelerometer::temperature(bus).await {
            hub.note_temperature(celsius);
        }
        let charging = sensors.charger.is_high().unwrap_or(false);
        if let Ok((percent, millivolts)) = gauge::read(bus).await {
            hub.give(Input::Battery(BatteryState { percent, millivolts, charging, empty_at: None }));
        }
        let pins = (changed(&mut sensors.charger, charging), changed(&mut sensors.still, !now_moving));
        select3(pins.0, pins.1, Timer::after(MEASURE_EVERY)).await;
        Timer::after(SETTLE).await;
    }
}

/// Waits until a pin has another level.
async fn changed(pin: &mut impl Wait, from: bool) {
    let waited = if from { pin.wait_for_low().await } else { pin.wait_for_high().await };
    if waited.is_err() {
        core::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests;
