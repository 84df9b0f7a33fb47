//! Bytes open as a frame only if this device's key made them; what opens is sealed back to the same bytes.

use lenke_wire::{
    DeviceId, FrameId,
    codec::{FRAME_BYTES_MAX, INNER_BYTES_MAX},
    frame::{DeviceKey, Direction, open, peek, seal},
};

const DEVICE: DeviceId = DeviceId::new(42);

/// Panics where an input breaks what must hold.
pub fn check(data: (&[u8], &[u8], u32, u32, u16)) {
    let (hostile, report, epoch, seq, flip) = data;
    let key = DeviceKey::new([7; 16]);
    let mut out = [0; INNER_BYTES_MAX];
    assert!(open(&key, DEVICE, Direction::Up, hostile, &mut out).is_err(), "nobody else has the key");
    let mut frame = [0; FRAME_BYTES_MAX];
    let id = FrameId::new(epoch, seq);
    let Ok(length) = seal(&key, DEVICE, Direction::Up, id, report, &mut frame) else {
        assert!(report.len() > INNER_BYTES_MAX);
        return;
    };
    assert_eq!(peek(&frame[..length]), Ok(id));
    assert_eq!(open(&key, DEVICE, Direction::Up, &frame[..length], &mut out), Ok((id, report)));
    let bit = usize::from(flip) % (length * 8);
    frame[bit / 8] ^= 1 << (bit % 8);
    assert!(open(&key, DEVICE, Direction::Up, &frame[..length], &mut out).is_err(), "bit {bit}");
}
