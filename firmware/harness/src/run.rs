//! A whole run: life after life over one flash, and the comparison with what the centre has in the end.

use crate::{
    centre::Centre,
    chance::Chance,
    cuts::{self, Place},
    flash,
    image::Image,
    life::{End, Life, World},
    machine::Machine,
    modem::{Modem, Published, Subscriber},
    radio::Radio,
    receiver::Receiver,
    report::Report,
};
use anyhow::{Context, Result};
use lenke_firmware_core::provision::{Name, Provision};
use lenke_simulator::{keys::Keys, scenario};
use lenke_wire::{
    DeviceId, FrameId, UnixMillis,
    codec::{INNER_BYTES_MAX, Payload, decode},
    frame::{DeviceKey, Direction, open},
};
use sha2::Digest;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::Instant,
};

/// The world's time when the tag is switched on first: 10 March 2025, 06:00 UTC.
const START: UnixMillis = UnixMillis(1_741_586_400_000);
const BEACON: DeviceId = DeviceId::new(10_900_001);
const BEACON_KEY: [u8; 16] = *b"lenke home unit!";
/// Outages that are planned; longer runs have none later.
const OUTAGES: usize = 4_000;

/// What a run does.
pub(crate) struct Config {
    pub(crate) fixes: usize,
    pub(crate) power_cuts: usize,
    pub(crate) seed: u64,
    pub(crate) image: Image,
    pub(crate) centre: PathBuf,
}

/// Streams of chance.
enum Stream {
    Cuts = 1,
    Modem,
    Receiver,
    Outages,
}

/// Runs it in `folder`, which is empty.
pub(crate) fn run(config: &Config, folder: &Path) -> Result<Report> {
    let device = scenario::spare_tag(1);
    let keys = Keys::derive(config.seed, device);
    let centre = Centre::start(&config.centre, &folder.join("centre"), config.seed)?;
    let flash = folder.join("flash");
    flash::provision(&flash, &provision(device, &keys, centre.front_door.port())?)?;

    let chance = |stream: Stream| Chance::new(config.seed, stream as u64);
    let subscriber = Subscriber { device, key: keys.device_key(), front_door: centre.front_door };
    let modem = Modem::new(subscriber, chance(Stream::Modem), Published::default());
    let outages = outages(&mut chance(Stream::Outages));
    let mut world = World { modem, outages, fixes: 0, fixes_wanted: config.fixes, steps: 0 };
    let cuts = cuts::plan(config.power_cuts, config.fixes, &mut chance(Stream::Cuts));
    let mut receivers = chance(Stream::Receiver);

    #[expect(clippy::disallowed_methods, reason = "wall time is one of the figures")]
    let begun = Instant::now();
    let mut time = START;
    let mut kept = BTreeMap::new();
    let mut used_twice = BTreeSet::new();
    for cut in cuts.iter().map(Some).chain([None]) {
        let machine = Machine::start(&config.image.elf, &flash, flash::FILE_BYTES, folder)?;
        let receiver = Receiver::new(&mut receivers);
        let radio = Radio::new(BEACON, BEACON_KEY, device);
        let mut life = Life::begin(&mut world, machine, receiver, radio, time)?;
        let end =
            life.live(cut).with_context(|| format!("at {} of the world, cut {cut:?}", life.time().0))?;
        let (fixes, now) = (life.fixes(), life.time());
        drop(life);
        world.fixes = fixes;
        world.modem.switch(false);
        time = now.plus_s(cut.map_or(0, |cut| cut.off_s).cast_signed());
        for (id, bytes) in flash::kept(&flash)? {
            note(&mut kept, id, bytes, &mut used_twice);
        }
        if end == End::Drained {
            break;
        }
    }
    let wall_s = begun.elapsed().as_secs_f64();

    let published = std::mem::take(&mut world.modem.published);
    for (id, bytes) in published.frames {
        note(&mut kept, id, bytes, &mut used_twice);
    }
    let key = keys.device_key();
    let holding = centre.finish(device, &key)?;
    let same = |id: &FrameId, bytes: &Vec<u8>| holding.frames.get(id) == Some(bytes);
    Ok(Report {
        seed: config.seed,
        fixes: world.fixes,
        fixes_committed: fixes_in(&kept, device, &key)?,
        power_cuts: cuts.len(),
        cuts_in_flash: cuts.iter().filter(|cut| cut.place != Place::BetweenSteps).count(),
        records_committed: kept.len(),
        records_at_centre: holding.frames.len(),
        records_lost: kept.iter().filter(|(id, bytes)| !same(id, bytes)).count(),
        records_duplicated: holding.duplicated + holding.fixes_repeated,
        numbers_used_twice: used_twice.len(),
        numbers_missing: missing(&holding.frames),
        refused: holding.quarantined,
        publishes: published.publishes,
        steps: world.steps,
        tag_time_s: time.since_ms(START) / 1_000,
        wall_s,
        text_bytes: config.image.text,
        static_ram_bytes: config.image.static_ram,
        published_sha256: published.digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}

fn provision(device: DeviceId, keys: &Keys, port: u16) -> Result<Provision> {
    Ok(Provision {
        device,
        key: keys.symmetric(),
        secret: keys.secret(),
        authority: None,
        beacon: Some((BEACON, BEACON_KEY)),
        at: START,
        host: Name::new("centre.example").context("a short name")?,
        port,
        tls: false,
        apn: Name::new("iot").context("a short name")?,
    })
}

/// Some minutes without coverage, every half hour or so.
fn outages(chance: &mut Chance) -> Vec<(UnixMillis, UnixMillis)> {
    let mut time = START;
    (0..OUTAGES)
        .map(|_| {
            let from = time.plus_s(chance.within(600, 3_600).cast_signed());
            time = from.plus_s(chance.within(60, 900).cast_signed());
            (from, time)
        })
        .collect()
}

fn note(
    kept: &mut BTreeMap<FrameId, Vec<u8>>,
    id: FrameId,
    bytes: Vec<u8>,
    used_twice: &mut BTreeSet<FrameId>,
) {
    if kept.get(&id).is_some_and(|known| *known != bytes) {
        used_twice.insert(id);
    }
    kept.insert(id, bytes);
}

/// Different fixes in frames.
fn fixes_in(frames: &BTreeMap<FrameId, Vec<u8>>, device: DeviceId, key: &DeviceKey) -> Result<usize> {
    let mut times = BTreeSet::new();
    for (id, bytes) in frames {
        let mut out = [0; INNER_BYTES_MAX];
        let (_, inner) = open(key, device, Direction::Up, bytes, &mut out)
            .map_err(|error| anyhow::anyhow!("frame {id} of the tag does not open: {error}"))?;
        let payload = decode(inner).map_err(|error| anyhow::anyhow!("frame {id} of the tag: {error}"))?;
        if let Payload::Fixes(fixes) = payload {
            times.extend(fixes.iter().map(|fix| fix.at));
        }
    }
    Ok(times.len())
}

/// Numbers that are not there below the last of their epoch.
fn missing(frames: &BTreeMap<FrameId, Vec<u8>>) -> usize {
    let mut epochs: BTreeMap<u32, (usize, u32)> = BTreeMap::new();
    for id in frames.keys() {
        let (count, last) = epochs.entry(id.epoch.0).or_default();
        *count += 1;
        *last = id.seq.0.max(*last);
    }
    epochs.values().map(|(count, last)| *last as usize + 1 - count).sum()
}
