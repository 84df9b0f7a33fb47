//! The devices' own proof: chain heads over the reports, signed by the devices.

use crate::records::{DeviceRecord, FrameRecord, unhex, unhex_array};
use lenke_wire::{
    Checkpoint, DeviceId, Epoch, FrameId,
    chain::{Chain, verify_checkpoint},
    codec::{INNER_BYTES_MAX, Payload, decode},
    frame::{DeviceKey, Direction, open, peek},
};
use std::collections::BTreeMap;

/// What is wrong with a line of `frames.jsonl`, counted from 1, in which field, and why.
pub(crate) type Flaw = (usize, &'static str, String);

/// Reports of one epoch, by seq, with the line that each is in.
type Reports = BTreeMap<u32, (usize, Vec<u8>)>;

/// Frames that a signed head covers, and those that none does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Covered {
    pub(crate) proven: u64,
    pub(crate) unproven: u64,
}

/// Checks every frame by itself and every chain; adds what is wrong to `flaws`.
pub(crate) fn check(frames: &[FrameRecord], devices: &[DeviceRecord], flaws: &mut Vec<Flaw>) -> Covered {
    let mut chains: BTreeMap<(u64, u32), Reports> = BTreeMap::new();
    for (frame, line) in frames.iter().zip(1..) {
        let device = devices.iter().find(|device| device.number == frame.device);
        match check_frame(frame, device) {
            Ok(inner) => {
                let chain = chains.entry((frame.device, frame.epoch)).or_default();
                if chain.insert(frame.seq, (line, inner)).is_some() {
                    flaws.push((line, "seq", format!("{} is there twice", frame.name())));
                }
            }
            Err((field, why)) => flaws.push((line, field, format!("{}: {why}", frame.name()))),
        }
    }
    let mut covered = Covered::default();
    for ((number, epoch), frames) in chains {
        let public_key = devices
            .iter()
            .find(|device| device.number == number)
            .and_then(|device| unhex_array(&device.public_key))
            .unwrap_or_default();
        let chain = DeviceChain { device: DeviceId::new(number), epoch: Epoch(epoch), public_key };
        chain.check(&frames, &mut covered, flaws);
    }
    covered
}

/// The frame's form, its number, and, if the key is disclosed, that it opens to the report.
fn check_frame(
    frame: &FrameRecord,
    device: Option<&DeviceRecord>,
) -> Result<Vec<u8>, (&'static str, &'static str)> {
    let device = device.ok_or(("device", "no such device in the bundle"))?;
    let inner = unhex(&frame.inner).ok_or(("inner", "not hexadecimal"))?;
    let sealed = unhex(&frame.sealed).ok_or(("sealed", "not hexadecimal"))?;
    let id = peek(&sealed).map_err(|_| ("sealed", "not a frame"))?;
    if id.epoch.0 != frame.epoch {
        return Err(("epoch", "the frame bears another epoch"));
    }
    if id.seq.0 != frame.seq {
        return Err(("seq", "the frame bears another number"));
    }
    if frame.lane != "live" && frame.lane != "backlog" {
        return Err(("lane", "there is no such lane"));
    }
    if let Some(key) = &device.key {
        let key = DeviceKey::new(unhex_array(key).ok_or(("device", "its key is not hexadecimal"))?);
        let mut out = [0; INNER_BYTES_MAX];
        let id = DeviceId::new(device.number);
        let opened = open(&key, id, Direction::Up, &sealed, &mut out);
        let (_, opened) = opened.map_err(|_| ("sealed", "the device's key does not open it"))?;
        if opened != inner {
            return Err(("inner", "the frame opens to another report"));
        }
    }
    Ok(inner)
}

struct DeviceChain {
    device: DeviceId,
    epoch: Epoch,
    public_key: [u8; 32],
}

impl DeviceChain {
    /// Walks the frames of one epoch. From a signed head on, or from the epoch's first frame, every report must lead to the next
    /// signed head; a gap ends that until the next checkpoint.
    fn check(&self, frames: &Reports, covered: &mut Covered, flaws: &mut Vec<Flaw>) {
        let mut head: Option<Chain> = None;
        let (mut expected, mut since, mut waiting) = (0_u32, 0_u32, 0_u64);
        for (&seq, (line, inner)) in frames {
            if seq == 0 {
                head = Some(Chain::start(self.device, self.epoch));
            } else if seq != expected {
                covered.unproven += std::mem::take(&mut waiting);
                head = None;
            }
            if head.is_none() && waiting == 0 {
                since = seq;
            }
            if let Ok(Payload::Checkpoint(checkpoint)) = decode(inner) {
                let flaw = |why: &str| {
                    let range = format!("frames {0}/{since} to {0}/{seq}", self.epoch.0);
                    (*line, "inner", format!("{range} of device {}: {why}", self.device.number()))
                };
                let good = self.holds(&checkpoint, seq);
                match (good, head) {
                    (Err(why), _) => flaws.push(flaw(why)),
                    (Ok(()), Some(head)) if *head.bytes() != checkpoint.chain => {
                        flaws.push(flaw("the reports are not those that the device signed"));
                    }
                    (Ok(()), Some(_)) => covered.proven += std::mem::take(&mut waiting),
                    (Ok(()), None) => {}
                }
                covered.unproven += std::mem::take(&mut waiting);
                head = good.is_ok().then_some(Chain::from_bytes(checkpoint.chain));
                since = seq;
            }
            waiting += 1;
            head = head.map(|head| head.advance(inner));
            expected = seq.wrapping_add(1);
        }
        covered.unproven += waiting;
    }

    fn holds(&self, checkpoint: &Checkpoint, seq: u32) -> Result<(), &'static str> {
        let before = FrameId::new(self.epoch.0, seq.wrapping_sub(1));
        if checkpoint.covers != before {
            return Err("the checkpoint covers another frame than the one before it");
        }
        verify_checkpoint(&self.public_key, self.device, checkpoint)
            .map_err(|_| "the checkpoint's signature is not the device's")
    }
}
