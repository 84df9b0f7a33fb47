//! The rules of today, run again over the frames of a bundle.
//!
//! The monitor begins without a memory at the first frame, and takes each frame at the moment it arrived: what rests on what
//! was before that, or on what another person's device said, cannot come out again. Zones hold in their newest version.

use crate::records::{FrameRecord, unhex};
use lenke_alerts::{Content, Context, Effect, Finding, Monitor, Report, Wearer};
use lenke_wire::{
    DeviceId, Fix, FrameId, Lane, Sighting, UnixMillis,
    codec::{Payload, decode},
};
use lenke_zones::{Zone, ZoneId, ZoneIndex};
use std::collections::BTreeMap;

/// What the rules find in `frames`, in order.
pub(crate) fn verdicts(wearer: &Wearer, zones: &[Zone], frames: &[FrameRecord]) -> Vec<Finding> {
    let mut newest: BTreeMap<ZoneId, &Zone> = BTreeMap::new();
    for zone in zones {
        let known = newest.entry(zone.id).or_insert(zone);
        if known.version < zone.version {
            *known = zone;
        }
    }
    let zones = ZoneIndex::build(newest.into_values().cloned());
    let context = Context { wearer, zones: &zones };
    let Some(first) = frames.first() else { return Vec::new() };
    let mut monitor = Monitor::new(wearer.id, UnixMillis(first.received_at));
    let mut findings = Vec::new();
    for frame in frames {
        let now = UnixMillis(frame.received_at);
        while let Some(due) = monitor.deadline().filter(|due| *due <= now) {
            monitor.handle_deadline(&context, due);
            collect(&mut monitor, &mut findings);
            if monitor.deadline() == Some(due) {
                break;
            }
        }
        give(&mut monitor, frame, &context, now);
        collect(&mut monitor, &mut findings);
    }
    findings
}

fn collect(monitor: &mut Monitor, findings: &mut Vec<Finding>) {
    while let Some(effect) = monitor.poll_effect() {
        if let Effect::Raise(finding) = effect {
            findings.push(finding);
        }
    }
}

fn give(monitor: &mut Monitor, frame: &FrameRecord, context: &Context<'_>, now: UnixMillis) {
    let Some(inner) = unhex(&frame.inner) else { return };
    let Ok(payload) = decode(&inner) else { return };
    let (fixes, sightings): (Vec<Fix>, Vec<Sighting>) = match &payload {
        Payload::Fixes(fixes) => (fixes.iter().collect(), Vec::new()),
        Payload::Sightings(sightings) => (Vec::new(), sightings.iter().collect()),
        Payload::Event(_)
        | Payload::Health(_)
        | Payload::Checkpoint(_)
        | Payload::Receipt(_)
        | Payload::Later(_) => (Vec::new(), Vec::new()),
    };
    let content = match &payload {
        Payload::Fixes(_) => Content::Fixes(&fixes),
        Payload::Sightings(_) => Content::Sightings(&sightings),
        Payload::Event(event) => Content::Event(event),
        Payload::Health(health) => Content::Health(health),
        Payload::Checkpoint(_) | Payload::Receipt(_) | Payload::Later(_) => Content::Checkpoint,
    };
    let lane = if frame.lane == "backlog" { Lane::Backlog } else { Lane::Live };
    let report = Report {
        device: DeviceId::new(frame.device),
        frame: FrameId::new(frame.epoch, frame.seq),
        lane,
        content,
    };
    monitor.handle_report(&report, context, now);
}
