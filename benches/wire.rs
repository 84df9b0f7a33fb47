//! What the device protocol costs the centre: opening, reading and chaining frames, verifying checkpoints, bytes on the air.
//!
//! `cargo bench -p lenke-wire --bench wire [-- --quick]`. One core. The last lines compare with the goals.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark measures and prints"
)]

use lenke_wire::{
    Checkpoint, DeviceId, Epoch, Fix, FrameId, Position, TimeSource, UnixMillis,
    chain::{Chain, checkpoint_message, verify_checkpoint},
    codec::{Content, FRAME_BYTES_MAX, INNER_BYTES_MAX, Payload, decode, encode},
    frame::{DeviceKey, Direction, open, seal},
    sign::{KeyPair, Sign, verify_all},
};
use std::{hint::black_box, time::Instant};

const DEVICE: DeviceId = DeviceId::new(42);
/// Frames kept in memory: far more than fit the caches.
const FRAMES: u32 = 65_536;
/// Fixes a frame.
const BATCH: i64 = 10;
/// Checkpoints verified together.
const CHECKPOINTS: usize = 64;
/// A checkpoint covers so many frames.
const FRAMES_A_CHECKPOINT: f64 = 60.0;

/// A repeatable pseudo-random number within +-`range`.
fn noise(state: &mut u64, range: i64) -> i64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33).cast_signed() % (2 * range + 1) - range
}

/// Ten fixes a minute apart of somebody who walks.
fn fixes(frame: i64, state: &mut u64) -> Vec<Fix> {
    (0..BATCH)
        .map(|row| Fix {
            at: UnixMillis::from_seconds(1_800_000_000 + (frame * BATCH + row) * 60),
            time_source: TimeSource::Gnss,
            position: Position::from_e7(
                (599_138_689 + noise(state, 80_000)) as i32,
                (107_522_454 + noise(state, 160_000)) as i32,
            )
            .unwrap(),
            accuracy_dm: (40 + noise(state, 20)) as u16,
            speed_cm_s: (140 + noise(state, 35)) as u16,
            course_cdeg: (18_000 + noise(state, 17_999)) as u16,
            satellites: (12 + noise(state, 1)) as u8,
        })
        .collect()
}

fn sealed(key: &DeviceKey, seq: u32, content: &Content<'_>) -> Vec<u8> {
    let (mut inner, mut frame) = ([0; INNER_BYTES_MAX], [0; FRAME_BYTES_MAX]);
    let length = encode(content, &mut inner).unwrap();
    let id = FrameId::new(1, seq);
    let length = seal(key, DEVICE, Direction::Up, id, &inner[..length], &mut frame).unwrap();
    frame[..length].to_vec()
}

/// Opens, reads every fix of, and chains each frame; answers frames a second and a checksum.
fn opened(key: &DeviceKey, frames: &[Vec<u8>], rounds: u32) -> (f64, i64) {
    let begun = Instant::now();
    let mut checksum = 0_i64;
    for _ in 0..rounds {
        let mut chain = Chain::start(DEVICE, Epoch(1));
        for frame in frames {
            let mut out = [0; INNER_BYTES_MAX];
            let (_, inner) = open(key, DEVICE, Direction::Up, frame, &mut out).unwrap();
            let Payload::Fixes(fixes) = decode(inner).unwrap() else { panic!("a frame of fixes") };
            checksum = fixes.iter().fold(checksum, |sum, fix| sum.wrapping_add(fix.position.lat_e7().into()));
            chain = chain.advance(inner);
        }
        black_box(chain);
    }
    (f64::from(rounds) * frames.len() as f64 / begun.elapsed().as_secs_f64(), checksum)
}

type Claim = ([u8; 32], [u8; 86], [u8; 64]);

/// Checkpoints of as many devices.
fn checkpoints() -> (Vec<([u8; 32], Checkpoint)>, Vec<Claim>) {
    let make = |seed: usize| {
        let pair = KeyPair::from_secret(&[seed as u8 + 1; 32]);
        let (covers, chain) = (FrameId::new(1, seed as u32), [seed as u8; 32]);
        let message = checkpoint_message(DEVICE, covers, &chain);
        let signature = pair.sign(&message);
        ((pair.public(), Checkpoint { covers, chain, signature }), (pair.public(), message, signature))
    };
    (0..CHECKPOINTS).map(make).unzip()
}

/// Microseconds a checkpoint, one by one and in batches.
fn verified(rounds: u32) -> (f64, f64) {
    let (single, batch) = checkpoints();
    let each = f64::from(rounds) * CHECKPOINTS as f64 / 1e6;
    let begun = Instant::now();
    for _ in 0..rounds {
        for (key, checkpoint) in &single {
            verify_checkpoint(key, DEVICE, black_box(checkpoint)).unwrap();
        }
    }
    let one_by_one = begun.elapsed().as_secs_f64() / each;
    let begun = Instant::now();
    for _ in 0..rounds {
        assert!(verify_all(black_box(&batch)));
    }
    (one_by_one, begun.elapsed().as_secs_f64() / each)
}

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let rounds = if quick { 3 } else { 20 };
    let key = DeviceKey::new([7; 16]);
    let mut state = 42;
    let frames: Vec<Vec<u8>> =
        (0..FRAMES).map(|seq| sealed(&key, seq, &Content::Fixes(&fixes(seq.into(), &mut state)))).collect();
    let bytes: usize = frames.iter().map(Vec::len).sum();
    let checkpoint = Checkpoint { covers: FrameId::new(1, 59), chain: [0xc4; 32], signature: [0x51; 64] };
    let share = sealed(&key, 60, &Content::Checkpoint(&checkpoint)).len() as f64 / FRAMES_A_CHECKPOINT;
    let bytes_a_fix = (bytes as f64 / f64::from(FRAMES) + share) / BATCH as f64;

    let (warm, checksum) = opened(&key, &frames, 1);
    let (frames_s, again) = opened(&key, &frames, rounds);
    assert_eq!(again, checksum.wrapping_mul(rounds.into()), "the same work");
    let (single_us, batch_us) = verified(if quick { 20 } else { 200 });

    println!("{FRAMES} frames of {BATCH} fixes, {:.0} bytes each", bytes as f64 / f64::from(FRAMES));
    println!("open, read, chain      {frames_s:>12.0} frames/s/core  ({warm:.0} in the first round)");
    println!(
        "verify a checkpoint    {single_us:>12.1} us one by one, {batch_us:.1} us in batches of {CHECKPOINTS}"
    );
    println!("figure wire_open_decode_chain_frames_s {frames_s:.0} goal 500000");
    println!("ratio wire_checkpoints_batch_64_vs_single {:.2} goal 2.00", single_us / batch_us);
    println!("figure wire_bytes_a_fix_in_ten {bytes_a_fix:.2} goal 20");
}
