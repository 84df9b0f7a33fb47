//! The rows that every database gets.

use lenke_store::{Batch, DeviceLast, FixRow};
use lenke_wire::{DeviceId, Fix, FrameId, Position, TimeSource, UnixMillis};
use lenke_zones::WearerId;
use std::time::{Duration, Instant};

/// Fixes of a batch.
pub(crate) const BATCH: usize = 10_000;
/// Fixes of a frame, and frames that one tag brings in a batch.
const FIXES_PER_FRAME: u32 = 10;
const FRAMES: u32 = 10;
/// Tags of a batch.
const TAGS: u64 = (BATCH as u64) / (FIXES_PER_FRAME as u64 * FRAMES as u64);
/// Tags that take turns: each comes again after so many batches with its next frames.
const TURNS: u64 = 50;

/// 2026-01-01.
pub(crate) const START: UnixMillis = UnixMillis(1_767_225_600_000);

/// A fix of `tag` at `minute`, somewhere around its home near Oslo: people do not jump, and an index may use that.
pub(crate) fn fix(tag: u64, minute: u32) -> Fix {
    let mixed = tag.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(minute % 64) ^ u64::from(minute);
    let home = tag.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let spread = |shift: u32| ((home >> shift) % 4_000_000) as i32 - 2_000_000;
    // Two turns of different length, some 1.5 km wide, and the receiver's noise of some metres.
    let phase = f64::from(minute) + (home % 1_000) as f64;
    let (north, east) = (150_000.0 * (phase / 97.0).sin(), 250_000.0 * (phase / 61.0).cos());
    let noise = |shift: u32| ((mixed >> shift) % 600) as i32;
    let position = Position::from_e7(
        599_000_000 + spread(0) / 2 + north as i32 + noise(3),
        107_500_000 + spread(24) + east as i32 + noise(17),
    );
    Fix {
        at: START.plus_s(60 * i64::from(minute) + (tag % 60) as i64),
        time_source: TimeSource::Gnss,
        position: position.unwrap(),
        accuracy_dm: 40 + (mixed % 200) as u16,
        speed_cm_s: (mixed % 300) as u16,
        course_cdeg: (mixed % 36_000) as u16,
        satellites: 8,
    }
}

/// A row of `tag` at `minute`, the tag's fixes counted from 0.
pub(crate) fn row(tag: u64, minute: u32) -> FixRow {
    let fix = fix(tag, minute);
    FixRow {
        wearer: WearerId(tag),
        device: DeviceId::new(tag),
        frame: FrameId::new(1, minute / FIXES_PER_FRAME),
        index: (minute % FIXES_PER_FRAME) as u16,
        received_at: fix.at.plus_s(5),
        fix,
        late: true,
    }
}

/// The `number`th batch.
pub(crate) fn batch(number: u64) -> Batch {
    let mut batch = Batch::default();
    let (turn, round) = (number % TURNS, (number / TURNS) as u32);
    let minutes = round * FRAMES * FIXES_PER_FRAME..(round + 1) * FRAMES * FIXES_PER_FRAME;
    for tag in 1 + turn * TAGS..=(turn + 1) * TAGS {
        for minute in minutes.clone() {
            let row = row(tag, minute);
            if row.index == 0 {
                batch.committed.push((row.device, row.frame));
            }
            batch.fixes.push(row);
        }
        let last = batch.fixes.last().unwrap();
        batch.last.push(DeviceLast {
            device: last.device,
            wearer: last.wearer,
            frame: last.frame,
            fix: Some(last.fix),
            battery: None,
            heard_at: last.received_at,
        });
    }
    assert_eq!(batch.fixes.len(), BATCH);
    batch
}

/// How long `work` takes.
pub(crate) async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let begin = Instant::now();
    let answer = work.await;
    (answer, begin.elapsed())
}

/// The middle of several times, in milliseconds.
pub(crate) fn median_ms(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

/// Rows a second.
pub(crate) fn rate(rows: usize, time: Duration) -> f64 {
    rows as f64 / time.as_secs_f64()
}
