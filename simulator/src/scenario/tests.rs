//! Facts about scenarios.

use super::*;
use crate::ground::distance_m;
use lenke_alerts::ConditionRule;
use std::collections::HashSet;

/// Saturday 21 November 2026, 20:40 UTC.
const START: UnixMillis = UnixMillis(1_795_293_600_000);

#[test]
fn a_scenario_is_a_function_of_seed_tags_and_start() {
    let register = Scenario::build(7, 60, START).register;
    assert_eq!(register, Scenario::build(7, 60, START).register);
    assert_ne!(register, Scenario::build(8, 60, START).register);
}

#[test]
fn enrolling_again_later_with_more_tags_only_adds() {
    let small = Scenario::build(7, 12, START).register;
    let big = Scenario::build(7, 40, START.plus_s(100_000)).register;
    assert!(small.devices.iter().all(|device| big.devices.contains(device)));
    assert!(small.activations.iter().all(|activation| big.activations.contains(activation)));
    assert!(small.zones.iter().all(|zone| big.zones.contains(zone)));
    assert!(big.zones.len() > small.zones.len());
}

#[test]
fn the_register_is_consistent() {
    let register = Scenario::build(3, 300, START).register;
    let wearers: HashSet<_> = register.wearers.iter().map(|wearer| wearer.id).collect();
    let devices: HashSet<_> = register.devices.iter().map(|device| device.id).collect();
    let zones: HashSet<_> = register.zones.iter().map(|zone| zone.id).collect();
    assert_eq!((wearers.len(), devices.len()), (register.wearers.len(), register.devices.len()));
    assert_eq!(zones.len(), register.zones.len());
    assert_eq!(register.activations.len(), devices.len());
    for activation in &register.activations {
        assert!(devices.contains(&activation.device) && wearers.contains(&activation.wearer));
    }
    for wearer in &register.wearers {
        assert!(wearer.home_units.iter().all(|unit| devices.contains(unit)));
        for condition in &wearer.conditions {
            match &condition.rule {
                ConditionRule::Exclusion { zone } | ConditionRule::Curfew { zone, .. } => {
                    assert!(zones.contains(zone))
                }
                ConditionRule::VictimProtection { victim, .. } => assert!(wearers.contains(victim)),
                ConditionRule::Permission(permission) => assert!(zones.contains(&permission.zone())),
                ConditionRule::TrailMonitoring => {}
            }
        }
    }
    for zone in register.zones {
        zone.validated().unwrap();
    }
}

#[test]
fn every_kind_of_condition_and_shared_zone_occurs() {
    let register = Scenario::build(1, 200, START).register;
    let rules =
        || register.wearers.iter().flat_map(|wearer| &wearer.conditions).map(|condition| &condition.rule);
    assert!(rules().any(|rule| matches!(rule, ConditionRule::Curfew { .. })));
    assert!(rules().any(|rule| matches!(rule, ConditionRule::Exclusion { .. })));
    assert!(rules().any(|rule| matches!(rule, ConditionRule::VictimProtection { .. })));
    assert!(rules().any(|rule| matches!(rule, ConditionRule::TrailMonitoring)));
    assert!(register.wearers.iter().any(|wearer| !wearer.groups.is_empty()));
    let protected: Vec<_> = register.wearers.iter().filter(|wearer| wearer.is_protected()).collect();
    assert_eq!(protected.iter().map(|wearer| wearer.id.0).collect::<Vec<_>>(), [800_001]);
}

#[test]
fn a_fleet_runs_every_tag_and_the_victim_unit_and_no_spare() {
    let devices = |tags| Scenario::build(1, tags, START).devices().collect::<Vec<_>>();
    assert_eq!(devices(2), [tag(1), tag(2)]);
    assert_eq!(devices(5), [tag(1), tag(2), tag(3), tag(4), tag(5), victim_unit()]);
}

#[test]
fn the_victim_unit_rests_where_the_pair_meets() {
    let scenario = Scenario::build(1, 12, START);
    let pair = scenario.devices().find(|device| scenario.role(*device) == Some(Role::VictimPair)).unwrap();
    let (mut tag, mut unit) = (scenario.world(pair), scenario.world(victim_unit()));
    let mut apart = |second| {
        let at = START.plus_s(second);
        distance_m(tag.truth(at).position, unit.truth(at).position)
    };
    assert!(apart(0) > 2_500.0 && apart(400) < 200.0 && apart(900) > 2_500.0);
}

#[test]
fn home_units_are_heard_at_home_only() {
    let scenario = Scenario::build(1, 60, START);
    let with_unit =
        scenario.register.wearers.iter().find(|wearer| wearer.id.0 > 12 && !wearer.home_units.is_empty());
    let wearer = with_unit.unwrap();
    let mut world = scenario.world(DeviceId::new(wearer.id.0));
    let heard: Vec<bool> = (0..7 * 144)
        .map(|step| {
            let at = START.plus_s(step * 600);
            let heard = world.heard(at);
            assert!(heard.is_none_or(|unit| unit == wearer.home_units[0]));
            heard.is_some()
        })
        .collect();
    let share = heard.iter().filter(|heard| **heard).count() as f64 / heard.len() as f64;
    assert!((0.4..0.99).contains(&share), "{share}");
}
