//! What every rule needs to say something: the register, the time, and where its effects go.

use super::input::{Context, Effect};
use super::recorder::{Fact, followed};
use crate::{
    AlertId, AlertKind, Explanation, Finding, FixEvidence, PermissionRef, Reason, ZoneRef, ZoneVersion,
    identity::{Origin, Subject, alert_id},
};
use lenke_wire::{Position, UnixMillis};
use lenke_zones::{Zone, ZoneId};
use std::collections::VecDeque;

/// What happened longer ago than this, and longer than the plan's transmissions explain, is `late`, seconds.
const LATE_AFTER_S: i64 = 300;
/// A permission that ran out is told with what was found within this time after it, seconds.
const PERMISSION_TOLD_S: i64 = 86_400;
/// Fixes in one explanation at most.
pub(super) const EVIDENCE_MAX: usize = 6;

/// One input's surroundings.
pub(super) struct Scene<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) now: UnixMillis,
    pub(super) backlog: bool,
}

/// What a rule found, before it has an id.
pub(super) struct Draft<'a> {
    pub(super) kind: AlertKind,
    /// Rule and its version.
    pub(super) rule: &'a str,
    pub(super) subject: Subject,
    pub(super) origin: Origin,
    pub(super) occurred_at: UnixMillis,
    pub(super) position: Option<Position>,
    pub(super) reason: Reason,
    pub(super) zone: Option<ZoneRef>,
    pub(super) fixes: Vec<FixEvidence>,
}

impl Scene<'_> {
    /// How long ago something may have happened to still be news, milliseconds.
    fn late_after_ms(&self) -> i64 {
        LATE_AFTER_S.max(2 * i64::from(self.context.wearer.plan.transmit_s)) * 1000
    }

    /// The permission for a zone that ran out last before a moment, if not long before.
    fn permission_before(&self, zone: ZoneId, at: UnixMillis) -> Option<PermissionRef> {
        let permissions = self.context.wearer.permissions(zone);
        let over = permissions.filter(|(_, permission)| {
            permission.to() <= at && at.since_ms(permission.to()) <= PERMISSION_TOLD_S * 1000
        });
        over.max_by_key(|(_, permission)| permission.to()).map(|(id, permission)| PermissionRef {
            id,
            reason: permission.reason(),
            to: permission.to(),
        })
    }

    /// The permission that exempts from a zone at a moment.
    pub(super) fn permission_at(&self, zone: ZoneId, at: UnixMillis) -> Option<PermissionRef> {
        let mut permissions = self.context.wearer.permissions(zone);
        let (id, permission) = permissions.find(|(_, permission)| permission.interval().contains(at))?;
        Some(PermissionRef { id, reason: permission.reason(), to: permission.to() })
    }

    /// The id that a draft gets.
    fn id(&self, draft: &Draft<'_>) -> AlertId {
        let wearer = self.context.wearer;
        alert_id(draft.rule, wearer.order, wearer.id, draft.kind, draft.subject, draft.origin)
    }
}

/// Effects on their way out; drained by the caller after each input. One input yields at most a few effects for each
/// fix and zone it brings, so the queue is as bounded as a frame is.
#[derive(Clone, Debug, Default)]
pub(super) struct Outbox {
    effects: VecDeque<Effect>,
    /// What rules found, for the intervals; taken at the end of the input.
    facts: Vec<Fact>,
}

impl Outbox {
    pub(super) fn pop(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    pub(super) fn push(&mut self, effect: Effect) {
        self.effects.push_back(effect);
    }

    /// A rule found something that intervals tell of.
    pub(super) fn fact(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    pub(super) fn take_facts(&mut self) -> Vec<Fact> {
        std::mem::take(&mut self.facts)
    }

    /// An emptied list of facts, to be filled again.
    pub(super) fn give_back(&mut self, facts: Vec<Fact>) {
        self.facts = facts;
    }

    /// Raises, under `id` if it is one more occurrence of something known. Returns the id.
    pub(super) fn raise(&mut self, scene: &Scene<'_>, draft: Draft<'_>, id: Option<AlertId>) -> AlertId {
        let late = scene.backlog && scene.now.since_ms(draft.occurred_at) > 0
            || scene.now.since_ms(draft.occurred_at) > scene.late_after_ms();
        self.raise_as(scene, draft, id, late)
    }

    /// Raises something that a backlog brought.
    pub(super) fn raise_late(&mut self, scene: &Scene<'_>, draft: Draft<'_>) -> AlertId {
        self.raise_as(scene, draft, None, true)
    }

    fn raise_as(&mut self, scene: &Scene<'_>, draft: Draft<'_>, id: Option<AlertId>, late: bool) -> AlertId {
        let id = id.unwrap_or_else(|| scene.id(&draft));
        let wearer = scene.context.wearer;
        let hidden = wearer.is_protected();
        let mut fixes = if hidden { Vec::new() } else { draft.fixes };
        fixes.drain(..fixes.len().saturating_sub(EVIDENCE_MAX));
        let permission =
            draft.zone.as_ref().and_then(|zone| scene.permission_before(zone.id, draft.occurred_at));
        if let Some(kind) = followed(draft.kind) {
            let from = unseen_since(&draft.reason, scene.now).unwrap_or(draft.occurred_at);
            self.fact(Fact::Raised { id, kind, subject: draft.subject, from });
        }
        self.push(Effect::Raise(Finding {
            id,
            wearer: wearer.id,
            order: wearer.order,
            kind: draft.kind,
            subject: draft.subject,
            occurred_at: draft.occurred_at,
            known_at: scene.now,
            late,
            position: draft.position.filter(|_| !hidden),
            explanation: Explanation {
                rule: draft.rule.to_owned(),
                reason: draft.reason,
                zone: draft.zone,
                permission,
                fixes,
            },
        }));
        id
    }

    /// Ends what `alert` names, if anything, and forgets it.
    pub(super) fn end(&mut self, alert: &mut Option<AlertId>, at: UnixMillis) {
        self.end_under(alert, at, None);
    }

    /// The same, by a permission if one is named.
    pub(super) fn end_under(
        &mut self,
        alert: &mut Option<AlertId>,
        at: UnixMillis,
        permission: Option<PermissionRef>,
    ) {
        if let Some(id) = alert.take() {
            self.end_id_under(id, at, permission);
        }
    }

    pub(super) fn end_id(&mut self, id: AlertId, at: UnixMillis) {
        self.end_id_under(id, at, None);
    }

    fn end_id_under(&mut self, id: AlertId, at: UnixMillis, permission: Option<PermissionRef>) {
        self.fact(Fact::Ended { id, at });
        self.push(Effect::End { id, at, permission });
    }
}

/// Since when nearness cannot be told: since the older of the two positions.
fn unseen_since(reason: &Reason, now: UnixMillis) -> Option<UnixMillis> {
    let Reason::Blind { victim_age_s, wearer_age_s } = reason else { return None };
    (*victim_age_s).max(*wearer_age_s).map(|age_s| now.plus_s(-age_s))
}

/// A zone with its version, as intervals name it.
pub(super) fn zone_version(zone: &Zone) -> ZoneVersion {
    ZoneVersion { id: zone.id, version: zone.version }
}

/// A zone as explanations name it.
pub(super) fn zone_ref(zone: &Zone) -> ZoneRef {
    ZoneRef { id: zone.id, version: zone.version, name: zone.name.clone() }
}

/// The earlier of two moments that may not be.
pub(super) fn earlier(a: Option<UnixMillis>, b: Option<UnixMillis>) -> Option<UnixMillis> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}
