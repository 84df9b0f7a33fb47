//! Who may be given which device.

use super::*;
use clap::Parser;

const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: DeviceArgs,
}

fn args(line: &str) -> DeviceArgs {
    Line::parse_from(std::iter::once("enrol").chain(line.split_whitespace())).args
}

fn known() -> Register {
    let device = |number, kind| Device {
        id: DeviceId::new(number),
        kind,
        key: [7; 16],
        public_key: KeyPair::from_secret(&[number as u8; 32]).public(),
        enrolled_at: UnixMillis(0),
    };
    let activation = |number, to| Activation {
        device: DeviceId::new(number),
        wearer: WearerId(1),
        from: UnixMillis(0),
        to,
    };
    let mut register = changes(
        &args("--wearer 1 --new-wearer"),
        &Register::default(),
        &device(1, DeviceKind::Tag),
        UnixMillis(0),
    )
    .unwrap();
    register.devices.extend([device(2, DeviceKind::Tag), device(4, DeviceKind::HomeUnit)]);
    register.activations = vec![activation(1, None), activation(2, Some(NOW.plus_s(-1)))];
    register
}

#[test]
fn a_device_gets_the_next_free_number_and_keys_of_its_own() {
    let (first, secret) = device(&args("--wearer 1"), &known(), NOW).unwrap();
    assert_eq!(first.id, DeviceId::new(3));
    assert_eq!(first.public_key, secret.unwrap().public());
    let (second, _) = device(&args("--wearer 1"), &known(), NOW).unwrap();
    assert_ne!((first.key, first.public_key), (second.key, second.public_key));
}

#[test]
fn a_device_in_use_or_known_is_not_given_out_again() {
    let refusal = |line: &str| device(&args(line), &known(), NOW).unwrap_err();
    assert_eq!(refusal("--wearer 2 --device lk000001").code(), "device_active");
    assert_eq!(refusal("--wearer 2 --device lk000001 --keep-keys").code(), "device_active");
    assert_eq!(refusal("--wearer 2 --device lk000002"), EnrolError::Known(DeviceId::new(2)));
    assert_eq!(refusal("--wearer 2 --device lk000009 --keep-keys"), EnrolError::Unknown(DeviceId::new(9)));
    let (kept, secret) = device(&args("--wearer 2 --device lk000002 --keep-keys"), &known(), NOW).unwrap();
    assert_eq!((kept.key, secret.is_none()), ([7; 16], true));
}

#[test]
fn a_device_may_bring_its_own_public_key() {
    let public = KeyPair::from_secret(&[9; 32]).public();
    let line = format!("--wearer 1 --public-key {}", keys::hex(&public));
    let (entry, secret) = device(&args(&line), &known(), NOW).unwrap();
    assert_eq!((entry.public_key, secret.is_none()), (public, true));
    for bad in ["00".repeat(32), "02".repeat(31), "zz".repeat(32)] {
        let line = format!("--wearer 1 --public-key {bad}");
        assert_eq!(device(&args(&line), &known(), NOW).unwrap_err(), EnrolError::PublicKey, "{bad}");
    }
}

#[test]
fn an_unknown_wearer_is_refused_unless_it_is_to_be_made() {
    let (entry, _) = device(&args("--wearer 2"), &known(), NOW).unwrap();
    let refused = changes(&args("--wearer 2"), &known(), &entry, NOW).unwrap_err();
    assert_eq!(refused, EnrolError::UnknownWearer(WearerId(2)));
    let made = changes(&args("--wearer 2 --new-wearer"), &known(), &entry, NOW).unwrap();
    assert_eq!((made.wearers.len(), made.activations[0].wearer), (1, WearerId(2)));
    assert!(!made.wearers[0].is_protected(), "the trail is recorded");
    let (unit, _) = device(&args("--wearer 2 --kind victim-unit"), &known(), NOW).unwrap();
    let victim = changes(&args("--wearer 2 --new-wearer"), &known(), &unit, NOW).unwrap();
    assert!(victim.wearers[0].is_protected(), "who carries a victim unit is protected");
    let kept = changes(&args("--wearer 1 --new-wearer"), &known(), &entry, NOW).unwrap();
    assert!(kept.wearers.is_empty(), "an order in force is not replaced");
}

#[test]
fn a_home_unit_belongs_to_its_wearer_and_is_what_a_tag_may_listen_for() {
    let line = args("--wearer 1 --kind home-unit");
    let (entry, _) = device(&line, &known(), NOW).unwrap();
    let changed = changes(&line, &known(), &entry, NOW).unwrap();
    assert_eq!(changed.wearers[0].home_units, [entry.id]);
    assert!(changed.activations.is_empty());
    assert_eq!(home_unit(&known(), DeviceId::new(4)).unwrap().id, DeviceId::new(4));
    let tag = DeviceId::new(1);
    assert_eq!(home_unit(&known(), tag).unwrap_err(), EnrolError::UnknownHomeUnit(tag));
}
