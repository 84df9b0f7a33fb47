//! Keeping away from a protected person, wherever that person is.
//!
//! ```text
//!             pre-alert ring, closing in              alert ring
//! apart  ---------------------------------> approach ------------> proximity
//! any    -- no fresh position of either --> blind (besides)
//! ```
//! A ring is crossed as soon as the two may be that close: their distance less both accuracies, and, while they close
//! in, less what either may have moved since the older of the two positions. Leaving needs a tenth more than the ring.
//!
//! Invariant: the protected person's positions live only in memory, the last one or two; what leaves this module is a
//! band of distance and a band of time to contact, and the wearer's own fix. A restored monitor waits for the
//! protected person's next position.

use super::note::Note;
use super::scene::{Draft, Outbox, Scene};
use super::silence::Silence;
use super::track::{Mark, Track};
use crate::{
    AlertId, AlertKind, Condition, ConditionId, ConditionRule, Reason, SupervisionPlan, Wearer,
    identity::{Origin, Subject},
};
use lenke_wire::{DeviceId, Fix, FrameId, UnixMillis};
use lenke_zones::{WearerId, distance_m};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Upper ends of the bands of distance, metres.
const BANDS_M: [f64; 9] = [50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0, 50_000.0];
/// Upper ends of the bands of time to contact, seconds; beyond the last it is not told.
const BANDS_S: [i64; 7] = [30, 60, 120, 300, 600, 1800, 3600];
/// What either moves at least, while nothing is heard, metres a second: a brisk walk.
const SPEED_LEAST_M_S: f64 = 2.0;
/// And at most.
const SPEED_MOST_M_S: f64 = 50.0;
/// Closing speed is measured over at least this long, seconds.
const CLOSING_BASE_S: f64 = 45.0;
/// Slower than this they do not close in, metres a second.
const CLOSING_LEAST_M_S: f64 = 0.5;
/// Positions further apart in time than this say nothing about each other, seconds (or three collection intervals).
const PAIR_GAP_S: i64 = 180;
/// A ring is left at this share of its radius.
const LEAVE_SHARE: f64 = 1.1;
/// Coming back within this is one more occurrence, seconds.
const RECUR_WITHIN_S: i64 = 600;

/// An alert that is open, or ended a moment ago.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Recent {
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    open: Option<AlertId>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    ended: Option<(AlertId, UnixMillis)>,
}

impl Recent {
    fn is_idle(&self) -> bool {
        *self == Self::default()
    }

    fn begin(&mut self, scene: &Scene<'_>, draft: Draft<'_>, out: &mut Outbox) {
        let at = draft.occurred_at;
        let again = self.ended.filter(|(_, ended)| *ended < at && at <= ended.plus_s(RECUR_WITHIN_S));
        self.open = Some(out.raise(scene, draft, again.map(|(id, _)| id)));
    }

    fn end(&mut self, at: UnixMillis, out: &mut Outbox) {
        if let Some(id) = self.open.take() {
            self.ended = Some((id, at));
            out.end_id(id, at);
        }
    }
}

/// Where the wearer is, and until when that is known: a tag at home stays where its last fix was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub(super) note: Note,
    pub(super) at: UnixMillis,
}

/// What is known of the protected person right now. Never serialized, never shown.
#[derive(Clone, Default)]
struct Unseen {
    track: Track,
    /// When the distance was taken that closing is measured from, and that distance.
    anchor: Option<(UnixMillis, f64)>,
    /// Metres a second, once it is known.
    closing_m_s: Option<f64>,
}

impl fmt::Debug for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unseen")
    }
}

/// One protected person.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Guard {
    #[serde(rename = "c")]
    condition: ConditionId,
    #[serde(rename = "v")]
    victim: WearerId,
    /// Time of the protected person's newest good position.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    placed_at: Option<UnixMillis>,
    #[serde(rename = "p", default, skip_serializing_if = "Recent::is_idle")]
    proximity: Recent,
    #[serde(rename = "a", default, skip_serializing_if = "Recent::is_idle")]
    approach: Recent,
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    blind: Option<AlertId>,
    #[serde(skip)]
    unseen: Unseen,
}

/// The protected persons of an order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Guards(Vec<Guard>);

/// A condition's terms.
#[derive(Clone, Copy)]
struct Terms {
    condition: ConditionId,
    victim: WearerId,
    alert_m: f64,
    pre_alert_m: f64,
}

impl Terms {
    fn of(condition: &Condition) -> Option<Self> {
        match condition.rule {
            ConditionRule::VictimProtection { victim, alert_m, pre_alert_m } => {
                Some(Self { condition: condition.id, victim, alert_m, pre_alert_m })
            }
            ConditionRule::Exclusion { .. }
            | ConditionRule::Curfew { .. }
            | ConditionRule::Permission(_)
            | ConditionRule::TrailMonitoring => None,
        }
    }
}

impl Guards {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The wearer's place is known anew.
    pub(super) fn handle_placed(&mut self, placed: &Placed, scene: &Scene<'_>, out: &mut Outbox) {
        self.each(scene, out, |guard, terms, out| guard.judge(placed, terms, scene, out));
    }

    /// A protected person's position; `placed` is the wearer's.
    pub(super) fn handle_counterpart(
        &mut self,
        victim: WearerId,
        placed: Option<&Placed>,
        of_victim: &Fix,
        scene: &Scene<'_>,
        out: &mut Outbox,
    ) {
        self.each(scene, out, |guard, terms, out| {
            if guard.victim != victim || !guard.take(of_victim, scene) {
                return;
            }
            if let Some(placed) = placed {
                guard.judge(placed, terms, scene, out);
            }
        });
    }

    /// Time has passed, or something was heard.
    pub(super) fn handle_deadline(&mut self, silence: &Silence, scene: &Scene<'_>, out: &mut Outbox) {
        self.each(scene, out, |guard, _, out| guard.check_sight(silence, scene, out));
    }

    pub(super) fn deadline(&self, silence: &Silence, plan: &SupervisionPlan) -> Option<UnixMillis> {
        let waiting = self.0.iter().filter(|guard| guard.blind.is_none());
        waiting.map(|guard| guard.blind_at(silence, plan)).reduce(UnixMillis::min)
    }

    /// Runs over the order's protected persons, beginning new ones and ending those that are gone.
    fn each(
        &mut self,
        scene: &Scene<'_>,
        out: &mut Outbox,
        mut handle: impl FnMut(&mut Guard, Terms, &mut Outbox),
    ) {
        let wearer: &Wearer = scene.context.wearer;
        let terms = || wearer.conditions.iter().filter_map(Terms::of);
        self.0.retain_mut(|guard| {
            let stays =
                terms().any(|terms| terms.condition == guard.condition && terms.victim == guard.victim);
            if !stays {
                guard.proximity.end(scene.now, out);
                guard.approach.end(scene.now, out);
                out.end(&mut guard.blind, scene.now);
            }
            stays
        });
        for terms in terms() {
            let known = self.0.iter().position(|guard| guard.condition == terms.condition);
            let index = known.unwrap_or_else(|| {
                self.0.push(Guard {
                    condition: terms.condition,
                    victim: terms.victim,
                    placed_at: None,
                    proximity: Recent::default(),
                    approach: Recent::default(),
                    blind: None,
                    unseen: Unseen::default(),
                });
                self.0.len() - 1
            });
            handle(&mut self.0[index], terms, out);
        }
    }
}

impl Guard {
    /// Takes the protected person's position, if it is plausible and new.
    fn take(&mut self, fix: &Fix, scene: &Scene<'_>) -> bool {
        // Device and frame are of no use here: nothing about this fix is ever shown.
        let note = Note::new(DeviceId::new(0), FrameId::default(), fix);
        let good = self.unseen.track.handle_fix(&note, fix.time_source, scene) == Mark::Good;
        if good {
            self.placed_at = Some(self.placed_at.map_or(fix.at, |known| known.max(fix.at)));
        }
        good
    }

    /// How close the two may be.
    fn judge(&mut self, placed: &Placed, terms: Terms, scene: &Scene<'_>, out: &mut Outbox) {
        let Some(victim) = self.unseen.track.good().copied() else { return };
        let fix = &placed.note;
        let at = placed.at.max(victim.at);
        let gap_s = PAIR_GAP_S.max(3 * i64::from(scene.context.wearer.plan.collect_s));
        if placed.at.since_ms(victim.at).abs() > gap_s * 1000 {
            return;
        }
        let distance = distance_m(fix.position, victim.position);
        let errors_m = fix.accuracy_m() + victim.accuracy_m();
        self.measure_closing(at, distance, errors_m);
        let moved_m = |known_at: UnixMillis, note: &Note| {
            at.since_s(known_at) * note.speed_m_s().clamp(SPEED_LEAST_M_S, SPEED_MOST_M_S)
        };
        let likely_m = (distance - errors_m).max(0.0);
        let least_m = (likely_m - moved_m(placed.at, fix) - moved_m(victim.at, &victim)).max(0.0);
        let closes_in = self.unseen.closing_m_s.is_none_or(|closing| closing >= CLOSING_LEAST_M_S);
        let surely_closes_in = closes_in && self.unseen.closing_m_s.is_some();
        if likely_m <= terms.alert_m || (surely_closes_in && least_m <= terms.alert_m) {
            if self.proximity.open.is_none() {
                let kind = AlertKind::VictimProximity;
                let draft = self.draft(kind, "victim.proximity/1", (at, distance), terms.alert_m, fix);
                self.proximity.begin(scene, draft, out);
            }
            self.approach.end(at, out);
            return;
        }
        if likely_m > terms.alert_m * LEAVE_SHARE {
            self.proximity.end(at, out);
        }
        if least_m > terms.pre_alert_m * LEAVE_SHARE {
            self.approach.end(at, out);
        } else if least_m <= terms.pre_alert_m
            && closes_in
            && self.approach.open.is_none()
            && self.proximity.open.is_none()
        {
            let kind = AlertKind::VictimApproach;
            let draft = self.draft(kind, "victim.approach/1", (at, distance), terms.pre_alert_m, fix);
            self.approach.begin(scene, draft, out);
        }
    }

    fn measure_closing(&mut self, at: UnixMillis, distance: f64, errors_m: f64) {
        let Some((since, from_m)) = self.unseen.anchor else {
            self.unseen.anchor = Some((at, distance));
            return;
        };
        let seconds = at.since_s(since);
        if seconds < CLOSING_BASE_S {
            return;
        }
        // Less than half of what both positions may be wrong by is no movement.
        let closer_m = from_m - distance;
        let closing = if closer_m.abs() > errors_m / 2.0 { closer_m / seconds } else { 0.0 };
        self.unseen.closing_m_s = Some(closing);
        self.unseen.anchor = Some((at, distance));
    }

    fn draft(
        &self,
        kind: AlertKind,
        rule: &'static str,
        (at, distance): (UnixMillis, f64),
        ring_m: f64,
        fix: &Note,
    ) -> Draft<'static> {
        let closing = self.unseen.closing_m_s.filter(|closing| *closing >= CLOSING_LEAST_M_S);
        let contact_s = closing.and_then(|closing| {
            let seconds = (distance / closing).ceil() as i64;
            BANDS_S.into_iter().find(|band| seconds <= *band)
        });
        let within_m = BANDS_M.into_iter().find(|band| distance <= *band).unwrap_or(f64::MAX);
        Draft {
            kind,
            rule,
            subject: Subject::Victim(self.victim),
            origin: Origin::Record { device: fix.device, frame: fix.frame, at },
            occurred_at: at,
            position: Some(fix.position),
            reason: Reason::NearVictim { within_m, ring_m, contact_s },
            zone: None,
            fixes: vec![fix.evidence()],
        }
    }

    /// When protection is blind if nothing more comes.
    fn blind_at(&self, silence: &Silence, plan: &SupervisionPlan) -> UnixMillis {
        let no_fix_s = i64::from(plan.no_fix_s);
        let placed = self.placed_at.map_or(silence.since(), |at| at.max(silence.since()));
        let of_victim = placed.plus_s(no_fix_s);
        let of_wearer = silence.located_at().plus_s(no_fix_s);
        let unheard = silence.heard_at().plus_s(i64::from(plan.silence_s));
        of_victim.min(of_wearer).min(unheard)
    }

    /// Whether both are seen.
    fn check_sight(&mut self, silence: &Silence, scene: &Scene<'_>, out: &mut Outbox) {
        let at = self.blind_at(silence, &scene.context.wearer.plan);
        if scene.now < at {
            out.end(&mut self.blind, scene.now);
        } else if self.blind.is_none() {
            let age_s = |since: UnixMillis| (scene.now.since_ms(since) / 1000).max(0);
            let draft = Draft {
                kind: AlertKind::ProtectionBlind,
                rule: "victim.blind/1",
                subject: Subject::Victim(self.victim),
                origin: Origin::Moment(at),
                occurred_at: at,
                position: None,
                reason: Reason::Blind {
                    victim_age_s: self.placed_at.map(age_s),
                    wearer_age_s: silence.located().map(age_s),
                },
                zone: None,
                fixes: Vec::new(),
            };
            self.blind = Some(out.raise(scene, draft, None));
        }
    }
}
