//! A scripted day of a real tag, with the power cut in the middle of every single flash operation.
//!
//! The day runs once and notes each flash operation, and after how many of them each promise was given. Then the image at
//! every operation is made, the operation torn, and what the next boot finds is compared with the promises.

use super::*;
use crate::{Effect, Effects, GnssFix, Identity, Input, ResetCause, Settings, Tag, Uptime};
use ed25519_dalek::{Signer, SigningKey};
use lenke_wire::{
    BatteryState, DeviceId, Position, UnixMillis,
    command::{BODY_BYTES_MAX, Signed},
    downlink::{Downlink, Plan, encode_downlink},
    frame::{DeviceKey, Direction, seal},
    sign::{Ed25519, Sign, Verify},
};
use std::collections::BTreeMap;

const DEVICE: DeviceId = DeviceId::new(42);
const START: UnixMillis = UnixMillis(1_800_000_000_000);
const PAGES: usize = 16;

struct Key(SigningKey);

impl Sign for Key {
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        Signer::sign(&self.0, message).to_bytes()
    }
}

impl Verify for Key {
    fn verify(&self, public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        Ed25519.verify(public_key, message, signature)
    }
}

fn key_of(seed: u8) -> Key {
    Key(SigningKey::from_bytes(&[seed; 32]))
}

fn identity(epoch: Epoch) -> Identity {
    Identity { device: DEVICE, key: DeviceKey::new([7; 16]), epoch }
}

enum Promise {
    Kept(Class, FrameId, Vec<u8>),
    Released(FrameId),
    Saved(std::boxed::Box<Saved>),
}

/// A journal that notes what it promised, between which flash operations.
struct Watched {
    journal: FlashJournal<Flash>,
    /// Operations before the call, operations until its return, what it promised.
    promises: Vec<(usize, usize, Promise)>,
}

impl Watched {
    fn operations(&self) -> usize {
        self.journal.flash.borrow().operations.as_ref().map_or(0, Vec::len)
    }

    fn note(&mut self, before: usize, promise: Promise) {
        self.promises.push((before, self.operations(), promise));
    }
}

impl Journal for Watched {
    fn append(&mut self, class: Class, id: FrameId, frame: &[u8]) -> Result<(), Full> {
        let before = self.operations();
        self.journal.append(class, id, frame)?;
        self.note(before, Promise::Kept(class, id, frame.to_vec()));
        Ok(())
    }

    fn read(&self, id: FrameId, out: &mut [u8]) -> Option<usize> {
        self.journal.read(id, out)
    }

    fn first_from(&self, class: Class, from: FrameId) -> Option<FrameId> {
        self.journal.first_from(class, from)
    }

    fn newest(&self, class: Class) -> Option<FrameId> {
        self.journal.newest(class)
    }

    fn release(&mut self, through: FrameId) -> u32 {
        let before = self.operations();
        let released = self.journal.release(through);
        self.note(before, Promise::Released(through));
        released
    }

    fn count(&self) -> u32 {
        self.journal.count()
    }

    fn fill_percent(&self, class: Class) -> u8 {
        self.journal.fill_percent(class)
    }

    fn faults(&self) -> u32 {
        self.journal.faults()
    }
}

impl Config for Watched {
    fn keep(&mut self, item: Item, bytes: &[u8]) -> Result<(), NotKept> {
        let before = self.operations();
        Config::keep(&mut self.journal, item, bytes)?;
        if item == Item::Saved {
            let written = Saved::decode(bytes).map_err(|_| NotKept)?;
            self.note(before, Promise::Saved(std::boxed::Box::new(written)));
        }
        Ok(())
    }

    fn kept(&mut self, item: Item, out: &mut [u8]) -> Option<usize> {
        Config::kept(&mut self.journal, item, out)
    }

    fn is_damaged(&self, item: Item) -> bool {
        self.journal.is_damaged(item)
    }
}

/// A tag on a journal, and what it sent.
struct Life<J> {
    tag: Tag,
    journal: J,
    signer: Key,
    now: UnixMillis,
    booted: UnixMillis,
    wake: Option<Uptime>,
    sent: Vec<FrameId>,
    downlinks: u32,
}

impl<J: Journal + Config> Life<J> {
    fn begin(journal: J, epoch: Epoch, now: UnixMillis) -> Self {
        let authority = Some(key_of(6).0.verifying_key().to_bytes());
        let settings = Settings { authority, ..Settings::default() };
        let mut life = Self {
            tag: Tag::new(identity(epoch), settings),
            journal,
            signer: key_of(5),
            now,
            booted: now,
            wake: None,
            sent: Vec::new(),
            downlinks: epoch.0 * 10_000,
        };
        life.give(Input::Started { cause: ResetCause::BrownOut, rtc: Some(now) });
        life
    }

    fn give(&mut self, input: Input<'_>) {
        let mut effects = Effects::new();
        let uptime = Uptime::from_ms(self.now.since_ms(self.booted));
        self.tag.handle_event(input, uptime, &mut self.journal, &self.signer, &mut effects);
        for effect in &mut effects {
            if let Effect::WakeAt(at) = effect {
                self.wake = Some(at);
            } else if let Effect::Transmit { frame, .. } = effect {
                self.sent.push(frame);
            }
        }
    }

    fn pass_s(&mut self, seconds: i64) {
        let end = self.now.plus_s(seconds);
        while let Some(at) = self.wake.map(|at| self.booted.plus_ms(at.ms())).filter(|&at| at <= end) {
            self.now = self.now.max(at);
            self.give(Input::Timer);
        }
        self.now = end;
    }

    fn walk(&mut self, minute: i32) {
        self.pass_s(60);
        let position = Position::from_e7(599_138_689 + minute * 97, 107_522_454 - minute * 53).unwrap();
        let (speed_cm_s, course_cdeg) = (140, 9_000);
        self.give(Input::Fix(GnssFix {
            at: self.now,
            position,
            accuracy_dm: 45,
            speed_cm_s,
            course_cdeg,
            satellites: 9,
        }));
    }

    fn down(&mut self, downlink: &Downlink<'_>) {
        self.downlinks += 1;
        let (mut inner, mut frame) = ([0; 200], [0; 300]);
        let length = encode_downlink(downlink, &mut inner).unwrap();
        let counter = FrameId::new(1, self.downlinks);
        let key = DeviceKey::new([7; 16]);
        let length = seal(&key, DEVICE, Direction::Down, counter, &inner[..length], &mut frame).unwrap();
        self.give(Input::Downlink(&frame[..length]));
    }

    /// The broker takes what is sent, until no more comes; returns it in order.
    fn deliver(&mut self) -> Vec<FrameId> {
        let mut all = Vec::new();
        while !self.sent.is_empty() {
            for frame in core::mem::take(&mut self.sent) {
                all.push(frame);
                self.give(Input::PubAck(frame));
            }
        }
        all
    }

    fn acknowledge(&mut self) {
        let next = self.tag.next_frame();
        self.down(&Downlink::Ack(FrameId::new(next.epoch.0, next.seq.0 - 1)));
    }
}

/// The day: a link for some minutes of most hours, a plan, a cut strap, a call for help, an outage.
fn live(life: &mut Life<Watched>) {
    for minute in 0..1_440 {
        life.walk(minute);
        let (hour, of_hour) = (minute / 60, minute % 60);
        let outage = (9..13).contains(&hour);
        match of_hour {
            20 if !outage => life.give(Input::LinkUp),
            22 if !outage => drop(life.deliver()),
            23 if !outage => life.acknowledge(),
            31 if !outage => {
                life.deliver();
                life.acknowledge();
            }
            40 => life.give(Input::LinkDown),
            45 => life.give(Input::Battery(BatteryState {
                percent: 90 - (hour * 3) as u8,
                millivolts: 3_800,
                charging: false,
                empty_at: None,
            })),
            _ => {}
        }
        match minute {
            100 => {
                let base_version = life.tag.plan().version;
                let plan = Plan { version: 1, base_version, ..BUILT_IN_PLAN };
                let mut body = [0; BODY_BYTES_MAX];
                let plan = Signed::sign(plan, DEVICE, &key_of(6), &mut body).unwrap();
                life.down(&Downlink::Plan(plan));
            }
            330 => {
                life.give(Input::Strap { open: true });
                life.pass_s(2);
                life.give(Input::Strap { open: false });
            }
            700 => life.give(Input::Panic),
            _ => {}
        }
    }
}

/// What must, and what may, be in the flash when the power fails in operation `cut`.
#[derive(Default)]
struct Expected<'a> {
    must: BTreeMap<FrameId, (Class, &'a [u8])>,
    may: BTreeMap<FrameId, (Class, &'a [u8])>,
    saved: Vec<Saved>,
}

fn expected(promises: &[(usize, usize, Promise)], cut: usize) -> Expected<'_> {
    let mut expected = Expected { saved: vec![Saved::default()], ..Expected::default() };
    for (before, after, promise) in promises {
        let (begun, done) = (*before <= cut, *after <= cut);
        match promise {
            Promise::Kept(class, id, bytes) if begun => {
                expected.may.insert(*id, (*class, bytes));
                if done {
                    expected.must.insert(*id, (*class, bytes));
                }
            }
            Promise::Released(through) if begun => {
                expected.must.retain(|id, _| id.epoch != through.epoch || id > through);
            }
            Promise::Saved(saved) if begun => {
                if done {
                    expected.saved.clear();
                }
                expected.saved.push(**saved);
            }
            Promise::Kept(..) | Promise::Released(_) | Promise::Saved(_) => {}
        }
    }
    expected
}

fn kept(journal: &impl Journal, class: Class) -> Vec<(FrameId, Vec<u8>)> {
    let mut frames = Vec::new();
    let mut next = Some(OLDEST);
    while let Some(id) = next.and_then(|next| journal.first_from(class, next)) {
        let mut out = [0; FRAME_BYTES_MAX];
        let length = journal.read(id, &mut out).unwrap();
        frames.push((id, out[..length].to_vec()));
        next = following(id);
    }
    frames
}

/// Boots on a torn image and compares.
fn check_boot(image: Vec<u8>, expected: &Expected<'_>, label: &str) -> (FlashJournal<Flash>, Epoch) {
    let (journal, epoch) = mount(Flash::from(image));
    assert!(expected.saved.contains(&saved(&journal)), "{label}: {:?}", saved(&journal));
    let mut count = 0;
    let mut must = expected.must.clone();
    for class in [Class::Alarms, Class::Records] {
        for (id, bytes) in kept(&journal, class) {
            assert_eq!(
                expected.may.get(&id),
                Some(&(class, &bytes[..])),
                "{label}: {id} is not what was written"
            );
            assert!(id.epoch < epoch, "{label}: {id} could be used twice");
            must.remove(&id);
            count += 1;
        }
    }
    assert!(must.is_empty(), "{label}: lost {:?}", must.keys());
    assert_eq!(journal.count(), count, "{label}");
    (journal, epoch)
}

/// The tag goes on: alarms first, then everything reaches the centre, and the journal is empty in the end.
fn check_life(journal: FlashJournal<Flash>, epoch: Epoch, label: &str) {
    let alarms: Vec<FrameId> = kept(&journal, Class::Alarms).into_iter().map(|(id, _)| id).collect();
    let records: Vec<FrameId> = kept(&journal, Class::Records).into_iter().map(|(id, _)| id).collect();
    let saved = saved(&journal);
    let mut life = Life::begin(journal, epoch, START.plus_s(100_000));
    assert_eq!(life.tag.latches(), (saved.strap.set, saved.case.set), "{label}: a latch is forgotten");
    life.give(Input::LinkUp);
    let mut arrived = Vec::new();
    for _ in 0..40 {
        arrived.extend(life.deliver());
        let mut last = BTreeMap::new();
        for id in &arrived {
            let known = last.entry(id.epoch.0).or_insert(id.seq.0);
            *known = (*known).max(id.seq.0);
        }
        for (epoch, seq) in last {
            life.down(&Downlink::Ack(FrameId::new(epoch, seq)));
        }
        if life.journal.count() == 0 {
            break;
        }
    }
    assert_eq!(life.journal.count(), 0, "{label}");
    let place = |id: &FrameId| arrived.iter().position(|sent| sent == id);
    let last_alarm = alarms.iter().map(|id| place(id).unwrap()).max();
    let first_record = records.iter().filter_map(place).min();
    assert!(
        first_record.is_none_or(|first| last_alarm.is_none_or(|last| last < first)),
        "{label}: a record overtook"
    );
    assert_eq!(life.journal.count(), 0, "{label}");
    let (_, next) = mount(life.journal.into_flash());
    assert_eq!(next.0, epoch.0 + 1, "{label}");
}

#[test]
fn a_cut_in_any_flash_operation_of_a_day_loses_doubles_and_forgets_nothing() {
    let mut flash = Flash::new(PAGES);
    flash.operations = Some(Vec::new());
    let blank = flash.bytes.clone();
    let (journal, epoch) = FlashJournal::mount(flash, layout(PAGES), Epoch(1)).unwrap();
    let mut life = Life::begin(Watched { journal, promises: Vec::new() }, epoch, START);
    live(&mut life);
    assert_eq!((life.tag.latches(), life.tag.plan().version), ((true, false), 1));
    let Watched { journal, promises } = life.journal;
    let operations = journal.into_flash().operations.unwrap();
    assert!(operations.len() > 800, "{}", operations.len());
    let erasures = operations.iter().filter(|operation| matches!(operation, Operation::Erase { .. })).count();
    assert!(erasures > 10, "{erasures}");

    let mut image = blank;
    for (cut, operation) in operations.iter().enumerate() {
        let expected = expected(&promises, cut);
        for seed in 0..4 {
            let label = format!("operation {cut}, tear {seed}");
            let mut torn = image.clone();
            operation.tear(&mut torn, &mut Chance(cut as u64 * 4 + seed));
            let (journal, epoch) = check_boot(torn, &expected, &label);
            check_life(journal, epoch, &label);
        }
        operation.apply(&mut image);
    }
}
