//! What a wearer's devices told beside positions, as it is read again.

use crate::TrailKey;
use lenke_wire::{DeviceId, Event, FrameId, Health, Sighting, UnixMillis};

/// Which part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportKind {
    /// What happened to the device: strap, case, battery, zones.
    Events,
    /// The device on itself: battery, latches, network, firmware.
    Health,
    /// Whom it heard: home units, beacons.
    Sightings,
}

impl ReportKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Events, Self::Health, Self::Sightings];

    /// As commands and addresses name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Health => "health",
            Self::Sightings => "sightings",
        }
    }
}

impl std::str::FromStr for ReportKind {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or("expected events, health or sightings")
    }
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Told {
    /// An event.
    Event(Event),
    /// A report of the device on itself.
    Health(Health),
    /// A heartbeat heard.
    Sighting(Sighting),
}

impl Told {
    /// When, by the device's clock.
    pub const fn at(&self) -> UnixMillis {
        match self {
            Self::Event(event) => event.at,
            Self::Health(health) => health.at,
            Self::Sighting(sighting) => sighting.at,
        }
    }
}

/// What one device told at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Report {
    /// Told by.
    pub device: DeviceId,
    /// Frame it came in.
    pub frame: FrameId,
    /// Its place in the frame.
    pub index: u16,
    /// When the centre took the frame.
    pub received_at: UnixMillis,
    /// What.
    pub told: Told,
}

impl Report {
    /// Where it stands: the next page begins after it.
    pub const fn key(&self) -> TrailKey {
        TrailKey { at: self.told.at(), device: self.device, frame: self.frame, index: self.index }
    }
}
