//! What a batch of telemetry consists of, and what its queries answer.
//!
//! A batch is written whole or not at all: the rows of its frames, the frames themselves, the committed ranges that
//! say so, the last state of each device and the state of each monitor that has seen those frames.

use crate::SeqRanges;
use lenke_alerts::IntervalRecord;
use lenke_wire::{
    BatteryState, DeviceId, Epoch, Event, Fix, FrameId, Health, Sighting, UnixMillis, topic::Lane,
};
use lenke_zones::WearerId;
use serde::Serialize;

/// Rows after which a batch should be committed: throughput is flat from here, latency is not.
pub const BATCH_ROWS_MAX: usize = 10_000;

/// Refused inputs that are kept; the oldest go first and are counted.
pub const QUARANTINE_ROWS_MAX: u64 = 10_000;

/// Bytes kept of one refused input.
pub const QUARANTINE_BYTES_MAX: usize = 2048;

/// Bytes kept of a refused input's source and of its detail.
pub const QUARANTINE_TEXT_MAX: usize = 256;

/// One position of a wearer. A protected person's never becomes one.
#[derive(Clone, Debug, PartialEq)]
pub struct FixRow {
    /// Whose, by the activation that held at the fix's time.
    pub wearer: WearerId,
    /// Reported by.
    pub device: DeviceId,
    /// Frame it came in.
    pub frame: FrameId,
    /// Its place in the frame.
    pub index: u16,
    /// The position.
    pub fix: Fix,
    /// When the centre took the frame.
    pub received_at: UnixMillis,
    /// A backlog brought it.
    pub late: bool,
}

/// One radio heartbeat.
#[derive(Clone, Debug, PartialEq)]
pub struct SightingRow {
    /// Reported by.
    pub device: DeviceId,
    /// Frame it came in.
    pub frame: FrameId,
    /// Its place in the frame.
    pub index: u16,
    /// The heartbeat.
    pub sighting: Sighting,
    /// When the centre took the frame.
    pub received_at: UnixMillis,
}

/// One event of a device.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    /// Reported by.
    pub device: DeviceId,
    /// Frame it came in.
    pub frame: FrameId,
    /// The event.
    pub event: Event,
    /// When the centre took the frame.
    pub received_at: UnixMillis,
}

/// One report of a device on itself.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthRow {
    /// Reported by.
    pub device: DeviceId,
    /// Frame it came in.
    pub frame: FrameId,
    /// The report.
    pub health: Health,
    /// When the centre took the frame.
    pub received_at: UnixMillis,
}

/// A frame as it came: what a court may have checked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameRow {
    /// Sent by.
    pub device: DeviceId,
    /// Which.
    pub frame: FrameId,
    /// How it came.
    pub lane: Lane,
    /// When the centre took it.
    pub received_at: UnixMillis,
    /// The sealed bytes.
    pub bytes: Vec<u8>,
}

impl FrameRow {
    /// Where the frame stands among its device's: the next page begins after it.
    pub const fn key(&self) -> FrameKey {
        FrameKey { received_at: self.received_at, frame: self.frame }
    }
}

/// The order of one device's frames: by arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FrameKey {
    /// When the centre took it.
    pub received_at: UnixMillis,
    /// Which, among those that came at that moment.
    pub frame: FrameId,
}

/// The newest that is known of a device.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceLast {
    /// The device.
    pub device: DeviceId,
    /// Who carries it.
    pub wearer: WearerId,
    /// Newest frame heard, in the device's own order.
    pub frame: FrameId,
    /// Newest position; never a protected person's.
    pub fix: Option<Fix>,
    /// Newest battery state.
    pub battery: Option<BatteryState>,
    /// When the device was heard last.
    pub heard_at: UnixMillis,
}

impl DeviceLast {
    /// Takes over what `other` knows better: each part keeps its newest by the device's own order. A backlog does not
    /// move a device back, and nothing of one wearer is carried over to the next.
    pub fn merge(&mut self, other: Self) {
        if other.frame < self.frame {
            let newer = std::mem::replace(self, other);
            return self.merge(newer);
        }
        let older = std::mem::replace(self, other);
        self.heard_at = self.heard_at.max(older.heard_at);
        if older.wearer != self.wearer {
            return;
        }
        self.fix = match (older.fix, self.fix) {
            (Some(before), Some(now)) if before.at > now.at => Some(before),
            (before, now) => now.or(before),
        };
        self.battery = self.battery.or(older.battery);
    }
}

/// An input that was refused, kept for a person to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// The device it claims to come from, if it names one.
    pub device: Option<DeviceId>,
    /// Topic or peer. Cut to [`QUARANTINE_TEXT_MAX`] bytes by the store.
    pub source: String,
    /// Code of the rule that refused it.
    pub reason: String,
    /// When it came.
    pub received_at: UnixMillis,
    /// Its bytes. Cut to [`QUARANTINE_BYTES_MAX`] by the store.
    pub bytes: Vec<u8>,
    /// What exactly was wrong. Cut to [`QUARANTINE_TEXT_MAX`] bytes by the store.
    pub detail: String,
}

/// What one transaction writes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Positions.
    pub fixes: Vec<FixRow>,
    /// Radio heartbeats.
    pub sightings: Vec<SightingRow>,
    /// Events of devices.
    pub events: Vec<EventRow>,
    /// Reports of devices on themselves.
    pub health: Vec<HealthRow>,
    /// Frames as they came.
    pub frames: Vec<FrameRow>,
    /// Every frame that this batch accounts for, with rows or without.
    pub committed: Vec<(DeviceId, FrameId)>,
    /// What is now the newest of the devices.
    pub last: Vec<DeviceLast>,
    /// Serialized monitors that have seen the batch's frames; of two for one wearer the later counts.
    pub snapshots: Vec<(WearerId, Vec<u8>)>,
    /// Serialized chain followers that have seen the batch's frames; of two for one device the later counts.
    pub chains: Vec<(DeviceId, Vec<u8>)>,
    /// Intervals as they are now, each in the place of what is known under its id; one without length goes.
    pub intervals: Vec<IntervalRecord>,
    /// Refused inputs.
    pub quarantined: Vec<Quarantined>,
}

impl Batch {
    /// Rows in the batch, for [`BATCH_ROWS_MAX`].
    pub fn rows(&self) -> usize {
        self.fixes.len()
            + self.sightings.len()
            + self.events.len()
            + self.health.len()
            + self.frames.len()
            + self.intervals.len()
            + self.quarantined.len()
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.rows() == 0
            && self.committed.is_empty()
            && self.last.is_empty()
            && self.snapshots.is_empty()
            && self.chains.is_empty()
    }
}

/// What a commit did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Frames that were not committed before.
    pub frames: u64,
    /// Frames that were, whose rows were therefore dropped.
    pub duplicate_frames: u64,
    /// Telemetry rows written.
    pub rows: u64,
}

/// The frames of one device's epoch that are in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The device.
    pub device: DeviceId,
    /// Its epoch.
    pub epoch: Epoch,
    /// The frames.
    pub ranges: SeqRanges,
}

/// A trail's order: by time, and where two fixes share it by where they came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrailKey {
    /// When the fix was taken.
    pub at: UnixMillis,
    /// By which device.
    pub device: DeviceId,
    /// Frame it came in.
    pub frame: FrameId,
    /// Its place in the frame.
    pub index: u16,
}

/// One point of a wearer's trail.
#[derive(Clone, Debug, PartialEq)]
pub struct TrailPoint {
    /// Reported by.
    pub device: DeviceId,
    /// Frame it came in.
    pub frame: FrameId,
    /// Its place in the frame.
    pub index: u16,
    /// The position.
    pub fix: Fix,
    /// When the centre took the frame.
    pub received_at: UnixMillis,
    /// A backlog brought it.
    pub late: bool,
}

impl TrailPoint {
    /// Where the point stands in its trail: the next page begins after it.
    pub const fn key(&self) -> TrailKey {
        TrailKey { at: self.fix.at, device: self.device, frame: self.frame, index: self.index }
    }
}

/// How much the store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Frames committed, with a row of their own or without.
    pub frames: u64,
    /// Positions.
    pub fixes: u64,
    /// Radio heartbeats.
    pub sightings: u64,
    /// Events of devices.
    pub events: u64,
    /// Reports of devices on themselves.
    pub health: u64,
    /// Refused inputs that were kept at some time.
    pub quarantined: u64,
    /// Of these, those given up for newer ones.
    pub quarantine_dropped: u64,
    /// Alerts.
    pub alerts: u64,
    /// Of these, those that no person has closed.
    pub alerts_open: u64,
    /// Wearers and protected persons.
    pub wearers: u64,
    /// Devices.
    pub devices: u64,
    /// Zones, each once.
    pub zones: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use lenke_wire::{Position, TimeSource};

    fn last(wearer: u64, seq: u32, heard_at: i64, fix_at: Option<i64>, percent: Option<u8>) -> DeviceLast {
        let fix = |at| Fix {
            at: UnixMillis(at),
            time_source: TimeSource::Gnss,
            position: Position::from_e7(599_000_000, 107_000_000).unwrap(),
            accuracy_dm: 50,
            speed_cm_s: 0,
            course_cdeg: 0,
            satellites: 9,
        };
        let battery = |percent| BatteryState { percent, millivolts: 3900, charging: false, empty_at: None };
        DeviceLast {
            device: DeviceId::new(1),
            wearer: WearerId(wearer),
            frame: FrameId::new(1, seq),
            fix: fix_at.map(fix),
            battery: percent.map(battery),
            heard_at: UnixMillis(heard_at),
        }
    }

    #[test]
    fn a_backlog_does_not_move_a_device_back_in_whichever_order_it_comes() {
        let live = last(1, 9, 2_000, Some(1_900), None);
        let backlog = last(1, 3, 2_500, Some(400), Some(70));
        let mut merged = live.clone();
        merged.merge(backlog.clone());
        assert_eq!(merged, last(1, 9, 2_500, Some(1_900), Some(70)));
        let mut reversed = backlog;
        reversed.merge(live);
        assert_eq!(reversed, merged);
    }

    #[test]
    fn the_next_wearer_inherits_no_position() {
        let mut merged = last(1, 9, 2_000, Some(1_900), Some(50));
        merged.merge(last(2, 10, 3_000, None, None));
        assert_eq!(merged, last(2, 10, 3_000, None, None));
    }
}
