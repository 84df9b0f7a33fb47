//! What a fix costs on the air: sealed frames of ten fixes, with their share of the checkpoints.
#![expect(clippy::unwrap_used, reason = "tests")]

use lenke_wire::{
    Checkpoint, DeviceId, Fix, FrameId, Position, TimeSource, UnixMillis,
    codec::{Content, FRAME_BYTES_MAX, INNER_BYTES_MAX, encode},
    frame::{DeviceKey, Direction, seal},
};

const BATCH: usize = 10;
/// A tag signs after four hours at the latest: 24 frames of ten minutes.
const FRAMES_A_CHECKPOINT: f64 = 24.0;
const GOAL_BYTES: f64 = 20.0;

fn frame_bytes(seq: u32, content: &Content<'_>) -> usize {
    let (mut inner, mut frame) = ([0; INNER_BYTES_MAX], [0; FRAME_BYTES_MAX]);
    let length = encode(content, &mut inner).unwrap();
    let (key, device, id) = (DeviceKey::new([1; 16]), DeviceId::new(42), FrameId::new(7, seq));
    seal(&key, device, Direction::Up, id, &inner[..length], &mut frame).unwrap()
}

/// A repeatable pseudo-random number within +-`range`.
fn noise(state: &mut u64, range: i64) -> i64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33).cast_signed() % (2 * range + 1) - range
}

/// Bytes a fix, of 60 frames with one fix a minute at about `speed_cm_s`, turning at random.
fn bytes_a_fix(speed_cm_s: i64) -> f64 {
    let mut state = 42;
    let (mut lat, mut lon) = (599_138_689_i64, 107_522_454_i64);
    let mut total = 0;
    for batch in 0..60_i64 {
        let fixes: Vec<Fix> = (0..BATCH as i64)
            .map(|row| {
                // 1 cm is 0.9 units of latitude, and 1.8 of longitude at 60 degrees north.
                lat += noise(&mut state, 54 * speed_cm_s + 300);
                lon += noise(&mut state, 108 * speed_cm_s + 600);
                let moving = speed_cm_s > 0;
                Fix {
                    at: UnixMillis::from_seconds(1_800_000_000 + (batch * BATCH as i64 + row) * 60),
                    time_source: TimeSource::Gnss,
                    position: Position::from_e7(lat as i32, lon as i32).unwrap(),
                    accuracy_dm: (40 + noise(&mut state, 20)) as u16,
                    speed_cm_s: if moving {
                        (speed_cm_s + noise(&mut state, speed_cm_s / 4)) as u16
                    } else {
                        0
                    },
                    course_cdeg: if moving { (18_000 + noise(&mut state, 17_999)) as u16 } else { 0 },
                    satellites: (12 + noise(&mut state, 1)) as u8,
                }
            })
            .collect();
        total += frame_bytes(batch as u32, &Content::Fixes(&fixes));
    }
    total as f64 / 600.0
}

#[test]
fn a_fix_in_a_batch_of_ten_costs_at_most_twenty_bytes() {
    let checkpoint = Checkpoint { covers: FrameId::new(7, 1_000), chain: [0xc4; 32], signature: [0x51; 64] };
    let share =
        frame_bytes(1_001, &Content::Checkpoint(&checkpoint)) as f64 / FRAMES_A_CHECKPOINT / BATCH as f64;
    for (pace, speed_cm_s) in [("still", 0), ("walking", 140), ("cycling", 500), ("driving", 1_400)] {
        let bytes = bytes_a_fix(speed_cm_s) + share;
        println!("{pace}: {bytes:.2} bytes a fix, {share:.2} of them for the chain");
        assert!(bytes <= GOAL_BYTES, "{pace}: {bytes:.2}");
    }
}
