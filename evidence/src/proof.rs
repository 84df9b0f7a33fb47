//! The devices' own proof: chain heads over the reports, signed by the devices.
//!
//! From a signed head on, or from the epoch's first frame, every report must lead to the next signed head; a gap ends that until
//! the next checkpoint. Where reports are withheld, the chain goes on from the head that the bundle tells: the next signed head
//! proves it together with every report after it, for nobody can find another head that leads there. What lies between the signed
//! head before and the withheld reports stays unproven.

use crate::{
    owner::{span, times},
    records::{DeviceRecord, FrameRecord, WithheldRecord, unhex, unhex_array},
};
use lenke_alerts::{Activation, Carriers};
use lenke_wire::{
    Checkpoint, DeviceId, Epoch, FrameId, UnixMillis,
    chain::{Chain, verify_checkpoint},
    codec::{INNER_BYTES_MAX, Payload, decode},
    frame::{DeviceKey, Direction, open, peek},
};
use std::collections::BTreeMap;

/// What is wrong with a line of `frames.jsonl` or `withheld.jsonl`, counted from 1, in which field, and why.
#[derive(Debug)]
pub(crate) struct Flaw {
    pub(crate) file: &'static str,
    pub(crate) line: usize,
    pub(crate) field: &'static str,
    pub(crate) what: String,
}

/// One step or more of an epoch's chain.
enum Link {
    /// A report, in this line.
    Report { line: usize, inner: Vec<u8>, received_at: UnixMillis },
    /// Reports up to this number that are withheld, and the head after them.
    Withheld { last: u32, after: [u8; 32] },
}

/// Links of one epoch, by the number that each begins at.
type Links = BTreeMap<u32, Link>;

/// Frames that a signed head covers, those that none does, and those that are withheld.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Covered {
    pub(crate) proven: u64,
    pub(crate) unproven: u64,
    pub(crate) withheld: u64,
    /// Of these, those with reports of the wearer's on both sides out of one activation.
    pub(crate) withheld_within: u64,
}

/// Checks every frame by itself and every chain; adds what is wrong to `flaws`.
pub(crate) fn check(
    frames: &[FrameRecord],
    withheld: &[WithheldRecord],
    devices: &[DeviceRecord],
    carriers: &BTreeMap<u64, Carriers>,
    flaws: &mut Vec<Flaw>,
) -> Covered {
    let mut chains: BTreeMap<(u64, u32), Links> = BTreeMap::new();
    for (frame, line) in frames.iter().zip(1..) {
        let device = devices.iter().find(|device| device.number == frame.device);
        let mut flaw = |field, what: String| flaws.push(Flaw { file: "frames.jsonl", line, field, what });
        match check_frame(frame, device) {
            Ok(inner) => {
                let received_at = UnixMillis(frame.received_at);
                let links = chains.entry((frame.device, frame.epoch)).or_default();
                if links.insert(frame.seq, Link::Report { line, inner, received_at }).is_some() {
                    flaw("seq", format!("{} is there twice", frame.name()));
                }
            }
            Err((field, why)) => flaw(field, format!("{}: {why}", frame.name())),
        }
    }
    for (run, line) in withheld.iter().zip(1..) {
        let links = chains.entry((run.device, run.epoch)).or_default();
        let mut flaw = |field, what: &str| {
            flaws.push(Flaw { file: "withheld.jsonl", line, field, what: what.to_owned() })
        };
        match unhex_array(&run.after) {
            _ if run.first > run.last => flaw("first", "ends before it begins"),
            _ if meets(links, run) => flaw("first", "some of these frames are told otherwise"),
            None => flaw("after", "no chain head"),
            Some(after) => drop(links.insert(run.first, Link::Withheld { last: run.last, after })),
        }
    }
    let mut covered = Covered::default();
    for ((number, epoch), links) in chains {
        let public_key = devices
            .iter()
            .find(|device| device.number == number)
            .and_then(|device| unhex_array(&device.public_key))
            .unwrap_or_default();
        let chain = DeviceChain { device: DeviceId::new(number), epoch: Epoch(epoch), public_key };
        chain.check(&links, &mut covered, flaws);
        if let Some(carriers) = carriers.get(&number) {
            covered.withheld_within += withheld_within(&links, carriers);
        }
    }
    covered
}

/// Whether some link has one of the run's numbers.
fn meets(links: &Links, run: &WithheldRecord) -> bool {
    links.range(..=run.last).next_back().is_some_and(|(seq, link)| match link {
        Link::Report { .. } => *seq >= run.first,
        Link::Withheld { last, .. } => *last >= run.first,
    })
}

/// Withheld frames between two reports of the wearer's out of one activation.
fn withheld_within(links: &Links, carriers: &Carriers) -> u64 {
    let spans: BTreeMap<u32, (UnixMillis, UnixMillis)> = links
        .iter()
        .filter_map(|(seq, link)| match link {
            Link::Report { inner, received_at, .. } => {
                span(&times(inner), carriers, *received_at).map(|span| (*seq, span))
            }
            Link::Withheld { .. } => None,
        })
        .collect();
    let within = |first: u32, last: u32| {
        let (_, (_, before)) = spans.range(..first).next_back()?;
        let (_, (after, _)) = spans.range(last..).next()?;
        let holds = |one: &Activation, at: &UnixMillis| one.from <= *at && one.to.is_none_or(|to| *at < to);
        let both = |one: &Activation| holds(one, before) && holds(one, after);
        carriers.activations().iter().any(both).then_some(u64::from(last - first) + 1)
    };
    let runs = links.iter().filter_map(|(first, link)| match link {
        Link::Withheld { last, .. } => within(*first, *last),
        Link::Report { .. } => None,
    });
    runs.sum()
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

/// Where a walk over a chain stands.
#[derive(Default)]
struct Walk {
    /// None after a gap.
    head: Option<Chain>,
    /// Number of the next frame.
    expected: u32,
    /// Number of the first frame that waits.
    since: u32,
    /// Frames that wait for a signed head.
    waiting: u64,
}

impl DeviceChain {
    fn check(&self, links: &Links, covered: &mut Covered, flaws: &mut Vec<Flaw>) {
        let mut walk = Walk::default();
        for (&seq, link) in links {
            if seq != walk.expected || seq == 0 {
                covered.unproven += std::mem::take(&mut walk.waiting);
                walk.head = (seq == 0).then(|| Chain::start(self.device, self.epoch));
            }
            match link {
                Link::Report { line, inner, .. } => {
                    self.check_report(seq, *line, inner, &mut walk, covered, flaws);
                    walk.expected = seq.wrapping_add(1);
                }
                Link::Withheld { last, after } => {
                    covered.unproven += std::mem::take(&mut walk.waiting);
                    covered.withheld += u64::from(last - seq) + 1;
                    walk.head = Some(Chain::from_bytes(*after));
                    walk.expected = last.wrapping_add(1);
                    walk.since = walk.expected;
                }
            }
        }
        covered.unproven += walk.waiting;
    }

    /// One report further; a checkpoint proves, or refutes, what waits for it.
    fn check_report(
        &self,
        seq: u32,
        line: usize,
        inner: &[u8],
        walk: &mut Walk,
        covered: &mut Covered,
        flaws: &mut Vec<Flaw>,
    ) {
        if walk.head.is_none() && walk.waiting == 0 {
            walk.since = seq;
        }
        if let Ok(Payload::Checkpoint(checkpoint)) = decode(inner) {
            let since = walk.since;
            let mut flaw = |why: &str| {
                let range = format!("frames {0}/{since} to {0}/{seq}", self.epoch.0);
                let what = format!("{range} of device {}: {why}", self.device.number());
                flaws.push(Flaw { file: "frames.jsonl", line, field: "inner", what });
            };
            let good = self.holds(&checkpoint, seq);
            match (good, walk.head) {
                (Err(why), _) => flaw(why),
                (Ok(()), Some(head)) if *head.bytes() != checkpoint.chain => {
                    flaw("the reports are not those that the device signed");
                }
                (Ok(()), Some(_)) => covered.proven += std::mem::take(&mut walk.waiting),
                (Ok(()), None) => {}
            }
            covered.unproven += std::mem::take(&mut walk.waiting);
            walk.head = good.is_ok().then_some(Chain::from_bytes(checkpoint.chain));
            walk.since = seq;
        }
        walk.waiting += 1;
        walk.head = walk.head.map(|head| head.advance(inner));
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
