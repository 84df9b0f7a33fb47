//! What devices should hold and what was ordered for them.

use crate::samples::{START, register};
use lenke_store::{
    Batch, Database, EventRow, StoreError,
    outbox::{
        Command, CommandState, DeviceSet, Held, OPEN_COMMANDS_MAX, OfficerKey, Order, SetKind, SetState,
        Wanted,
    },
};
use lenke_wire::{DeviceId, Event, EventKind, FrameId, Outcome, TimeSource};
use lenke_zones::WearerId;

const TAG: DeviceId = DeviceId::new(1);

fn set(device: DeviceId, kind: SetKind) -> DeviceSet {
    let wanted = Wanted {
        version: 3,
        base: 2,
        digest: [7; 32],
        content: [8; 32],
        bytes: 900,
        zones: 12,
        left_out: 1,
        since: START,
    };
    let held = Held { version: 2, digest: None, since: START.plus_s(-60) };
    DeviceSet { wanted: Some(wanted), held: Some(held), attempts: 1, ..DeviceSet::new(device, kind) }
}

fn command(device: DeviceId, wearer: u64) -> Command {
    let order = Order::Pursuit { on: true, until: START.plus_s(3600) };
    Command::new(device, WearerId(wearer), order, "kari".to_owned(), START, START.plus_s(600))
}

fn officer(name: &str) -> OfficerKey {
    OfficerKey {
        number: 0,
        name: name.to_owned(),
        public_key: [5; 32],
        from: START,
        until: START.plus_s(86_400),
        revoked_at: None,
    }
}

/// Something of everything.
pub(crate) async fn fill(store: &dyn Database) {
    store.save_sets(&[set(TAG, SetKind::Plan), set(TAG, SetKind::Zones)]).await.unwrap();
    store.add_command(command(TAG, 1)).await.unwrap();
    store.add_officer(officer("kari")).await.unwrap();
}

pub(crate) async fn sets_are_written_over_and_read_by_device(store: &dyn Database) {
    let other = DeviceId::new(2);
    let sets = [set(TAG, SetKind::Plan), set(TAG, SetKind::Zones), set(other, SetKind::Zones)];
    store.save_sets(&sets).await.unwrap();
    let held = Held { version: 3, digest: Some([7; 32]), since: START };
    let in_force = DeviceSet { held: Some(held), ..sets[1] };
    assert_eq!((sets[1].state(), in_force.state()), (SetState::Waiting, SetState::InForce));
    store.save_sets(&[in_force]).await.unwrap();
    let mut all = store.device_sets().await.unwrap();
    all.sort_by_key(|set| (set.device, set.kind));
    assert_eq!(all, [sets[0], in_force, sets[2]]);
    assert_eq!(store.sets_of(other).await.unwrap(), [sets[2]]);
}

pub(crate) async fn a_command_is_numbered_kept_until_it_is_settled_and_then_never_changed(
    store: &dyn Database,
) {
    let first = store.add_command(command(TAG, 1)).await.unwrap();
    let second = store.add_command(command(TAG, 1)).await.unwrap();
    assert!(0 < first.id && first.id < second.id);
    let mut done = first.clone();
    done.outcome = Some(Outcome::Applied);
    done.counters = vec![FrameId::new(4, 5)];
    done.settle(CommandState::Applied, START.plus_s(9));
    store.save_commands(std::slice::from_ref(&done)).await.unwrap();
    assert_eq!(store.open_commands().await.unwrap(), std::slice::from_ref(&second));
    store.save_commands(&[first]).await.unwrap();
    assert_eq!(store.commands_of(TAG).await.unwrap(), [second, done], "newest first; settled is settled");
}

pub(crate) async fn open_commands_of_a_device_are_bounded(store: &dyn Database) {
    for _ in 0..OPEN_COMMANDS_MAX {
        store.add_command(command(TAG, 1)).await.unwrap();
    }
    let refused = store.add_command(command(TAG, 1)).await;
    assert!(matches!(refused, Err(StoreError::Refused { .. })), "{refused:?}");
    store.add_command(command(DeviceId::new(2), 2)).await.unwrap();
}

pub(crate) async fn an_officers_key_is_numbered_and_revoked_once(store: &dyn Database) {
    let kari = store.add_officer(officer("kari")).await.unwrap();
    let ola = store.add_officer(officer("ola")).await.unwrap();
    assert!(kari.number < ola.number);
    assert!(store.revoke_officer(kari.number, START.plus_s(60)).await.unwrap());
    assert!(!store.revoke_officer(kari.number, START.plus_s(90)).await.unwrap(), "it was already");
    assert!(!store.revoke_officer(99, START).await.unwrap(), "there is none");
    let known = store.officers().await.unwrap();
    assert_eq!(known, [OfficerKey { revoked_at: Some(START.plus_s(60)), ..kari }, ola]);
    assert!(known[0].holds_at(START.plus_s(59)) && !known[0].holds_at(START.plus_s(60)));
}

pub(crate) async fn the_last_event_of_a_kind_is_found(store: &dyn Database) {
    let mut batch = Batch::default();
    for (seq, kind) in [(1, EventKind::StrapOpen), (2, EventKind::StrapOpen), (3, EventKind::CaseOpen)] {
        let (frame, at) = (FrameId::new(1, seq), START.plus_s(i64::from(seq)));
        let event = Event { at, time_source: TimeSource::Gnss, kind, value: 0, position: None };
        batch.events.push(EventRow { device: TAG, frame, event, received_at: at });
        batch.committed.push((TAG, frame));
    }
    store.commit_batch(&batch).await.unwrap();
    let last = async |to| store.last_event(TAG, EventKind::StrapOpen, START, START.plus_s(to)).await.unwrap();
    assert_eq!(last(60).await, Some(FrameId::new(1, 2)));
    assert_eq!(last(2).await, Some(FrameId::new(1, 1)));
    assert_eq!(last(1).await, None);
}

pub(crate) async fn commands_go_with_a_forgotten_wearer(store: &dyn Database) {
    store.enrol(&register(2)).await.unwrap();
    store.add_command(command(TAG, 1)).await.unwrap();
    let other = store.add_command(command(DeviceId::new(2), 2)).await.unwrap();
    store.forget(WearerId(1), START).await.unwrap();
    assert_eq!(store.open_commands().await.unwrap(), [other]);
}
