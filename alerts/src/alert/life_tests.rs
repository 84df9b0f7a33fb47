//! An alert's life against a reference model, and what commutes.

use super::*;
use crate::{Explanation, Finding, Reason, Subject};
use proptest::prelude::*;

fn finding(kind: AlertKind, occurred_at: i64) -> Finding {
    Finding {
        id: AlertId([7; 16]),
        wearer: WearerId(1),
        order: OrderId(1),
        kind,
        subject: Subject::Wearer,
        occurred_at: UnixMillis(occurred_at),
        known_at: UnixMillis(occurred_at),
        late: false,
        position: None,
        explanation: Explanation {
            rule: "test/1".to_owned(),
            reason: Reason::DeviceReported { value: 0 },
            zone: None,
            permission: None,
            fixes: Vec::new(),
        },
    }
}

fn resolve(outcome: Outcome) -> Action {
    Action::Resolve { outcome, text: "because".to_owned() }
}

/// What happens to an alert.
#[derive(Clone, Debug)]
enum Step {
    Act(Action, &'static str),
    End(i64),
    Recur(i64),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let actor = prop_oneof![Just("kari"), Just("ola")];
    let outcome = prop_oneof![
        Just(Outcome::Handled),
        Just(Outcome::Excused),
        Just(Outcome::FalseAlert),
        Just(Outcome::Police)
    ];
    let action = prop_oneof![
        Just(Action::Acknowledge),
        Just(Action::Note { text: "seen".to_owned() }),
        outcome.prop_map(resolve),
    ];
    prop_oneof![
        3 => (action, actor).prop_map(|(action, actor)| Step::Act(action, actor)),
        1 => (0_i64..200_000).prop_map(Step::End),
        1 => (0_i64..200_000).prop_map(Step::Recur),
        2 => (0_i64..120).prop_map(Step::Wait),
    ]
}

/// The same life, told with less.
#[derive(Debug, PartialEq)]
struct Model {
    state: AlertState,
    active: bool,
    owner: Option<&'static str>,
    occurrences: u32,
    escalation: u8,
    began_at: i64,
    due_at: i64,
    changes: u32,
}

impl Model {
    fn take(&mut self, step: &Step, kind: AlertKind, now: i64) {
        let respond_ms = i64::from(kind.respond_s()) * 1000;
        let closed = self.state == AlertState::Resolved;
        match step {
            Step::Act(Action::Acknowledge, actor) => {
                let again = self.state == AlertState::Acknowledged && self.owner == Some(*actor);
                if !closed && !again {
                    (self.state, self.owner) = (AlertState::Acknowledged, Some(*actor));
                    self.changes += 1;
                }
            }
            Step::Act(Action::Note { .. }, _) => self.changes += 1,
            Step::Act(Action::Resolve { outcome, .. }, actor) => {
                let permitted = matches!(outcome, Outcome::Excused | Outcome::FalseAlert);
                if !closed && (!self.active || permitted || kind.latched()) {
                    self.state = AlertState::Resolved;
                    self.active &= !kind.latched();
                    self.owner = self.owner.or(Some(*actor));
                    self.changes += 1;
                }
            }
            Step::End(at) => {
                if self.active && (self.occurrences == 1 || *at >= self.began_at) {
                    self.active = false;
                    self.changes += 1;
                }
            }
            Step::Recur(at) => {
                if *at > self.began_at {
                    (self.began_at, self.active) = (*at, true);
                    self.occurrences += 1;
                    self.changes += 1;
                    if closed {
                        (self.state, self.owner, self.escalation) = (AlertState::Raised, None, 0);
                        self.due_at = now + respond_ms;
                    }
                }
            }
            Step::Wait(_) => {
                if self.state == AlertState::Raised
                    && self.escalation < Alert::ESCALATION_MAX
                    && now >= self.due_at
                {
                    self.escalation += 1;
                    self.due_at = now + respond_ms;
                    self.changes += 1;
                }
            }
        }
    }
}

fn model_of(alert: &Alert) -> Model {
    let owner = alert.owner.as_deref().map(|owner| if owner == "kari" { "kari" } else { "ola" });
    Model {
        state: alert.state,
        active: alert.active,
        owner,
        occurrences: alert.occurrences,
        escalation: alert.escalation,
        began_at: alert.recurred_at.unwrap_or(alert.occurred_at).0,
        due_at: alert.deadline_at.0,
        changes: alert.version - 1,
    }
}

proptest! {
    #[test]
    fn an_alert_lives_as_the_model_says(
        steps in prop::collection::vec(step(), 0..120),
        kind in prop::sample::select(&AlertKind::ALL[..]),
    ) {
        let mut now = 1000;
        let mut alert = Alert::raise(finding(kind, 1000), UnixMillis(now));
        let mut model = model_of(&alert);
        for step in &steps {
            if let Step::Wait(seconds) = step {
                now += seconds * 1000;
            }
            let before = alert.clone();
            let refused = match step.clone() {
                Step::Act(action, actor) => alert.handle_action(action, actor, UnixMillis(now)).is_err(),
                Step::End(at) => !alert.handle_end(UnixMillis(at), UnixMillis(now)),
                Step::Recur(at) => !alert.handle_recurrence(&finding(kind, at), UnixMillis(now)),
                Step::Wait(_) => !alert.handle_deadline(UnixMillis(now)),
            };
            model.take(step, kind, now);
            prop_assert_eq!(&model_of(&alert), &model);
            prop_assert!(!refused || alert == before);
            prop_assert!(alert.timeline.len() <= Alert::TIMELINE_MAX);
            prop_assert_eq!(alert.timeline.last().unwrap().version, alert.version);
        }
    }

    #[test]
    fn acknowledge_end_and_resolve_commute(order in Just(vec![0, 1, 2]).prop_shuffle(), latched in any::<bool>()) {
        let kind = if latched { AlertKind::StrapTamper } else { AlertKind::ExclusionBreach };
        let mut alert = Alert::raise(finding(kind, 1000), UnixMillis(1000));
        for step in order {
            // A late acknowledge is refused and changes nothing; an end may find it ended.
            match step {
                0 => drop(alert.handle_action(Action::Acknowledge, "kari", UnixMillis(2000))),
                1 => drop(alert.handle_end(UnixMillis(1500), UnixMillis(2000))),
                _ => alert.handle_action(resolve(Outcome::Excused), "kari", UnixMillis(2000)).unwrap(),
            }
        }
        let seen = (alert.state, alert.active, alert.owner.as_deref());
        prop_assert_eq!(seen, (AlertState::Resolved, false, Some("kari")));
    }
}

#[test]
fn nobody_taking_it_escalates_step_by_step_and_acknowledging_stops_that() {
    let mut alert = Alert::raise(finding(AlertKind::Panic, 0), UnixMillis(0));
    assert!(!alert.handle_deadline(UnixMillis(59_999)));
    for step in 1..=Alert::ESCALATION_MAX {
        let due = alert.deadline().unwrap();
        assert!(alert.handle_deadline(due));
        assert!(!alert.handle_deadline(due));
        assert_eq!(alert.escalation, step);
    }
    assert_eq!(alert.deadline(), None);
    let mut taken = Alert::raise(finding(AlertKind::Panic, 0), UnixMillis(0));
    taken.handle_action(Action::Acknowledge, "kari", UnixMillis(1)).unwrap();
    assert_eq!(taken.deadline(), None);
    assert!(!taken.handle_deadline(UnixMillis(1_000_000)));
}

#[test]
fn the_end_of_a_late_alert_moves_on_and_that_of_another_does_not() {
    for late in [true, false] {
        let mut alert =
            Alert::raise(Finding { late, ..finding(AlertKind::ExclusionBreach, 0) }, UnixMillis(0));
        assert!(alert.handle_end(UnixMillis(5), UnixMillis(9)));
        assert!(!alert.handle_end(UnixMillis(4), UnixMillis(9)));
        assert!(!alert.handle_end(UnixMillis(5), UnixMillis(9)));
        assert_eq!(alert.handle_end(UnixMillis(8), UnixMillis(9)), late);
        assert_eq!(alert.ended_at, Some(UnixMillis(if late { 8 } else { 5 })));
    }
}

#[test]
fn what_still_holds_can_only_be_excused_or_called_false() {
    let mut alert = Alert::raise(finding(AlertKind::ExclusionBreach, 0), UnixMillis(0));
    for outcome in [Outcome::Handled, Outcome::Police] {
        assert_eq!(alert.handle_action(resolve(outcome), "kari", UnixMillis(1)), Err(Refusal::StillActive));
    }
    assert_eq!(alert.handle_action(resolve(Outcome::Excused), "kari", UnixMillis(1)), Ok(()));
    assert!(alert.active);
    assert!(alert.handle_end(UnixMillis(5), UnixMillis(5)));
    assert_eq!((alert.state, alert.ended_at), (AlertState::Resolved, Some(UnixMillis(5))));
}

#[test]
fn the_timeline_is_bounded_and_keeps_what_persons_wrote() {
    let mut alert = Alert::raise(finding(AlertKind::ExclusionBreach, 0), UnixMillis(0));
    for at in 1..1000 {
        alert.handle_end(UnixMillis(at * 10), UnixMillis(at * 10));
        alert.handle_recurrence(&finding(AlertKind::ExclusionBreach, at * 10 + 5), UnixMillis(at * 10 + 5));
    }
    let note = || Action::Note { text: "called".to_owned() };
    for _ in 0..Alert::PERSON_ENTRIES_MAX {
        alert.handle_action(note(), "kari", UnixMillis(20_000)).unwrap();
    }
    assert_eq!(alert.handle_action(note(), "kari", UnixMillis(20_000)), Err(Refusal::TimelineFull));
    alert.handle_action(resolve(Outcome::FalseAlert), "kari", UnixMillis(20_000)).unwrap();
    assert_eq!(alert.timeline.len(), Alert::TIMELINE_MAX);
    assert_eq!(alert.timeline[0].what, Change::Raised);
    let notes = alert.timeline.iter().filter(|entry| matches!(entry.what, Change::Noted { .. })).count();
    assert_eq!(notes, Alert::PERSON_ENTRIES_MAX);
    assert!(alert.timeline_dropped > 0);
}

#[test]
fn a_text_that_is_too_long_or_missing_is_refused() {
    let mut alert = Alert::raise(finding(AlertKind::Panic, 0), UnixMillis(0));
    let note = |text: String| Action::Note { text };
    assert_eq!(alert.handle_action(note(" ".to_owned()), "kari", UnixMillis(1)), Err(Refusal::TextNeeded));
    let long = "å".repeat(usize::from(Alert::TEXT_CHARS_MAX) + 1);
    let refused = Err(Refusal::TextTooLong { max: Alert::TEXT_CHARS_MAX });
    assert_eq!(alert.handle_action(note(long), "kari", UnixMillis(1)), refused);
    assert_eq!(alert.version, 1);
}

#[test]
fn a_late_end_that_moves_on_is_told_once() {
    let mut alert = Alert::raise(
        Finding { late: true, ..finding(AlertKind::ExclusionBreach, 1_000) },
        UnixMillis(90_000),
    );
    for (ended, now) in [(10_000, 91_000), (20_000, 92_000), (30_000, 93_000)] {
        let version = alert.version;
        assert!(alert.handle_end(UnixMillis(ended), UnixMillis(now)));
        assert!(alert.version > version, "every change is a new version");
    }
    assert_eq!(alert.ended_at, Some(UnixMillis(30_000)));
    let ends: Vec<_> =
        alert.timeline.iter().filter(|entry| matches!(entry.what, Change::Ended { .. })).collect();
    assert_eq!(ends.len(), 1);
    assert_eq!((ends[0].at, ends[0].version), (UnixMillis(93_000), alert.version));
}

#[test]
fn an_alert_that_was_saved_before_it_named_its_subject_still_loads() {
    let subject = Subject::Victim(WearerId(800));
    let alert =
        Alert::raise(Finding { subject, ..finding(AlertKind::VictimProximity, 1000) }, UnixMillis(1000));
    let mut saved = serde_json::to_value(&alert).unwrap();
    assert_eq!(saved["subject"]["victim"], 800);
    assert_eq!(serde_json::from_value::<Alert>(saved.clone()).unwrap(), alert);
    saved.as_object_mut().unwrap().remove("subject");
    assert_eq!(serde_json::from_value::<Alert>(saved).unwrap(), Alert { subject: Subject::Wearer, ..alert });
}
