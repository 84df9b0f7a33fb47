//! A small world: wearer 1 with tag 1 and an exclusion zone, wearer 2 with tag 2 who must keep away from protected
//! person 3 with victim unit 3, wearer 4 with tag 4.

use crate::{Arrival, CountersSnapshot, Intake, Pipeline, PipelineConfig, Source, journal::JournalConfig};
use bytes::Bytes;
use lenke_alerts::{
    Activation, Condition, ConditionId, ConditionRule, Device, DeviceKind, OrderId, Register,
    SupervisionPlan, Wearer,
};
use lenke_notify::Desk;
use lenke_store::{Clock, SqliteStore, Store};
use lenke_wire::{
    DeviceId, Fix, FrameId, Position, TimeSource, UnixMillis,
    codec::{Content, FRAME_BYTES_MAX, INNER_BYTES_MAX, encode},
    downlink::{Downlink, decode_downlink},
    frame::{DeviceKey, Direction, open, seal},
    sign::KeyPair,
    topic::Lane,
};
use lenke_zones::{Assignment, ConfirmPolicy, Geometry, Metres, WearerId, Zone, ZoneId, ZoneKind};
use std::{path::Path, sync::Arc, time::Duration};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// When the world begins.
pub(crate) const BEGIN: UnixMillis = UnixMillis(1_795_293_600_000);
/// Inside the exclusion zone of wearer 1.
pub(crate) const FORBIDDEN: (i32, i32) = (599_139_000, 107_522_000);
/// Far from everything.
pub(crate) const ELSEWHERE: (i32, i32) = (603_930_000, 53_240_000);

pub(crate) const TAG: DeviceId = DeviceId::new(1);
pub(crate) const GUARDED_TAG: DeviceId = DeviceId::new(2);
pub(crate) const VICTIM_UNIT: DeviceId = DeviceId::new(3);
pub(crate) const OTHER_TAG: DeviceId = DeviceId::new(4);

pub(crate) fn key(device: DeviceId) -> DeviceKey {
    DeviceKey::new(key_bytes(device))
}

fn key_bytes(device: DeviceId) -> [u8; 16] {
    [device.number() as u8 + 100; 16]
}

pub(crate) fn position((lat_e7, lon_e7): (i32, i32)) -> Position {
    Position::from_e7(lat_e7, lon_e7).unwrap()
}

pub(crate) fn register() -> Register {
    let wearer = |number: u64, rules: Vec<ConditionRule>| Wearer {
        id: WearerId(number),
        order: OrderId(number),
        order_version: 1,
        conditions: (0..)
            .zip(rules)
            .map(|(id, rule)| Condition { id: ConditionId(number * 10 + id), rule })
            .collect(),
        groups: Vec::new(),
        plan: SupervisionPlan::default(),
        home_units: Vec::new(),
    };
    let protection =
        ConditionRule::VictimProtection { victim: WearerId(3), alert_m: 500.0, pre_alert_m: 1000.0 };
    let device = |number: u64, kind| Device {
        id: DeviceId::new(number),
        kind,
        key: key_bytes(DeviceId::new(number)),
        public_key: [number as u8; 32],
        enrolled_at: BEGIN.plus_s(-86_400),
    };
    let activation = |number: u64| Activation {
        device: DeviceId::new(number),
        wearer: WearerId(number),
        from: BEGIN.plus_s(-7_200),
        to: None,
    };
    Register {
        version: 0,
        wearers: vec![
            wearer(1, vec![ConditionRule::Exclusion { zone: ZoneId(1) }]),
            wearer(2, vec![protection]),
            wearer(3, Vec::new()),
            wearer(4, vec![ConditionRule::TrailMonitoring]),
        ],
        devices: vec![
            device(1, DeviceKind::Tag),
            device(2, DeviceKind::Tag),
            device(3, DeviceKind::VictimUnit),
            device(4, DeviceKind::Tag),
        ],
        activations: (1..=4).map(activation).collect(),
        zones: vec![Zone {
            id: ZoneId(1),
            version: 1,
            name: "Zone 1".to_owned(),
            kind: ZoneKind::Exclusion,
            geometry: Geometry::circle(position(FORBIDDEN), Metres(300.0)).unwrap(),
            buffer: Metres(0.0),
            policy: ConfirmPolicy::default(),
            schedule: None,
            assignment: Assignment::Personal(WearerId(1)),
        }],
    }
}

pub(crate) fn fix(at: UnixMillis, place: (i32, i32)) -> Fix {
    Fix {
        at,
        time_source: TimeSource::Gnss,
        position: position(place),
        accuracy_dm: 40,
        speed_cm_s: 120,
        course_cdeg: 0,
        satellites: 11,
    }
}

pub(crate) fn sealed(device: DeviceId, frame: FrameId, content: &Content<'_>) -> Bytes {
    let mut inner = [0; INNER_BYTES_MAX];
    let mut out = [0; FRAME_BYTES_MAX];
    let length = encode(content, &mut inner).unwrap();
    let length = seal(&key(device), device, Direction::Up, frame, &inner[..length], &mut out).unwrap();
    Bytes::copy_from_slice(&out[..length])
}

pub(crate) fn arrival(device: DeviceId, lane: Lane, bytes: Bytes) -> Arrival {
    Arrival { device, lane, source: Source::new("test"), bytes }
}

/// A fixes frame on the live lane.
pub(crate) fn fixes(device: DeviceId, frame: FrameId, fixes: &[Fix]) -> Arrival {
    arrival(device, Lane::Live, sealed(device, frame, &Content::Fixes(fixes)))
}

/// The centre's key.
pub(crate) fn authority() -> KeyPair {
    KeyPair::from_secret(&[0xa7; 32])
}

/// What a sealed downlink says, for as long as the test runs.
pub(crate) fn opened_downlink(device: DeviceId, frame: &[u8]) -> (FrameId, Downlink<'static>) {
    let mut out = [0; INNER_BYTES_MAX];
    let (id, inner) = open(&key(device), device, Direction::Down, frame, &mut out).unwrap();
    (id, decode_downlink(inner.to_vec().leak()).unwrap())
}

/// A running centre.
pub(crate) struct Centre {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) desk: Desk,
    pub(crate) pipeline: Pipeline,
    pub(crate) clock: Clock,
    token: CancellationToken,
    tracker: TaskTracker,
}

impl Centre {
    /// Starts on what the folder holds; a new one gets the small world.
    pub(crate) async fn start(folder: &Path) -> Self {
        Self::start_at(folder, BEGIN).await
    }

    pub(crate) async fn start_at(folder: &Path, now: UnixMillis) -> Self {
        Self::start_with(folder, Clock::scaled(now, 1)).await
    }

    pub(crate) async fn start_with(folder: &Path, clock: Clock) -> Self {
        Self::start_through(folder, clock, |store| store).await
    }

    /// The parts see the store through what `wrap` makes of it.
    pub(crate) async fn start_through(
        folder: &Path,
        clock: Clock,
        wrap: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>,
    ) -> Self {
        let store = Arc::new(SqliteStore::open(&folder.join("lenke.db")).await.unwrap());
        if store.load_register().await.unwrap().wearers.is_empty() {
            store.enrol(&register()).await.unwrap();
        }
        let (token, tracker) = (CancellationToken::new(), TaskTracker::new());
        let shared = wrap(Arc::<SqliteStore>::clone(&store));
        let desk = Desk::start(Arc::clone(&shared), clock.clone(), &tracker, token.clone()).await.unwrap();
        let config = PipelineConfig {
            journal_dir: folder.join("journal"),
            shards: 3,
            journal: JournalConfig { segment_bytes: 64 << 10, ..JournalConfig::default() },
            authority: authority(),
        };
        let pipeline = Pipeline::start(
            config,
            shared,
            store.clone(),
            desk.clone(),
            clock.clone(),
            tracker.clone(),
            token.clone(),
        )
        .await
        .unwrap();
        Self { store, desk, pipeline, clock, token, tracker }
    }

    pub(crate) fn intake(&self) -> Intake {
        self.pipeline.intake()
    }

    pub(crate) fn counters(&self) -> CountersSnapshot {
        self.pipeline.counters().snapshot()
    }

    /// Submits one frame; what it was refused for.
    pub(crate) async fn submit(&self, arrival: Arrival) -> Option<crate::Rejection> {
        self.intake().submit(vec![arrival]).await.unwrap()[0]
    }

    pub(crate) async fn drain(&self) {
        tokio::time::timeout(Duration::from_secs(20), self.pipeline.drain()).await.unwrap();
        self.desk.saved().await.unwrap();
    }

    /// Ends without draining anything: what is in memory is gone.
    pub(crate) async fn crash(self) {
        self.token.cancel();
        self.tracker.close();
        tokio::time::timeout(Duration::from_secs(20), self.tracker.wait()).await.unwrap();
    }

    /// Whether the pipeline's token was cancelled.
    pub(crate) fn has_failed(&self) -> bool {
        self.token.is_cancelled()
    }
}

/// Waits until `holds`, for at most ten seconds.
pub(crate) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}
