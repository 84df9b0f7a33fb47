//! Whole days of a scenario through real firmware cores and the real evaluation: the cast shows every alert it should, and
//! everybody else gives none to speak of.
#![expect(clippy::unwrap_used, reason = "tests")]

mod theatre;

use lenke_alerts::AlertKind;
use lenke_simulator::Scenario;
use lenke_wire::UnixMillis;
use theatre::{Raised, Theatre};

/// Saturday 21 November 2026, 20:40 UTC.
const SATURDAY_EVENING: UnixMillis = UnixMillis(1_795_293_600_000);
/// Monday 23 November 2026, 05:00 UTC.
const MONDAY_MORNING: UnixMillis = UnixMillis(1_795_410_000_000);

fn told(raised: &[&Raised]) -> String {
    raised.iter().map(ToString::to_string).collect()
}

fn of(raised: &[Raised], wearer: u64) -> Vec<(AlertKind, i64, bool)> {
    let own = raised.iter().filter(|raised| raised.wearer.0 == wearer);
    own.map(|raised| (raised.kind, raised.after_s, raised.late)).collect()
}

#[test]
fn the_cast_raises_each_of_its_alerts_within_15_minutes_and_the_first_within_80_seconds() {
    for (seed, start) in [(1, SATURDAY_EVENING), (7, MONDAY_MORNING), (23, UnixMillis(1_795_410_033_333))] {
        let mut theatre = Theatre::new(Scenario::build(seed, 12, start));
        theatre.play(900);
        let raised = &theatre.raised;
        let expect = |wearer, kind: AlertKind, within_s: i64| {
            let own = of(raised, wearer);
            let found = own.iter().any(|&(raised, after_s, _)| raised == kind && after_s <= within_s);
            assert!(found, "seed {seed}, wearer {wearer}: no {kind:?} within {within_s} s among {own:?}");
        };
        expect(1, AlertKind::ExclusionApproach, 240);
        expect(1, AlertKind::ExclusionBreach, 400);
        expect(2, AlertKind::StrapTamper, 80);
        expect(3, AlertKind::ExclusionTransit, 400);
        expect(4, AlertKind::CurfewAbsent, 300);
        expect(4, AlertKind::CurfewLateReturn, 900);
        expect(5, AlertKind::VictimApproach, 420);
        expect(5, AlertKind::VictimProximity, 500);
        expect(6, AlertKind::ExclusionBreach, 700);
        expect(7, AlertKind::BatteryLow, 120);
        expect(7, AlertKind::BatteryCritical, 600);
        expect(8, AlertKind::CommunicationFailure, 420);
        assert!(of(raised, 6).iter().any(|&(kind, _, late)| kind == AlertKind::ExclusionBreach && late));
        let surplus: Vec<&Raised> = raised.iter().filter(|raised| raised.wearer.0 > 8).collect();
        assert!(surplus.is_empty(), "{}", told(&surplus));
        assert!(
            raised.len() <= 16,
            "the cast shows what it should and little else: {}",
            told(&raised.iter().collect::<Vec<_>>())
        );
    }
}

#[test]
fn ordinary_wearers_give_less_than_one_alert_in_fifty_days() {
    let mut theatre = Theatre::new(Scenario::build(11, 108, MONDAY_MORNING));
    theatre.play(86_400);
    let ordinary: Vec<&Raised> = theatre.raised.iter().filter(|raised| raised.wearer.0 > 8).collect();
    assert!(theatre.frames > 80_000, "{} frames", theatre.frames);
    assert!(
        ordinary.len() <= 2,
        "{} alerts of 100 ordinary wearers in a day: {}",
        ordinary.len(),
        told(&ordinary)
    );
}

#[test]
fn a_weekend_is_as_quiet() {
    let mut theatre = Theatre::new(Scenario::build(12, 48, SATURDAY_EVENING));
    theatre.play(2 * 86_400);
    let ordinary: Vec<&Raised> = theatre.raised.iter().filter(|raised| raised.wearer.0 > 8).collect();
    assert!(
        ordinary.len() <= 2,
        "{} alerts of 40 ordinary wearers in two days: {}",
        ordinary.len(),
        told(&ordinary)
    );
}
