//! The book's decisions one by one, and that replays change nothing whatever came before.

use super::*;
use lenke_alerts::{ConditionId, Explanation, Outcome, Reason, ZoneRef};
use proptest::prelude::*;

const START: UnixMillis = UnixMillis(1_767_225_600_000);

fn finding(id: u8, wearer: u64, at_s: i64) -> Finding {
    Finding {
        id: AlertId([id; 16]),
        wearer: WearerId(wearer),
        order: OrderId(1),
        kind: AlertKind::ExclusionBreach,
        subject: Subject::Zone(ZoneId(1)),
        occurred_at: START.plus_s(at_s),
        known_at: START.plus_s(at_s),
        late: false,
        position: None,
        explanation: Explanation {
            rule: "exclusion.confirm/1".to_owned(),
            reason: Reason::InsideSurely { probability: 0.99, depth_m: 31.25 },
            zone: Some(ZoneRef { id: ZoneId(1), version: 1, name: "Torget".to_owned() }),
            permission: None,
            fixes: Vec::new(),
        },
    }
}

fn raise(book: &mut Book, finding: Finding) -> Option<Changed> {
    let now = finding.known_at;
    book.handle_input(DeskInput::Raise(finding), now)
}

fn end(book: &mut Book, id: u8, at_s: i64) -> Option<Changed> {
    let at = START.plus_s(at_s);
    book.handle_input(DeskInput::End { id: AlertId([id; 16]), at, permission: None }, at)
}

fn resolve(book: &mut Book, id: u8) -> Arc<Alert> {
    let alert = book.find(AlertId([id; 16])).unwrap().clone();
    let action = Action::Resolve { outcome: Outcome::Excused, text: "Avtalt".to_owned() };
    book.handle_action(alert.id, alert.version, action, "kari", START.plus_s(9_000)).unwrap().0
}

/// The open alerts in order of their ids.
fn open(book: &Book) -> Vec<Alert> {
    let mut open: Vec<_> = book.open.values().map(|alert| Alert::clone(alert)).collect();
    open.sort_by_key(|alert| alert.id);
    open
}

#[test]
fn a_finding_on_the_subject_of_an_open_alert_is_another_occurrence() {
    let mut book = Book::new(Vec::new());
    raise(&mut book, finding(1, 1, 0)).unwrap();
    let changed = raise(&mut book, finding(2, 1, 60)).unwrap();
    assert_eq!((changed.alert.id, changed.merged), (AlertId([1; 16]), Some(AlertId([2; 16]))));
    assert_eq!(changed.alert.occurrences, 2);
    assert!(raise(&mut book, finding(2, 1, 60)).is_none());
    assert!(!end(&mut book, 2, 90).unwrap().alert.active);
    for other in [
        Finding { wearer: WearerId(2), ..finding(3, 1, 70) },
        Finding { order: OrderId(2), ..finding(4, 1, 70) },
        Finding { kind: AlertKind::ExclusionApproach, ..finding(5, 1, 70) },
        Finding {
            explanation: Explanation { zone: None, ..finding(0, 1, 0).explanation },
            ..finding(6, 1, 70)
        },
        Finding { subject: Subject::Condition(ConditionId(1)), ..finding(7, 1, 70) },
    ] {
        assert!(raise(&mut book, other.clone()).unwrap().merged.is_none(), "{other:?}");
    }
    assert_eq!(book.open_count(), 6);
}

#[test]
fn each_of_two_victims_of_one_wearer_has_an_alert_with_a_life_of_its_own() {
    let mut book = Book::new(Vec::new());
    let near = |id: u8, victim: u64, at_s: i64| Finding {
        kind: AlertKind::VictimProximity,
        subject: Subject::Victim(WearerId(victim)),
        explanation: Explanation { zone: None, ..finding(0, 1, 0).explanation },
        ..finding(id, 1, at_s)
    };
    assert!(raise(&mut book, near(1, 800, 0)).unwrap().merged.is_none());
    assert!(raise(&mut book, near(2, 801, 60)).unwrap().merged.is_none());
    // Parting from one of them leaves the other in danger; closing one closes the other not.
    assert!(!end(&mut book, 1, 90).unwrap().alert.active);
    assert!(book.find(AlertId([2; 16])).unwrap().active);
    resolve(&mut book, 1);
    assert_eq!(open(&book).iter().map(|alert| alert.id).collect::<Vec<_>>(), [AlertId([2; 16])]);
    let changed = raise(&mut book, near(3, 801, 300)).unwrap();
    assert_eq!((changed.alert.id, changed.alert.occurrences), (AlertId([2; 16]), 2));
    assert!(raise(&mut book, near(4, 800, 400)).unwrap().merged.is_none());
    assert_eq!(book.open_count(), 2);
}

#[test]
fn live_and_late_alerts_do_not_take_each_other_in() {
    let mut book = Book::new(Vec::new());
    raise(&mut book, Finding { late: true, ..finding(1, 1, 0) }).unwrap();
    assert!(raise(&mut book, finding(2, 1, 600)).unwrap().merged.is_none());
    assert!(raise(&mut book, Finding { late: true, ..finding(3, 1, 60) }).unwrap().merged.is_some());
    assert_eq!(book.open_count(), 2);
}

#[test]
fn an_earlier_stay_than_the_open_one_is_an_alert_of_its_own() {
    let mut book = Book::new(Vec::new());
    raise(&mut book, finding(1, 1, 600)).unwrap();
    assert!(raise(&mut book, finding(2, 1, 60)).unwrap().merged.is_none());
    // The next stay belongs to the one that began last.
    let changed = raise(&mut book, finding(3, 1, 900)).unwrap();
    assert_eq!((changed.alert.id, book.open_count()), (AlertId([1; 16]), 2));
}

#[test]
fn a_new_finding_after_the_alert_was_closed_is_a_new_alert_and_a_replay_is_none() {
    let mut book = Book::new(Vec::new());
    raise(&mut book, finding(1, 1, 0)).unwrap();
    resolve(&mut book, 1);
    assert!(raise(&mut book, finding(1, 1, 0)).is_none());
    assert_eq!((book.open_count(), book.deadline()), (0, None));
    let changed = raise(&mut book, finding(2, 1, 60)).unwrap();
    assert_eq!((changed.alert.id, changed.alert.occurrences), (AlertId([2; 16]), 1));
}

#[test]
fn an_alert_that_recurs_under_its_own_id_is_open_again_with_a_deadline() {
    let mut book = Book::new(Vec::new());
    raise(&mut book, finding(1, 1, 0)).unwrap();
    resolve(&mut book, 1);
    let changed = raise(&mut book, finding(1, 1, 10_000)).unwrap();
    assert_eq!((changed.alert.state, book.open_count()), (AlertState::Raised, 1));
    assert_eq!(book.deadline(), Some(changed.alert.deadline_at));
}

#[test]
fn acknowledge_and_end_commute() {
    let act = |book: &mut Book| {
        let alert = book.find(AlertId([1; 16])).unwrap().clone();
        book.handle_action(alert.id, alert.version, Action::Acknowledge, "kari", START.plus_s(70)).unwrap()
    };
    let mut act_first = Book::new(Vec::new());
    raise(&mut act_first, finding(1, 1, 0)).unwrap();
    let mut end_first = Book::new(open(&act_first).into_iter().map(Arc::new).collect());
    act(&mut act_first);
    end(&mut act_first, 1, 60).unwrap();
    end(&mut end_first, 1, 60).unwrap();
    act(&mut end_first);
    let facts = |book: &Book| {
        let alert = open(book).remove(0);
        (alert.state, alert.active, alert.owner, alert.ended_at, alert.version)
    };
    assert_eq!(facts(&act_first), facts(&end_first));
    assert_eq!((act_first.deadline(), end_first.deadline()), (None, None));
}

#[test]
fn an_end_reaches_an_alert_that_a_person_closed_before() {
    let mut book = Book::new(Vec::new());
    raise(&mut book, finding(1, 1, 0)).unwrap();
    assert!(resolve(&mut book, 1).active);
    let changed = end(&mut book, 1, 60).unwrap();
    assert_eq!((changed.alert.state, changed.alert.active), (AlertState::Resolved, false));
    assert_eq!(book.open_count(), 0);
    assert!(end(&mut book, 7, 60).is_none());
}

#[test]
fn deadlines_escalate_until_somebody_takes_the_alert() {
    let mut book = Book::new(Vec::new());
    raise(&mut book, finding(1, 1, 0)).unwrap();
    raise(&mut book, finding(2, 2, 5)).unwrap();
    let due = book.deadline().unwrap();
    assert!(book.handle_deadlines(due.plus_ms(-1)).is_empty());
    let escalated = book.handle_deadlines(due);
    assert_eq!(escalated.len(), 1);
    assert_eq!((escalated[0].alert.id, escalated[0].alert.escalation), (AlertId([1; 16]), 1));
    book.handle_action(AlertId([1; 16]), 2, Action::Acknowledge, "kari", due).unwrap();
    assert_eq!(book.deadline(), Some(book.find(AlertId([2; 16])).unwrap().deadline_at));
}

#[test]
fn what_the_store_knows_does_not_replace_what_is_at_hand() {
    let mut book = Book::new(Vec::new());
    let stored = Alert::clone(&raise(&mut book, finding(1, 1, 0)).unwrap().alert);
    end(&mut book, 1, 60).unwrap();
    book.adopt(AlertId([9; 16]), stored);
    assert!(!book.find(AlertId([9; 16])).unwrap().active);
}

/// A step of one wearer's story: begins and ends in order of time.
fn story() -> impl Strategy<Value = Vec<(u64, bool)>> {
    prop::collection::vec((0u64..3, any::<bool>()), 1..40)
}

proptest! {
    #[test]
    fn replays_change_nothing(story in story(), cuts in prop::collection::vec(0usize..40, 0..6)) {
        let mut last = [0u8; 3];
        let inputs: Vec<_> = (1u8..).zip(story).map(|(step, (wearer, begins))| {
            let at_s = 60 * i64::from(step);
            if begins {
                last[wearer as usize] = step;
                DeskInput::Raise(finding(step, wearer, at_s))
            } else {
                DeskInput::End { id: AlertId([last[wearer as usize]; 16]), at: START.plus_s(at_s), permission: None }
            }
        }).collect();
        let now = START.plus_s(100_000);
        let (mut once, mut replayed) = (Book::new(Vec::new()), Book::new(Vec::new()));
        for (index, input) in inputs.iter().enumerate() {
            once.handle_input(input.clone(), now);
            replayed.handle_input(input.clone(), now);
            if cuts.contains(&index) {
                for earlier in &inputs[..=index] {
                    prop_assert!(replayed.handle_input(earlier.clone(), now).is_none());
                }
            }
        }
        prop_assert_eq!(open(&once), open(&replayed));
    }
}
