//! The sensors' task over a bus with both chips, with one, and with none.

use super::*;
use crate::bench::{Pin, TestHub, hub, run as run_virtual, start};
use core::cell::{Cell, RefCell};
use embassy_futures::select::select;
use embedded_hal_async::i2c::{ErrorKind, ErrorType, NoAcknowledgeSource, Operation};
use std::{vec, vec::Vec};

/// The bus with its chips.
struct Bus {
    /// Percent and millivolts; `None`: nobody answers.
    gauge: Cell<Option<(u8, u16)>>,
    temperature: Cell<Option<i8>>,
    written: RefCell<Vec<Vec<u8>>>,
}

impl Bus {
    fn new() -> Self {
        Self {
            gauge: Cell::new(Some((80, 3_900))),
            temperature: Cell::new(Some(-5)),
            written: RefCell::default(),
        }
    }

    fn register(&self, address: u8, register: u8) -> Option<Vec<u8>> {
        let gauge = self.gauge.get().filter(|_| address == GAUGE);
        Some(match (address, register) {
            (GAUGE, 0x04) => vec![gauge?.0, 0x7f],
            (GAUGE, 0x02) => (u32::from(gauge?.1) * 64 / 5 + 1).to_be_bytes()[2..].to_vec(),
            (ACCELEROMETER, 0x26) => vec![(self.temperature.get()? - 25).cast_unsigned()],
            _ => return None,
        })
    }
}

impl ErrorType for &Bus {
    type Error = ErrorKind;
}

impl I2c for &Bus {
    async fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), Self::Error> {
        let nobody = ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address);
        match operations {
            [Operation::Write(bytes)] if address == ACCELEROMETER && self.temperature.get().is_some() => {
                self.written.borrow_mut().push(bytes.to_vec());
                Ok(())
            }
            [Operation::Write([register]), Operation::Read(out)] => {
                out.copy_from_slice(&self.register(address, *register).ok_or(nobody)?);
                Ok(())
            }
            _ => Err(nobody),
        }
    }
}

/// A running tag, whose accelerometer finds it moving, and its sensors; `story` happens to them.
fn play(bus: &Bus, story: impl AsyncFnOnce(&TestHub, &Pin, &Pin)) {
    let (hub, charger, still) = (hub(), Pin::default(), Pin::default());
    start(&hub);
    let sensors = Sensors { bus, charger: charger.clone(), still: still.clone() };
    let tasks = select(run(&hub, sensors), crate::hub::run_timer(&hub));
    run_virtual(select(tasks, story(&hub, &charger, &still)));
    assert_eq!(hub.promises.broken(embassy_time::Instant::now()), None);
}

#[test]
fn charge_voltage_and_charger_reach_the_core() {
    let bus = Bus::new();
    play(&bus, async |hub, charger, _| {
        Timer::after_secs(1).await;
        let battery = hub.look(|tag| tag.battery()).unwrap();
        assert_eq!((battery.percent, battery.millivolts, battery.charging), (80, 3_900, false));
        bus.gauge.set(Some((81, 4_100)));
        charger.set(true);
        Timer::after_secs(1).await;
        let battery = hub.look(|tag| tag.battery()).unwrap();
        assert_eq!((battery.percent, battery.millivolts, battery.charging), (81, 4_100, true));
    });
    assert_eq!(bus.written.borrow().len(), 5);
}

#[test]
fn a_bus_where_nobody_answers_is_asked_again() {
    let bus = Bus::new();
    bus.gauge.set(None);
    bus.temperature.set(None);
    play(&bus, async |hub, _, _| {
        Timer::after_secs(70).await;
        assert_eq!(hub.look(|tag| tag.battery()), None);
        bus.gauge.set(Some((40, 3_700)));
        bus.temperature.set(Some(20));
        Timer::after_secs(70).await;
        assert_eq!(hub.look(|tag| tag.battery()).unwrap().percent, 40);
    });
    assert_eq!(bus.written.borrow().len(), 5);
}

#[test]
fn a_tag_that_lies_still_says_so_and_one_that_is_picked_up_too() {
    use lenke_wire::TagState;
    let bus = Bus::new();
    play(&bus, async |hub, _, still| {
        Timer::after_secs(30).await;
        assert_eq!(hub.look(|tag| tag.state()), TagState::Roam);
        still.set(true);
        Timer::after_secs(1_200).await;
        assert_eq!(hub.look(|tag| tag.state()), TagState::Still);
        still.set(false);
        Timer::after_secs(2).await;
        assert_eq!(hub.look(|tag| tag.state()), TagState::Roam);
    });
}
