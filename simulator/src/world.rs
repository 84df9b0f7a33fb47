//! What one device of a scenario experiences: where it truly is, and what its instruments make of that.

use crate::battery::Battery;
use crate::cast::Script;
use crate::day::{Day, Surroundings, Truth};
use crate::gnss::Receiver;
use crate::person::Person;
use crate::radio::Network;
use jiff::tz::TimeZone;
use lenke_wire::{BatteryState, DeviceId, Fix, Position, UnixMillis};

/// What moves a device.
#[derive(Clone, Debug)]
pub enum Life {
    /// An ordinary person's days; the one planned last is kept.
    Ordinary {
        /// Who.
        person: Box<Person>,
        /// Clock of their town.
        zone: TimeZone,
        /// The day planned last.
        day: Option<Box<Day>>,
    },
    /// A role of the cast.
    Played(Script),
    /// Stays in one place outdoors.
    Resting(Position),
}

/// Everything around one device.
#[derive(Clone, Debug)]
pub struct World {
    life: Life,
    receiver: Receiver,
    network: Network,
    battery: Battery,
    home_unit: Option<DeviceId>,
}

impl World {
    /// The world around `device` under `seed`; `home_unit` is heard at home.
    pub fn new(seed: u64, device: DeviceId, life: Life, home_unit: Option<DeviceId>) -> Self {
        Self {
            life,
            receiver: Receiver::new(seed, device.number()),
            network: Network::new(seed, device.number()),
            battery: Battery::new(seed, device.number()),
            home_unit,
        }
    }

    /// Where the device truly is.
    pub fn truth(&mut self, at: UnixMillis) -> Truth {
        match &mut self.life {
            Life::Played(script) => script.truth(at),
            Life::Resting(position) => Truth::still(*position, Surroundings::Street),
            Life::Ordinary { person, zone, day } => {
                if day.as_ref().is_none_or(|day| !day.holds(at)) {
                    *day = Some(Box::new(Day::containing(person, zone, at)));
                }
                day.as_ref().map_or_else(
                    || Truth::still(person.position(crate::person::Place::Home), Surroundings::Home),
                    |day| day.truth(at),
                )
            }
        }
    }

    /// What the receiver gives when it is asked at `at`.
    pub fn fix(&mut self, at: UnixMillis) -> Option<Fix> {
        let truth = self.truth(at);
        self.receiver.sample(&truth, at)
    }

    /// Whether the network is there; the cast has only the outages of its script.
    pub fn is_online(&self, at: UnixMillis) -> bool {
        match &self.life {
            Life::Played(script) => script.is_online(at),
            Life::Resting(_) => true,
            Life::Ordinary { .. } => self.network.is_up(at),
        }
    }

    /// The battery.
    pub fn battery(&self, at: UnixMillis) -> BatteryState {
        let scripted = match &self.life {
            Life::Played(script) => script.battery(at),
            Life::Ordinary { .. } | Life::Resting(_) => None,
        };
        scripted.unwrap_or_else(|| self.battery.at(at))
    }

    /// Whether the strap is open.
    pub fn strap_open(&self, at: UnixMillis) -> bool {
        matches!(&self.life, Life::Played(script) if script.strap_open(at))
    }

    /// Whether the accelerometer feels motion.
    pub fn is_moving(&mut self, at: UnixMillis) -> bool {
        self.truth(at).speed_m_s > 0.0
    }

    /// The home unit that is heard at home.
    pub fn home_unit(&self) -> Option<DeviceId> {
        self.home_unit
    }

    /// The home unit, while it is heard.
    pub fn heard(&mut self, at: UnixMillis) -> Option<DeviceId> {
        let unit = self.home_unit?;
        (self.truth(at).surroundings == Surroundings::Home).then_some(unit)
    }
}
