//! Fixes that surely meet no zone are passed over by whoever has the wearer's zones at hand: the monitor says the same.

use super::*;
use lenke_zones::{AtHand, Compiled, GroupId, OwnZones, ZoneSource};

/// A linear congruential generator (Knuth's MMIX): the same walks each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    /// Within this of zero.
    fn about(&mut self, most: f64) -> f64 {
        most * (self.below(2_001) as f64 / 1_000.0 - 1.0)
    }
}

/// Circles and stars with and without a warning strip, one of them shared, within three kilometres.
fn zones(dice: &mut Dice) -> Vec<Zone> {
    let one = |id: u64| {
        let (centre, radius_m) = ((dice.about(3_000.0), dice.about(3_000.0)), 500.0 + dice.about(450.0));
        let buffer_m = if id.is_multiple_of(3) { 150.0 } else { 0.0 };
        let zone = circle(ZoneId(id), ZoneKind::Exclusion, centre, radius_m, buffer_m);
        let corner = |(east, north): (f64, f64)| {
            let corner = place((centre.0 + east * radius_m, centre.1 + north * radius_m));
            [corner.lon(), corner.lat()]
        };
        let star = [(0.0, 1.0), (-0.2, 0.3), (-1.0, 0.0), (0.0, -1.0), (1.0, 0.0), (0.0, 1.0)].map(corner);
        let geometry = match id % 2 {
            0 => zone.geometry.clone(),
            _ => Geometry::polygons(vec![vec![star.to_vec()]]).expect("a star"),
        };
        let assignment = if id == 1 { Assignment::Shared(vec![GroupId(1)]) } else { zone.assignment.clone() };
        Zone { geometry, assignment, ..zone }
    };
    (1..=7).map(one).collect()
}

#[test]
fn what_is_passed_over_changes_no_finding() {
    let mut dice = Dice(20_261_122);
    let start = moment("2026-03-02T12:00:00Z");
    let (mut raised, mut silent) = (0, 0);
    for round in 0..60 {
        let wearer = Wearer {
            groups: if round % 3 == 0 { vec![GroupId(1)] } else { Vec::new() },
            ..wearer(vec![ConditionRule::TrailMonitoring])
        };
        // The zones change on the way.
        let indexes = [(); 2].map(|()| ZoneIndex::build(zones(&mut dice)));
        let compiled = [0, 1].map(|number: usize| Compiled::of(&indexes[number]));
        let (mut plain, mut sparing) = (Monitor::new(WEARER, start), Monitor::new(WEARER, start));
        let mut own = OwnZones::new(WEARER);
        let mut at_place = (0.0, 0.0);
        for minute in 0..120_u32 {
            let stride_m = [2.0, 30.0, 900.0][dice.below(3) as usize];
            at_place = (at_place.0 + dice.about(stride_m), at_place.1 + dice.about(stride_m));
            let at = start.plus_s(i64::from(minute) * 60);
            let fixes = [fix_at(at, at_place, 3.0 + dice.below(40) as f64)];
            let version = usize::from(minute >= 60);
            let report = Report {
                device: TAG,
                frame: FrameId::new(1, minute + 1),
                lane: Lane::Live,
                content: Content::Fixes(&fixes),
            };
            let effects = |monitor: &mut Monitor, zones: &dyn ZoneSource| {
                monitor.handle_report(&report, &Context { wearer: &wearer, zones }, at);
                std::iter::from_fn(|| monitor.poll_effect()).collect::<Vec<_>>()
            };
            let expected = effects(&mut plain, &indexes[version]);
            let at_hand = AtHand::new(&indexes[version], &compiled[version], &mut own);
            assert_eq!(effects(&mut sparing, &at_hand), expected, "round {round}, minute {minute}");
            raised += expected.len();
            silent += usize::from(expected.is_empty());
        }
        let state = |monitor: &Monitor| serde_json::to_string(monitor).expect("a state");
        assert_eq!(state(&sparing), state(&plain));
    }
    assert!(raised > 100 && silent > 1_000, "{raised} findings, {silent} fixes that said nothing");
}
