//! Transits: both fixes lie outside, the straight way between them leads through an exclusion zone.

use super::history::Stay;
use super::input::Context;
use super::note::{Judged, Note};
use super::recorder::Fact;
use super::scene::{Draft, zone_ref, zone_version};
use super::track::speed_is_plausible;
use crate::{
    AlertId, AlertKind, Reason,
    identity::{Origin, Subject},
};
use lenke_zones::{Crossing, Zone, ZoneKind, verdict};

/// The straight way says something between fixes at most this many collection intervals apart ...
const INTERVALS_MAX: i64 = 3;
/// ... or this many seconds, if that is more.
const GAP_S: i64 = 180;
/// A way inside that is shorter than this many 68 % radii of its ends may be their error.
const CHORD_ACCURACIES: f64 = 1.0;

/// Crossings of exclusion zones, in force at the time, on the way from `a` to the later `b`.
pub(super) fn find(a: &Note, b: &Note, context: &Context<'_>) -> Vec<Crossing> {
    let wearer = context.wearer;
    let gap_s = GAP_S.max(INTERVALS_MAX * i64::from(wearer.plan.collect_s));
    // A jump that came to be believed says where the wearer is, not which way they took.
    if b.at.since_ms(a.at) > gap_s * 1000 || !speed_is_plausible(a, b) {
        return Vec::new();
    }
    let mut crossings = Vec::new();
    let (from, to) = ((a.position, a.at), (b.position, b.at));
    context.zones.cross(wearer.id, &wearer.groups, from, to, &mut crossings);
    crossings.retain(|crossing| {
        let zone = &crossing.zone;
        let error_m = CHORD_ACCURACIES * (a.accuracy_m() + b.accuracy_m());
        zone.kind == ZoneKind::Exclusion
            && (wearer.is_bound(zone, crossing.entered_at) || wearer.is_bound(zone, crossing.left_at))
            && crossing.chord.0 >= error_m
            && is_outside(zone, a)
            && is_outside(zone, b)
    });
    crossings
}

fn is_outside(zone: &Zone, note: &Note) -> bool {
    verdict(zone, note.position, note.accuracy_m()).probability < zone.policy.suspect_at
}

/// What to say of a crossing.
pub(super) fn draft(a: &Note, b: &Note, crossing: &Crossing) -> Draft<'static> {
    let zone = &crossing.zone;
    let judged = |note: &Note| Judged::new(*note, verdict(zone, note.position, note.accuracy_m())).evidence();
    Draft {
        kind: AlertKind::ExclusionTransit,
        rule: "exclusion.transit/1",
        subject: Subject::Zone(zone.id),
        origin: Origin::Record { device: b.device, frame: b.frame, at: b.at },
        occurred_at: crossing.entered_at,
        position: Some(b.position),
        reason: Reason::PathCrossed {
            chord_m: (crossing.chord.0 * 10.0).round() / 10.0,
            entered_at: crossing.entered_at,
            left_at: crossing.left_at,
        },
        zone: Some(zone_ref(zone)),
        fixes: vec![judged(a), judged(b)],
    }
}

/// The interval to tell of.
pub(super) fn fact(crossing: &Crossing) -> Fact {
    let (from, to) = (crossing.entered_at, crossing.left_at);
    Fact::Crossed { zone: zone_version(&crossing.zone), from, to }
}

/// The interval to remember.
pub(super) fn stay(crossing: &Crossing, id: AlertId) -> Stay {
    Stay {
        kind: AlertKind::ExclusionTransit,
        zone: crossing.zone.id,
        from: crossing.entered_at,
        to: Some(crossing.left_at),
        gap_from: None,
        late: false,
        id,
    }
}
