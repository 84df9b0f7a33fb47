//! One frame through a shard: window, attribution, monitors, rows.

use super::custody::Unverified;
use super::{Shard, WearerState, window::Seen};
use crate::{
    Rejection,
    courier::CourierInput,
    decode::{Body, Opened},
    intake::Admitted,
    journal::Ticket,
    registry::{DeviceEntry, Registry},
    writer::{Repeat, WriterInput},
};
use lenke_alerts::{Content, Context, Effect, Finding, Monitor, Report};
use lenke_notify::{DeskInput, PositionUpdate};
use lenke_store::{DeviceLast, EventRow, FixRow, FrameRow, HealthRow, Quarantined, SightingRow};
use lenke_wire::{DeviceId, Event, EventKind, Fix, FrameId, Health, Receipt, UnixMillis, topic::Lane};
use lenke_zones::{OwnZones, WearerId};
use std::sync::Arc;

/// What a device says it holds counts as its present word within this of being written, milliseconds.
const HOLDS_WITHIN_MS: i64 = 10 * 60 * 1_000;

/// Where a report stands.
#[derive(Clone, Copy)]
struct Origin<'a> {
    device: &'a DeviceEntry,
    frame: FrameId,
    lane: Lane,
    received_at: UnixMillis,
    now: UnixMillis,
}

impl Shard {
    pub(super) fn handle_frame(&mut self, admitted: Admitted, ticket: Ticket) {
        let registry = Arc::clone(&self.registry);
        let Admitted { arrival, received_at, opened: Opened { frame, body, refusal, inner }, .. } = admitted;
        self.pending.tickets.push(ticket);
        let Some(device) = registry.device(arrival.device) else {
            // Gone from the register since it was taken in: nobody's position, and nothing to acknowledge.
            self.tools.counters.reject(
                Rejection::UnknownDevice,
                Some(arrival.device),
                "gone from the register",
            );
            return;
        };
        let seen = self.devices.entry(device.id).or_default().window.take(frame, &arrival.bytes);
        let origin = Origin { device, frame, lane: arrival.lane, received_at, now: self.tools.clock.now() };
        let quarantined = |rejection: Rejection, detail: String| Quarantined {
            device: Some(device.id),
            source: arrival.source.to_string(),
            reason: rejection.code().to_owned(),
            received_at,
            bytes: if device.protected { Vec::new() } else { arrival.bytes.to_vec() },
            detail,
        };
        match seen {
            Seen::Repeat => {
                let detail = format!("frame {frame} was acknowledged long ago");
                let quarantined = quarantined(Rejection::Replayed, detail);
                self.pending.repeats.push(Repeat { device: device.id, frame, quarantined });
                return;
            }
            Seen::Conflict => {
                let detail = format!("frame {frame} is known with other bytes");
                self.tools.counters.reject(Rejection::ConflictingBytes, Some(device.id), &detail);
                self.pending.batch.quarantined.push(quarantined(Rejection::ConflictingBytes, detail));
                self.handle_refusal(device.id, Rejection::ConflictingBytes, Some(frame), origin.now);
                return;
            }
            Seen::New => {}
        }
        self.pending.batch.committed.push((device.id, frame));
        self.follow_chain(device, frame, &inner, origin.now);
        if let (None, Some(Body::Checkpoint(checkpoint))) = (&refusal, &body) {
            self.unverified.push(Unverified {
                device: device.id,
                frame,
                public_key: device.public_key,
                checkpoint: *checkpoint,
                refusal: quarantined(Rejection::BadCheckpoint, String::new()),
            });
        }
        match refusal {
            Some(refusal) => {
                self.tools.counters.reject(refusal.rejection, Some(device.id), &refusal.detail);
                if refusal.rejection.is_security_event() {
                    self.handle_refusal(device.id, refusal.rejection, Some(frame), origin.now);
                }
                self.pending.batch.quarantined.push(quarantined(refusal.rejection, refusal.detail));
            }
            None => {
                self.pending.stored += 1;
                self.pending.late += u64::from(arrival.lane == Lane::Backlog);
            }
        }
        if let Some(body) = body {
            self.handle_body(&registry, origin, &body);
        }
        // Refused ones too: the hash chain runs through every frame.
        if !device.protected {
            let bytes = arrival.bytes.to_vec();
            let lane = arrival.lane;
            self.pending.batch.frames.push(FrameRow { device: device.id, frame, lane, received_at, bytes });
        }
    }

    fn handle_body(&mut self, registry: &Registry, origin: Origin<'_>, body: &Body) {
        match body {
            Body::Fixes(fixes) => self.handle_fixes(registry, origin, fixes),
            Body::Event(event) => self.handle_event(registry, origin, event),
            Body::Sightings(sightings) => {
                let Some(at) = sightings.first().map(|sighting| sighting.at) else { return };
                self.report(registry, origin, at, Content::Sightings(sightings));
                if !origin.device.protected {
                    let rows = sightings.iter().zip(0..).map(|(sighting, index)| SightingRow {
                        device: origin.device.id,
                        frame: origin.frame,
                        index,
                        sighting: *sighting,
                        received_at: origin.received_at,
                    });
                    self.pending.batch.sightings.extend(rows);
                }
                self.heard(origin, at, None, None);
            }
            Body::Health(health) => self.handle_health(registry, origin, health),
            Body::Receipt(receipt) => self.handle_receipt(registry, origin, receipt),
            // To the monitor no more than a word from the device.
            Body::Checkpoint(_) | Body::Later(_) => {
                self.report(registry, origin, origin.received_at, Content::Checkpoint);
            }
        }
    }

    fn handle_fixes(&mut self, registry: &Registry, origin: Origin<'_>, fixes: &[Fix]) {
        // Nearly always one run: the whole frame belongs to one wearer.
        let same = |a: &Fix, b: &Fix| origin.device.wearer_at(a.at) == origin.device.wearer_at(b.at);
        let mut index: u16 = 0;
        for run in fixes.chunk_by(same) {
            let first = index;
            index = index.saturating_add(u16::try_from(run.len()).unwrap_or(u16::MAX));
            let Some(wearer) = run.first().and_then(|fix| origin.device.wearer_at(fix.at)) else { continue };
            if origin.device.protected {
                self.tell_watchers(registry, wearer, run, origin.now);
            } else {
                self.keep_fixes(wearer, origin, run, first);
            }
            if let Some(at) = run.first().map(|fix| fix.at) {
                self.report(registry, origin, at, Content::Fixes(run));
            }
        }
        let newest = fixes.iter().max_by_key(|fix| fix.at);
        if let Some(fix) = newest {
            if !origin.device.protected {
                self.devices.entry(origin.device.id).or_default().near = Some(fix.position);
            }
            self.heard(origin, fix.at, Some(*fix), None);
        }
    }

    fn keep_fixes(&mut self, wearer: WearerId, origin: Origin<'_>, fixes: &[Fix], first: u16) {
        let Origin { device, frame, lane, received_at, .. } = origin;
        let rows = fixes.iter().zip(first..).map(|(fix, index)| FixRow {
            wearer,
            device: device.id,
            frame,
            index,
            fix: *fix,
            received_at,
            late: lane == Lane::Backlog,
        });
        self.pending.batch.fixes.extend(rows);
        let Some(fix) = fixes.iter().max_by_key(|fix| fix.at) else { return };
        let Some(state) = self.wearers.get_mut(&wearer) else {
            self.tools.counters.unevaluated(fixes.len() as u64);
            return;
        };
        if state.published.is_none_or(|published| published < fix.at) {
            state.published = Some(fix.at);
            self.pending.position(PositionUpdate {
                wearer,
                device: device.id,
                frame,
                at: fix.at,
                position: fix.position,
                accuracy_m: fix.accuracy_m(),
                speed_m_s: fix.speed_m_s(),
                received_at,
            });
        }
    }

    /// A protected position reaches exactly those who must keep away from it.
    fn tell_watchers(&mut self, registry: &Registry, victim: WearerId, fixes: &[Fix], now: UnixMillis) {
        for &watcher in registry.watchers(victim) {
            self.with_monitor(registry, watcher, |monitor, context| {
                for fix in fixes {
                    monitor.handle_counterpart(victim, fix, context, now);
                }
            });
        }
    }

    fn handle_event(&mut self, registry: &Registry, origin: Origin<'_>, event: &Event) {
        let mut event = *event;
        if origin.device.protected {
            event.position = None;
        } else {
            let row = EventRow {
                device: origin.device.id,
                frame: origin.frame,
                event,
                received_at: origin.received_at,
            };
            self.pending.batch.events.push(row);
        }
        if event.kind == EventKind::PlanApplied && origin.lane == Lane::Live {
            self.tell_holds(origin, u32::try_from(event.value).ok(), None);
        }
        self.report(registry, origin, event.at, Content::Event(&event));
        self.heard(origin, event.at, None, None);
    }

    fn handle_health(&mut self, registry: &Registry, origin: Origin<'_>, health: &Health) {
        if !origin.device.protected {
            let row = HealthRow {
                device: origin.device.id,
                frame: origin.frame,
                health: *health,
                received_at: origin.received_at,
            };
            self.pending.batch.health.push(row);
        }
        self.report(registry, origin, health.at, Content::Health(health));
        self.heard(origin, health.at, None, Some(health));
        // A device's first word after it was switched on waits behind the others, and is no less true.
        let is_news = origin.lane == Lane::Live || origin.received_at.since_ms(health.at) < HOLDS_WITHIN_MS;
        if is_news {
            self.tell_holds(origin, Some(health.plan_version), Some(health.zones_version));
        }
    }

    /// The courier compares what the device holds with what it should.
    fn tell_holds(&self, origin: Origin<'_>, plan: Option<u32>, zones: Option<u32>) {
        let device = origin.device.id;
        let near = self.devices.get(&device).and_then(|state| state.near);
        self.tools.courier.tell(CourierInput::Holds { device, plan, zones, near });
    }

    /// What became of a command.
    fn handle_receipt(&mut self, registry: &Registry, origin: Origin<'_>, receipt: &Receipt) {
        self.tools.counters.receipt(origin.device.id, receipt);
        let (device, is_live) = (origin.device.id, origin.lane == Lane::Live);
        self.tools.courier.tell(CourierInput::Receipt { device, receipt: Box::new(*receipt), is_live });
        self.report(registry, origin, origin.received_at, Content::Checkpoint);
    }

    fn report(&mut self, registry: &Registry, origin: Origin<'_>, at: UnixMillis, content: Content<'_>) {
        let Some(wearer) = origin.device.wearer_at(at).or_else(|| origin.device.carriers().last_wearer())
        else {
            return;
        };
        if registry.shard_of_wearer(wearer) != self.index {
            return;
        }
        let report = Report { device: origin.device.id, frame: origin.frame, lane: origin.lane, content };
        self.with_monitor(registry, wearer, |monitor, context| {
            monitor.handle_report(&report, context, origin.now);
        });
    }

    fn heard(&mut self, origin: Origin<'_>, at: UnixMillis, fix: Option<Fix>, health: Option<&Health>) {
        let Some(wearer) = origin.device.wearer_at(at) else { return };
        self.pending.heard(DeviceLast {
            device: origin.device.id,
            wearer,
            frame: origin.frame,
            fix: fix.filter(|_| !origin.device.protected),
            battery: health.map(|health| health.battery),
            heard_at: origin.received_at,
        });
    }

    /// Something that should not exist came under this device's name.
    pub(super) fn handle_refusal(
        &mut self,
        device: DeviceId,
        rejection: Rejection,
        frame: Option<FrameId>,
        now: UnixMillis,
    ) {
        self.handle_security_event(device, rejection.code(), frame, now);
    }

    /// As above, by the code of any rule.
    pub(super) fn handle_security_event(
        &mut self,
        device: DeviceId,
        code: &str,
        frame: Option<FrameId>,
        now: UnixMillis,
    ) {
        let registry = Arc::clone(&self.registry);
        let Some(wearer) = registry.device(device).and_then(|entry| entry.wearer_at(now)) else { return };
        self.with_monitor(&registry, wearer, |monitor, context| {
            monitor.handle_refusal(code, frame, context, now);
        });
    }

    pub(super) fn handle_deadline(&mut self, wearer: WearerId, now: UnixMillis) {
        let registry = Arc::clone(&self.registry);
        self.with_monitor(&registry, wearer, |monitor, context| monitor.handle_deadline(context, now));
    }

    /// Runs one input through a wearer's monitor and takes what comes out.
    fn with_monitor(
        &mut self,
        registry: &Registry,
        wearer: WearerId,
        input: impl FnOnce(&mut Monitor, &Context<'_>),
    ) {
        let Some(person) = registry.wearer(wearer) else { return };
        if registry.shard_of_wearer(wearer) != self.index {
            return;
        }
        let now = self.tools.clock.now();
        let state = self.wearers.entry(wearer).or_insert_with(|| WearerState {
            monitor: Monitor::new(wearer, now),
            zones: OwnZones::new(wearer),
            deadline: None,
            published: None,
        });
        let zones = registry.zones().at_hand(&mut state.zones);
        input(&mut state.monitor, &Context { wearer: person, zones: &zones });
        let protected = registry.is_protected(wearer);
        while let Some(effect) = state.monitor.poll_effect() {
            match effect {
                Effect::Raise(finding) => {
                    self.tools.counters.alert(finding.kind);
                    self.pending.finding(DeskInput::Raise(discreet(finding, protected)));
                }
                Effect::End { id, at, permission } => {
                    self.pending.finding(DeskInput::End { id, at, permission });
                }
                // Of a protected person's days nothing is kept, whatever binds them too.
                Effect::Record(_) if protected => {}
                Effect::Record(record) => self.pending.record(record),
            }
        }
        if !protected {
            self.touched.insert(wearer);
        }
        self.rearm(wearer);
    }

    /// The batch with the state of every monitor that has seen something since the last one.
    pub(super) fn sealed(&mut self) -> WriterInput {
        let mut snapshots = Vec::with_capacity(self.touched.len());
        for wearer in self.touched.drain() {
            let Some(state) = self.wearers.get(&wearer) else { continue };
            match serde_json::to_vec(&state.monitor) {
                Ok(bytes) => snapshots.push((wearer, bytes)),
                Err(error) => tracing::error!(%wearer, %error, "a monitor's state cannot be written"),
            }
        }
        let chains = self.moved_chains();
        self.pending.seal(snapshots, chains)
    }
}

/// A finding about a protected person names no place.
fn discreet(finding: Finding, protected: bool) -> Finding {
    if !protected {
        return finding;
    }
    let mut finding = finding;
    finding.position = None;
    finding.explanation.fixes.clear();
    finding
}
