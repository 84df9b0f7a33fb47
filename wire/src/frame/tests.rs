//! Frames against a golden one, every cut, every flipped bit, and misuse.

use super::*;
use proptest::{collection::vec, prelude::*};
use std::vec::Vec;

const DEVICE: DeviceId = DeviceId::new(42);
const ID: FrameId = FrameId::new(3, 0x0102_0304);

fn key() -> DeviceKey {
    DeviceKey::new(core::array::from_fn(|index| index as u8))
}

fn sealed(direction: Direction, id: FrameId, inner: &[u8]) -> Vec<u8> {
    let mut out = [0; FRAME_BYTES_MAX];
    let length = seal(&key(), DEVICE, direction, id, inner, &mut out).unwrap();
    out[..length].to_vec()
}

fn opened(frame: &[u8]) -> Result<(FrameId, Vec<u8>), FrameError> {
    let mut out = [0; INNER_BYTES_MAX];
    open(&key(), DEVICE, Direction::Up, frame, &mut out).map(|(id, inner)| (id, inner.to_vec()))
}

#[test]
fn the_frame_is_a_cose_encrypt0_with_pinned_bytes() {
    let frame = sealed(Direction::Up, ID, b"lenke");
    assert_eq!(frame[..18], *b"\xd0\x83\x44\xa1\x01\x18\x1e\xa1\x06\x48\0\0\0\x03\x01\x02\x03\x04");
    assert_eq!(frame[18], 0x40 + 21);
    assert_eq!(frame[19..], GOLDEN_CIPHERTEXT);
    // A CBOR library reads the structure without knowing of our fixed form.
    let mut decoder = minicbor::Decoder::new(&frame);
    assert_eq!(decoder.tag().unwrap().as_u64(), 16);
    assert_eq!(decoder.array().unwrap(), Some(3));
    assert_eq!(decoder.bytes().unwrap(), [0xa1, 1, 0x18, 30]);
    assert_eq!((decoder.map().unwrap(), decoder.u8().unwrap()), (Some(1), 6));
    assert_eq!(decoder.bytes().unwrap(), [0, 0, 0, 3, 1, 2, 3, 4]);
    assert_eq!(decoder.bytes().unwrap(), GOLDEN_CIPHERTEXT);
    assert_eq!(decoder.position(), frame.len());
}

/// AES-128-CCM, 16-byte tag, key 000102..0f, nonce 00 00000000 00000003 01020304,
/// AAD 8368456e63727970743044a101181e49 000000000000002a 00, plaintext "lenke".
const GOLDEN_CIPHERTEXT: [u8; 21] =
    [114, 62, 21, 230, 149, 221, 229, 179, 90, 243, 209, 122, 15, 104, 87, 213, 61, 60, 76, 151, 176];

#[test]
fn every_cut_is_truncated_and_every_tail_trailing() {
    for length in [0, 7, 8, 231, 240, 300, INNER_BYTES_MAX] {
        let inner = std::vec![7; length];
        let frame = sealed(Direction::Up, ID, &inner);
        assert!(frame.len() <= FRAME_BYTES_MAX);
        assert_eq!(opened(&frame), Ok((ID, inner)));
        assert_eq!(peek(&frame), Ok(ID));
        for cut in 0..frame.len() {
            assert_eq!(opened(&frame[..cut]), Err(FrameError::Truncated), "{cut} of {}", frame.len());
        }
        let mut longer = frame;
        longer.push(0);
        let refusal = if longer.len() > FRAME_BYTES_MAX { FrameError::TooLong } else { FrameError::Trailing };
        assert_eq!(opened(&longer), Err(refusal));
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    let frame = sealed(Direction::Up, ID, &[0x5a; 260]);
    for bit in 0..frame.len() * 8 {
        let mut damaged = frame.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(opened(&damaged).is_err(), "bit {bit}");
    }
}

#[test]
fn key_device_and_direction_are_bound() {
    let frame = sealed(Direction::Up, ID, b"report");
    let mut out = [0; INNER_BYTES_MAX];
    let mut refusal =
        |key: &DeviceKey, device, direction| open(key, device, direction, &frame, &mut out).unwrap_err();
    assert_eq!(refusal(&DeviceKey::new([9; 16]), DEVICE, Direction::Up), FrameError::Authentication);
    assert_eq!(refusal(&key(), DeviceId::new(43), Direction::Up), FrameError::Authentication);
    assert_eq!(refusal(&key(), DEVICE, Direction::Down), FrameError::Authentication);
}

#[test]
fn nothing_of_a_refused_frame_is_left_in_the_output() {
    let mut frame = sealed(Direction::Up, ID, &[0x5a; 40]);
    *frame.last_mut().unwrap() ^= 1;
    let mut out = [0; INNER_BYTES_MAX];
    assert_eq!(open(&key(), DEVICE, Direction::Up, &frame, &mut out), Err(FrameError::Authentication));
    assert!(out.iter().all(|&byte| byte == 0));
}

#[test]
fn other_forms_of_the_same_structure_are_refused() {
    let frame = sealed(Direction::Up, ID, &[1; 30]);
    let length_at = HEAD.len() + PARTIAL_IV_BYTES;
    let rest = &frame[length_at + 2..];
    let with_length = |length: &[u8]| [&frame[..length_at], length, rest].concat();
    assert_eq!(opened(&with_length(&[0x58, 46])), Ok((ID, std::vec![1; 30])));
    for (length, error) in [
        (&[0x59, 0, 46][..], FrameError::Header),
        (&[0x5a, 0, 0, 0, 46], FrameError::Header),
        (&[0x5f], FrameError::Header),
        (&[0x78, 46], FrameError::Header),
        (&[0x58, 23], FrameError::Header),
        (&[0x4f], FrameError::Header),
        (&[0x59, 0xff, 0xff], FrameError::TooLong),
    ] {
        assert_eq!(opened(&with_length(length)), Err(error), "{length:x?}");
    }
    assert_eq!(opened(&frame[1..]), Err(FrameError::Header));
    assert_eq!(opened(b"{\"lat\": 59.9}"), Err(FrameError::Header));
    assert_eq!(opened(&[0; FRAME_BYTES_MAX + 1]), Err(FrameError::TooLong));
}

#[test]
fn buffers_that_are_too_small_are_refused() {
    let too_long = [0; INNER_BYTES_MAX + 1];
    let mut out = [0; 2 * FRAME_BYTES_MAX];
    assert_eq!(seal(&key(), DEVICE, Direction::Up, ID, &too_long, &mut out), Err(FrameError::TooLong));
    assert_eq!(seal(&key(), DEVICE, Direction::Up, ID, b"12345", &mut [0; 39]), Err(FrameError::Space));
    let frame = sealed(Direction::Up, ID, b"12345");
    assert_eq!(frame.len(), 40);
    assert_eq!(open(&key(), DEVICE, Direction::Up, &frame, &mut [0; 4]), Err(FrameError::Space));
}

#[test]
fn keys_do_not_show_in_debug_output() {
    assert_eq!(std::format!("{:?}", key()), "DeviceKey(..)");
}

proptest! {
    #[test]
    fn frames_open_to_what_was_sealed(
        bytes: [u8; 16],
        number: u64,
        epoch: u32,
        seq: u32,
        down: bool,
        inner in vec(any::<u8>(), 0..INNER_BYTES_MAX),
    ) {
        let (key, device, id) = (DeviceKey::new(bytes), DeviceId::new(number), FrameId::new(epoch, seq));
        let direction = if down { Direction::Down } else { Direction::Up };
        let mut frame = [0; FRAME_BYTES_MAX];
        let length = seal(&key, device, direction, id, &inner, &mut frame).unwrap();
        let mut out = [0; INNER_BYTES_MAX];
        prop_assert_eq!(open(&key, device, direction, &frame[..length], &mut out), Ok((id, &inner[..])));
    }

    #[test]
    fn arbitrary_bytes_never_open_and_never_panic(
        head in prop_oneof![Just(Vec::new()), Just(HEAD.to_vec())],
        tail in vec(any::<u8>(), 0..100),
    ) {
        prop_assert!(opened(&[head, tail].concat()).is_err());
    }
}
