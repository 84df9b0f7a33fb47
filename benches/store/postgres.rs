//! PostgreSQL of the machine, in partitions: the write path beside COPY BINARY, and reads over millions of rows.

use crate::{
    Figure,
    workload::{BATCH, START, batch, fix, median_ms, rate, row, timed},
};
use lenke_alerts::{Activation, Device, DeviceKind, OrderId, Register, SupervisionPlan, Wearer};
use lenke_store::{Batch, DeviceLast, FixRow, Inquiry, PostgresConfig, PostgresStore, Store, inquiry::BoxE7};
use lenke_test_cluster::Cluster;
use lenke_wire::{DeviceId, FrameId, UnixMillis};
use lenke_zones::{Geometry, Metres, WearerId};
use sqlx::{Executor, PgConnection};
use std::time::Duration;

/// Tags whose day is read, and of a quick run; minutes of each.
const TAGS: u64 = 5_000;
const TAGS_QUICK: u64 = 700;
const MINUTES: u32 = 1_440;
/// Batches written both ways, and of a quick run.
const BATCHES: u64 = 150;
const BATCHES_QUICK: u64 = 40;
/// Times that each read is done.
const READS: u64 = 21;
/// Devices whose last position is read.
const LAST: u64 = 20_000;

/// A durable server, as one would run it on this machine.
const SETTINGS: &[&str] =
    &["shared_buffers=1GB", "max_wal_size=8GB", "checkpoint_timeout=30min", "autovacuum=off"];

/// The write path beside COPY BINARY into the same table of another database, turn by turn.
pub(crate) async fn writes(quick: bool) -> Figure {
    let cluster = Cluster::start_with(SETTINGS).await;
    let store = PostgresStore::open(&PostgresConfig::new(cluster.database("ours").await)).await.unwrap();
    PostgresStore::open(&PostgresConfig::new(cluster.database("bare").await)).await.unwrap().close().await;
    let mut bare = cluster.connection("bare").await;
    write_both(&store, &mut bare, if quick { BATCHES_QUICK } else { BATCHES }).await
}

/// Reads over a day of many tags.
pub(crate) async fn reads(quick: bool) -> Vec<Figure> {
    let cluster = Cluster::start_with(SETTINGS).await;
    let store = PostgresStore::open(&PostgresConfig::new(cluster.database("reads").await)).await.unwrap();
    let mut loader = cluster.connection("reads").await;
    let tags = if quick { TAGS_QUICK } else { TAGS };
    fill(&store, &mut loader, tags).await;
    read_all(&store, tags).await
}

async fn write_both(store: &PostgresStore, bare: &mut PgConnection, batches: u64) -> Figure {
    // Partitions of both exist before anything is measured.
    store.commit_batch(&batch(0)).await.unwrap();
    let weeks: Vec<String> = ["20251225", "20260101", "20260108"].map(str::to_owned).into();
    for week in weeks {
        let sql = format!(
            "SELECT add_partition('fix', to_timestamp('{week}', 'YYYYMMDD'), to_timestamp('{week}', 'YYYYMMDD') + interval '7 days')"
        );
        bare.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    }
    copy(bare, &sorted(&batch(0))).await;
    let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
    for number in 1..=batches {
        let batch = batch(number);
        let rows = sorted(&batch);
        let (stored, time) = timed(store.commit_batch(&batch)).await;
        assert_eq!(stored.unwrap().rows, BATCH as u64);
        ours += time;
        theirs += timed(copy(bare, &rows)).await.1;
    }
    let rows = BATCH * usize::try_from(batches).unwrap();
    let (ours, theirs) = (rate(rows, ours), rate(rows, theirs));
    println!(
        "PostgreSQL, {rows} fixes in batches of {BATCH}: ours {ours:.0}/s, bare COPY BINARY {theirs:.0}/s"
    );
    Figure { name: "postgres_write", value: ours / theirs, goal: 0.8 }
}

/// In the order of the table's key.
fn sorted(batch: &Batch) -> Vec<FixRow> {
    let mut rows = batch.fixes.clone();
    rows.sort_by_key(|row| (row.device, row.fix.at, row.frame, row.index));
    rows
}

/// COPY BINARY in one transaction, encoded as directly as can be.
async fn copy(connection: &mut PgConnection, rows: &[FixRow]) {
    let mut bytes = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec();
    for row in rows {
        encode(row, &mut bytes);
    }
    bytes.extend([0xff, 0xff]);
    let mut copy = connection
        .copy_in_raw(
            "COPY fix (device, at, epoch, seq, received_at, wearer, lat_e7, lon_e7, idx, accuracy_dm, speed_cm_s,
                 course_cdeg, satellites, time_source, late) FROM STDIN (FORMAT binary)",
        )
        .await
        .unwrap();
    copy.send(bytes).await.unwrap();
    copy.finish().await.unwrap();
}

fn encode(row: &FixRow, bytes: &mut Vec<u8>) {
    let micros = |at: UnixMillis| (at.0 - 946_684_800_000) * 1000;
    bytes.extend(15_i16.to_be_bytes());
    for number in [
        row.device.number().cast_signed(),
        micros(row.fix.at),
        row.frame.epoch.0.into(),
        row.frame.seq.0.into(),
        micros(row.received_at),
        row.wearer.0.cast_signed(),
    ] {
        bytes.extend(8_i32.to_be_bytes());
        bytes.extend(number.to_be_bytes());
    }
    for number in [
        row.fix.position.lat_e7(),
        row.fix.position.lon_e7(),
        row.index.into(),
        row.fix.accuracy_dm.into(),
        row.fix.speed_cm_s.into(),
        row.fix.course_cdeg.into(),
    ] {
        bytes.extend(4_i32.to_be_bytes());
        bytes.extend(number.to_be_bytes());
    }
    for number in [i16::from(row.fix.satellites), row.fix.time_source as i16] {
        bytes.extend(2_i32.to_be_bytes());
        bytes.extend(number.to_be_bytes());
    }
    bytes.extend([0, 0, 0, 1, u8::from(row.late)]);
}

/// `tags` tags with a device each.
pub(crate) fn register(tags: u64) -> Register {
    let wearer = |number| Wearer {
        id: WearerId(number),
        order: OrderId(number),
        order_version: 1,
        conditions: Vec::new(),
        groups: Vec::new(),
        plan: SupervisionPlan::default(),
        home_units: Vec::new(),
    };
    let device = |number| Device {
        id: DeviceId::new(number),
        kind: DeviceKind::Tag,
        key: [1; 16],
        public_key: [1; 32],
        enrolled_at: START,
    };
    let activation = |number| Activation {
        device: DeviceId::new(number),
        wearer: WearerId(number),
        from: START,
        to: None,
    };
    Register {
        version: 0,
        wearers: (1..=tags).map(wearer).collect(),
        devices: (1..=tags).map(device).collect(),
        activations: (1..=tags).map(activation).collect(),
        zones: Vec::new(),
    }
}

/// A day of every tag in the order of time, as a day comes in, and the last position of many devices.
async fn fill(store: &PostgresStore, loader: &mut PgConnection, tags: u64) {
    store.enrol(&register(tags)).await.unwrap();
    let mut last = Batch::default();
    for tag in 1..=LAST {
        let fix = fix(tag, 0);
        let (device, frame) = (DeviceId::new(tag), FrameId::new(1, 0));
        let heard_at = fix.at.plus_s(5);
        last.last.push(DeviceLast {
            device,
            wearer: WearerId(tag),
            frame,
            fix: Some(fix),
            battery: None,
            heard_at,
        });
    }
    last.fixes.push(row(1, 0));
    store.commit_batch(&last).await.unwrap();
    for minutes in (0..MINUTES).collect::<Vec<_>>().chunks(10) {
        let mut rows: Vec<_> = (1..=tags)
            .flat_map(|tag| minutes.iter().map(move |minute| row(tag, *minute)))
            .filter(|row| (row.device.number(), row.frame.seq.0, row.index) != (1, 0, 0))
            .collect();
        rows.sort_by_key(|row| (row.device, row.fix.at));
        copy(loader, &rows).await;
    }
    loader.execute("VACUUM ANALYZE").await.unwrap();
}

async fn read_all(store: &PostgresStore, tags: u64) -> Vec<Figure> {
    let rows = tags * u64::from(MINUTES);
    let (mut day, mut place, mut last) = (Vec::new(), Vec::new(), Vec::new());
    let mut found = 0;
    for number in 0..READS {
        let wearer = WearerId(1 + number * 31 % tags);
        let (trail, time) = timed(store.trail(wearer, START, START.plus_s(86_460), None, 10_000)).await;
        assert_eq!(trail.unwrap().len(), MINUTES as usize);
        day.push(time);
        // Half an hour around a place of 500 m.
        let from = START.plus_s(1_800 * i64::try_from(number).unwrap());
        let area = Geometry::circle(fix(number + 1, 30).position, Metres(500.0)).unwrap();
        let boxes = BoxE7::around(area.bounds());
        let (inside, time) = timed(store.positions_in(&boxes, from, from.plus_s(1_800), None, 10_000)).await;
        found += inside.unwrap().len();
        place.push(time);
        let (devices, time) = timed(store.device_last()).await;
        assert!(devices.unwrap().len() as u64 >= LAST.min(tags));
        last.push(time);
    }
    let (day, place, last) = (median_ms(day), median_ms(place), median_ms(last));
    println!(
        "PostgreSQL, {rows} fixes: a day of one tag {day:.2} ms, place and time {place:.2} ms ({found} positions in {READS} searches), \
         last position of {LAST} {last:.2} ms"
    );
    vec![
        Figure { name: "postgres_day_ms", value: day, goal: 3.0 },
        Figure { name: "postgres_place_ms", value: place, goal: 30.0 },
        Figure { name: "postgres_last_ms", value: last, goal: 5.0 },
    ]
}
