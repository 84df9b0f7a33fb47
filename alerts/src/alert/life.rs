//! The transitions of an alert's life.
//!
//! ```text
//! RAISED        --acknowledge-->           ACKNOWLEDGED, owner = actor, no more escalation
//! RAISED        --deadline-->              RAISED, escalation + 1, deadline re-armed until ESCALATION_MAX
//! ACKNOWLEDGED  --acknowledge by another--> ACKNOWLEDGED, owner = actor (taken over)
//! any           --condition ends-->        same state, active = false (a late alert's end may move on)
//! any open      --condition recurs-->      same state, active = true, occurrences + 1
//! RESOLVED      --condition recurs-->      RAISED again: the work was done too early
//! any open      --resolve-->               RESOLVED
//! any           --note-->                  same state
//! ```
//!
//! Resolving needs the condition to be over, with two exceptions: a latched kind never ends by itself, so a person
//! closes it, with a text; and `Excused` or `FalseAlert` say that the condition is permitted or untrue, so it may go on.
//!
//! Invariants: a late acknowledge never reopens; a replayed finding or end changes nothing; the version rises with
//! every change and only then; the timeline is bounded and never gives up what a person wrote for what the system did.

use super::{Alert, AlertState, Change, Outcome, TimelineEntry};
use crate::{Finding, PermissionRef};
use lenke_wire::UnixMillis;
use serde::{Deserialize, Serialize};

/// Who acts when no person does.
const SYSTEM: &str = "system";

/// What a person does with an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "action")]
pub enum Action {
    /// Take it.
    Acknowledge,
    /// Write something down.
    Note {
        /// What.
        text: String,
    },
    /// Close it.
    Resolve {
        /// How.
        outcome: Outcome,
        /// Why; needed for latched kinds.
        text: String,
    },
}

/// Why an action was not taken. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "refusal")]
pub enum Refusal {
    /// It is closed already.
    #[error("the alert is already resolved")]
    Resolved,
    /// The condition still holds, and the outcome does not say that it may.
    #[error("the condition still holds: only `excused` or `false_alert` can close it now")]
    StillActive,
    /// A note, or the end of a latched alert, needs words.
    #[error("a text is needed")]
    TextNeeded,
    /// More text than fits.
    #[error("the text is longer than {max} characters")]
    TextTooLong {
        /// Characters that fit.
        max: u16,
    },
    /// No room for more entries by persons, except the one that closes it.
    #[error("the timeline is full: the alert can only be resolved")]
    TimelineFull,
}

impl Alert {
    /// Entries of the timeline at most.
    pub const TIMELINE_MAX: usize = 256;
    /// Entries of the timeline after which persons can only resolve.
    pub const PERSON_ENTRIES_MAX: usize = 192;
    /// Characters of one note or reason.
    pub const TEXT_CHARS_MAX: u16 = 2000;
    /// Steps of escalation: all operators, shift supervisor, duty officer, police.
    pub const ESCALATION_MAX: u8 = 4;

    /// A new alert out of a finding.
    pub fn raise(finding: Finding, now: UnixMillis) -> Self {
        let mut alert = Self {
            id: finding.id,
            wearer: finding.wearer,
            order: finding.order,
            kind: finding.kind,
            subject: finding.subject,
            priority: finding.kind.priority(),
            state: AlertState::Raised,
            active: true,
            occurrences: 1,
            escalation: 0,
            late: finding.late,
            occurred_at: finding.occurred_at,
            raised_at: now,
            deadline_at: now.plus_s(i64::from(finding.kind.respond_s())),
            recurred_at: None,
            ended_at: None,
            owner: None,
            position: finding.position,
            explanation: finding.explanation,
            version: 0,
            timeline: Vec::new(),
            timeline_dropped: 0,
        };
        alert.record(SYSTEM, Change::Raised, now);
        alert
    }

    /// A person acts.
    ///
    /// # Errors
    /// The refusal, with the alert unchanged.
    pub fn handle_action(&mut self, action: Action, actor: &str, now: UnixMillis) -> Result<(), Refusal> {
        match action {
            Action::Acknowledge => self.acknowledge(actor, now),
            Action::Note { text } => self.note(text, actor, now),
            Action::Resolve { outcome, text } => self.resolve(outcome, text, actor, now),
        }
    }

    /// The condition ended at `at`. Returns whether that was news: an end of an earlier occurrence is not.
    pub fn handle_end(&mut self, at: UnixMillis, now: UnixMillis) -> bool {
        self.handle_end_under(at, None, now)
    }

    /// The same, by a permission if one is named.
    pub fn handle_end_under(
        &mut self,
        at: UnixMillis,
        permission: Option<PermissionRef>,
        now: UnixMillis,
    ) -> bool {
        // A backlog may tell piece by piece how long something that is over went on.
        let went_on = self.late && !self.active && self.ended_at.is_some_and(|ended| ended < at);
        if !(self.active || went_on) || self.recurred_at.is_some_and(|recurred| at < recurred) {
            return false;
        }
        self.active = false;
        // Evidence that came late may say that it was over before its deadline passed.
        self.ended_at = Some(at.max(self.last_began_at()));
        match self.timeline.last_mut() {
            // The same end, moved on: one entry tells it, with the newest version.
            Some(entry) if went_on && matches!(entry.what, Change::Ended { .. }) => {
                self.version = self.version.saturating_add(1);
                entry.at = now;
                entry.version = self.version;
            }
            _ => self.record(SYSTEM, Change::Ended { permission }, now),
        }
        true
    }

    /// A finding with this alert's id arrived. Returns whether it was one more occurrence: a replay is not.
    pub fn handle_recurrence(&mut self, finding: &Finding, now: UnixMillis) -> bool {
        if finding.occurred_at <= self.last_began_at() {
            return false;
        }
        self.recurred_at = Some(finding.occurred_at);
        self.occurrences = self.occurrences.saturating_add(1);
        self.active = true;
        self.ended_at = None;
        self.position = finding.position.or(self.position);
        if self.state == AlertState::Resolved {
            self.state = AlertState::Raised;
            self.owner = None;
            self.escalation = 0;
            self.arm(now);
        }
        self.record(SYSTEM, Change::Recurred, now);
        true
    }

    /// Escalates if nobody took it in time. Returns whether it did.
    pub fn handle_deadline(&mut self, now: UnixMillis) -> bool {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return false;
        }
        self.escalation += 1;
        self.arm(now);
        self.record(SYSTEM, Change::Escalated, now);
        true
    }

    /// When [`Self::handle_deadline`] has something to do, if ever.
    pub fn deadline(&self) -> Option<UnixMillis> {
        let waits = self.state == AlertState::Raised && self.escalation < Self::ESCALATION_MAX;
        waits.then_some(self.deadline_at)
    }

    fn acknowledge(&mut self, actor: &str, now: UnixMillis) -> Result<(), Refusal> {
        if self.state == AlertState::Resolved {
            return Err(Refusal::Resolved);
        }
        if self.state == AlertState::Acknowledged && self.owner.as_deref() == Some(actor) {
            return Ok(());
        }
        self.check_room()?;
        self.state = AlertState::Acknowledged;
        self.owner = Some(actor.to_owned());
        self.record(actor, Change::Acknowledged, now);
        Ok(())
    }

    fn note(&mut self, text: String, actor: &str, now: UnixMillis) -> Result<(), Refusal> {
        check_text(&text, true)?;
        self.check_room()?;
        self.record(actor, Change::Noted { text }, now);
        Ok(())
    }

    fn resolve(
        &mut self,
        outcome: Outcome,
        text: String,
        actor: &str,
        now: UnixMillis,
    ) -> Result<(), Refusal> {
        if self.state == AlertState::Resolved {
            return Err(Refusal::Resolved);
        }
        check_text(&text, self.kind.latched())?;
        let may_go_on = match outcome {
            Outcome::Excused | Outcome::FalseAlert => true,
            Outcome::Handled | Outcome::Police => self.kind.latched(),
        };
        if self.active && !may_go_on {
            return Err(Refusal::StillActive);
        }
        self.state = AlertState::Resolved;
        if self.kind.latched() && self.active {
            self.active = false;
            self.ended_at = Some(now);
        }
        self.owner.get_or_insert_with(|| actor.to_owned());
        self.record(actor, Change::Resolved { outcome, text }, now);
        Ok(())
    }

    fn last_began_at(&self) -> UnixMillis {
        self.recurred_at.unwrap_or(self.occurred_at)
    }

    fn arm(&mut self, now: UnixMillis) {
        self.deadline_at = now.plus_s(i64::from(self.kind.respond_s()));
    }

    fn check_room(&self) -> Result<(), Refusal> {
        let persons = self.timeline.iter().filter(|entry| entry.actor != SYSTEM).count();
        if persons < Self::PERSON_ENTRIES_MAX { Ok(()) } else { Err(Refusal::TimelineFull) }
    }

    /// Appends to the timeline; at its limit the system's oldest entry after the first gives way, then a person's.
    fn record(&mut self, actor: &str, what: Change, now: UnixMillis) {
        self.version = self.version.saturating_add(1);
        if self.timeline.len() >= Self::TIMELINE_MAX {
            let of_system = self.timeline.iter().skip(1).position(|entry| entry.actor == SYSTEM);
            self.timeline.remove(1 + of_system.unwrap_or(0));
            self.timeline_dropped = self.timeline_dropped.saturating_add(1);
        }
        let entry = TimelineEntry { at: now, actor: actor.to_owned(), what, version: self.version };
        self.timeline.push(entry);
    }
}

fn check_text(text: &str, needed: bool) -> Result<(), Refusal> {
    if needed && text.trim().is_empty() {
        return Err(Refusal::TextNeeded);
    }
    if text.chars().count() > usize::from(Alert::TEXT_CHARS_MAX) {
        return Err(Refusal::TextTooLong { max: Alert::TEXT_CHARS_MAX });
    }
    Ok(())
}
