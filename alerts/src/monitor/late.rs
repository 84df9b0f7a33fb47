//! What a backlog brings: fixes older than the newest, in whatever order.
//!
//! Each is judged among its neighbours in time, so the order of arrival does not matter. What is confirmed is merged
//! into the history; only what touches nothing known is raised, as late and ended.
//!
//! A live stay that began right after a gap may have begun anywhere in it: stays inside that gap are held back as
//! tentative until a fix surely outside separates them from it (then they were stays of their own and are raised), or
//! they grow together with it (then they were told already).

use super::exclusion::{confirm_gap_ms, in_zone};
use super::history::{History, Stay};
use super::note::{Judged, Note};
use super::recorder::Fact;
use super::scene::{Draft, EVIDENCE_MAX, Outbox, Scene, zone_ref, zone_version};
use super::track::{accuracy_is_plausible, speed_is_plausible};
use super::transit;
use crate::{
    AlertId, AlertKind, FixEvidence, Reason,
    identity::{Origin, Subject},
};
use lenke_wire::UnixMillis;
use lenke_zones::{Verdict, Zone, ZoneId, ZoneKind, verdict};
use serde::{Deserialize, Serialize};

/// Neighbours in time kept at most; the one furthest from the latest arrival gives way.
const NEIGHBOURS_MAX: usize = 12;
/// Stays held back at most; then they are raised.
const TENTATIVE_MAX: usize = 4;

/// A stay that may be the begin of a later one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Tentative {
    #[serde(rename = "z")]
    zone: ZoneId,
    #[serde(rename = "a")]
    from: UnixMillis,
    #[serde(rename = "b")]
    to: UnixMillis,
    /// The fix that confirmed it.
    #[serde(rename = "n")]
    note: Note,
}

/// Neighbours in time, oldest first, and stays held back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Late {
    #[serde(rename = "n", default, skip_serializing_if = "Vec::is_empty")]
    neighbours: Vec<Note>,
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    tentative: Vec<Tentative>,
    /// Ends that the report in hand brought or moved on, told once it is through.
    #[serde(skip)]
    ends: Vec<(AlertId, UnixMillis)>,
}

impl Late {
    pub(super) fn is_empty(&self) -> bool {
        self.neighbours.is_empty() && self.tentative.is_empty()
    }

    /// A report is through: tells until when what it brought went on.
    pub(super) fn tell_ends(&mut self, out: &mut Outbox) {
        for (id, at) in self.ends.drain(..) {
            out.end_id(id, at);
        }
    }

    fn ends_at(&mut self, id: AlertId, at: UnixMillis) {
        match self.ends.iter_mut().find(|(known, _)| *known == id) {
            Some((_, known)) => *known = at.max(*known),
            None => self.ends.push((id, at)),
        }
    }

    /// Takes a fix among the neighbours. Returns false if one of this time is there already.
    pub(super) fn remember(&mut self, note: &Note) -> bool {
        let Err(index) = self.neighbours.binary_search_by_key(&note.at, |known| known.at) else {
            return false;
        };
        self.neighbours.insert(index, *note);
        if self.neighbours.len() > NEIGHBOURS_MAX {
            let distance = |known: &Note| known.at.since_ms(note.at).abs();
            let (first, last) = (&self.neighbours[0], &self.neighbours[NEIGHBOURS_MAX]);
            let furthest = if distance(first) > distance(last) { 0 } else { NEIGHBOURS_MAX };
            self.neighbours.remove(furthest);
        }
        true
    }

    /// The first and last hit of any `window` neighbours in a row, the one at `at` among them, of which at least
    /// `hits` are hits and no two in a row lie further apart than `gap_ms`.
    pub(super) fn confirmed(
        &self,
        at: UnixMillis,
        (hits, window): (u8, u8),
        gap_ms: i64,
        is_hit: impl Fn(&Note) -> bool,
    ) -> Option<(Note, Note)> {
        let index = self.neighbours.binary_search_by_key(&at, |known| known.at).ok()?;
        let window = usize::from(window.max(1));
        let first = index.saturating_sub(window - 1);
        (first..=index).find_map(|begin| {
            let end = (begin + window).min(self.neighbours.len());
            let run = self.neighbours.get(begin..end)?;
            let together = run.windows(2).all(|pair| pair[1].at.since_ms(pair[0].at) <= gap_ms);
            let mut found = run.iter().filter(|note| is_hit(note));
            let (one, rest) = (found.next()?, found.collect::<Vec<_>>());
            let enough = together && 1 + rest.len() >= usize::from(hits);
            enough.then(|| (*one, **rest.last().unwrap_or(&one)))
        })
    }

    /// A fix from before the newest. Returns whether it was plausible and new.
    pub(super) fn handle_fix(
        &mut self,
        note: &Note,
        scene: &Scene<'_>,
        history: &mut History,
        out: &mut Outbox,
    ) -> bool {
        if !accuracy_is_plausible(note, &scene.context.wearer.plan) || !self.remember(note) {
            return false;
        }
        let (before, after) = self.beside(note.at);
        let disagrees = |other: &Option<Note>| other.as_ref().map(|other| !speed_is_plausible(other, note));
        let against: Vec<bool> = [disagrees(&before), disagrees(&after)].into_iter().flatten().collect();
        if !against.is_empty() && against.iter().all(|against| *against) {
            return false;
        }
        self.judge_zones(note, scene, history, out);
        for (a, b) in [(before, Some(*note)), (Some(*note), after)] {
            if let (Some(a), Some(b)) = (a, b) {
                self.judge_way(&a, &b, scene, history, out);
            }
        }
        self.settle_tentative(note, scene, history, out);
        true
    }

    /// The neighbours right before and after a moment.
    fn beside(&self, at: UnixMillis) -> (Option<Note>, Option<Note>) {
        let before = self.neighbours.iter().rev().find(|known| known.at < at).copied();
        let after = self.neighbours.iter().find(|known| known.at > at).copied();
        (before, after)
    }

    fn judge_zones(&mut self, note: &Note, scene: &Scene<'_>, history: &mut History, out: &mut Outbox) {
        let wearer = scene.context.wearer;
        let gap_ms = confirm_gap_ms(&wearer.plan);
        let mut meetings = Vec::new();
        scene.context.zones.meet(wearer.id, &wearer.groups, note.position, note.accuracy_m(), &mut meetings);
        for meeting in &meetings {
            let (zone, policy) = (&meeting.zone, &meeting.zone.policy);
            let is_hit = |known: &Note| {
                probability(zone, known) >= policy.suspect_at && wearer.is_bound(zone, known.at)
            };
            if zone.kind != ZoneKind::Exclusion || !is_hit(note) {
                continue;
            }
            let sure = meeting.verdict.probability >= policy.confirm_at;
            let repeated = self.confirmed(note.at, (policy.hits, policy.window), gap_ms, is_hit);
            let Some((first, last)) = repeated.or(sure.then_some((*note, *note))) else { continue };
            let span = (first.at.min(note.at), last.at.max(note.at));
            out.fact(in_zone(zone, true, span.0, span.1));
            let next = self.neighbours.iter().find(|known| known.at > span.1);
            if let Some(next) = next.filter(|next| probability(zone, next) <= 1.0 - policy.confirm_at) {
                out.fact(Fact::Left { zone: zone_version(zone), last: span.1, next: next.at });
            }
            if let Some(known) = history.absorb(AlertKind::ExclusionBreach, zone.id, span, gap_ms) {
                if let Some(end) = known.moved_to {
                    self.ends_at(known.id, end);
                }
                continue;
            }
            if history.out_of_gap(AlertKind::ExclusionBreach, zone.id, note.at).is_some() {
                self.hold_back(zone.id, span, note, gap_ms, (scene, history, out));
            } else {
                self.raise(zone, span, note, scene, history, out);
            }
        }
    }

    fn hold_back(
        &mut self,
        zone: ZoneId,
        (from, to): (UnixMillis, UnixMillis),
        note: &Note,
        gap_ms: i64,
        (scene, history, out): (&Scene<'_>, &mut History, &mut Outbox),
    ) {
        let near = self.tentative.iter_mut().find(|held| {
            held.zone == zone && held.from.plus_ms(-gap_ms) <= to && from <= held.to.plus_ms(gap_ms)
        });
        if let Some(held) = near {
            held.from = held.from.min(from);
            held.to = held.to.max(to);
            return;
        }
        if self.tentative.len() >= TENTATIVE_MAX {
            let held = self.tentative.remove(0);
            self.tell(&held, scene, history, out);
        }
        self.tentative.push(Tentative { zone, from, to, note: *note });
    }

    /// Drops what has grown together with something told; raises what this fix separates from the stay after it.
    fn settle_tentative(&mut self, note: &Note, scene: &Scene<'_>, history: &mut History, out: &mut Outbox) {
        let gap_ms = confirm_gap_ms(&scene.context.wearer.plan);
        let kind = AlertKind::ExclusionBreach;
        let mut own = Vec::new();
        self.tentative.retain(|held| {
            if history.absorb(kind, held.zone, (held.from, held.to), gap_ms).is_some() {
                return false;
            }
            let still = history.out_of_gap(kind, held.zone, held.from).map(|stay| stay.from);
            let separated = still.is_some_and(|from| held.to < note.at && note.at < from)
                && scene
                    .context
                    .zones
                    .zone(held.zone)
                    .is_some_and(|zone| probability(zone, note) <= 1.0 - zone.policy.confirm_at);
            if separated || still.is_none() {
                own.push(held.clone());
                return false;
            }
            true
        });
        for held in own {
            self.tell(&held, scene, history, out);
        }
    }

    /// Raises a stay that was held back.
    fn tell(&mut self, held: &Tentative, scene: &Scene<'_>, history: &mut History, out: &mut Outbox) {
        if let Some(zone) = scene.context.zones.zone(held.zone) {
            self.raise(zone, (held.from, held.to), &held.note, scene, history, out);
        }
    }

    /// A stay that touches nothing known.
    fn raise(
        &mut self,
        zone: &Zone,
        (from, to): (UnixMillis, UnixMillis),
        note: &Note,
        scene: &Scene<'_>,
        history: &mut History,
        out: &mut Outbox,
    ) {
        let said: Verdict = verdict(zone, note.position, note.accuracy_m());
        let seen = Judged::new(*note, said);
        let policy = &zone.policy;
        let reason = if said.probability >= policy.confirm_at {
            Reason::InsideSurely { probability: seen.probability(), depth_m: seen.signed_distance_m() }
        } else {
            let (hits, window) = (policy.hits, policy.window);
            Reason::InsideRepeatedly { hits, window, depth_m: seen.signed_distance_m() }
        };
        let draft = Draft {
            kind: AlertKind::ExclusionBreach,
            rule: "exclusion.confirm/1",
            subject: Subject::Zone(zone.id),
            origin: Origin::Record { device: note.device, frame: note.frame, at: note.at },
            occurred_at: from,
            position: Some(note.position),
            reason,
            zone: Some(zone_ref(zone)),
            fixes: self.evidence(zone, (from, to), note),
        };
        let id = out.raise_late(scene, draft);
        self.ends_at(id, to);
        let kind = AlertKind::ExclusionBreach;
        history.push(Stay { kind, zone: zone.id, from, to: Some(to), gap_from: None, late: true, id });
    }

    /// The way between two neighbours.
    fn judge_way(&mut self, a: &Note, b: &Note, scene: &Scene<'_>, history: &mut History, out: &mut Outbox) {
        for crossing in transit::find(a, b, scene.context) {
            let span = (crossing.entered_at, crossing.left_at);
            let zone = crossing.zone.id;
            let gap_ms = confirm_gap_ms(&scene.context.wearer.plan);
            if history.knows(AlertKind::ExclusionBreach, zone, span)
                || history.absorb(AlertKind::ExclusionTransit, zone, span, gap_ms).is_some()
            {
                continue;
            }
            let id = out.raise_late(scene, transit::draft(a, b, &crossing));
            out.fact(transit::fact(&crossing));
            self.ends_at(id, crossing.left_at);
            history.push(transit::stay(&crossing, id));
        }
    }

    /// Neighbours within the stay, and the fix that confirmed it.
    fn evidence(&self, zone: &Zone, (from, to): (UnixMillis, UnixMillis), note: &Note) -> Vec<FixEvidence> {
        let within = |known: &&Note| known.at >= from && known.at <= to && known.at != note.at;
        let mut notes: Vec<Note> =
            self.neighbours.iter().filter(within).take(EVIDENCE_MAX - 1).copied().collect();
        notes.push(*note);
        notes.sort_by_key(|known| known.at);
        let judged = |known: &Note| Judged::new(*known, verdict(zone, known.position, known.accuracy_m()));
        notes.iter().map(|known| judged(known).evidence()).collect()
    }
}

fn probability(zone: &Zone, note: &Note) -> f64 {
    verdict(zone, note.position, note.accuracy_m()).probability
}
