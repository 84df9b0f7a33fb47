//! Silence is itself an alert: nothing heard at all, or heard without a usable position.
//!
//! Clocks run on the centre's time of arrival. The alert is named after the last word heard, so a restart that
//! re-arms the clocks does not make a second one of it.

use super::scene::{Draft, Outbox, Scene, earlier};
use crate::{
    AlertId, AlertKind, Reason, SupervisionPlan,
    identity::{Origin, Subject},
};
use lenke_wire::UnixMillis;
use serde::{Deserialize, Serialize};

/// When the tag was heard and placed last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Silence {
    /// No clock starts before this: the monitor's begin, or the centre's last restart.
    #[serde(rename = "s")]
    since: UnixMillis,
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    heard: Option<UnixMillis>,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    located: Option<UnixMillis>,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    unheard: Option<AlertId>,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    unplaced: Option<AlertId>,
}

impl Silence {
    pub(super) fn new(now: UnixMillis) -> Self {
        Self { since: now, heard: None, located: None, unheard: None, unplaced: None }
    }

    /// No clock starts before this.
    pub(super) fn since(&self) -> UnixMillis {
        self.since
    }

    /// Nothing was heard for longer than the plan allows.
    pub(super) const fn is_unheard(&self) -> bool {
        self.unheard.is_some()
    }

    /// Heard, but not placed for longer than the plan allows.
    pub(super) const fn is_unplaced(&self) -> bool {
        self.unplaced.is_some()
    }

    /// Last time the tag was heard, or the begin of its clock.
    pub(super) fn heard_at(&self) -> UnixMillis {
        self.heard.unwrap_or(self.since).max(self.since)
    }

    /// Last time the tag was placed, if ever.
    pub(super) fn located(&self) -> Option<UnixMillis> {
        self.located
    }

    /// Last time the tag was placed, or the begin of its clock.
    pub(super) fn located_at(&self) -> UnixMillis {
        self.located.unwrap_or(self.since).max(self.since)
    }

    /// The centre itself was down: what it did not hear then is not held against the tag.
    pub(super) fn handle_restart(&mut self, now: UnixMillis) {
        self.since = self.since.max(now);
    }

    /// The tag said something, whatever it was.
    pub(super) fn handle_heard(&mut self, now: UnixMillis, out: &mut Outbox) {
        self.heard = Some(self.heard.map_or(now, |heard| heard.max(now)));
        out.end(&mut self.unheard, now);
    }

    /// The tag is known to be somewhere: a good fix, or heard by its home unit.
    pub(super) fn handle_located(&mut self, now: UnixMillis, out: &mut Outbox) {
        self.located = Some(self.located.map_or(now, |located| located.max(now)));
        out.end(&mut self.unplaced, now);
    }

    pub(super) fn deadline(&self, plan: &SupervisionPlan) -> Option<UnixMillis> {
        let unheard = self.unheard.is_none().then(|| self.unheard_at(plan));
        // While nothing is heard, a missing position is no news of its own.
        let unplaced = (self.unheard.is_none() && self.unplaced.is_none()).then(|| self.unplaced_at(plan));
        earlier(unheard, unplaced)
    }

    pub(super) fn handle_deadline(&mut self, scene: &Scene<'_>, out: &mut Outbox) {
        let plan = &scene.context.wearer.plan;
        if self.unheard.is_none() && scene.now >= self.unheard_at(plan) {
            let draft = Draft {
                kind: AlertKind::CommunicationFailure,
                rule: "silence.unheard/1",
                subject: Subject::Wearer,
                origin: Origin::Moment(self.heard.unwrap_or(self.since)),
                occurred_at: self.unheard_at(plan),
                position: None,
                reason: Reason::Silent { last_heard: self.heard, allowed_s: plan.silence_s },
                zone: None,
                fixes: Vec::new(),
            };
            self.unheard = Some(out.raise(scene, draft, None));
        }
        if self.unheard.is_none() && self.unplaced.is_none() && scene.now >= self.unplaced_at(plan) {
            let draft = Draft {
                kind: AlertKind::LocationFailure,
                rule: "silence.unplaced/1",
                subject: Subject::Wearer,
                origin: Origin::Moment(self.located.unwrap_or(self.since)),
                occurred_at: self.unplaced_at(plan),
                position: None,
                reason: Reason::NoFix { last_fix: self.located, allowed_s: plan.no_fix_s },
                zone: None,
                fixes: Vec::new(),
            };
            self.unplaced = Some(out.raise(scene, draft, None));
        }
    }

    fn unheard_at(&self, plan: &SupervisionPlan) -> UnixMillis {
        self.heard_at().plus_s(i64::from(plan.silence_s))
    }

    fn unplaced_at(&self, plan: &SupervisionPlan) -> UnixMillis {
        self.located_at().plus_s(i64::from(plan.no_fix_s))
    }
}
