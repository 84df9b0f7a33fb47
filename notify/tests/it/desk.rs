//! What the desk promises, with the store well, down, hanging and restarted.

use crate::double::{Double, Mood};
use lenke_alerts::{
    Action, Alert, AlertId, AlertKind, AlertState, Explanation, Finding, OrderId, Outcome, Reason, Refusal,
    Subject, ZoneRef,
};
use lenke_notify::{Desk, DeskError, DeskInput, LIVE_EVENTS_MAX, LiveEvent, PositionUpdate};
use lenke_store::{Clock, StoreError};
use lenke_wire::{DeviceId, FrameId, Position, UnixMillis};
use lenke_zones::{WearerId, ZoneId};
use std::{future::Future, sync::Arc, time::Duration};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const START: UnixMillis = UnixMillis(1_767_225_600_000);
/// Long enough for anything that should happen at all.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running desk and what it stands on.
struct Office {
    store: Arc<Double>,
    desk: Desk,
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Office {
    async fn open(store: Arc<Double>, clock: Clock) -> Self {
        let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
        let desk = Desk::start(store.clone(), clock, &tracker, stop.clone()).await.unwrap();
        Self { store, desk, tracker, stop }
    }

    async fn fresh() -> Self {
        Self::open(Arc::default(), Clock::scaled(START, 1)).await
    }

    /// Stops as the program does: what was submitted is handled and saved.
    async fn close(self) -> Arc<Double> {
        self.stop.cancel();
        self.tracker.close();
        soon(self.tracker.wait()).await;
        self.store
    }

    async fn raise(&self, finding: Finding) {
        self.desk.submit(vec![DeskInput::Raise(finding)]).await.unwrap();
    }

    async fn saved(&self) {
        soon(self.desk.saved()).await.unwrap();
    }
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap()
}

/// The next alert on the bus.
async fn next_alert(live: &mut Receiver<LiveEvent>) -> Arc<Alert> {
    loop {
        if let LiveEvent::Alert(alert) = soon(live.recv()).await.unwrap() {
            return alert;
        }
    }
}

fn finding(id: u8, wearer: u64, occurred_at: UnixMillis) -> Finding {
    Finding {
        id: AlertId([id; 16]),
        wearer: WearerId(wearer),
        order: OrderId(1),
        kind: AlertKind::ExclusionBreach,
        subject: Subject::Zone(ZoneId(1)),
        occurred_at,
        known_at: occurred_at,
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

fn resolve() -> Action {
    Action::Resolve { outcome: Outcome::Handled, text: "Talte med ham".to_owned() }
}

#[tokio::test]
async fn an_alert_is_shown_and_saved() {
    let office = Office::fresh().await;
    let mut live = office.desk.subscribe();
    office.raise(finding(1, 1, START)).await;
    let shown = next_alert(&mut live).await;
    assert_eq!(office.desk.open_alerts(), std::slice::from_ref(&shown));
    office.saved().await;
    assert_eq!(office.store.stored(shown.id), Some(Alert::clone(&shown)));
}

#[tokio::test]
async fn duplicates_raise_nothing_twice_even_after_a_person_closed_the_alert() {
    let office = Office::fresh().await;
    for _ in 0..3 {
        office.raise(finding(1, 1, START)).await;
    }
    office
        .desk
        .submit(vec![DeskInput::End { id: AlertId([1; 16]), at: START.plus_s(9), permission: None }])
        .await
        .unwrap();
    office.saved().await;
    let alert = office.desk.open_alerts().remove(0);
    assert_eq!((alert.version, alert.occurrences, alert.active), (2, 1, false));
    let closed = office.desk.act(alert.id, 2, resolve(), "kari".to_owned()).await.unwrap();
    assert_eq!(office.desk.open_alerts(), []);
    office.raise(finding(1, 1, START)).await;
    office.saved().await;
    assert_eq!(office.desk.open_alerts(), []);

    // The same after a restart, when only the store remembers.
    let again = Office::open(office.close().await, Clock::scaled(START, 1)).await;
    let mut live = again.desk.subscribe();
    again.raise(finding(1, 1, START)).await;
    again.raise(finding(2, 2, START)).await;
    assert_eq!(next_alert(&mut live).await.id, AlertId([2; 16]));
    assert_eq!(again.store.stored(closed.id), Some(Alert::clone(&closed)));
}

#[tokio::test]
async fn a_finding_taken_in_as_an_occurrence_stays_one_after_a_restart() {
    let office = Office::fresh().await;
    office.raise(finding(1, 1, START)).await;
    office.raise(finding(2, 1, START.plus_s(300))).await;
    office.saved().await;
    let alert = office.desk.open_alerts().remove(0);
    assert_eq!((alert.id, alert.occurrences), (AlertId([1; 16]), 2));

    let again = Office::open(office.close().await, Clock::scaled(START, 1)).await;
    again.raise(finding(2, 1, START.plus_s(300))).await;
    let end = DeskInput::End { id: AlertId([2; 16]), at: START.plus_s(400), permission: None };
    again.desk.submit(vec![end]).await.unwrap();
    again.saved().await;
    let alerts = again.desk.open_alerts();
    assert_eq!(alerts.len(), 1);
    assert_eq!((alerts[0].occurrences, alerts[0].ended_at), (2, Some(START.plus_s(400))));
}

#[tokio::test]
async fn alerts_are_shown_and_worked_on_while_the_store_is_down_and_saved_once_it_is_back() {
    let office = Office::fresh().await;
    let mut live = office.desk.subscribe();
    office.store.set(Mood::Down);
    for id in 1..=100 {
        office.raise(finding(id, id.into(), START)).await;
    }
    for id in 1..=100 {
        assert_eq!(next_alert(&mut live).await.id, AlertId([id; 16]));
    }
    let taken = office.desk.act(AlertId([7; 16]), 1, Action::Acknowledge, "kari".to_owned()).await.unwrap();
    assert_eq!((taken.state, taken.version), (AlertState::Acknowledged, 2));
    assert_eq!(office.store.state().alerts.len(), 0);
    let waiting = tokio::time::timeout(Duration::from_millis(50), office.desk.saved()).await;
    assert!(waiting.is_err(), "nothing is saved yet");
    office.store.set(Mood::Well);
    office.saved().await;
    assert_eq!(office.store.state().alerts.len(), 100);
    assert_eq!(office.store.stored(taken.id), Some(Alert::clone(&taken)));
}

#[tokio::test]
async fn a_store_that_hangs_holds_back_one_alert_for_a_moment_and_no_further_one() {
    let office = Office::fresh().await;
    let mut live = office.desk.subscribe();
    office.store.set(Mood::Hanging);
    for id in 1..=50 {
        office.raise(finding(id, id.into(), START)).await;
    }
    let all = async {
        for _ in 0..50 {
            next_alert(&mut live).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(3), all).await.unwrap();
}

#[tokio::test]
async fn an_alert_that_can_never_be_saved_holds_up_no_other() {
    let office = Office::fresh().await;
    office.store.state().refused = Some(AlertId([2; 16]));
    let inputs = (1..=3).map(|id| DeskInput::Raise(finding(id, id.into(), START))).collect();
    office.desk.submit(inputs).await.unwrap();
    office.saved().await;
    let stored: Vec<_> = office.store.state().alerts.keys().copied().collect();
    assert_eq!(stored, [AlertId([1; 16]), AlertId([3; 16])]);
    assert_eq!(office.desk.open_alerts().len(), 3);
}

#[tokio::test]
async fn a_stale_version_is_answered_with_the_alert_as_it_is() {
    let office = Office::fresh().await;
    office.raise(finding(1, 1, START)).await;
    office.saved().await;
    let id = AlertId([1; 16]);
    let taken = office.desk.act(id, 1, Action::Acknowledge, "kari".to_owned()).await.unwrap();
    let stale = office.desk.act(id, 1, Action::Acknowledge, "ola".to_owned()).await;
    assert!(matches!(&stale, Err(DeskError::Stale(now)) if *now == taken), "{stale:?}");
    // Kari again changes nothing, and needs no new version.
    let again = office.desk.act(id, 2, Action::Acknowledge, "kari".to_owned()).await.unwrap();
    assert_eq!(again, taken);
    let refused = office.desk.act(id, 2, resolve(), "kari".to_owned()).await;
    assert!(matches!(refused, Err(DeskError::Refused(Refusal::StillActive))), "{refused:?}");
    let unknown = office.desk.act(AlertId([9; 16]), 1, Action::Acknowledge, "kari".to_owned()).await;
    assert!(matches!(unknown, Err(DeskError::Unknown(unknown)) if unknown == AlertId([9; 16])));
    office.store.set(Mood::Down);
    let unsure = office.desk.act(AlertId([9; 16]), 1, Action::Acknowledge, "kari".to_owned()).await;
    assert!(matches!(unsure, Err(DeskError::Store(StoreError::Unavailable { .. }))), "{unsure:?}");
}

#[tokio::test]
async fn a_restart_continues_open_alerts_and_their_deadlines() {
    let office = Office::fresh().await;
    office.raise(finding(1, 1, START)).await;
    office.raise(finding(2, 2, START)).await;
    office.saved().await;
    let taken = office.desk.act(AlertId([2; 16]), 1, Action::Acknowledge, "kari".to_owned()).await.unwrap();
    let before = office.desk.open_alerts();

    let hour = START.plus_s(3_600);
    let again = Office::open(office.close().await, Clock::scaled(hour, 1)).await;
    let mut live = again.desk.subscribe();
    assert_eq!(again.desk.open_alerts().len(), before.len());
    let escalated = next_alert(&mut live).await;
    assert_eq!((escalated.id, escalated.escalation), (AlertId([1; 16]), 1));
    assert!(escalated.deadline_at > hour);
    let noted = Action::Note { text: "Ringer".to_owned() };
    again.desk.act(taken.id, taken.version, noted, "kari".to_owned()).await.unwrap();
}

#[tokio::test]
async fn missed_deadlines_escalate_on_the_clock_of_the_centre() {
    let office = Office::open(Arc::default(), Clock::scaled(START, 6_000)).await;
    let mut live = office.desk.subscribe();
    let panic = Finding { kind: AlertKind::Panic, ..finding(1, 1, START) };
    office.raise(panic).await;
    for escalation in 0..=Alert::ESCALATION_MAX {
        assert_eq!(next_alert(&mut live).await.escalation, escalation);
    }
    let quiet = tokio::time::timeout(Duration::from_millis(100), live.recv()).await;
    assert!(quiet.is_err(), "there is nobody left to tell");
}

#[tokio::test]
async fn stopping_handles_and_saves_what_was_submitted() {
    let office = Office::fresh().await;
    for id in 0..200 {
        office.raise(finding(id, id.into(), START)).await;
    }
    let desk = office.desk.clone();
    let store = office.close().await;
    assert_eq!(store.state().alerts.len(), 200);
    let late = desk.submit(vec![DeskInput::Raise(finding(201, 1, START))]).await;
    assert!(matches!(late, Err(DeskError::Stopped)));
    assert!(matches!(desk.saved().await, Err(DeskError::Stopped)));
}

#[tokio::test]
async fn stopping_without_a_store_gives_up_after_some_attempts() {
    let office = Office::fresh().await;
    office.store.set(Mood::Down);
    office.raise(finding(1, 1, START)).await;
    office.stop.cancel();
    office.tracker.close();
    soon(office.tracker.wait()).await;
    assert!((2..10).contains(&office.store.state().attempts));
}

#[tokio::test]
async fn a_receiver_that_lags_is_told_and_finds_the_state_again() {
    let office = Office::fresh().await;
    let mut live = office.desk.subscribe();
    office.raise(finding(1, 1, START)).await;
    office.saved().await;
    let update = PositionUpdate {
        wearer: WearerId(1),
        device: DeviceId::new(1),
        frame: FrameId::new(1, 0),
        at: START,
        position: Position::from_degrees(59.91, 10.75).unwrap(),
        accuracy_m: 5.0,
        speed_m_s: 0.0,
        received_at: START,
    };
    for _ in 0..=LIVE_EVENTS_MAX {
        office.desk.publish_positions(vec![update]);
    }
    office.desk.publish_positions(Vec::new());
    assert!(matches!(live.recv().await, Err(RecvError::Lagged(_))));
    assert_eq!(office.desk.open_alerts().len(), 1);
}
