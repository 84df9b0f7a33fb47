//! `lenke evidence`: bundles that a court can check, and the check.

use crate::{
    keys,
    place::{self, Moment, Place, WearerName},
    terminal,
};
use anyhow::{Context, Result, bail, ensure};
use lenke_alerts::{Carriers, Device, Register};
use lenke_evidence::{
    Bundle, Candidate, Complaint, Contents, DeviceRecord, FrameRecord, Verdict, Wanted, WithheldRecord,
    select, verify,
};
use lenke_store::{Clock, FrameRow, Store};
use lenke_wire::{
    DeviceId, UnixMillis,
    codec::INNER_BYTES_MAX,
    frame::{DeviceKey, Direction, open},
    topic::Lane,
};
use lenke_zones::{Assignment, WearerId, Zone};
use std::path::{Path, PathBuf};

/// Frames asked of the store at a time.
const PAGE: u32 = 2_000;
/// Frames of one device that one bundle may draw on.
const FRAMES_MAX: usize = 2_000_000;
/// A device's clock may be ahead of the centre's, and the checkpoint before may be 4 hours older: seconds.
const MARGIN_S: i64 = 5 * 3_600;
/// A backlog may bring frames at any time after: the year 9999.
const LAST: UnixMillis = UnixMillis(253_402_300_799_999);

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Write a bundle: frames, signed chain, keys, rules, zones, alerts, verdicts.
    Export {
        /// The wearer, as in W-00042.
        #[arg(long, value_name = "WEARER")]
        wearer: WearerName,
        /// First moment, as in 2026-11-21T20:00Z.
        #[arg(long, value_name = "TIME")]
        from: Moment,
        /// First moment after.
        #[arg(long, value_name = "TIME")]
        to: Moment,
        /// Folder to make.
        #[arg(long, value_name = "BUNDLE")]
        out: PathBuf,
        /// Disclose the devices' symmetric keys too: who has them can open other frames of these devices, and make some.
        #[arg(long)]
        with_device_keys: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Check a bundle, offline.
    Verify {
        /// The folder.
        bundle: PathBuf,
        /// The centre's public key, 64 hexadecimal digits, from a source that you trust.
        #[arg(long, value_name = "HEX")]
        authority: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Verify { bundle, authority, json } => check(&bundle, authority.as_deref(), json),
        Command::Export { wearer, from, to, out, with_device_keys, place } => {
            let centre = place.open().await?;
            let authority = keys::load_or_create(&place::authority(&centre.settings))?;
            ensure!(from.0 < to.0, "--from must be before --to");
            let wanted = Request { wearer: wearer.0, from: from.0, to: to.0, with_device_keys };
            let contents = wanted.collect(&*centre.store, Clock::wall().now()).await?;
            let (name, frames) = (contents.wearer.id, contents.frames.len());
            // Written down before anything is disclosed.
            centre
                .audit("evidence.export", &name.to_string(), &disclosure(&contents, with_device_keys))
                .await?;
            let bundle = contents.into_bundle(authority.public(), &authority)?;
            write(&out, &bundle)?;
            let out = out.display();
            println!("{frames} frames of {name} are in {out}; check them with lenke evidence verify {out}");
            println!("the centre's public key is {}", keys::hex(&authority.public()));
            Ok(())
        }
    }
}

struct Request {
    wearer: WearerId,
    from: UnixMillis,
    to: UnixMillis,
    with_device_keys: bool,
}

impl Request {
    async fn collect(&self, store: &dyn Store, now: UnixMillis) -> Result<Contents> {
        let register = store.load_register().await?;
        let Some(wearer) = register.wearers.iter().find(|wearer| wearer.id == self.wearer) else {
            bail!("there is no wearer {}", self.wearer)
        };
        ensure!(
            !register.protected().contains(&self.wearer),
            "{} is a protected person: nothing about them leaves the centre",
            self.wearer
        );
        let (mut devices, mut activations) = (Vec::new(), Vec::new());
        let (mut frames, mut withheld) = (Vec::new(), Vec::new());
        for (device, carriers) in register.devices.iter().zip(register.carriers()) {
            let own: Vec<_> =
                carriers.activations().iter().filter(|one| one.wearer == self.wearer).copied().collect();
            if !own.iter().any(|one| one.from < self.to && one.to.is_none_or(|to| to > self.from)) {
                continue;
            }
            ensure!(
                !self.with_device_keys || own.len() == carriers.activations().len(),
                "{} was somebody else's too, whose frames its key would open: export without --with-device-keys",
                device.id
            );
            let found = self.frames_of(store, device, &carriers).await?;
            frames.extend(found.0);
            withheld.extend(found.1);
            activations.extend(own);
            devices.push(device);
        }
        frames.sort_by_key(|frame| (frame.received_at, frame.device, frame.epoch, frame.seq));
        let record = |device: &&Device| DeviceRecord {
            number: device.id.number(),
            kind: device.kind,
            public_key: keys::hex(&device.public_key),
            key: self.with_device_keys.then(|| keys::hex(&device.key)),
            enrolled_at: device.enrolled_at.0,
        };
        Ok(Contents {
            wearer: wearer.clone(),
            from: self.from,
            to: self.to,
            made_at: now,
            made_by: format!("lenke {}", env!("CARGO_PKG_VERSION")),
            devices: devices.iter().map(record).collect(),
            zones: zones(store, &register, wearer).await?,
            alerts: store.alerts_of(self.wearer, self.from, self.to).await?,
            activations,
            frames,
            withheld,
        })
    }

    /// The wearer's frames of the interval, with what closes their chain, and what lies between them.
    async fn frames_of(
        &self,
        store: &dyn Store,
        device: &Device,
        carriers: &Carriers,
    ) -> Result<(Vec<FrameRecord>, Vec<WithheldRecord>)> {
        let key = DeviceKey::new(device.key);
        let (mut rows, mut candidates): (Vec<FrameRow>, Vec<Candidate>) = (Vec::new(), Vec::new());
        loop {
            let after = rows.last().map(FrameRow::key);
            let begin = self.from.plus_s(-MARGIN_S);
            let page = store.frames_of(device.id, begin, LAST, after, PAGE).await?;
            if page.is_empty() {
                break;
            }
            for row in page {
                let mut out = [0; INNER_BYTES_MAX];
                let (frame, inner) = open(&key, device.id, Direction::Up, &row.bytes, &mut out)
                    .with_context(|| {
                        format!("frame {} of {} in the store does not open", row.frame, device.id)
                    })?;
                candidates.push(Candidate { frame, received_at: row.received_at, inner: inner.to_vec() });
                rows.push(row);
            }
            ensure!(rows.len() <= FRAMES_MAX, "{} has too many frames since then: ask for less", device.id);
        }
        let (wearer, from, to) = (self.wearer, self.from, self.to);
        let selection = select(&candidates, Wanted { device: device.id, carriers, wearer, from, to });
        let record = |(row, candidate): (&FrameRow, &Candidate)| FrameRecord {
            device: device.id.number(),
            epoch: candidate.frame.epoch.0,
            seq: candidate.frame.seq.0,
            lane: if row.lane == Lane::Live { "live" } else { "backlog" }.to_owned(),
            received_at: row.received_at.0,
            inner: keys::hex(&candidate.inner),
            sealed: keys::hex(&row.bytes),
        };
        let own = |pair: &(&FrameRow, &Candidate)| selection.disclosed.contains(&pair.1.frame);
        let frames = rows.iter().zip(&candidates).filter(own).map(record).collect();
        Ok((frames, selection.withheld))
    }
}

/// What the audit log says of a bundle: whose data is in it, from which devices and of which time.
fn disclosure(contents: &Contents, with_device_keys: bool) -> String {
    let devices: Vec<_> =
        contents.devices.iter().map(|device| DeviceId::new(device.number).to_string()).collect();
    let withheld: u64 = contents.withheld.iter().map(|run| u64::from(run.last - run.first) + 1).sum();
    format!(
        "data of {} alone: {} frames of {}, {} to {}; {withheld} frames of others withheld; device keys: {with_device_keys}",
        contents.wearer.id,
        contents.frames.len(),
        devices.join(", "),
        contents.from.0,
        contents.to.0,
    )
}

/// Every version of the zones that hold for the wearer.
async fn zones(store: &dyn Store, register: &Register, wearer: &lenke_alerts::Wearer) -> Result<Vec<Zone>> {
    let mut versions = Vec::new();
    for zone in &register.zones {
        let concerns = match &zone.assignment {
            Assignment::Personal(of) => *of == wearer.id,
            Assignment::Shared(groups) => groups.iter().any(|group| wearer.groups.contains(group)),
        };
        if concerns {
            versions.extend(store.zone_versions(zone.id).await?);
        }
    }
    Ok(versions)
}

fn write(folder: &Path, bundle: &Bundle) -> Result<()> {
    std::fs::create_dir(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for (name, bytes) in bundle {
        keys::write_secret(&folder.join(name), bytes).with_context(|| format!("cannot write {name}"))?;
    }
    Ok(())
}

fn read(folder: &Path) -> Result<Bundle> {
    let mut bundle = Bundle::new();
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let bytes = std::fs::read(entry.path()).with_context(|| format!("cannot read {name}"))?;
        bundle.insert(name, bytes);
    }
    Ok(bundle)
}

fn check(folder: &Path, authority: Option<&str>, json: bool) -> Result<()> {
    let authority = match authority {
        Some(text) => Some(keys::parse_hex(text).context("--authority is not 64 hexadecimal digits")?),
        None => None,
    };
    let verdict = verify(&read(folder)?, authority.as_ref());
    if json {
        println!("{}", serde_json::to_string(&verdict)?);
    } else {
        show(&verdict, authority.is_some());
    }
    ensure!(verdict.holds(), "the bundle is not as it was made");
    Ok(())
}

fn show(verdict: &Verdict, authority_given: bool) {
    for Complaint { file, line, field, what } in &verdict.complaints {
        let line = line.map(|line| format!(" line {line}")).unwrap_or_default();
        let field = field.as_ref().map(|field| format!(" `{field}`")).unwrap_or_default();
        println!("{file}{line}{field}: {what}");
    }
    let rows = [
        ("frames", verdict.frames),
        ("proven by the device's signature", verdict.proven),
        ("not covered by a signature", verdict.unproven),
        ("withheld: another's or nobody's", verdict.withheld),
        ("withheld though the wearer had the device", verdict.withheld_within),
        ("findings that came out again", verdict.verdicts),
        ("alerts", verdict.alerts),
        ("alerts whose finding came out again", verdict.alerts_reproduced),
    ];
    println!(
        "{}",
        terminal::table("evidence", &rows.map(|(name, count)| (name.to_owned(), count.to_string())))
    );
    if let (false, Some(key)) = (authority_given, &verdict.authority) {
        println!(
            "made by the centre with the key {key}: compare it with one that you know, or give --authority"
        );
    }
}
