//! Random lives of a tag against a model of broker and centre.
//!
//! Whatever happens in whatever order, these must hold: no (epoch, seq) carries two reports; what was committed stays in the
//! journal until the centre has it; no record is sent while an event waits to be; a latch stays until an officer clears it; what is in
//! force after a power cut is what was before it or what was to be, whichever of storage's writes the cut hits; and once links hold
//! and the centre answers, it ends up with every frame, its chain closed and its checkpoints true. The model runs on the ring in
//! RAM, where a cut is between two changes, and on the journal in flash, where it is in the middle of any operation.

use super::bench::*;
use crate::{
    Config, Input, Journal,
    input::{CaseSensor, UpdateProgress},
    journal::{Class, Ring, flash::InFlash},
};
use lenke_fence::{Encoder, Head, Kind};
use lenke_wire::{
    EventKind, FrameId, Position,
    chain::{Chain, verify_checkpoint},
    codec::{Payload, decode},
    command::{ClearLatch, Latch, Manifest},
    downlink::{Downlink, NoticeCode, Plan, Pursuit},
};
use proptest::{collection, prelude::*};
use std::{
    collections::{BTreeMap, BTreeSet},
    vec,
    vec::Vec,
};

#[derive(Clone, Debug)]
enum Step {
    Pass(i64),
    Fix,
    NoFix,
    Strap(bool),
    Case(bool),
    Battery(u8, bool),
    Home(bool),
    Panic,
    LinkUp,
    LinkDown,
    /// What was sent arrives in part, by the bits; the broker says so in part, by the others.
    Deliver(u64, u64),
    Ack,
    Plan(u32, u32),
    Query,
    ReplayedDownlink,
    Garbage(Vec<u8>),
    Restart,
    /// The power fails at the so manieth write from here.
    Cut(u32),
    Motion(bool),
    /// A zone set of one circle, of this version.
    Zones(u32),
    /// An officer's order for the last event of the strap's or the case's latch.
    Clear(bool),
    Pursuit(bool),
    Manifest(u32),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..4_000_i64).prop_map(Step::Pass),
        8 => Just(Step::Fix),
        1 => Just(Step::NoFix),
        2 => any::<bool>().prop_map(Step::Strap),
        1 => any::<bool>().prop_map(Step::Case),
        1 => (0..=100_u8, any::<bool>()).prop_map(|(percent, charging)| Step::Battery(percent, charging)),
        1 => any::<bool>().prop_map(Step::Home),
        1 => Just(Step::Panic),
        3 => Just(Step::LinkUp),
        1 => Just(Step::LinkDown),
        6 => any::<(u64, u64)>().prop_map(|(arrives, told)| Step::Deliver(arrives, told)),
        3 => Just(Step::Ack),
        1 => (1..5_u32, 1..90_u32).prop_map(|(version, collect_s)| Step::Plan(version, collect_s)),
        1 => Just(Step::Query),
        1 => Just(Step::ReplayedDownlink),
        1 => collection::vec(any::<u8>(), 0..40).prop_map(Step::Garbage),
        1 => Just(Step::Restart),
        3 => (1..12_u32).prop_map(Step::Cut),
        1 => any::<bool>().prop_map(Step::Motion),
        2 => (1..5_u32).prop_map(Step::Zones),
        2 => any::<bool>().prop_map(Step::Clear),
        1 => any::<bool>().prop_map(Step::Pursuit),
        1 => (0..4_u32).prop_map(Step::Manifest),
    ]
}

/// What the centre has, and which frames of each epoch it may therefore acknowledge.
#[derive(Default)]
struct Centre {
    frames: BTreeMap<FrameId, Vec<u8>>,
}

impl Centre {
    fn receive(&mut self, id: FrameId, frame: &[u8]) {
        let known = self.frames.entry(id).or_insert_with(|| frame.to_vec());
        assert_eq!(known, frame, "{id} carries two reports");
    }

    /// The last frame of the run from 0 of each epoch.
    fn committed(&self) -> Vec<FrameId> {
        let mut last = BTreeMap::new();
        for id in self.frames.keys() {
            let next = last.entry(id.epoch).or_insert(0);
            if *next == id.seq.0 {
                *next += 1;
            }
        }
        last.into_iter()
            .filter(|&(_, next)| next > 0)
            .map(|(epoch, next)| FrameId::new(epoch.0, next - 1))
            .collect()
    }
}

struct World<S> {
    bench: Bench<S>,
    centre: Centre,
    up: bool,
    /// Sent on this link and not yet answered for by the broker.
    open: Vec<FrameId>,
    /// Events sent on this link, or since the last time-out.
    announced: BTreeSet<FrameId>,
    old_downlink: Option<Vec<u8>>,
    latched: (bool, bool),
    /// An officer has cleared a latch: the events of before say nothing about it any more.
    cleared: (bool, bool),
    /// Plan and zone set in force.
    versions: (u32, u32),
}

impl<S: Journal + Config + Power + Default> World<S> {
    fn new() -> Self {
        Self {
            bench: Bench::new(),
            centre: Centre::default(),
            up: false,
            open: Vec::new(),
            announced: BTreeSet::new(),
            old_downlink: None,
            latched: (false, false),
            cleared: (false, false),
            versions: (0, 0),
        }
    }

    fn step(&mut self, step: &Step) {
        let fix = self.bench.fix();
        match step {
            Step::Pass(seconds) => self.bench.pass_s(*seconds),
            Step::Fix => self.bench.give(Input::Fix(fix)),
            Step::NoFix => self.bench.give(Input::NoFix),
            Step::Strap(open) => self.bench.give(Input::Strap { open: *open }),
            Step::Case(open) => self.bench.give(Input::Case { sensor: CaseSensor::Light, open: *open }),
            Step::Battery(percent, charging) => self.bench.battery(*percent, *charging),
            Step::Home(authenticated) => {
                if *authenticated {
                    self.bench.home();
                } else {
                    self.bench.give(Input::Beacon { heard: HOME.device, rssi_dbm: -60 });
                }
            }
            Step::Panic => self.bench.give(Input::Panic),
            Step::LinkUp => self.link(true),
            Step::LinkDown => self.link(false),
            Step::Deliver(arrives, told) => self.deliver(*arrives, *told),
            Step::Ack => self.acknowledge(),
            Step::Plan(version, collect_s) => {
                let base_version = self.bench.tag.plan().version;
                let plan = Plan { version: *version, base_version, collect_s: *collect_s, ..PLAN };
                self.bench.plan(plan);
            }
            Step::Query => self.bench.down(&Downlink::Query),
            Step::ReplayedDownlink => {
                let old =
                    self.old_downlink.get_or_insert_with(|| self.bench.sealed(&Downlink::Query)).clone();
                self.bench.down(&Downlink::Notice(NoticeCode::GoHome));
                let refused = self.bench.tag.counters().downlinks_replayed;
                self.bench.give(Input::Downlink(&old));
                assert_eq!(self.bench.tag.counters().downlinks_replayed, refused + 1);
            }
            Step::Garbage(bytes) => self.bench.give(Input::Downlink(bytes)),
            Step::Restart => {
                self.bench.restart();
                self.forget_link();
            }
            Step::Cut(writes) => self.bench.journal.fail_in(Some(*writes)),
            Step::Motion(moving) => self.bench.give(Input::Motion { moving: *moving }),
            Step::Zones(version) => {
                let set = circle(u64::from(*version));
                self.bench.zones(*version, self.bench.tag.zones_version(), &set, &[0]);
            }
            Step::Clear(strap) => self.clear(*strap),
            Step::Pursuit(on) => {
                let until = self.bench.now.plus_s(900);
                self.bench.down(&Downlink::Pursuit(Pursuit { on: *on, until }));
            }
            Step::Manifest(above) => {
                let version = FIRMWARE + above;
                let manifest = Manifest { board: BOARD, version, size: 1, hash: [1; 32], min_version: 0 };
                self.bench.ota(manifest, &Key::authority());
                self.bench.give(Input::Update(UpdateProgress::Fetched([1; 32])));
            }
        }
        if self.bench.journal.is_dead() {
            // What was on its way out of the modem is lost with it.
            self.bench.sent.clear();
            self.bench.restart();
            self.forget_link();
        }
        self.check();
    }

    fn clear(&mut self, strap: bool) {
        let (latch, kind) =
            if strap { (Latch::Strap, EventKind::StrapOpen) } else { (Latch::Case, EventKind::CaseOpen) };
        if !self.bench.kinds().contains(&kind) {
            return;
        }
        let event = self.bench.frame_of(kind);
        self.bench.clear(ClearLatch { latch, event }, &Key::officer());
        let may_clear = if strap { &mut self.latched.0 } else { &mut self.latched.1 };
        *may_clear = false;
        let cleared = if strap { &mut self.cleared.0 } else { &mut self.cleared.1 };
        *cleared = true;
    }

    fn link(&mut self, up: bool) {
        self.forget_link();
        self.up = up;
        self.bench.sent.clear();
        self.bench.give(if up { Input::LinkUp } else { Input::LinkDown });
    }

    fn forget_link(&mut self) {
        self.up = false;
        self.open.clear();
        self.announced.clear();
    }

    fn deliver(&mut self, arrives: u64, told: u64) {
        let open = core::mem::take(&mut self.open);
        for (index, frame) in open.into_iter().enumerate() {
            if arrives >> (index % 64) & 1 == 1 {
                self.arrive(frame);
            }
            if told >> (index % 64) & 1 == 1 {
                self.bench.give(Input::PubAck(frame));
            } else {
                self.open.push(frame);
            }
        }
    }

    fn arrive(&mut self, frame: FrameId) {
        let mut out = [0; lenke_wire::codec::FRAME_BYTES_MAX];
        // A frame that was acknowledged meanwhile is with the centre already.
        if let Some(length) = self.bench.journal.read(frame, &mut out) {
            self.centre.receive(frame, &out[..length]);
        }
    }

    fn acknowledge(&mut self) {
        for through in self.centre.committed() {
            self.bench.ack(through.epoch.0, through.seq.0);
        }
    }

    fn check(&mut self) {
        for (frame, _) in core::mem::take(&mut self.bench.sent) {
            assert!(self.up, "sent without a link");
            if self.bench.class(frame) == Class::Alarms {
                self.announced.insert(frame);
            } else {
                // Events committed after this record was handed over come later than it; all earlier ones are announced.
                let waiting = self.bench.journal.first_from(Class::Alarms, FrameId::default());
                assert!(
                    waiting.is_none_or(|event| self.announced.contains(&event) || event > frame),
                    "{frame} overtook {waiting:?}"
                );
            }
            self.open.push(frame);
        }
        for (&id, (_, bytes)) in &self.bench.journal.taken {
            let kept = || self.bench.journal.read(id, &mut [0; lenke_wire::codec::FRAME_BYTES_MAX]).is_some();
            assert!(self.centre.frames.get(&id) == Some(bytes) || kept(), "{id} is lost");
        }
        let (strap, case) = self.bench.tag.latches();
        assert!((strap || !self.latched.0) && (case || !self.latched.1), "a latch was forgotten");
        self.latched = (strap, case);
        let confirmed = |kind| self.bench.kinds().contains(&kind);
        assert!(strap || self.cleared.0 || !confirmed(EventKind::StrapOpen));
        assert!(case || self.cleared.1 || !confirmed(EventKind::CaseOpen));
        let versions = (self.bench.tag.plan().version, self.bench.tag.zones_version());
        assert!(
            versions.0 >= self.versions.0 && versions.1 >= self.versions.1,
            "{versions:?} {:?}",
            self.versions
        );
        self.versions = versions;
    }

    /// Links hold and the centre answers: how long until it has everything?
    fn settle(&mut self) {
        // A link that stands must do without a new one: what was lost on it goes again after the time-out.
        self.bench.journal.fail_in(None);
        if !self.up {
            self.link(true);
        }
        self.check();
        for _ in 0..400 {
            self.deliver(u64::MAX, u64::MAX);
            self.acknowledge();
            self.check();
            if self.open.is_empty() && self.bench.journal.count() == 0 {
                return;
            }
            if self.bench.disconnects > 0 {
                self.bench.disconnects = 0;
                self.link(false);
            }
            self.bench.pass_s(60);
            if !self.up && self.bench.connects > 0 {
                self.bench.connects = 0;
                self.link(true);
            }
            self.check();
        }
        panic!("{} frames never arrived", self.bench.journal.count());
    }

    /// Every epoch's chain closes, and every checkpoint is true.
    fn check_chains(&self) {
        let public_key = Key::new().0.verifying_key().to_bytes();
        let mut chains: BTreeMap<u32, (u32, Chain)> = BTreeMap::new();
        for (id, inner) in self.bench.journal.reports() {
            let start = || (0, Chain::start(DEVICE, id.epoch));
            let (next, chain) = chains.entry(id.epoch.0).or_insert_with(start);
            assert_eq!(*next, id.seq.0, "a gap before {id}");
            if let Payload::Checkpoint(checkpoint) = decode(&inner).unwrap() {
                assert_eq!(checkpoint.covers.seq.0 + 1, *next);
                assert_eq!(&checkpoint.chain, chain.bytes());
                assert_eq!(verify_checkpoint(&public_key, DEVICE, &checkpoint), Ok(()));
            }
            *chain = chain.advance(&inner);
            *next += 1;
        }
    }
}

fn circle(id: u64) -> Vec<u8> {
    let mut buffer = [0; 100];
    let mut encoder = Encoder::new(&mut buffer).unwrap();
    let head = Head { id, version: 1, kind: Kind::Exclusion, is_scheduled: false, buffer_m: 50 };
    let centre = Position::from_e7(599_138_689, 107_522_454).unwrap();
    encoder.put_circle(head, centre, 300_000).unwrap();
    encoder.finish().unwrap().to_vec()
}

fn live<S: Journal + Config + Power + Default>(steps: &[Step]) {
    let mut world: World<S> = World::new();
    world.check();
    for step in steps {
        world.step(step);
    }
    world.settle();
    world.check_chains();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_shrink_iters: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_nothing_is_lost_doubled_or_overtaken(steps in collection::vec(any_step(), 1..120)) {
        live::<Ring<8_192, 4_096>>(&steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_doubled_or_overtaken_in_flash_either(steps in collection::vec(any_step(), 1..90)) {
        live::<InFlash>(&steps);
    }
}
