//! Curfews: be home while the schedule holds.
//!
//! Evidence of presence is a fix confirmed inside home or an authenticated sighting by a home unit; of absence only
//! several fixes outside (the zone's policy), none of which a fresh sighting contradicts: one stray indoor fix is not
//! an absence. All judgements use the evidence's own time, so that a batch that arrives late accuses nobody wrongly.
//!
//! | found | when |
//! |---|---|
//! | absent | not seen home since the window began, and confirmed elsewhere after the grace |
//! | left early | seen home in the window, then confirmed elsewhere |
//! | late return | absent was raised, then seen home |
//! | not returned | elsewhere for longer than the order tolerates |
//! | unknown | no evidence at all for longer than the order tolerates |
//!
//! Coming home ends them all, and so does the end of the window. A permission to be away cuts its time out of the
//! windows: what is left of them are windows of their own.

mod evidence;
mod late;

use super::note::{Hits, Judged};
use super::scene::{Draft, Outbox, Scene, earlier, zone_ref};
use crate::{
    AlertId, AlertKind, Condition, ConditionId, ConditionRule, PermissionRef, Reason, Wearer,
    identity::{Origin, Subject},
};
use lenke_wire::UnixMillis;
use lenke_zones::{Interval, Intervals, Schedule, ZoneId};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What evidence of a window's last moments may be on its way for, beyond the plan's transmissions, seconds.
const EVIDENCE_SLACK_S: i64 = 60;
/// A schedule without a next window is looked at again after this, seconds.
const NO_WINDOW_RECHECK_S: i64 = 86_400;

/// A curfew's terms, out of its condition. Made for every report, so that they only borrow.
#[derive(Clone, Copy)]
struct Terms<'a> {
    condition: ConditionId,
    zone: ZoneId,
    /// As the order has it, permissions aside.
    schedule: &'a Schedule,
    wearer: &'a Wearer,
    grace_s: i64,
    not_returned_s: i64,
    unknown_s: i64,
    /// How long evidence may be on its way, seconds.
    delay_s: i64,
}

impl<'a> Terms<'a> {
    fn of(condition: &'a Condition, wearer: &'a Wearer) -> Option<Self> {
        match &condition.rule {
            ConditionRule::Curfew { zone, schedule, grace_s, not_returned_s, unknown_s } => Some(Self {
                condition: condition.id,
                zone: *zone,
                schedule,
                wearer,
                grace_s: i64::from(*grace_s),
                not_returned_s: i64::from(*not_returned_s),
                unknown_s: i64::from(*unknown_s),
                delay_s: i64::from(wearer.plan.transmit_s) + EVIDENCE_SLACK_S,
            }),
            ConditionRule::Exclusion { .. }
            | ConditionRule::VictimProtection { .. }
            | ConditionRule::Permission(_)
            | ConditionRule::TrailMonitoring => None,
        }
    }

    /// When presence is due: the schedule without what permissions to be away exempt from. A copy if there is one, so it
    /// is asked for only when windows are looked for.
    fn due(&self) -> Cow<'a, Schedule> {
        let permissions = self.wearer.permissions(self.zone);
        let exempt: Intervals = permissions.map(|(_, permission)| permission.interval()).collect();
        if exempt.is_empty() {
            Cow::Borrowed(self.schedule)
        } else {
            Cow::Owned(self.schedule.without(&exempt))
        }
    }
}

/// Where the wearer is, as far as confirmed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Presence {
    #[default]
    Unknown,
    Home,
    Away,
}

/// Alerts of one window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Open {
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    absent: Option<AlertId>,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    left: Option<AlertId>,
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    not_returned: Option<AlertId>,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    unknown: Option<AlertId>,
}

impl Open {
    fn end_all(&mut self, at: UnixMillis, permission: Option<PermissionRef>, out: &mut Outbox) {
        for alert in [&mut self.absent, &mut self.left, &mut self.not_returned, &mut self.unknown] {
            out.end_under(alert, at, permission);
        }
    }
}

/// One curfew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Curfew {
    #[serde(rename = "c")]
    condition: ConditionId,
    /// Version of the order that `window` comes from.
    #[serde(rename = "v", default)]
    order_version: u32,
    /// The window in force or the next one; none begins between `clear_from` and it.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    window: Option<Interval>,
    #[serde(rename = "f")]
    clear_from: UnixMillis,
    #[serde(rename = "p", default)]
    presence: Presence,
    /// Time of the newest evidence.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    evidence_at: Option<UnixMillis>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    sighted_at: Option<UnixMillis>,
    #[serde(rename = "h", default, skip_serializing_if = "Hits::is_empty")]
    homes: Hits,
    #[serde(rename = "y", default, skip_serializing_if = "Hits::is_empty")]
    aways: Hits,
    /// First fix outside since the last inside.
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    away_since: Option<UnixMillis>,
    #[serde(rename = "j", default, skip_serializing_if = "Option::is_none")]
    last: Option<Judged>,
    /// Seen home in this window, or home when it began.
    #[serde(rename = "k", default, skip_serializing_if = "std::ops::Not::not")]
    home_seen: bool,
    #[serde(rename = "o", default)]
    open: Open,
    /// What was said of the last windows.
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    told: Vec<late::Told>,
}

/// The curfews of an order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Curfews(Vec<Curfew>);

impl Curfews {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Time has passed. `since` is when clocks of silence started.
    pub(super) fn handle_deadline(&mut self, since: UnixMillis, scene: &Scene<'_>, out: &mut Outbox) {
        self.each(scene, out, |curfew, terms, out| {
            curfew.roll(scene.now.plus_s(-terms.delay_s), &terms, scene, out);
            curfew.handle_deadline(&terms, since, scene, out);
        });
    }

    /// When [`Self::handle_deadline`] has something to do.
    pub(super) fn deadline(&self, since: UnixMillis, wearer: &Wearer) -> Option<UnixMillis> {
        self.0
            .iter()
            .filter_map(|curfew| {
                let condition = wearer.conditions.iter().find(|known| known.id == curfew.condition)?;
                curfew.deadline(&Terms::of(condition, wearer)?, since)
            })
            .min()
    }

    /// Runs over the order's curfews, beginning new ones and ending those that are gone.
    fn each(
        &mut self,
        scene: &Scene<'_>,
        out: &mut Outbox,
        mut handle: impl FnMut(&mut Curfew, Terms<'_>, &mut Outbox),
    ) {
        let wearer = scene.context.wearer;
        let terms = || wearer.conditions.iter().filter_map(|condition| Terms::of(condition, wearer));
        self.0.retain_mut(|curfew| {
            let stays = terms().any(|terms| terms.condition == curfew.condition);
            if !stays {
                curfew.open.end_all(scene.now, None, out);
            }
            stays
        });
        for terms in terms() {
            let known = self.0.iter().position(|curfew| curfew.condition == terms.condition);
            let index = known.unwrap_or_else(|| {
                self.0.push(Curfew::new(terms.condition, scene.now));
                self.0.len() - 1
            });
            handle(&mut self.0[index], terms, out);
        }
    }
}

impl Curfew {
    fn new(condition: ConditionId, now: UnixMillis) -> Self {
        Self {
            condition,
            order_version: 0,
            window: None,
            clear_from: now.plus_s(-NO_WINDOW_RECHECK_S - 1),
            presence: Presence::Unknown,
            evidence_at: None,
            sighted_at: None,
            homes: Hits::default(),
            aways: Hits::default(),
            away_since: None,
            last: None,
            home_seen: false,
            open: Open::default(),
            told: Vec::new(),
        }
    }

    /// Moves on to the window of time `t`, or the next after it.
    fn roll(&mut self, t: UnixMillis, terms: &Terms<'_>, scene: &Scene<'_>, out: &mut Outbox) {
        let version = scene.context.wearer.order_version;
        let same_order = self.order_version == version;
        let current = match self.window {
            Some(window) => t < window.to,
            None => t < self.clear_from.plus_s(NO_WINDOW_RECHECK_S),
        };
        if current && same_order {
            return;
        }
        self.order_version = version;
        let schedule = terms.due();
        let next = schedule.window_at(t).or_else(|| schedule.next_window(t));
        if next == self.window && next.is_some() {
            return;
        }
        if let (Some(old), Some(new)) = (self.window, next)
            && old.from == new.from
            && old.contains(t)
            && new.contains(t)
        {
            // Only its end has moved: what the wearer was found to do in it goes on.
            self.window = next;
            return;
        }
        let ended = self.window.map(|window| window.to.min(t));
        let at = ended.unwrap_or(t);
        // The order asks for presence as before: then a permission has ended the window.
        let asked = terms.schedule.holds_at(at);
        let permission = asked.then(|| scene.permission_at(terms.zone, at)).flatten();
        self.open.end_all(at, permission, out);
        self.home_seen = false;
        // Between the end of the window before and the begin of this one, nothing holds.
        self.clear_from = next.filter(|window| window.contains(t)).map_or(t, |window| window.from);
        if let (Some(ended), true) = (ended, same_order)
            && schedule.next_window(ended).is_none_or(|window| Some(window) == next)
        {
            self.clear_from = self.clear_from.min(ended);
        }
        self.window = next;
    }

    /// The window in force at `t`.
    fn in_window(&self, t: UnixMillis) -> Option<Interval> {
        self.window.filter(|window| window.contains(t))
    }

    /// Since when there has been no evidence, within the window.
    fn without_evidence_since(&self, window: Interval, since: UnixMillis) -> UnixMillis {
        self.evidence_at.map_or(since, |at| at.max(since)).max(window.from)
    }

    fn unknown_at(&self, terms: &Terms<'_>, since: UnixMillis) -> Option<UnixMillis> {
        let window = self.window?;
        let at = self.without_evidence_since(window, since).plus_s(terms.unknown_s + terms.delay_s);
        (self.open.unknown.is_none() && at < window.to).then_some(at)
    }

    /// Since when the wearer has been away within the window, if away.
    fn gone_since(&self) -> Option<UnixMillis> {
        let window = self.window?;
        let away = self.presence == Presence::Away && self.evidence_at.is_some_and(|at| at >= window.from);
        away.then(|| self.away_since.unwrap_or(window.from).max(window.from))
    }

    fn not_returned_at(&self, terms: &Terms<'_>) -> Option<UnixMillis> {
        let at = self.gone_since()?.plus_s(terms.not_returned_s);
        (self.open.not_returned.is_none() && self.in_window(at).is_some()).then_some(at)
    }

    fn deadline(&self, terms: &Terms<'_>, since: UnixMillis) -> Option<UnixMillis> {
        let overdue = self.not_returned_at(terms).map(|at| at.plus_s(terms.delay_s));
        let end = self.window.map_or_else(
            || self.clear_from.plus_s(NO_WINDOW_RECHECK_S + terms.delay_s),
            |window| window.to.plus_s(terms.delay_s),
        );
        earlier(earlier(self.unknown_at(terms, since), overdue), Some(end))
    }

    fn handle_deadline(&mut self, terms: &Terms<'_>, since: UnixMillis, scene: &Scene<'_>, out: &mut Outbox) {
        let Some(window) = self.window else { return };
        if let Some(at) = self.not_returned_at(terms).filter(|at| scene.now >= at.plus_s(terms.delay_s)) {
            self.tell_not_returned(at, terms, window, scene, out);
        }
        if self.unknown_at(terms, since).is_some_and(|at| scene.now >= at) {
            let from = self.without_evidence_since(window, since);
            let reason = Reason::NoEvidence { silent_s: terms.unknown_s };
            let at = from.plus_s(terms.unknown_s);
            let draft = self.draft(AlertKind::CurfewUnknown, "curfew.unknown/1", at, reason, scene, terms);
            self.open.unknown = Some(out.raise(scene, draft, None));
        }
    }

    fn tell_not_returned(
        &mut self,
        at: UnixMillis,
        terms: &Terms<'_>,
        window: Interval,
        scene: &Scene<'_>,
        out: &mut Outbox,
    ) {
        let reason = self.not_home(window, terms);
        let draft =
            self.draft(AlertKind::CurfewNotReturned, "curfew.not_returned/1", at, reason, scene, terms);
        self.open.not_returned = Some(out.raise(scene, draft, None));
        self.mark_told(window);
    }

    fn not_home(&self, window: Interval, terms: &Terms<'_>) -> Reason {
        let distance_m = self.last.map(|last| (-last.signed_distance_m()).max(0.0));
        let grace_s = u32::try_from(terms.grace_s).unwrap_or(u32::MAX);
        Reason::NotHome { distance_m, curfew_from: window.from, grace_s }
    }

    /// What to say; named after the condition, the window and the moment.
    fn draft<'a>(
        &self,
        kind: AlertKind,
        rule: &'a str,
        at: UnixMillis,
        reason: Reason,
        scene: &Scene<'_>,
        terms: &Terms<'_>,
    ) -> Draft<'a> {
        Draft {
            kind,
            rule,
            subject: Subject::Condition(self.condition),
            origin: Origin::Moment(at),
            occurred_at: at,
            position: self.last.map(|last| last.0.position),
            reason,
            zone: scene.context.zones.zone(terms.zone).map(|zone| zone_ref(zone)),
            fixes: self.last.iter().map(Judged::evidence).collect(),
        }
    }
}
