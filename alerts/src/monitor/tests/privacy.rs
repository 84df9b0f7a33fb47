//! A protected person's position leaves the monitor in no way.

use super::*;

/// A place whose digits occur nowhere else.
const CANARY: (i32, i32) = (601_234_567, 112_345_678);

fn canary_fix(at: UnixMillis) -> Fix {
    let position = Position::from_e7(CANARY.0, CANARY.1).unwrap();
    Fix { position, ..fix_at(at, (0.0, 0.0), 10.0) }
}

/// The digits of either coordinate, with or without a point, or anything near enough to be it.
fn betrays(text: &str) -> bool {
    ["60.1234", "601234", "11.2345", "112345"].iter().any(|digits| text.contains(digits))
}

#[test]
fn a_protected_persons_position_is_in_no_effect_no_snapshot_and_no_debug_text() {
    let rule = ConditionRule::VictimProtection { victim: VICTIM, alert_m: 500.0, pre_alert_m: 1000.0 };
    let mut world = World::new("2026-03-02T12:00:00Z", Vec::new(), vec![rule]);
    let victim = Position::from_e7(CANARY.0, CANARY.1).unwrap();
    assert!(betrays(&format!("{victim:?}")) && betrays(&serde_json::to_string(&victim).unwrap()));
    for metres in [3000.0, 2000.0, 1200.0, 900.0, 700.0, 470.0, 230.0, 900.0, 3000.0_f64] {
        world.wait(30);
        let fix = canary_fix(world.now);
        world.handle(|monitor, context, now| monitor.handle_counterpart(VICTIM, &fix, context, now));
        world.wait(30);
        let lat = victim.lat() + metres * 0.8 / 111_400.0;
        let lon = victim.lon() + metres * 0.6 / 55_500.0;
        let fix = Fix {
            position: Position::from_degrees(lat, lon).unwrap(),
            ..fix_at(world.now, (0.0, 0.0), 10.0)
        };
        world.report(Lane::Live, Content::Fixes(&[fix]));
        for text in [serde_json::to_string(&world.monitor).unwrap(), format!("{:?}", world.monitor)] {
            // The wearer's own position may come close to the canary; only the wearer's may be there.
            let own = [
                format!("{:?}", fix.position),
                fix.position.lat_e7().to_string(),
                fix.position.lon_e7().to_string(),
            ];
            let others = own.iter().fold(text, |text, own| text.replace(own, ""));
            assert!(!others.contains("601234567") && !others.contains("112345678"), "{others}");
            assert!(!others.contains("60.1234567") && !others.contains("11.2345678"), "{others}");
        }
    }
    assert!(world.raised().contains(&AlertKind::VictimProximity));
    assert!(world.raised().contains(&AlertKind::VictimApproach));
    for finding in world.findings() {
        let mut shown = finding.clone();
        shown.position = None;
        shown.explanation.fixes.clear();
        let text = serde_json::to_string(&shown).unwrap();
        assert!(!betrays(&text), "{text}");
        for fix in &finding.explanation.fixes {
            assert_eq!((fix.device, fix.signed_distance_m, fix.probability), (TAG, None, None));
            assert_ne!(fix.position, victim);
        }
        // A band, not a distance.
        let crate::Reason::NearVictim { within_m, contact_s, .. } = finding.explanation.reason else {
            panic!()
        };
        assert!([50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0].contains(&within_m));
        assert!(contact_s.is_none_or(|seconds| [30, 60, 120, 300, 600, 1800, 3600].contains(&seconds)));
    }
}

#[test]
fn a_protected_persons_own_monitor_keeps_no_position_either() {
    let mut world = World::new("2026-03-02T12:00:00Z", Vec::new(), Vec::new());
    world.wearer.conditions.clear();
    let fix = canary_fix(world.now);
    world.report(Lane::Live, Content::Fixes(&[fix]));
    let (at, time_source) = (world.now, TimeSource::Gnss);
    let event = Event { at, time_source, kind: EventKind::Panic, value: 0, position: Some(fix.position) };
    world.report(Lane::Live, Content::Event(&event));
    assert_eq!(world.raised(), [AlertKind::Panic]);
    let findings = serde_json::to_string(&world.findings()).unwrap();
    let snapshot = serde_json::to_string(&world.monitor).unwrap();
    assert!(!betrays(&findings) && !betrays(&snapshot), "{findings} {snapshot}");
    assert_eq!(world.findings()[0].position, None);
}
