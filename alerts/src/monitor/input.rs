//! What comes into a monitor and what goes out.

use crate::{AlertId, Finding, IntervalRecord, PermissionRef, Wearer};
use lenke_wire::{DeviceId, Event, Fix, FrameId, Health, Sighting, UnixMillis, topic::Lane};
use lenke_zones::ZoneSource;

/// What the register says now.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The wearer with order and plan.
    pub wearer: &'a Wearer,
    /// All zones.
    pub zones: &'a dyn ZoneSource,
}

/// One verified frame of a device that this wearer carries (or that stands in this wearer's home).
#[derive(Clone, Copy)]
pub struct Report<'a> {
    /// Who sent it.
    pub device: DeviceId,
    /// Its number.
    pub frame: FrameId,
    /// The lane it came on.
    pub lane: Lane,
    /// What it says.
    pub content: Content<'a>,
}

/// What a frame says.
#[derive(Clone, Copy)]
pub enum Content<'a> {
    /// Positions.
    Fixes(&'a [Fix]),
    /// An alarm or a change of state.
    Event(&'a Event),
    /// Radio heartbeats.
    Sightings(&'a [Sighting]),
    /// The device's state.
    Health(&'a Health),
    /// The signed head of the chain: says nothing about the wearer.
    Checkpoint,
}

impl Content<'_> {
    /// When the device said so, where that is one moment; fixes have a moment each.
    pub(super) fn said_at(&self) -> Option<UnixMillis> {
        match self {
            Self::Event(event) => Some(event.at),
            Self::Sightings(sightings) => sightings.last().map(|sighting| sighting.at),
            Self::Health(health) => Some(health.at),
            Self::Fixes(_) | Self::Checkpoint => None,
        }
    }
}

/// What a monitor wants done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// An alert is to be raised. An id that is known already is one more occurrence, or a replay, which
    /// [`crate::Alert::handle_recurrence`] tells apart.
    Raise(Finding),
    /// The condition of an alert no longer holds.
    End {
        /// Which.
        id: AlertId,
        /// Since when.
        at: UnixMillis,
        /// The permission that ended it, if that did and not the wearer.
        permission: Option<PermissionRef>,
    },
    /// An interval is to be kept as it is now, in the place of what is known under its id; one without length goes.
    Record(IntervalRecord),
}

/// How many of a report's fixes were judged in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Plausible, ahead of all before: judged now.
    pub live: u16,
    /// Older than the newest: judged among their neighbours in time.
    pub late: u16,
    /// Known already.
    pub duplicate: u16,
    /// Kept and marked, confirm nothing: too inaccurate, too fast, a clock that is unset, ahead or runs backwards.
    pub implausible: u16,
}
