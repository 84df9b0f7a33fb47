//! Exclusion zones on the live track.
//!
//! ```text
//!         near, surely or k of n        inside, surely or k of n       outside, surely or k of n
//! Outside ----------------> Approaching ------------------------> Inside ---------------> Outside
//!        \-- one hit --> Suspected ----/                          |   ^
//!                                                         one out v   | one in
//!                                                               Leaving
//! ```
//! `k of n`, and what is sure, come from the zone's policy; leaving mirrors entering. A zone whose schedule does not
//! hold at a fix's time, that a permission exempts from, or that is no longer the wearer's, ends what it had begun.

use super::history::{History, Stay};
use super::note::{Hits, Judged, Note};
use super::recorder::Fact;
use super::scene::{Draft, EVIDENCE_MAX, Outbox, Scene, zone_ref, zone_version};
use super::transit;
use crate::{
    AlertId, AlertKind, PermissionRef, Reason, SupervisionPlan, ZoneVersion,
    identity::{Origin, Subject},
};
use lenke_wire::UnixMillis;
use lenke_zones::{Meeting, Metres, Verdict, Zone, ZoneId, ZoneKind};
use serde::{Deserialize, Serialize};

/// Zones watched at once at most; one without an open alert gives way.
const WATCHES_MAX: usize = 32;
/// Fixes further apart than this do not confirm each other, seconds (or three collection intervals, if longer).
const CONFIRM_GAP_S: i64 = 900;
/// A fix this many 68 % radii within the warning strip, or beyond it, surely is: 2.45 of the 1.515 sigmas of a radius.
const NEAR_SURE_ACCURACIES: f64 = 1.62;
/// What a zone says that is nowhere near.
const FAR: Verdict = Verdict { signed_distance: Metres(-1e6), probability: 0.0 };

/// How far apart fixes may be to confirm each other, milliseconds.
pub(super) fn confirm_gap_ms(plan: &SupervisionPlan) -> i64 {
    CONFIRM_GAP_S.max(3 * i64::from(plan.collect_s)) * 1000
}

/// Where the wearer stands to one zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    #[default]
    Outside,
    Approaching,
    Suspected,
    Inside,
    Leaving,
}

impl Stage {
    fn is_inside(self) -> bool {
        matches!(self, Self::Inside | Self::Leaving)
    }
}

/// One zone that is near, or that the wearer is in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Watch {
    #[serde(rename = "z")]
    zone: ZoneId,
    #[serde(rename = "v")]
    version: u32,
    #[serde(rename = "s")]
    stage: Stage,
    /// Time of the last fix judged.
    #[serde(rename = "t")]
    seen_at: UnixMillis,
    /// Fixes probably inside.
    #[serde(rename = "i", default)]
    inside: Hits,
    /// Fixes inside or in the warning strip.
    #[serde(rename = "n", default)]
    near: Hits,
    /// Fixes probably outside, since inside.
    #[serde(rename = "o", default)]
    outside: Hits,
    /// First of these.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    leaving_since: Option<UnixMillis>,
    /// The last fixes that were near.
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<Judged>,
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    breach: Option<AlertId>,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    approach: Option<AlertId>,
}

/// The exclusion zones that matter right now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Exclusion(Vec<Watch>);

/// One step's surroundings.
struct Step<'a> {
    zone: &'a Zone,
    verdict: Verdict,
    fix: &'a Note,
    /// The last good fix before, if a gap lies between.
    gap_from: Option<UnixMillis>,
    scene: &'a Scene<'a>,
}

impl Exclusion {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A good fix, ahead of all before; `previous` is the last good one.
    pub(super) fn handle_fix(
        &mut self,
        fix: &Note,
        previous: Option<&Note>,
        scene: &Scene<'_>,
        history: &mut History,
        out: &mut Outbox,
    ) {
        let wearer = scene.context.wearer;
        let mut meetings = Vec::new();
        scene.context.zones.meet(wearer.id, &wearer.groups, fix.position, fix.accuracy_m(), &mut meetings);
        meetings.retain(|met| met.zone.kind == ZoneKind::Exclusion && wearer.is_bound(&met.zone, fix.at));
        if let Some(previous) = previous {
            self.handle_way(previous, fix, scene, history, out);
        }
        let gap = previous.filter(|previous| fix.at.since_ms(previous.at) > confirm_gap_ms(&wearer.plan));
        let gap_from = gap.map(|previous| previous.at);
        self.leave_unmet(&meetings, fix, scene, history, out);
        for Meeting { zone, verdict } in &meetings {
            let index = self.index_of(zone, fix.at);
            let step = Step { zone, verdict: *verdict, fix, gap_from, scene };
            self.0[index].handle_fix(&step, history, out);
        }
        self.0.retain(|watch| !watch.is_idle());
    }

    /// Zones that the fix is nowhere near, that do not hold now, or that are gone.
    fn leave_unmet(
        &mut self,
        meetings: &[Meeting],
        fix: &Note,
        scene: &Scene<'_>,
        history: &mut History,
        out: &mut Outbox,
    ) {
        for watch in self.0.iter_mut().filter(|watch| !meetings.iter().any(|met| met.zone.id == watch.zone)) {
            let zone = scene.context.zones.zone(watch.zone);
            match zone.filter(|zone| scene.context.wearer.is_bound(zone, fix.at)) {
                Some(zone) => {
                    let step = Step { zone, verdict: FAR, fix, gap_from: None, scene };
                    watch.handle_fix(&step, history, out);
                }
                None => {
                    // A schedule that rests, or a zone that is gone, ends it whatever permissions there are.
                    let exempt = zone.filter(|zone| zone.holds_at(fix.at));
                    let permission = exempt.and_then(|zone| scene.permission_at(zone.id, fix.at));
                    watch.stop(fix.at, permission, history, out);
                }
            }
        }
    }

    /// The straight way from the last good fix to this one.
    fn handle_way(
        &self,
        previous: &Note,
        fix: &Note,
        scene: &Scene<'_>,
        history: &mut History,
        out: &mut Outbox,
    ) {
        for crossing in transit::find(previous, fix, scene.context) {
            let zone = crossing.zone.id;
            let was_inside = self.0.iter().any(|watch| watch.zone == zone && watch.stage.is_inside());
            if was_inside {
                continue;
            }
            let known = history.reopen(AlertKind::ExclusionTransit, zone, crossing.entered_at);
            let id = out.raise(scene, transit::draft(previous, fix, &crossing), known);
            out.fact(transit::fact(&crossing));
            out.end_id(id, crossing.left_at);
            if known.is_some() {
                history.close(AlertKind::ExclusionTransit, zone, crossing.left_at);
            } else {
                history.push(transit::stay(&crossing, id));
            }
        }
    }

    fn index_of(&mut self, zone: &Zone, at: UnixMillis) -> usize {
        if let Some(index) = self.0.iter().position(|watch| watch.zone == zone.id) {
            return index;
        }
        if self.0.len() >= WATCHES_MAX {
            let idle = self.0.iter().position(|watch| watch.breach.is_none() && watch.approach.is_none());
            self.0.remove(idle.unwrap_or(0));
        }
        self.0.push(Watch {
            zone: zone.id,
            version: zone.version,
            stage: Stage::default(),
            seen_at: at,
            inside: Hits::default(),
            near: Hits::default(),
            outside: Hits::default(),
            leaving_since: None,
            evidence: Vec::new(),
            breach: None,
            approach: None,
        });
        self.0.len() - 1
    }
}

/// Fixes found the wearer inside or outside from one moment to another.
pub(super) fn in_zone(zone: &Zone, inside: bool, first: UnixMillis, last: UnixMillis) -> Fact {
    Fact::Zone { zone: zone_version(zone), inside, first, last }
}

impl Watch {
    fn is_idle(&self) -> bool {
        self.stage == Stage::Outside
            && self.breach.is_none()
            && self.approach.is_none()
            && self.near.of_last(Hits::WINDOW_MAX) == 0
    }

    fn handle_fix(&mut self, step: &Step<'_>, history: &mut History, out: &mut Outbox) {
        let apart = step.fix.at.since_ms(self.seen_at) > confirm_gap_ms(&step.scene.context.wearer.plan);
        if apart || self.version != step.zone.version {
            self.version = step.zone.version;
            self.inside = Hits::default();
            self.near = Hits::default();
            self.outside = Hits::default();
            self.leaving_since = None;
            self.evidence.clear();
        }
        self.seen_at = step.fix.at;
        if self.stage.is_inside() {
            self.handle_inside(step, history, out);
        } else {
            self.handle_outside(step, history, out);
        }
    }

    /// Not in the zone so far.
    fn handle_outside(&mut self, step: &Step<'_>, history: &mut History, out: &mut Outbox) {
        let policy = &step.zone.policy;
        let is_near = self.note(step);
        let sure = step.verdict.probability >= policy.confirm_at;
        let repeated = self.inside.confirm(policy) && self.inside.of_last(1) == 1;
        if sure || repeated {
            self.begin(sure, step, history, out);
            return;
        }
        let near = self.near.of_last(policy.window);
        let away = policy.window.clamp(1, Hits::WINDOW_MAX).saturating_sub(near);
        let depth_m = step.verdict.signed_distance.0 + step.zone.buffer.0;
        let error_m = NEAR_SURE_ACCURACIES * step.fix.accuracy_m();
        let surely_near = is_near && depth_m >= error_m;
        let surely_away = depth_m <= -error_m;
        if is_near && (surely_near || self.near.confirm(policy)) && self.approach.is_none() {
            self.warn(step, history, out);
        } else if !is_near
            && (surely_away || away >= policy.hits.min(Hits::WINDOW_MAX))
            && self.approach.is_some()
        {
            out.end(&mut self.approach, step.fix.at);
            history.close(AlertKind::ExclusionApproach, self.zone, step.fix.at);
        }
        self.stage = if self.inside.of_last(policy.window) > 0 {
            Stage::Suspected
        } else if is_near || self.approach.is_some() {
            Stage::Approaching
        } else {
            Stage::Outside
        };
    }

    /// In the zone so far.
    fn handle_inside(&mut self, step: &Step<'_>, history: &mut History, out: &mut Outbox) {
        let policy = &step.zone.policy;
        self.note(step);
        let probability = step.verdict.probability;
        let is_out = probability <= 1.0 - policy.suspect_at && probability < policy.suspect_at;
        self.outside.push(is_out);
        if !is_out {
            self.stage = Stage::Inside;
            self.leaving_since = None;
            out.fact(in_zone(step.zone, true, step.fix.at, step.fix.at));
            return;
        }
        let since = *self.leaving_since.get_or_insert(step.fix.at);
        self.stage = Stage::Leaving;
        if probability <= 1.0 - policy.confirm_at || self.outside.confirm(policy) {
            out.end(&mut self.breach, since);
            out.fact(in_zone(step.zone, false, since, step.fix.at));
            history.close(AlertKind::ExclusionBreach, self.zone, since);
            self.inside = Hits::default();
            self.outside = Hits::default();
            self.leaving_since = None;
            self.stage = if self.near.of_last(1) == 1 { Stage::Approaching } else { Stage::Outside };
        }
    }

    /// Counts the fix and keeps it if it was near. Returns whether it was.
    fn note(&mut self, step: &Step<'_>) -> bool {
        let is_hit = step.verdict.probability >= step.zone.policy.suspect_at;
        let buffer = step.zone.buffer.0;
        let is_near = is_hit || (buffer > 0.0 && step.verdict.signed_distance.0 >= -buffer);
        self.inside.push(is_hit);
        self.near.push(is_near);
        if is_near {
            if self.evidence.len() >= EVIDENCE_MAX {
                self.evidence.remove(0);
            }
            self.evidence.push(Judged::new(*step.fix, step.verdict));
        }
        is_near
    }

    /// Inside for sure: the breach, which takes the place of the warning.
    fn begin(&mut self, sure: bool, step: &Step<'_>, history: &mut History, out: &mut Outbox) {
        let policy = &step.zone.policy;
        let hits = self.inside.of_last(policy.window);
        // Compared as the evidence rounds it, or a hit could be missing among its own evidence.
        let suspected: Vec<_> =
            self.evidence.iter().filter(|seen| seen.probability() + 1e-4 >= policy.suspect_at).collect();
        let first =
            suspected.len().checked_sub(usize::from(hits)).map_or(*step.fix, |index| suspected[index].0);
        let depth_m = Judged::new(*step.fix, step.verdict).signed_distance_m();
        let reason = if sure {
            let probability = Judged::new(*step.fix, step.verdict).probability();
            Reason::InsideSurely { probability, depth_m }
        } else {
            Reason::InsideRepeatedly { hits, window: policy.window, depth_m }
        };
        let known = history.reopen(AlertKind::ExclusionBreach, self.zone, first.at);
        let draft = self.draft(AlertKind::ExclusionBreach, "exclusion.confirm/1", reason, &first, step);
        let id = out.raise(step.scene, draft, known);
        out.fact(in_zone(step.zone, true, first.at, step.fix.at));
        if known.is_none() {
            let kind = AlertKind::ExclusionBreach;
            let gap_from = step.gap_from;
            history.push(Stay { kind, zone: self.zone, from: first.at, to: None, gap_from, late: false, id });
        }
        out.end(&mut self.approach, step.fix.at);
        history.close(AlertKind::ExclusionApproach, self.zone, step.fix.at);
        self.breach = Some(id);
        self.outside = Hits::default();
        self.stage = Stage::Inside;
    }

    /// In the warning strip for sure.
    fn warn(&mut self, step: &Step<'_>, history: &mut History, out: &mut Outbox) {
        let seen = Judged::new(*step.fix, step.verdict);
        let reason = Reason::InBuffer {
            distance_m: (-seen.signed_distance_m()).max(0.0),
            buffer_m: step.zone.buffer.0,
        };
        let kind = AlertKind::ExclusionApproach;
        let known = history.reopen(kind, self.zone, step.fix.at);
        let draft = self.draft(kind, "exclusion.approach/1", reason, step.fix, step);
        let id = out.raise(step.scene, draft, known);
        if known.is_none() {
            let from = step.fix.at;
            history.push(Stay { kind, zone: self.zone, from, to: None, gap_from: None, late: false, id });
        }
        self.approach = Some(id);
    }

    /// The zone does not hold any more.
    fn stop(
        &mut self,
        at: UnixMillis,
        permission: Option<PermissionRef>,
        history: &mut History,
        out: &mut Outbox,
    ) {
        if self.stage.is_inside() {
            let zone = ZoneVersion { id: self.zone, version: self.version };
            out.fact(Fact::Zone { zone, inside: false, first: at, last: at });
        }
        for (alert, kind) in [
            (&mut self.breach, AlertKind::ExclusionBreach),
            (&mut self.approach, AlertKind::ExclusionApproach),
        ] {
            out.end_under(alert, at, permission);
            history.close(kind, self.zone, at);
        }
        self.stage = Stage::Outside;
        self.near = Hits::default();
    }

    fn draft<'a>(
        &self,
        kind: AlertKind,
        rule: &'a str,
        reason: Reason,
        first: &Note,
        step: &Step<'_>,
    ) -> Draft<'a> {
        Draft {
            kind,
            rule,
            subject: Subject::Zone(self.zone),
            origin: Origin::Record { device: first.device, frame: first.frame, at: first.at },
            occurred_at: first.at,
            position: Some(step.fix.position),
            reason,
            zone: Some(zone_ref(step.zone)),
            fixes: self.evidence.iter().map(Judged::evidence).collect(),
        }
    }
}
