//! Random lives of the journal against a list, with the power cut anywhere, again and again.

use super::*;
use proptest::{collection, prelude::*};
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
    Append(Class, usize),
    /// Releases up to this far back from the newest frame of an epoch this far back.
    Release(u32, u32),
    /// Keeps an item of this many bytes.
    Keep(u8, usize),
    Reboot,
    /// From now on, the power fails after this many flash operations.
    Cut(u32, u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let class = prop_oneof![1 => Just(Class::Alarms), 4 => Just(Class::Records)];
    let length = prop_oneof![8 => 0..300_usize, 1 => 1_000..=FRAME_BYTES_MAX];
    prop_oneof![
        20 => (class, length).prop_map(|(class, length)| Step::Append(class, length)),
        4 => (0..4_u32, 0..20_u32).prop_map(|(epochs, back)| Step::Release(epochs, back)),
        6 => (0..6_u8, 0..280_usize).prop_map(|(key, length)| Step::Keep(key, length)),
        1 => Just(Step::Reboot),
        2 => (0..12_u32, any::<u64>()).prop_map(|(after, seed)| Step::Cut(after, seed)),
    ]
}

/// What the journal promised, word size by word size.
struct World<const WORD: usize> {
    journal: Option<FlashJournal<Nor<WORD>>>,
    epoch: Epoch,
    next: u32,
    kept: BTreeMap<FrameId, (Class, usize)>,
    /// Released, but a cut may bring it back.
    released: BTreeMap<FrameId, (Class, usize)>,
    items: BTreeMap<u8, Vec<u8>>,
    /// Was under way when the power failed.
    unsure: Option<(Class, FrameId, usize)>,
    unsure_item: Option<(u8, Vec<u8>)>,
    /// Tells the contents of items apart.
    turn: u8,
}

fn item(journal: &FlashJournal<impl NorFlash>, key: u8) -> Option<Vec<u8>> {
    let mut out = [0; 1_024];
    journal.kept(key, &mut out).map(|length| out[..length].to_vec())
}

impl<const WORD: usize> World<WORD> {
    fn new() -> Self {
        let mut world = Self {
            journal: None,
            epoch: Epoch(0),
            next: 0,
            kept: BTreeMap::new(),
            released: BTreeMap::new(),
            items: BTreeMap::new(),
            unsure: None,
            unsure_item: None,
            turn: 0,
        };
        world.boot(Nor::new(SMALL_PAGES));
        world
    }

    fn boot(&mut self, flash: Nor<WORD>) {
        let layout = layout(SMALL_PAGES);
        let (journal, epoch) = FlashJournal::mount(flash.power_on(), layout, Epoch(1)).unwrap();
        assert!(epoch > self.epoch, "{epoch:?} is used twice");
        (self.epoch, self.next) = (epoch, 0);
        if let Some((class, id, length)) = self.unsure.take()
            && journal.first_from(class, id) == Some(id)
        {
            self.kept.insert(id, (class, length));
        }
        for (id, entry) in core::mem::take(&mut self.released) {
            if journal.first_from(entry.0, id) == Some(id) {
                self.kept.insert(id, entry);
            }
        }
        if let Some((key, bytes)) = self.unsure_item.take()
            && item(&journal, key).as_ref() == Some(&bytes)
        {
            self.items.insert(key, bytes);
        }
        self.journal = Some(journal);
        self.check();
    }

    fn check(&self) {
        let journal = self.journal.as_ref().unwrap();
        for key in 0..6 {
            assert_eq!(item(journal, key).as_ref(), self.items.get(&key));
        }
        assert_eq!(journal.count() as usize, self.kept.len());
        for class in [Class::Alarms, Class::Records] {
            let mut expected = self.kept.iter().filter(|(_, (of, _))| *of == class);
            let mut next = Some(OLDEST);
            while let Some(id) = next.and_then(|next| journal.first_from(class, next)) {
                let (&expected, &(_, length)) = expected.next().unwrap();
                assert_eq!(id, expected);
                let mut out = [0; FRAME_BYTES_MAX];
                assert_eq!(journal.read(id, &mut out), Some(length));
                assert_eq!(out[..length], frame(id, length));
                next = following(id);
            }
            assert_eq!(expected.next(), None, "lost");
            let newest = self.kept.iter().rfind(|(_, (of, _))| *of == class).map(|(&id, _)| id);
            assert_eq!(journal.newest(class), newest);
        }
    }

    fn step(&mut self, step: &Step) {
        let journal = self.journal.as_mut().unwrap();
        match *step {
            Step::Append(class, length) => {
                let id = FrameId::new(self.epoch.0, self.next);
                match journal.append(class, id, &frame(id, length)) {
                    Ok(()) => {
                        self.kept.insert(id, (class, length));
                        self.next += 1;
                    }
                    Err(Full) if journal.flash.borrow().is_off() => self.unsure = Some((class, id, length)),
                    Err(Full) => {}
                }
            }
            Step::Release(epochs, back) => {
                let epoch = self.epoch.0.saturating_sub(epochs);
                let of_epoch = self.kept.keys().chain(self.released.keys()).filter(|id| id.epoch.0 == epoch);
                let newest = of_epoch.map(|id| id.seq.0).max().unwrap_or(0);
                let through = FrameId::new(epoch, newest.saturating_sub(back));
                let freed = journal.release(through);
                let gone = |id: &FrameId| id.epoch == through.epoch && *id <= through;
                let before = self.kept.len();
                self.released
                    .extend(self.kept.iter().filter(|(id, _)| gone(id)).map(|(&id, &entry)| (id, entry)));
                self.kept.retain(|id, _| !gone(id));
                assert_eq!(freed as usize, before - self.kept.len());
            }
            Step::Keep(key, length) => {
                self.turn = self.turn.wrapping_add(1);
                let bytes = vec![self.turn; length];
                let kept = journal.keep(key, &bytes);
                if journal.flash.borrow().is_off() {
                    self.unsure_item = Some((key, bytes));
                } else {
                    kept.unwrap();
                    self.items.insert(key, bytes);
                    self.released.clear();
                }
            }
            Step::Reboot => {}
            Step::Cut(after, seed) => journal.flash.borrow_mut().cut = Some((after, Chance(seed))),
        }
        if journal.flash.borrow().is_off() || matches!(step, Step::Reboot) {
            let flash = self.journal.take().unwrap().into_flash();
            self.boot(flash);
        } else {
            self.check();
        }
    }

    /// Whatever has happened, an acknowledged journal is empty and takes a page of frames in each queue.
    fn finish(mut self) {
        self.journal.as_mut().unwrap().flash.borrow_mut().cut = None;
        for epoch in 0..=self.epoch.0 {
            self.journal.as_mut().unwrap().release(FrameId::new(epoch, u32::MAX));
        }
        self.kept.clear();
        self.check();
        for class in [Class::Alarms, Class::Records] {
            for _ in 0..7 {
                self.step(&Step::Append(class, 200));
            }
        }
        assert_eq!(self.kept.len(), 14);
    }
}

fn run<const WORD: usize>(steps: &[Step]) {
    let mut world = World::<WORD>::new();
    for step in steps {
        world.step(step);
    }
    world.finish();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, max_shrink_iters: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_cuts_loses_what_was_kept(steps in collection::vec(any_step(), 1..200)) {
        run::<16>(&steps);
    }

    #[test]
    fn words_of_any_size_will_do(steps in collection::vec(any_step(), 1..100)) {
        run::<1>(&steps);
        run::<4>(&steps);
        run::<32>(&steps);
    }
}
