//! Where people are: positions and trails. Never a protected person's.

use super::WearerText;
use lenke_notify::PositionUpdate;
use lenke_store::{DeviceLast, TrailPoint};
use lenke_wire::Position;
use serde::Serialize;
use utoipa::ToSchema;

/// A place on the earth, WGS 84.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Place {
    /// Degrees, north positive.
    #[schema(example = 59.9139)]
    pub(crate) lat: f64,
    /// Degrees, east positive.
    #[schema(example = 10.7522)]
    pub(crate) lon: f64,
}

impl From<Position> for Place {
    fn from(position: Position) -> Self {
        Self { lat: position.lat(), lon: position.lon() }
    }
}

/// A frame of one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Frame {
    /// Boot counter of the device.
    pub(crate) epoch: u32,
    /// Number within the epoch.
    pub(crate) seq: u32,
}

impl From<lenke_wire::FrameId> for Frame {
    fn from(frame: lenke_wire::FrameId) -> Self {
        Self { epoch: frame.epoch.0, seq: frame.seq.0 }
    }
}

/// The last known position of a wearer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LastPosition {
    /// Who.
    pub(crate) wearer: WearerText,
    /// The device that reported it.
    #[schema(example = "lk000042")]
    pub(crate) device: String,
    /// When it was taken, milliseconds of Unix time.
    pub(crate) at: i64,
    /// When the device was last heard, milliseconds of Unix time.
    pub(crate) received_at: i64,
    /// Degrees, north positive.
    pub(crate) lat: f64,
    /// Degrees, east positive.
    pub(crate) lon: f64,
    /// 68 % radius, metres.
    pub(crate) accuracy_m: f64,
    /// Speed over ground, m/s.
    pub(crate) speed_m_s: f64,
    /// Charge of the device, if it ever told it.
    pub(crate) battery_percent: Option<u8>,
}

impl LastPosition {
    /// `None` for a device without a fix: one that had none yet, or a victim unit.
    pub(crate) fn of(last: &DeviceLast) -> Option<Self> {
        let fix = last.fix?;
        Some(Self {
            wearer: WearerText(last.wearer),
            device: last.device.to_string(),
            at: fix.at.0,
            received_at: last.heard_at.0,
            lat: fix.position.lat(),
            lon: fix.position.lon(),
            accuracy_m: fix.accuracy_m(),
            speed_m_s: fix.speed_m_s(),
            battery_percent: last.battery.map(|battery| battery.percent),
        })
    }
}

/// One point of a wearer's recorded path.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TrailFix {
    /// When it was taken, milliseconds of Unix time.
    pub(crate) at: i64,
    /// Degrees, north positive.
    pub(crate) lat: f64,
    /// Degrees, east positive.
    pub(crate) lon: f64,
    /// 68 % radius, metres.
    pub(crate) accuracy_m: f64,
    /// It came with a backlog, after the fact.
    pub(crate) late: bool,
}

/// A position as the live stream carries it:
/// `[wearer number, lon, lat, accuracy_m, at, device, epoch, seq]`, an array because thousands a second travel.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LiveRow(u64, f64, f64, f64, i64, String, u32, u32);

impl From<&PositionUpdate> for LiveRow {
    fn from(update: &PositionUpdate) -> Self {
        let (position, frame) = (update.position, update.frame);
        Self(
            update.wearer.0,
            position.lon(),
            position.lat(),
            update.accuracy_m,
            update.at.0,
            update.device.to_string(),
            frame.epoch.0,
            frame.seq.0,
        )
    }
}

impl From<&TrailPoint> for TrailFix {
    fn from(point: &TrailPoint) -> Self {
        Self {
            at: point.fix.at.0,
            lat: point.fix.position.lat(),
            lon: point.fix.position.lon(),
            accuracy_m: point.fix.accuracy_m(),
            late: point.late,
        }
    }
}
