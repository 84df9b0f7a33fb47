//! A disk that loses power: model tests of the journal's promise.

use super::{
    Consumer, Entry, Journal, JournalConfig, JournalError, Record, Storage, Ticket, record::tests::record,
    recovery::records, segment_log::SegmentLog, segment_name,
};
use std::{collections::BTreeMap, io, path::PathBuf, sync::mpsc};
use tokio_util::sync::CancellationToken;

/// Page that reaches the platter whole or not at all in the second kind of crash.
const PAGE_BYTES: usize = 64;
const CONFIG: JournalConfig = JournalConfig { segment_bytes: 1024, segments_max: 64 };

/// What is durable, and the writes that are not yet.
#[derive(Clone, Debug, Default)]
struct TornDisk {
    durable: BTreeMap<u64, Vec<u8>>,
    unsynced: Vec<(u64, u64, Vec<u8>)>,
    /// Bytes that may still be written before the power goes.
    budget: Option<usize>,
    sync_fails: bool,
    space: Option<usize>,
}

impl TornDisk {
    fn apply(segments: &mut BTreeMap<u64, Vec<u8>>, segment: u64, offset: usize, bytes: &[u8]) {
        if let Some(segment) = segments.get_mut(&segment) {
            segment.resize(segment.len().max(offset + bytes.len()), 0);
            segment[offset..offset + bytes.len()].copy_from_slice(bytes);
        }
    }

    /// The disk after the power went: unsynced writes are there page by page as `keeps` says.
    fn after_power_loss(&self, mut keeps: impl FnMut() -> bool) -> Self {
        let mut durable = self.durable.clone();
        for (segment, offset, bytes) in &self.unsynced {
            for (index, page) in bytes.chunks(PAGE_BYTES).enumerate() {
                if keeps() {
                    Self::apply(&mut durable, *segment, *offset as usize + index * PAGE_BYTES, page);
                }
            }
        }
        Self { durable, ..Self::default() }
    }
}

impl Storage for TornDisk {
    fn list(&self) -> io::Result<Vec<u64>> {
        Ok(self.durable.keys().copied().collect())
    }

    fn create(&mut self, segment: u64, bytes: u64) -> io::Result<()> {
        if self.space == Some(self.durable.len()) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.durable.insert(segment, vec![0; bytes as usize]);
        Ok(())
    }

    fn read(&self, segment: u64) -> io::Result<Vec<u8>> {
        self.durable.get(&segment).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn write(&mut self, segment: u64, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let cut = self.budget.map_or(bytes.len(), |budget| budget.min(bytes.len()));
        self.budget = self.budget.map(|budget| budget - cut);
        self.unsynced.push((segment, offset, bytes[..cut].to_vec()));
        if cut < bytes.len() { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }

    fn sync(&mut self, _: u64) -> io::Result<()> {
        if self.sync_fails || self.budget == Some(0) {
            return Err(io::Error::other("EIO"));
        }
        for (segment, offset, bytes) in std::mem::take(&mut self.unsynced) {
            Self::apply(&mut self.durable, segment, offset as usize, &bytes);
        }
        Ok(())
    }

    fn truncate(&mut self, segment: u64, bytes: u64) -> io::Result<()> {
        self.durable.entry(segment).and_modify(|segment| segment.truncate(bytes as usize));
        Ok(())
    }

    fn delete(&mut self, segment: u64) -> io::Result<()> {
        self.durable.remove(&segment);
        Ok(())
    }

    fn name(&self, segment: u64) -> PathBuf {
        segment_name(segment).into()
    }
}

/// A small deterministic generator: the tests' only chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Appends groups until the disk fails; the records that were acknowledged.
fn append_until_failure(
    log: &mut SegmentLog<TornDisk>,
    from: u64,
    groups: u64,
    chance: &mut Chance,
) -> Vec<Record> {
    let mut acknowledged = Vec::new();
    let mut number = from;
    for _ in 0..groups {
        let group: Vec<_> = (0..=chance.below(4)).map(|index| record(number + index)).collect();
        number += group.len() as u64;
        match log.append(group.iter()) {
            Ok(_) => acknowledged.extend(group),
            Err(_) => break,
        }
    }
    acknowledged
}

fn read_back(disk: TornDisk) -> Result<(Vec<Record>, SegmentLog<TornDisk>), JournalError> {
    let (log, recovered) = SegmentLog::open(disk, CONFIG)?;
    let mut all = Vec::new();
    for (segment, count) in recovered.segments {
        let found = records(log.storage(), segment)?;
        assert_eq!(found.len() as u64, count);
        all.extend(found);
    }
    Ok((all, log))
}

/// Every acknowledged record is there, in order, and none twice; at most unacknowledged ones follow.
fn assert_kept(acknowledged: &[Record], found: &[Record], what: &str) {
    assert!(found.len() >= acknowledged.len(), "{what}: {} of {}", found.len(), acknowledged.len());
    assert_eq!(&found[..acknowledged.len()], acknowledged, "{what}");
    let mut devices: Vec<_> = found.iter().map(|record| record.arrival.device).collect();
    devices.dedup();
    assert_eq!(devices.len(), found.len(), "{what}: doubled");
}

#[test]
fn power_lost_at_every_byte_loses_and_doubles_nothing_acknowledged() {
    for budget in 1..2600 {
        let disk = TornDisk { budget: Some(budget), ..TornDisk::default() };
        let (mut log, _) = SegmentLog::open(disk, CONFIG).unwrap();
        let acknowledged = append_until_failure(&mut log, 0, 40, &mut Chance(7));
        for keep_unsynced in [true, false] {
            let disk = log.storage().after_power_loss(|| keep_unsynced);
            let (found, mut log) = read_back(disk).unwrap_or_else(|error| panic!("{budget}: {error}"));
            assert_kept(&acknowledged, &found, &format!("budget {budget}"));
            let more = append_until_failure(&mut log, 1000, 6, &mut Chance(9));
            let (again, _) = read_back(log.into_storage()).unwrap();
            assert_eq!(again, [found, more].concat(), "budget {budget}, second start");
        }
    }
}

#[test]
fn pages_lost_in_any_order_lose_and_double_nothing_acknowledged() {
    for seed in 0..3000 {
        let mut chance = Chance(seed);
        let budget = 200 + chance.below(4000) as usize;
        let disk = TornDisk { budget: Some(budget), ..TornDisk::default() };
        let (mut log, _) = SegmentLog::open(disk, CONFIG).unwrap();
        let acknowledged = append_until_failure(&mut log, 0, 60, &mut chance);
        let disk = log.storage().after_power_loss(|| chance.below(2) == 0);
        let (found, _) = read_back(disk).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert_kept(&acknowledged, &found, &format!("seed {seed}"));
    }
}

#[test]
fn damage_to_a_synced_record_is_an_error_that_names_file_and_offset() {
    let (mut log, _) = SegmentLog::open(TornDisk::default(), CONFIG).unwrap();
    append_until_failure(&mut log, 0, 3, &mut Chance(1));
    let mut disk = log.into_storage();
    disk.durable.get_mut(&1).unwrap()[60] ^= 1;
    match read_back(disk) {
        Err(JournalError::Damaged { file, offset, .. }) => {
            assert_eq!((file.as_str(), offset), ("0000000000000001.journal", 24));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_failed_sync_is_never_taken_for_success() {
    let (mut log, _) = SegmentLog::open(TornDisk::default(), CONFIG).unwrap();
    log.append([record(1)].iter()).unwrap();
    let mut disk = log.into_storage();
    disk.sync_fails = true;
    let (mut log, _) = SegmentLog::open(disk, CONFIG).unwrap();
    assert!(matches!(log.append([record(2)].iter()), Err(JournalError::Io { .. })));
}

#[test]
fn a_full_disk_refuses_and_goes_on_when_there_is_room_again() {
    let disk = TornDisk { space: Some(2), ..TornDisk::default() };
    let (mut log, _) = SegmentLog::open(disk, CONFIG).unwrap();
    let mut tickets = Vec::new();
    let refused = loop {
        match log.append([record(tickets.len() as u64)].iter()) {
            Ok(ticket) => tickets.push(ticket),
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, JournalError::Full), "{refused}");
    log.ledger().release(tickets.iter().copied());
    log.collect();
    log.append([record(99)].iter()).unwrap();
    let (found, _) = read_back(log.into_storage()).unwrap();
    assert_eq!(found.last(), Some(&record(99)));
}

/// Passes on what it is given.
struct Passed(mpsc::Sender<u64>);

impl Consumer<u64> for Passed {
    fn recover(&mut self, record: Record, _: Ticket) {
        self.0.send(record.arrival.device.number()).unwrap();
    }

    fn consume(&mut self, cargo: u64, _: Ticket) {
        self.0.send(cargo).unwrap();
    }

    fn flush(&mut self) {}
}

fn entries(numbers: std::ops::Range<u64>) -> Vec<Entry<u64>> {
    numbers.map(|number| Entry { record: record(number), cargo: number }).collect()
}

#[tokio::test]
async fn old_records_are_handed_on_before_new_ones_and_all_in_order() {
    let (mut log, _) = SegmentLog::open(TornDisk::default(), CONFIG).unwrap();
    log.append((0..5).map(record).collect::<Vec<_>>().iter()).unwrap();
    let journal = Journal::open(log.into_storage(), CONFIG).unwrap();
    assert_eq!(journal.recovered(), 5);
    let (sender, receiver) = mpsc::channel();
    let (appender, _) = journal.start(Passed(sender), CancellationToken::new()).unwrap();
    let (first, second) = tokio::join!(appender.append(entries(5..9)), appender.append(entries(9..12)));
    first.and(second).unwrap();
    appender.barrier().await;
    assert_eq!(receiver.try_iter().collect::<Vec<_>>(), (0..12).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_failed_sync_answers_everybody_and_ends_the_process() {
    let disk = TornDisk { sync_fails: true, ..TornDisk::default() };
    let (sender, receiver) = mpsc::channel();
    let token = CancellationToken::new();
    let (appender, has_ended) =
        Journal::open(disk, CONFIG).unwrap().start(Passed(sender), token.clone()).unwrap();
    let refused = appender.append(entries(0..3)).await.unwrap_err();
    assert!(matches!(refused, JournalError::Failed), "{refused}");
    token.cancelled().await;
    has_ended.await.unwrap();
    assert!(matches!(appender.append(entries(3..4)).await, Err(JournalError::Closed)));
    assert_eq!(receiver.try_iter().count(), 0, "what is not durable is not evaluated");
}

#[tokio::test]
async fn a_full_disk_answers_everybody_and_the_journal_goes_on() {
    let disk = TornDisk { space: Some(0), ..TornDisk::default() };
    let (sender, receiver) = mpsc::channel();
    let token = CancellationToken::new();
    let (appender, _) = Journal::open(disk, CONFIG).unwrap().start(Passed(sender), token.clone()).unwrap();
    for _ in 0..3 {
        assert!(matches!(appender.append(entries(0..3)).await, Err(JournalError::Full)));
    }
    assert!(!token.is_cancelled());
    assert_eq!(receiver.try_iter().count(), 0);
}
