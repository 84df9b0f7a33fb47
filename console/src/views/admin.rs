//! The platform's own state, for administrators.

use lenke_store::{
    AuditRecord, Counts, Quarantined,
    upkeep::{Headroom, Level},
};
use serde::Serialize;
use std::fmt::Write as _;
use utoipa::ToSchema;

/// How much the store holds.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct StoreCounts {
    /// Frames committed.
    frames: u64,
    /// Positions.
    fixes: u64,
    /// Radio heartbeats.
    sightings: u64,
    /// Events of devices.
    events: u64,
    /// Reports of devices on themselves.
    health: u64,
    /// Refused inputs that were kept at some time.
    quarantined: u64,
    /// Of these, those given up for newer ones.
    quarantine_dropped: u64,
    /// Alerts.
    alerts: u64,
    /// Of these, those that no person has closed.
    alerts_open: u64,
    /// Wearers and protected persons.
    wearers: u64,
    /// Devices.
    devices: u64,
    /// Zones, each once.
    zones: u64,
}

impl From<Counts> for StoreCounts {
    fn from(counts: Counts) -> Self {
        Self {
            frames: counts.frames,
            fixes: counts.fixes,
            sightings: counts.sightings,
            events: counts.events,
            health: counts.health,
            quarantined: counts.quarantined,
            quarantine_dropped: counts.quarantine_dropped,
            alerts: counts.alerts,
            alerts_open: counts.alerts_open,
            wearers: counts.wearers,
            devices: counts.devices,
            zones: counts.zones,
        }
    }
}

/// How the console itself is doing.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct ConsoleState {
    /// Centre's time, milliseconds of Unix time.
    pub(crate) now: i64,
    /// How many times faster than real time the centre's clock runs.
    pub(crate) speed: u32,
    /// People signed in.
    pub(crate) sessions: usize,
    /// Live streams open.
    pub(crate) streams: usize,
    /// Alerts on the desk: those that no person has closed.
    pub(crate) alerts_open: usize,
}

/// How far something finite is used up.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Headroom)]
pub(crate) struct HeadroomView {
    /// What.
    #[schema(example = "transaction ids")]
    what: &'static str,
    /// The used part, 0 to 1.
    used: f64,
    /// What it asks for: nothing, a look, or to act now.
    level: HeadroomLevel,
    /// In words.
    detail: String,
}

/// What a limit asks for.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HeadroomLevel {
    /// Nothing.
    Good,
    /// A look: half is used up.
    Warn,
    /// To act now: it is nearly met.
    Bad,
}

impl From<Headroom> for HeadroomView {
    fn from(limit: Headroom) -> Self {
        let level = match limit.level() {
            Level::Good => HeadroomLevel::Good,
            Level::Warn => HeadroomLevel::Warn,
            Level::Bad => HeadroomLevel::Bad,
        };
        Self { what: limit.what, used: limit.used, level, detail: limit.detail }
    }
}

/// The platform's own state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Status {
    /// Limits of the database and the disk, those that are used up most first.
    pub(crate) headroom: Vec<HeadroomView>,
    /// Counters of ingest, as it publishes them.
    #[schema(value_type = Object)]
    pub(crate) counters: serde_json::Value,
    /// Refused inputs by reason, from the counters.
    #[schema(value_type = Object)]
    pub(crate) rejections: serde_json::Value,
    /// How much the store holds.
    pub(crate) store: StoreCounts,
    /// Queues and their fill, from the counters.
    #[schema(value_type = Object)]
    pub(crate) queues: serde_json::Value,
    /// The console itself.
    pub(crate) console: ConsoleState,
}

/// An input that was refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Quarantined)]
pub(crate) struct QuarantinedView {
    /// Its number, rising.
    id: u64,
    /// When it came, milliseconds of Unix time.
    received_at: i64,
    /// Topic or peer.
    source: String,
    /// The device it claims to come from, if it names one.
    device: Option<String>,
    /// Code of the rule that refused it.
    #[schema(example = "wrong_key")]
    reason: String,
    /// What exactly was wrong.
    detail: String,
    /// Its first bytes in hexadecimal.
    bytes_hex: String,
    /// How many bytes of it are kept.
    bytes_kept: usize,
}

impl QuarantinedView {
    /// A refused input with its number.
    pub(crate) fn of(id: u64, refused: &Quarantined) -> Self {
        let shown = refused.bytes.iter().take(crate::limits::QUARANTINE_BYTES_SHOWN);
        let bytes_hex = shown.fold(String::new(), |mut text, byte| {
            // Writing into a `String` cannot fail.
            let _written = write!(text, "{byte:02x}");
            text
        });
        Self {
            id,
            received_at: refused.received_at.0,
            source: refused.source.clone(),
            device: refused.device.map(|device| device.to_string()),
            reason: refused.reason.clone(),
            detail: refused.detail.clone(),
            bytes_hex,
            bytes_kept: refused.bytes.len(),
        }
    }
}

/// One entry of the audit log.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct AuditView {
    /// Its number, without gaps from 1.
    seq: u64,
    /// When, milliseconds of Unix time.
    at: i64,
    /// Who.
    actor: String,
    /// What, as a stable code.
    #[schema(example = "trail.read")]
    action: String,
    /// On what: a wearer, an alert of one, or `all`.
    #[schema(example = "W-00042")]
    object: String,
    /// Why, or with which arguments.
    detail: String,
    /// Hash that binds it to the one before, in hexadecimal.
    hash: String,
}

impl From<&AuditRecord> for AuditView {
    fn from(record: &AuditRecord) -> Self {
        let entry = &record.entry;
        Self {
            seq: record.seq,
            at: entry.at.0,
            actor: entry.actor.clone(),
            action: entry.action.clone(),
            object: entry.object.clone(),
            detail: entry.detail.clone(),
            hash: record.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}
