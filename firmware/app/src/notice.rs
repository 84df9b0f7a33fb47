//! Tells the wearer: as many short pulses of vibration and light as the notice's number; one long pulse for a tag that is out of order.

use crate::{
    hub::{Hub, Keys, Storage},
    promise::Task,
};
use embassy_time::{Duration, Timer};
use embedded_hal::digital::OutputPin;

const ON: Duration = Duration::from_millis(200);
const OFF: Duration = Duration::from_millis(300);
/// Between two notices.
const PAUSE: Duration = Duration::from_secs(3);
/// More than any notice takes.
const PROMISE: Duration = Duration::from_secs(20);
const FAULT_ON: Duration = Duration::from_secs(1);
const FAULT_OFF: Duration = Duration::from_secs(9);

/// Tells the notices that the core wishes. Never ends.
pub async fn run<J: Storage, K: Keys>(
    hub: &Hub<J, K>,
    mut vibration: impl OutputPin,
    mut light: impl OutputPin,
) -> ! {
    loop {
        hub.promises.rest(Task::Notice);
        let code = hub.notices.receive().await;
        hub.promises.within(Task::Notice, PROMISE);
        for _ in 0..code as u8 {
            pulse(&mut vibration, &mut light, ON, OFF).await;
        }
        Timer::after(PAUSE).await;
    }
}

/// A tag that cannot start says so. Never ends.
pub async fn run_fault(mut vibration: impl OutputPin, mut light: impl OutputPin) -> ! {
    loop {
        pulse(&mut vibration, &mut light, FAULT_ON, FAULT_OFF).await;
    }
}

/// A pin that fails leaves the other one.
async fn pulse(vibration: &mut impl OutputPin, light: &mut impl OutputPin, on: Duration, off: Duration) {
    vibration.set_high().ok();
    light.set_high().ok();
    Timer::after(on).await;
    vibration.set_low().ok();
    light.set_low().ok();
    Timer::after(off).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{Pin, hub, run as run_virtual};
    use embassy_futures::select::select;
    use lenke_wire::downlink::NoticeCode;

    #[test]
    fn a_notice_is_as_many_pulses_as_its_number() {
        let (hub, vibration, light) = (hub(), Pin::default(), Pin::default());
        hub.notices.try_send(NoticeCode::GoHome).unwrap();
        run_virtual(select(run(&hub, vibration.clone(), light.clone()), Timer::after_secs(10)));
        assert_eq!((vibration.rises(), light.rises()), (4, 4));
        assert!(!vibration.level() && !light.level());
    }

    #[test]
    fn a_tag_out_of_order_pulses_every_ten_seconds() {
        let vibration = Pin::default();
        run_virtual(select(run_fault(vibration.clone(), Pin::default()), Timer::after_secs(95)));
        assert_eq!(vibration.rises(), 10);
    }
}
