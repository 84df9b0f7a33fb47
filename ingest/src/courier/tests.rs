//! A running centre and one tag: zones and plans arrive, are renewed after an edit, and orders are carried out.

use crate::{
    Attachment,
    tests::harness::{
        BEGIN, Centre, ELSEWHERE, FORBIDDEN, TAG, arrival, authority, eventually, opened_downlink, position,
        sealed,
    },
};
use lenke_store::{
    Outbox, Store,
    outbox::{Command, CommandState, Order, SetKind, SetState},
};
use lenke_wire::{
    BatteryState, FrameId, Health, Lane, Outcome, Receipt, TimeSource,
    codec::Content,
    downlink::{CommandKind, Downlink, ZonesPart},
    sign::Ed25519,
};
use lenke_zones::{Geometry, Metres, WearerId};
use std::time::Duration;

fn health(plan_version: u32, zones_version: u32) -> Health {
    let battery = BatteryState { percent: 80, millivolts: 3_900, charging: false, empty_at: None };
    Health {
        at: BEGIN,
        battery,
        strap_latched: false,
        case_latched: false,
        plan_version,
        unacknowledged: 0,
        signal_dbm: -90,
        temperature_c: 20,
        firmware: 1,
        zones_version,
        state: None,
    }
}

/// The next downlink that is no acknowledgement.
async fn next(attachment: &mut Attachment) -> (FrameId, Downlink<'static>) {
    loop {
        let frame = tokio::time::timeout(Duration::from_secs(10), attachment.next()).await.unwrap().unwrap();
        let (counter, downlink) = opened_downlink(TAG, &frame);
        if !matches!(downlink, Downlink::Ack(_)) {
            return (counter, downlink);
        }
    }
}

async fn next_zones(attachment: &mut Attachment) -> (FrameId, ZonesPart<'static>) {
    loop {
        if let (counter, Downlink::Zones(part)) = next(attachment).await {
            return (counter, part);
        }
    }
}

fn receipt(command: CommandKind, counter: FrameId, version: u32, digest: [u8; 32]) -> Receipt {
    let outcome = Outcome::Applied;
    Receipt { at: BEGIN, time_source: TimeSource::Gnss, counter, command, outcome, version, digest, parts: 0 }
}

async fn submit(centre: &Centre, seq: u32, content: Content<'_>) {
    let frame = sealed(TAG, FrameId::new(1, seq), &content);
    assert_eq!(centre.submit(arrival(TAG, Lane::Live, frame)).await, None);
}

#[tokio::test]
async fn a_tag_is_sent_its_zones_and_after_an_edit_the_new_ones() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::start(folder.path()).await;
    let mut attachment = centre.intake().attach(TAG);
    submit(&centre, 0, Content::Health(&health(1, 0))).await;
    let (counter, part) = next_zones(&mut attachment).await;
    let head = part.head.verify(&authority().public(), TAG, &Ed25519).unwrap();
    assert_eq!((head.version, head.base_version, part.part), (1, 0, 0));
    let zones = lenke_fence_zones(part.bytes);
    assert_eq!(zones, [(1, true)], "zone 1 holds the forbidden place");

    submit(&centre, 1, Content::Receipt(&receipt(CommandKind::Zones, counter, 1, head.hash))).await;
    let mut zone = centre.store.load_register().await.unwrap().zones.remove(0);
    zone.version += 1;
    zone.geometry = Geometry::circle(position(ELSEWHERE), Metres(300.0)).unwrap();
    centre.store.put_zones(&[zone]).await.unwrap();
    let (counter, part) = next_zones(&mut attachment).await;
    let head = part.head.verify(&authority().public(), TAG, &Ed25519).unwrap();
    assert_eq!((head.version, head.base_version), (2, 1));
    assert_eq!(lenke_fence_zones(part.bytes), [(1, false)]);
    submit(&centre, 2, Content::Receipt(&receipt(CommandKind::Zones, counter, 2, head.hash))).await;
    let mut set = None;
    for _ in 0..500 {
        let sets = centre.store.sets_of(TAG).await.unwrap();
        set = sets.into_iter().find(|set| set.kind == SetKind::Zones && set.state() == SetState::InForce);
        if set.is_some_and(|set| set.held.is_some_and(|held| held.version == 2)) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let set = set.unwrap();
    assert_eq!((set.wanted.unwrap().digest, set.attempts), (head.hash, 1));
    centre.crash().await;
}

/// Ids of the zones of a set, and whether they hold the forbidden place.
fn lenke_fence_zones(bytes: &[u8]) -> Vec<(u64, bool)> {
    let set = lenke_fence::ZoneSet::parse(bytes).unwrap();
    set.zones().map(|zone| (zone.id(), zone.contains(position(FORBIDDEN)))).collect()
}

#[tokio::test]
async fn an_order_reaches_the_tag_and_its_receipt_settles_it() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::start(folder.path()).await;
    let until = BEGIN.plus_s(1_800);
    let order = Order::Pursuit { on: true, until };
    let command = Command::new(TAG, WearerId(1), order, "anna".to_owned(), BEGIN, until);
    let id = centre.store.add_command(command).await.unwrap().id;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(centre.store.open_commands().await.unwrap()[0].state, CommandState::Waiting, "nobody listens");
    let mut attachment = centre.intake().attach(TAG);
    let (counter, downlink) = next(&mut attachment).await;
    let Downlink::Pursuit(pursuit) = downlink else { panic!("{downlink:?}") };
    assert!(pursuit.on && pursuit.until == until);
    submit(&centre, 0, Content::Receipt(&receipt(CommandKind::Pursuit, counter, 0, [0; 32]))).await;
    let mut command = None;
    for _ in 0..500 {
        command = centre.store.commands_of(TAG).await.unwrap().into_iter().find(|command| command.id == id);
        if command.as_ref().is_some_and(|command| command.state == CommandState::Applied) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let command = command.unwrap();
    assert_eq!((command.state, command.outcome), (CommandState::Applied, Some(Outcome::Applied)));
    assert!(centre.store.open_commands().await.unwrap().is_empty());
    eventually("the receipt is stored", || centre.counters().stored == 1).await;
    centre.crash().await;
}

#[tokio::test]
async fn what_a_tag_was_told_is_known_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::start(folder.path()).await;
    let mut attachment = centre.intake().attach(TAG);
    submit(&centre, 0, Content::Health(&health(1, 0))).await;
    let (_, part) = next_zones(&mut attachment).await;
    let first = *part.head.unverified();
    centre.crash().await;
    let centre = Centre::start(folder.path()).await;
    let mut attachment = centre.intake().attach(TAG);
    submit(&centre, 1, Content::Health(&health(1, 0))).await;
    // Sent lately: not again at once. The tag took it meanwhile and says so without a receipt that we could place.
    submit(&centre, 2, Content::Receipt(&receipt(CommandKind::Zones, FrameId::new(9, 9), 1, first.hash)))
        .await;
    for _ in 0..500 {
        let sets = centre.store.sets_of(TAG).await.unwrap();
        if sets.iter().any(|set| set.kind == SetKind::Zones && set.is_in_force()) {
            assert!(
                attachment
                    .try_next()
                    .is_none_or(|frame| { !matches!(opened_downlink(TAG, &frame).1, Downlink::Zones(_)) })
            );
            return centre.crash().await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never in force");
}
