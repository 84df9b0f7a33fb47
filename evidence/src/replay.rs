//! The rules of today, run again over the frames of a bundle.
//!
//! Reports are attributed as ingest does it: only what the wearer's own devices said of times when the wearer carried them, and
//! nothing whose times cannot be true, but for alarms, which count for when they came.
//!
//! The monitor begins without a memory at the first frame, and takes each frame at the moment it arrived: what rests on what
//! was before that, or on what another person's device said, cannot come out again. Zones hold in their newest version.

use crate::{
    owner::{span, times},
    records::{DeviceRecord, FrameRecord, unhex},
};
use lenke_alerts::{
    Activation, Carriers, Content, Context, Effect, Finding, Monitor, Report, Wearer, carriers::is_alarm,
};
use lenke_wire::{
    DeviceId, Event, Fix, FrameId, Lane, Sighting, TimeSource, UnixMillis,
    codec::{Payload, decode},
};
use lenke_zones::{Zone, ZoneId, ZoneIndex};
use std::collections::BTreeMap;

/// What a bundle says of a wearer, besides the frames.
pub(crate) struct Case<'a> {
    pub(crate) wearer: &'a Wearer,
    pub(crate) zones: &'a [Zone],
    pub(crate) devices: &'a [DeviceRecord],
    pub(crate) activations: &'a [Activation],
}

impl Case<'_> {
    /// What the rules find in `frames`, in order.
    pub(crate) fn verdicts(&self, frames: &[FrameRecord]) -> Vec<Finding> {
        let zones = ZoneIndex::build(self.newest_zones());
        let context = Context { wearer: self.wearer, zones: &zones };
        let carriers = self.carriers();
        let Some(first) = frames.first() else { return Vec::new() };
        let monitor = Monitor::new(self.wearer.id, UnixMillis(first.received_at));
        let mut replay = Replay { monitor, context, findings: Vec::new() };
        for frame in frames {
            let now = UnixMillis(frame.received_at);
            replay.wait_until(now);
            if let Some(carriers) = carriers.get(&frame.device) {
                replay.give(frame, carriers, now);
            }
        }
        replay.findings
    }

    fn newest_zones(&self) -> Vec<Zone> {
        let mut newest: BTreeMap<ZoneId, &Zone> = BTreeMap::new();
        for zone in self.zones {
            let known = newest.entry(zone.id).or_insert(zone);
            if known.version < zone.version {
                *known = zone;
            }
        }
        newest.into_values().cloned().collect()
    }

    /// When the wearer carried which device.
    pub(crate) fn carriers(&self) -> BTreeMap<u64, Carriers> {
        let of = |device: &DeviceRecord| {
            let own = |activation: &&Activation| {
                activation.device.number() == device.number && activation.wearer == self.wearer.id
            };
            let activations = self.activations.iter().filter(own).copied().collect();
            (device.number, Carriers::new(UnixMillis(device.enrolled_at), activations))
        };
        self.devices.iter().map(of).collect()
    }
}

struct Replay<'a> {
    monitor: Monitor,
    context: Context<'a>,
    findings: Vec<Finding>,
}

impl Replay<'_> {
    /// Time passes.
    fn wait_until(&mut self, now: UnixMillis) {
        while let Some(due) = self.monitor.deadline().filter(|due| *due <= now) {
            self.monitor.handle_deadline(&self.context, due);
            self.collect();
            if self.monitor.deadline() == Some(due) {
                break;
            }
        }
    }

    fn collect(&mut self) {
        while let Some(effect) = self.monitor.poll_effect() {
            if let Effect::Raise(finding) = effect {
                self.findings.push(finding);
            }
        }
    }

    fn give(&mut self, frame: &FrameRecord, carriers: &Carriers, now: UnixMillis) {
        let Some(inner) = unhex(&frame.inner) else { return };
        let Ok(payload) = decode(&inner) else { return };
        let times = times(&inner);
        let refused = !times.is_empty() && span(&times, carriers, now).is_none();
        let own = |at: UnixMillis| carriers.wearer_at(at).is_some();
        match payload {
            Payload::Event(event) if refused && is_alarm(event.kind) => {
                let event = Event { at: now, time_source: TimeSource::Unset, ..event };
                self.report_if(own(now), frame, Content::Event(&event), now);
            }
            _ if refused => {}
            Payload::Fixes(fixes) => {
                let fixes: Vec<Fix> = fixes.iter().collect();
                for run in fixes.chunk_by(|a, b| own(a.at) == own(b.at)) {
                    self.report_if(run.iter().all(|fix| own(fix.at)), frame, Content::Fixes(run), now);
                }
            }
            Payload::Sightings(sightings) => {
                let sightings: Vec<Sighting> = sightings.iter().collect();
                let own = sightings.iter().all(|sighting| own(sighting.at));
                self.report_if(own && !sightings.is_empty(), frame, Content::Sightings(&sightings), now);
            }
            Payload::Event(event) => self.report_if(own(event.at), frame, Content::Event(&event), now),
            Payload::Health(health) => self.report_if(own(health.at), frame, Content::Health(&health), now),
            Payload::Checkpoint(_) | Payload::Receipt(_) | Payload::Later(_) => {
                self.report_if(own(now), frame, Content::Checkpoint, now);
            }
        }
    }

    fn report_if(&mut self, own: bool, frame: &FrameRecord, content: Content<'_>, now: UnixMillis) {
        if !own {
            return;
        }
        let lane = if frame.lane == "backlog" { Lane::Backlog } else { Lane::Live };
        let (device, number) = (DeviceId::new(frame.device), FrameId::new(frame.epoch, frame.seq));
        let report = Report { device, frame: number, lane, content };
        self.monitor.handle_report(&report, &self.context, now);
        self.collect();
    }
}
