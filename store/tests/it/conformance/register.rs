//! The register: normalised, versioned, consistent.

use crate::samples::{START, activation, device, register, wearer, zone};
use lenke_alerts::Register;
use lenke_store::{Store, StoreError};
use lenke_wire::DeviceId;
use lenke_zones::ZoneId;
use std::collections::BTreeSet;

pub(crate) async fn register_round_trips(store: &dyn Store) {
    assert_eq!(store.register_version().await.unwrap(), 0);
    assert_eq!(store.load_register().await.unwrap(), Register::default());
    let mut register = register(70);
    register.version = store.enrol(&register).await.unwrap();
    assert_eq!(register.version, 1);
    assert_eq!(store.register_version().await.unwrap(), 1);
    assert_eq!(store.load_register().await.unwrap(), register);
}

pub(crate) async fn enrolling_again_changes_only_the_version(store: &dyn Store) {
    store.enrol(&register(3)).await.unwrap();
    let before = store.load_register().await.unwrap();
    let version = store.enrol(&register(3)).await.unwrap();
    assert!(version > before.version);
    assert_eq!(store.load_register().await.unwrap(), Register { version, ..before });
}

pub(crate) async fn enrolling_leaves_what_is_absent_and_replaces_conditions_as_a_whole(store: &dyn Store) {
    store.enrol(&register(3)).await.unwrap();
    let mut changed = wearer(2);
    changed.conditions.remove(0);
    changed.groups.clear();
    changed.order_version = 3;
    let news = Register { wearers: vec![changed.clone()], ..Register::default() };
    let version = store.enrol(&news).await.unwrap();
    let mut expected = Register { version, ..register(3) };
    expected.wearers[1] = changed;
    assert_eq!(store.load_register().await.unwrap(), expected);
}

pub(crate) async fn overlapping_activations_are_refused_and_nothing_is_changed(store: &dyn Store) {
    store.enrol(&register(3)).await.unwrap();
    let before = store.load_register().await.unwrap();
    let overlaps = [
        activation(2, 3, START.plus_s(60), None),
        activation(2, 3, START.plus_s(-60), None),
        activation(2, 3, START.plus_s(-60), Some(START.plus_ms(1))),
        activation(2, 3, START.plus_s(60), Some(START.plus_s(61))),
        activation(2, 3, START.plus_s(-60), Some(START.plus_s(60))),
    ];
    for overlap in overlaps {
        let news = Register { wearers: vec![wearer(9)], activations: vec![overlap], ..Register::default() };
        let refused = store.enrol(&news).await;
        assert!(
            matches!(refused, Err(StoreError::Overlap { device }) if device == DeviceId::new(2)),
            "{overlap:?} {refused:?}"
        );
    }
    assert_eq!(store.load_register().await.unwrap(), before);
}

pub(crate) async fn a_device_is_handed_over_in_one_enrolment_in_any_order(store: &dyn Store) {
    store.enrol(&register(3)).await.unwrap();
    let handover = START.plus_s(3_600);
    let earlier = activation(2, 3, START.plus_s(-3_600), Some(START));
    let activations =
        vec![activation(2, 3, handover, None), activation(2, 2, START, Some(handover)), earlier];
    store.enrol(&Register { activations: activations.clone(), ..Register::default() }).await.unwrap();
    let loaded = store.load_register().await.unwrap();
    let of_device: Vec<_> = loaded
        .activations
        .iter()
        .filter(|activation| activation.device == DeviceId::new(2))
        .copied()
        .collect();
    assert_eq!(of_device, [activations[2], activations[1], activations[0]]);
}

pub(crate) async fn an_activation_of_an_unknown_device_is_refused(store: &dyn Store) {
    store.enrol(&register(1)).await.unwrap();
    let activations = vec![activation(77, 1, START, None)];
    let refused = store.enrol(&Register { activations, ..Register::default() }).await;
    assert!(matches!(&refused, Err(StoreError::Refused { .. })), "{refused:?}");
    let activations = vec![activation(77, 78, START, None)];
    let devices = vec![device(77)];
    let refused = store.enrol(&Register { devices, activations, ..Register::default() }).await;
    assert!(matches!(&refused, Err(StoreError::Refused { .. })), "{refused:?}");
    assert_eq!(store.load_register().await.unwrap().devices.len(), 1);
}

pub(crate) async fn a_zone_version_never_changes_and_the_newest_counts(store: &dyn Store) {
    store.put_zones(&[zone(1, 1, 200.0), zone(8, 1, 50.0)]).await.unwrap();
    let version = store.put_zones(&[zone(1, 3, 400.0), zone(1, 2, 300.0)]).await.unwrap();
    assert_eq!(store.register_version().await.unwrap(), version);
    store.put_zones(&[zone(1, 3, 400.0)]).await.unwrap();
    let refused = store.put_zones(&[zone(9, 1, 10.0), zone(1, 2, 301.0)]).await;
    assert!(matches!(refused, Err(StoreError::ZoneChanged { zone: ZoneId(1), version: 2 })), "{refused:?}");
    assert_eq!(store.load_register().await.unwrap().zones, [zone(1, 3, 400.0), zone(8, 1, 50.0)]);
}

pub(crate) async fn zone_identities_are_given_once(store: &dyn Store) {
    assert_eq!(store.next_zone_id().await.unwrap(), ZoneId(1));
    assert_eq!(store.next_zone_id().await.unwrap(), ZoneId(2));
    store.put_zones(&[zone(40, 1, 200.0)]).await.unwrap();
    let (one, two, three) = tokio::join!(store.next_zone_id(), store.next_zone_id(), store.next_zone_id());
    let given: BTreeSet<_> = [one, two, three].map(Result::unwrap).into();
    assert_eq!(given, BTreeSet::from([ZoneId(41), ZoneId(42), ZoneId(43)]));
}

pub(crate) async fn activations_never_overlap_whatever_comes(store: &dyn Store) {
    store.enrol(&register(3)).await.unwrap();
    let clear: Vec<_> = (1..=3).map(|device| activation(device, device, START, Some(START))).collect();
    store.enrol(&Register { activations: clear, ..Register::default() }).await.unwrap();
    // The model: by device and begin, the end.
    let mut model: std::collections::BTreeMap<(u64, i64), i64> =
        (1..=3).map(|device| ((device, 0), 0)).collect();
    let mut state = 1_u64;
    let mut dice = |sides: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % sides
    };
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..150 {
        let (device, begin) = (1 + dice(3), i64::try_from(dice(40)).unwrap());
        let end = match dice(12) {
            0 => i64::MAX,
            length => begin + i64::try_from(length - 1).unwrap(),
        };
        let overlaps = model
            .iter()
            .any(|(&(other, from), &to)| other == device && from != begin && from.max(begin) < to.min(end));
        let to = (end != i64::MAX).then(|| START.plus_s(end));
        let activations = vec![activation(device, 1 + dice(3), START.plus_s(begin), to)];
        match store.enrol(&Register { activations, ..Register::default() }).await {
            Ok(_) => {
                assert!(!overlaps, "{device} {begin} {end} beside {model:?}");
                model.insert((device, begin), end);
                taken += 1;
            }
            Err(StoreError::Overlap { device: named }) => {
                assert!(overlaps, "{device} {begin} {end} beside {model:?}");
                assert_eq!(named, DeviceId::new(device));
                refused += 1;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    assert!(taken > 10 && refused > 10, "{taken} {refused}");
    assert_eq!(store.load_register().await.unwrap().activations.len(), model.len());
}
