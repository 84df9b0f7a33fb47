//! The journal in flash: what it keeps, how much, how fast it finds it, and how it wears.

mod cuts;
mod model;

use super::{nor::*, *};
use crate::settings::BUILT_IN_PLAN;
use crate::storage::{Latched, SAVED_BYTES_MAX, Saved};
use lenke_wire::codec::FRAME_BYTES_MAX;
use std::{format, vec, vec::Vec};

/// The real target's words.
type Flash = Nor<16>;
type Small = FlashJournal<Flash>;

const SMALL_PAGES: usize = 12;
const ITEM_PAGES: usize = 4;

fn layout(pages: usize) -> Layout {
    let alarms = (pages / 8).max(2);
    let range = |first: usize, pages: usize| (first * PAGE) as u32..((first + pages) * PAGE) as u32;
    let records = ITEM_PAGES + alarms;
    Layout {
        items: range(0, ITEM_PAGES),
        alarms: range(ITEM_PAGES, alarms),
        records: range(records, pages - records),
    }
}

fn mount(flash: Flash) -> (Small, Epoch) {
    let pages = flash.bytes.len() / PAGE;
    FlashJournal::mount(flash.power_on(), layout(pages), Epoch(1)).unwrap()
}

/// Bytes that tell frames apart.
fn frame(id: FrameId, length: usize) -> Vec<u8> {
    (0..length).map(|index| (id.epoch.0 * 31 + id.seq.0 * 7 + index as u32) as u8).collect()
}

fn append(journal: &mut Small, class: Class, id: FrameId, length: usize) -> Result<(), Full> {
    journal.append(class, id, &frame(id, length))
}

fn save<F: NorFlash>(journal: &mut FlashJournal<F>, saved: &Saved) {
    Config::keep(journal, Item::Saved, saved.encode(&mut [0; SAVED_BYTES_MAX])).unwrap();
}

fn saved<F: NorFlash>(journal: &FlashJournal<F>) -> Saved {
    let mut bytes = [0; Item::BYTES_MAX];
    let kept = journal.kept(Item::Saved.key(), &mut bytes);
    kept.map_or_else(Saved::default, |length| Saved::decode(&bytes[..length]).unwrap())
}

fn has(journal: &Small, id: FrameId, length: usize) -> bool {
    let mut out = [0; FRAME_BYTES_MAX];
    journal.read(id, &mut out).is_some_and(|read| out[..read] == frame(id, length))
}

#[test]
fn what_is_kept_outlives_a_reset_in_a_new_epoch() {
    let (mut journal, epoch) = mount(Nor::new(SMALL_PAGES));
    assert_eq!(epoch, Epoch(1));
    for seq in 0..20 {
        let class = if seq % 5 == 0 { Class::Alarms } else { Class::Records };
        append(&mut journal, class, FrameId::new(1, seq), 100 + seq as usize).unwrap();
    }
    let strap = Latched { set: true, owed: false, event: Some(FrameId::new(1, 15)) };
    let written = Saved { strap, last_downlink: Some(FrameId::new(3, 4)), ..Saved::default() };
    save(&mut journal, &written);
    let (journal, epoch) = mount(journal.into_flash());
    assert_eq!((epoch, saved(&journal), journal.count()), (Epoch(2), written, 20));
    assert!((0..20).all(|seq| has(&journal, FrameId::new(1, seq), 100 + seq as usize)));
    assert_eq!(journal.newest(Class::Records), Some(FrameId::new(1, 19)));
    assert_eq!(journal.newest(Class::Alarms), Some(FrameId::new(1, 15)));
    assert_eq!(journal.first_from(Class::Alarms, FrameId::new(1, 6)), Some(FrameId::new(1, 10)));
    assert_eq!(journal.first_from(Class::Records, FrameId::new(1, 20)), None);
    assert_eq!(journal.read(FrameId::new(1, 20), &mut [0; 200]), None);
}

#[test]
fn a_boot_that_kept_nothing_still_used_its_epoch() {
    let mut flash = Nor::new(SMALL_PAGES);
    for boot in 1..300 {
        let (journal, epoch) = mount(flash);
        assert_eq!(epoch, Epoch(boot));
        flash = journal.into_flash();
    }
    let (_, epoch) = FlashJournal::mount(flash, layout(SMALL_PAGES), Epoch(7_000)).unwrap();
    assert_eq!(epoch, Epoch(7_000), "a device that is set up anew is told where to begin");
}

#[test]
fn records_fill_their_own_ring_and_never_the_events() {
    let (mut journal, _) = mount(Nor::new(SMALL_PAGES));
    let mut seq = 0;
    while append(&mut journal, Class::Records, FrameId::new(1, seq), 200).is_ok() {
        seq += 1;
    }
    assert_eq!(append(&mut journal, Class::Records, FrameId::new(1, seq), 1_400), Err(Full));
    assert!(journal.fill_percent(Class::Records) >= 80);
    assert_eq!(journal.fill_percent(Class::Alarms), 0);
    for alarm in 0..10 {
        append(&mut journal, Class::Alarms, FrameId::new(1, seq + alarm), 200).unwrap();
    }
    assert!((0..seq + 10).all(|seq| has(&journal, FrameId::new(1, seq), 200)));
    assert_eq!(journal.count(), seq + 10);
}

#[test]
fn released_frames_make_room_and_do_not_come_back() {
    let (mut journal, _) = mount(Nor::new(SMALL_PAGES));
    for seq in 0..2_000 {
        let class = if seq % 10 == 9 { Class::Alarms } else { Class::Records };
        append(&mut journal, class, FrameId::new(1, seq), 150).unwrap();
        if seq % 8 == 7 {
            assert_eq!(journal.release(FrameId::new(1, seq - 2)), 8 - 2 * u32::from(seq == 7));
            assert_eq!(journal.count(), 2);
            assert_eq!(journal.release(FrameId::new(1, seq - 2)), 0);
        }
    }
    assert_eq!(journal.release(FrameId::new(1, u32::MAX)), 2);
    append(&mut journal, Class::Records, FrameId::new(1, 2_000), 10).unwrap();
    assert_eq!(journal.count(), 1, "an acknowledgement of frames to come releases none of them");
    save(&mut journal, &Saved::default());
    let (journal, _) = mount(journal.into_flash());
    assert_eq!(journal.count(), 1);
    assert_eq!(journal.first_from(Class::Records, OLDEST), Some(FrameId::new(1, 2_000)));
}

#[test]
fn a_reset_brings_back_few_frames_and_none_if_all_were_released() {
    let (mut journal, _) = mount(Nor::new(SMALL_PAGES));
    for seq in 0..60 {
        append(&mut journal, Class::Records, FrameId::new(1, seq), 40).unwrap();
    }
    let mut back = 0;
    for seq in 0..59 {
        assert_eq!(journal.release(FrameId::new(1, seq)), 1);
        let (after, _) = mount(Nor::from(journal.flash.borrow().bytes.clone()));
        back = back.max(after.count() - journal.count());
    }
    assert_eq!(back, UNSAVED_MAX - 1);
    journal.release(FrameId::new(1, 59));
    let (journal, _) = mount(journal.into_flash());
    assert_eq!(journal.count(), 0);
}

#[test]
fn epochs_are_released_in_any_order() {
    const EPOCHS: u32 = MARKS_MAX as u32 + 10;
    let mut flash = Nor::new(64);
    let mut journal = loop {
        let (mut journal, epoch) = mount(flash);
        for seq in 0..4 {
            append(&mut journal, Class::Records, FrameId::new(epoch.0, seq), 40).unwrap();
        }
        if epoch.0 == EPOCHS {
            break journal;
        }
        flash = journal.into_flash();
    };
    // From the newest back, in part: of more epochs than there are marks the newest wait.
    for epoch in (1..=EPOCHS).rev() {
        assert_eq!(journal.release(FrameId::new(epoch, 1)), 2);
    }
    assert_eq!(journal.count(), 4 * EPOCHS - 2 * MARKS_MAX as u32);
    assert_eq!(
        journal.release(FrameId::new(EPOCHS, 1)),
        2,
        "the oldest epoch needs no mark: its frames are below all others"
    );
    let count = journal.count();
    assert_eq!(
        journal.release(FrameId::new(EPOCHS - 1, 1)),
        2,
        "an older epoch takes the mark of a newer one"
    );
    assert_eq!(journal.release(FrameId::new(EPOCHS, 1)), 0, "a newer one waits");
    assert_eq!(journal.count(), count);
    for epoch in 1..=EPOCHS {
        assert!(journal.release(FrameId::new(epoch, 3)) >= 2);
    }
    assert_eq!((journal.count(), journal.first_from(Class::Records, OLDEST)), (0, None));
}

/// Appends under each number until it is taken, each time with other bytes; releases now and then; returns what was
/// taken, and what was refused.
fn live_on_lies(one_in: u64, blind: u32, seed: u64) -> (Small, Vec<(u32, usize)>) {
    let (mut journal, _) = mount(Nor::new(SMALL_PAGES));
    journal.flash.get_mut().lies = Some((one_in, blind, Chance(seed)));
    let (mut seq, mut taken) = (0, Vec::new());
    for attempt in 0..120 {
        let length = 100 + attempt;
        if append(&mut journal, Class::Records, FrameId::new(1, seq), length).is_ok() {
            taken.push((seq, length));
            seq += 1;
            if seq % 8 == 0 {
                // From before: of eight frames, five.
                // Flash that cannot be read releases nothing: the second time it can.
                journal.release(FrameId::new(1, seq - 4));
                journal.release(FrameId::new(1, seq - 4));
                taken.retain(|&(taken, _)| taken > seq - 4);
                assert_eq!(journal.count() as usize, taken.len());
            }
        }
    }
    (journal, taken)
}

#[test]
fn flash_that_writes_and_then_fails_doubles_no_number() {
    for seed in 0..200 {
        let (journal, taken) = live_on_lies(4, 0, seed);
        assert!(journal.faults() > 0);
        assert_eq!(journal.count() as usize, taken.len());
        let (mut journal, _) = mount(journal.into_flash());
        let next = taken.last().map_or(0, |&(seq, _)| seq + 1);
        assert_eq!(journal.first_from(Class::Records, FrameId::new(1, next)), None, "seed {seed}: {next}");
        for &(seq, length) in &taken {
            assert!(has(&journal, FrameId::new(1, seq), length), "seed {seed}: {seq}");
        }
        journal.release(FrameId::new(1, u32::MAX));
        assert_eq!(journal.count(), 0);
    }
}

#[test]
fn a_number_that_may_be_in_the_flash_is_not_used_again() {
    let mut stuck = 0;
    for seed in 0..400 {
        let (journal, taken) = live_on_lies(6, 1, seed);
        let next = taken.last().map_or(0, |&(seq, _)| seq + 1);
        assert_eq!(journal.count() as usize, taken.len(), "seed {seed}");
        let is_stuck = journal.last == Some(FrameId::new(1, next));
        stuck += u32::from(is_stuck);
        let (mut journal, _) = mount(journal.into_flash());
        for &(seq, length) in &taken {
            assert!(has(&journal, FrameId::new(1, seq), length), "seed {seed}: {seq}");
        }
        let doubtful = journal.first_from(Class::Records, FrameId::new(1, next));
        assert!(doubtful.is_none() || is_stuck, "seed {seed}: {next} is there, and was free");
        journal.release(FrameId::new(1, u32::MAX));
        assert_eq!(journal.count(), 0, "seed {seed}");
    }
    assert!(stuck > 10, "{stuck}");
}

#[test]
fn a_damaged_frame_is_not_read_and_is_counted() {
    let (mut journal, _) = mount(Nor::new(SMALL_PAGES));
    for seq in 0..3 {
        append(&mut journal, Class::Records, FrameId::new(1, seq), 64).unwrap();
    }
    let mut flash = journal.into_flash();
    let needle = frame(FrameId::new(1, 1), 64);
    let at = flash.bytes.windows(64).position(|window| window == needle).unwrap();
    flash.bytes[at + 5] ^= 4;
    let (journal, _) = mount(flash);
    assert_eq!(journal.read(FrameId::new(1, 1), &mut [0; 64]), None);
    assert_eq!(journal.faults(), 1);
    assert!(has(&journal, FrameId::new(1, 0), 64) && has(&journal, FrameId::new(1, 2), 64));
}

#[test]
fn a_damaged_state_falls_back_to_the_one_before() {
    let (mut journal, _) = mount(Nor::new(SMALL_PAGES));
    let case = Latched { set: true, ..Latched::default() };
    let latched = Saved { case, ..Saved::default() };
    save(&mut journal, &latched);
    save(&mut journal, &Saved { last_downlink: Some(FrameId::new(9, 9)), ..latched });
    assert!(!journal.is_damaged(Item::Saved));
    let mut flash = journal.into_flash();
    let last = flash.bytes[..ITEM_PAGES * PAGE].iter().rposition(|&byte| byte != 0xff).unwrap();
    flash.bytes[last] = !flash.bytes[last];
    let (mut journal, epoch) = mount(flash);
    assert_eq!((saved(&journal), epoch), (latched, Epoch(2)));
    assert!(journal.is_damaged(Item::Saved), "and is known to be an older one");
    save(&mut journal, &latched);
    assert!(!journal.is_damaged(Item::Saved));
}

#[test]
fn items_of_any_number_and_age_stay_while_one_is_written_for_ever() {
    let (mut journal, _) = mount(Nor::new(SMALL_PAGES));
    let item = |key: u8, round: usize| vec![key ^ round as u8; 120 + usize::from(key)];
    for key in 0..15 {
        journal.keep(key, &item(key, 0)).unwrap();
    }
    for round in 1..400 {
        journal.keep(3, &item(3, round)).unwrap();
    }
    assert_eq!(journal.keep(15, &[1]), Err(Full));
    assert_eq!(journal.keep(2, &[1; 1_025]), Err(Full));
    let (journal, _) = mount(journal.into_flash());
    let mut out = [0; 1_024];
    for key in 0..15 {
        let length = journal.kept(key, &mut out).unwrap();
        assert_eq!(out[..length], item(key, if key == 3 { 399 } else { 0 }));
    }
    assert_eq!(journal.kept(200, &mut out), None);
}

#[test]
fn partitions_that_do_not_fit_are_refused() {
    let good = layout(SMALL_PAGES);
    let page = PAGE as u32;
    let refused = |layout| FlashJournal::mount(Flash::new(SMALL_PAGES), layout, Epoch(1)).err();
    let cases = [
        (Layout { alarms: good.alarms.start + 4..good.alarms.end, ..good.clone() }, LayoutError::Alignment),
        (
            Layout { alarms: good.alarms.start..good.alarms.start + page, ..good.clone() },
            LayoutError::TooSmall,
        ),
        (Layout { alarms: good.items.clone(), ..good.clone() }, LayoutError::Range),
        (Layout { records: good.records.start..good.records.end + page, ..good.clone() }, LayoutError::Range),
    ];
    for (layout, error) in cases {
        assert_eq!(refused(layout), Some(MountError::Layout(error)));
    }
    assert_eq!(refused(good), None);
    assert_eq!(Layout::split::<Flash>(0..19 * page), Err(LayoutError::TooSmall));
    let split = Layout::split::<Flash>(page..(1 << 20) + page).unwrap();
    assert_eq!((split.items.start, split.records.end), (page, (1 << 20) + page));
    assert_eq!((split.items.end, split.alarms.end), (split.alarms.start, split.records.start));
    assert!(split.items.len() == 32 * 1_024 && split.alarms.len() > 100_000);
}

#[test]
fn ram_is_small_and_does_not_grow_with_the_flash() {
    // On a 32-bit target the marks take 384 of these bytes.
    assert!(
        size_of::<FlashJournal<&'static mut ()>>() <= 1_024,
        "{}",
        size_of::<FlashJournal<&'static mut ()>>()
    );
}

/// Frames of one day at a fix a minute and a report every ten: what the tag commits.
fn day(mut commit: impl FnMut(Class, usize)) {
    for report in 0..144 {
        commit(Class::Records, 216);
        if report % 2 == 1 {
            commit(Class::Records, 152);
        }
        if report % 6 == 5 {
            commit(Class::Records, 80);
        }
        if report % 48 == 47 {
            commit(Class::Alarms, 70);
            commit(Class::Alarms, 152);
        }
    }
}

#[test]
fn ten_days_without_a_link_fit_one_mebibyte_and_are_found_at_once() {
    let (mut journal, _) = mount(Nor::new((1 << 20) / PAGE));
    let mut seq = 0;
    let mut days = 0;
    'full: loop {
        let mut full = false;
        day(|class, length| {
            full |= append(&mut journal, class, FrameId::new(1, seq), length).is_err();
            seq += u32::from(!full);
        });
        if full {
            break 'full;
        }
        days += 1;
        if days == 10 {
            assert!(journal.fill_percent(Class::Records) < 80, "{}", journal.fill_percent(Class::Records));
        }
    }
    assert!(days >= 14, "{days}");
    let (journal, _) = mount(journal.into_flash());
    let before = (journal.flash.borrow().reads, journal.flash.borrow().bytes_read);
    let mut found = 0_u64;
    let mut next = OLDEST;
    while let Some(id) = journal.first_from(Class::Records, next) {
        assert!(journal.read(id, &mut [0; FRAME_BYTES_MAX]).is_some());
        next = following(id).unwrap();
        found += 1;
    }
    let flash = journal.flash.borrow();
    let (reads, bytes) = ((flash.reads - before.0) / found, (flash.bytes_read - before.1) / found);
    // Finding and reading one frame of thousands.
    assert!(reads <= 60 && bytes <= 1_400, "{reads} reads, {bytes} bytes");
}

#[test]
fn a_year_wears_no_page_out() {
    let (mut journal, _) = mount(Nor::new((1 << 20) / PAGE));
    let (mut seq, mut downlink) = (0, 0);
    for _ in 0..365 {
        day(|class, length| {
            let id = FrameId::new(1, seq);
            append(&mut journal, class, id, length).unwrap();
            seq += 1;
            journal.release(id);
        });
        // With each health report, and some commands.
        for _ in 0..30 {
            downlink += 1;
            save(&mut journal, &Saved { last_downlink: Some(FrameId::new(1, downlink)), ..Saved::default() });
        }
    }
    let [records, alarms, states] = journal.erasures();
    let worst = *journal.flash.borrow().erasures.iter().max().unwrap();
    assert_eq!(worst, records.max(alarms).max(states));
    assert!(worst <= 1_200, "flash endures 10 000: records {records}, events {alarms}, state {states}");
}
