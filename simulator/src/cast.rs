//! The scripted cast: eight roles that together show every kind of alert within minutes of the scenario's start.
//!
//! | role | what happens, in seconds after the start |
//! |---|---|
//! | `ExclusionBreach` | in the buffer from about 112, inside from about 210 to 430, home by 560 |
//! | `StrapCut` | the strap opens at 25 |
//! | `Transit` | at 30 m/s through a zone of 240 m at 90 and again at 225, outside at every minute |
//! | `LateReturn` | the curfew begins between 60 and 120, home at 660 |
//! | `VictimPair` | 2.6 km from the victim until 50, 160 m at 350, gone at 760 |
//! | `LateBacklog` | no network from 45 to 500, inside a zone from about 165 to 345 |
//! | `LowBattery` | 20 % at 60, 8 % at 420, on the charger from 700 |
//! | `SilentTag` | no network from 30 to 1200, alerted after [`SILENT_S`] |
//!
//! Times are the world's, so the cast works at any speed, and durations are long enough for one fix a minute in any phase. The
//! play repeats every [`REPEAT_S`]. Each role begins and ends a day in the same place, so nobody jumps between two plays.

use crate::battery;
use crate::day::{Surroundings, Truth};
use crate::ground::{Offset, between, distance_m, offset, shifted};
use crate::person::{Person, Place};
use crate::town::Town;
use lenke_wire::{BatteryState, Position, UnixMillis};

/// The play repeats after a day.
pub const REPEAT_S: i64 = 86_400;
/// Silence that the plan of the silent tag's wearer allows, seconds.
pub const SILENT_S: u32 = 240;
/// Nearer to home than this is at home, metres.
const ALMOST_THERE_M: f64 = 1.0;

/// A part in the play.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Approaches an exclusion zone, stays in it and leaves.
    ExclusionBreach,
    /// Cuts the strap.
    StrapCut,
    /// Drives through a small zone between two fixes.
    Transit,
    /// Comes home after the curfew began.
    LateReturn,
    /// Closes in on a protected person.
    VictimPair,
    /// Breaches a zone without network and reports it late.
    LateBacklog,
    /// Forgot the charger.
    LowBattery,
    /// Is not heard any more.
    SilentTag,
}

/// Where a role's zone lies on its way and how big it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// Metres from home along the way.
    pub at_m: f64,
    /// Radius, metres.
    pub radius_m: f64,
    /// Warning strip, metres.
    pub buffer_m: f64,
}

impl Role {
    /// All roles; a fleet of fewer tags plays the first of them.
    pub const ALL: [Self; 8] = [
        Self::ExclusionBreach,
        Self::StrapCut,
        Self::Transit,
        Self::LateReturn,
        Self::VictimPair,
        Self::LateBacklog,
        Self::LowBattery,
        Self::SilentTag,
    ];

    /// The role of tag number `tag`, counted from 1.
    pub fn of_tag(tag: u32) -> Option<Self> {
        Self::ALL.get((tag as usize).checked_sub(1)?).copied()
    }

    /// Where it plays.
    pub fn town(self) -> &'static Town {
        let name = match self {
            Self::ExclusionBreach => "Oslo",
            Self::StrapCut => "Bergen",
            Self::Transit => "Herning",
            Self::LateReturn => "Odense",
            Self::VictimPair => "Trondheim",
            Self::LateBacklog => "Aarhus",
            Self::LowBattery => "København",
            Self::SilentTag => "Drammen",
        };
        Town::named(name).expect("the table holds the towns of the cast")
    }

    /// The exclusion zone it plays around.
    pub const fn stage(self) -> Option<Stage> {
        match self {
            Self::ExclusionBreach => Some(Stage { at_m: 1_200.0, radius_m: 300.0, buffer_m: 300.0 }),
            Self::Transit => Some(Stage { at_m: 1_500.0, radius_m: 120.0, buffer_m: 50.0 }),
            Self::LateBacklog => Some(Stage { at_m: 1_200.0, radius_m: 250.0, buffer_m: 150.0 }),
            Self::StrapCut | Self::LateReturn | Self::VictimPair | Self::LowBattery | Self::SilentTag => None,
        }
    }

    /// The way as (seconds, metres from home); home again at the end of the repetition.
    fn way(self) -> &'static [(i64, f64)] {
        match self {
            Self::ExclusionBreach => {
                &[(0, 0.0), (40, 0.0), (130, 750.0), (190, 770.0), (250, 1_140.0), (430, 1_160.0), (560, 0.0)]
            }
            Self::StrapCut => &[(0, 600.0)],
            Self::Transit => &[(0, 0.0), (40, 0.0), (140, 3_000.0), (175, 3_000.0), (275, 0.0)],
            Self::LateReturn => &[(0, 1_300.0), (420, 1_300.0), (660, 0.0), (70_000, 0.0), (70_300, 1_300.0)],
            Self::VictimPair => {
                &[(0, 0.0), (50, 0.0), (350, VICTIM_AT_M - 160.0), (520, VICTIM_AT_M - 140.0), (760, 0.0)]
            }
            Self::LateBacklog => &[(0, 0.0), (70, 0.0), (190, 1_150.0), (320, 1_200.0), (450, 0.0)],
            Self::LowBattery => &[(0, 0.0)],
            Self::SilentTag => &[(0, 400.0)],
        }
    }

    /// When it has no network, seconds.
    const fn offline(self) -> Option<(i64, i64)> {
        match self {
            Self::LateBacklog => Some((45, 500)),
            Self::SilentTag => Some((30, 1_200)),
            Self::ExclusionBreach
            | Self::StrapCut
            | Self::Transit
            | Self::LateReturn
            | Self::VictimPair
            | Self::LowBattery => None,
        }
    }
}

/// Metres from the home of the wearer of `VictimPair` to the victim.
const VICTIM_AT_M: f64 = 2_600.0;
/// When the strap of `StrapCut` is open, seconds.
const STRAP_OPEN_S: (i64, i64) = (25, 43_200);

/// A place on the way of a role: `metres` from `person`'s home, inland.
pub fn spot(person: &Person, metres: f64) -> Position {
    shifted(person.position(Place::Home), Offset::polar(person.town.inland_deg(), metres))
}

/// Where the victim of the pair lives.
pub fn victim_home(wearer: &Person) -> Position {
    spot(wearer, VICTIM_AT_M)
}

/// One role, played from `start` on.
#[derive(Clone, Debug)]
pub struct Script {
    role: Role,
    start: UnixMillis,
    home: Position,
    way: Vec<(i64, Position)>,
}

impl Script {
    /// `person` plays `role` from `start` on.
    pub fn new(role: Role, person: &Person, start: UnixMillis) -> Self {
        let mut way: Vec<(i64, Position)> =
            role.way().iter().map(|&(at_s, metres)| (at_s, spot(person, metres))).collect();
        if let Some(&(_, first)) = way.first() {
            way.push((REPEAT_S, first));
        }
        Self { role, start, home: person.position(Place::Home), way }
    }

    /// Milliseconds into the current repetition.
    fn scene_ms(&self, at: UnixMillis) -> i64 {
        at.since_ms(self.start).rem_euclid(REPEAT_S * 1000)
    }

    fn is_within(&self, at: UnixMillis, (from_s, to_s): (i64, i64)) -> bool {
        (from_s * 1000..to_s * 1000).contains(&self.scene_ms(at))
    }

    /// Where the player is.
    pub fn truth(&self, at: UnixMillis) -> Truth {
        let scene_ms = self.scene_ms(at);
        let next = self.way.partition_point(|&(at_s, _)| at_s * 1000 <= scene_ms);
        let (from_s, from) = self.way[next.saturating_sub(1).min(self.way.len() - 1)];
        let (to_s, to) = self.way[next.min(self.way.len() - 1)];
        let length_s = (to_s - from_s).max(1) as f64;
        let fraction = (scene_ms - from_s * 1000) as f64 / 1000.0 / length_s;
        let (position, metres) = (between(from, to, fraction.clamp(0.0, 1.0)), distance_m(from, to));
        let at_home = distance_m(position, self.home) < ALMOST_THERE_M;
        Truth {
            position,
            speed_m_s: metres / length_s,
            course_deg: offset(from, to).bearing_deg(),
            surroundings: if at_home { Surroundings::Home } else { Surroundings::Street },
        }
    }

    /// Whether the network is there.
    pub fn is_online(&self, at: UnixMillis) -> bool {
        !self.role.offline().is_some_and(|span| self.is_within(at, span))
    }

    /// Whether the strap is open.
    pub fn strap_open(&self, at: UnixMillis) -> bool {
        self.role == Role::StrapCut && self.is_within(at, STRAP_OPEN_S)
    }

    /// The battery, where the script says something about it.
    pub fn battery(&self, at: UnixMillis) -> Option<BatteryState> {
        const CHARGER_S: f64 = 700.0;
        const FULL_S: f64 = CHARGER_S + 3_000.0;
        if self.role != Role::LowBattery {
            return None;
        }
        let scene_s = self.scene_ms(at) as f64 / 1000.0;
        match scene_s {
            s if s < CHARGER_S => Some(battery::state((22.9 - s / 30.0).max(4.0), false, 8.0, at)),
            s if s < FULL_S => Some(battery::state(4.0 + (s - CHARGER_S) * 96.0 / 3_000.0, true, 8.0, at)),
            s => Some(battery::state(100.0 - (s - FULL_S) / 1_100.0, false, 3.3, at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: UnixMillis = UnixMillis(1_795_300_000_000);

    fn play(role: Role) -> (Person, Script) {
        let person = Person::living_in(1, 1, role.town());
        let script = Script::new(role, &person, START);
        (person, script)
    }

    /// Metres from the role's zone's boundary at a second; negative outside.
    fn depth_m(person: &Person, script: &Script, second: i64) -> f64 {
        let stage = script.role.stage().unwrap();
        stage.radius_m - distance_m(script.truth(START.plus_s(second)).position, spot(person, stage.at_m))
    }

    #[test]
    fn in_every_phase_of_one_fix_a_minute_the_breach_is_seen_approaching_inside_and_leaving() {
        let (person, script) = play(Role::ExclusionBreach);
        for phase in 0..60 {
            let depths: Vec<f64> =
                (0..14).map(|minute| depth_m(&person, &script, phase + minute * 60)).collect();
            assert!(
                depths.iter().take(4).any(|&depth| (-280.0..-30.0).contains(&depth)),
                "{phase}: {depths:?}"
            );
            assert!(depths.iter().filter(|&&depth| depth > 50.0).count() >= 3, "{phase}: {depths:?}");
            assert!(depths.last().is_some_and(|&depth| depth < -350.0));
        }
    }

    #[test]
    fn in_every_phase_one_transit_at_least_has_both_fixes_outside_the_buffer() {
        let (person, script) = play(Role::Transit);
        let outside = |second| depth_m(&person, &script, second) < -60.0;
        for phase in 0..60 {
            let clean = |crossing: i64| {
                let before = crossing - (crossing - phase).rem_euclid(60);
                outside(before) && outside(before + 60)
            };
            assert!(clean(90) || clean(225), "{phase}");
        }
        assert!(depth_m(&person, &script, 90) > 100.0 && depth_m(&person, &script, 225) > 100.0);
    }

    #[test]
    fn the_backlog_breach_lies_wholly_without_network() {
        let (person, script) = play(Role::LateBacklog);
        for second in 0..1_000 {
            let near = depth_m(&person, &script, second) > -200.0;
            assert!(!near || !script.is_online(START.plus_s(second)), "{second}");
        }
        assert!((0..1_000).filter(|&second| depth_m(&person, &script, second) > 50.0).count() > 125);
        assert!(script.is_online(START.plus_s(501)));
    }

    #[test]
    fn nobody_in_the_cast_jumps_even_when_the_play_repeats() {
        for role in Role::ALL {
            let (_, script) = play(role);
            let mut last = script.truth(START).position;
            for second in (0..2 * REPEAT_S).step_by(5) {
                let here = script.truth(START.plus_s(second)).position;
                assert!(distance_m(last, here) < 5.0 * 31.0, "{role:?} {second}");
                last = here;
            }
        }
    }

    #[test]
    fn the_battery_is_low_after_a_minute_and_critical_before_it_is_charged() {
        let (_, script) = play(Role::LowBattery);
        let at = |second| script.battery(START.plus_s(second)).unwrap();
        assert_eq!((at(0).percent, at(62).percent), (22, 20));
        assert!(at(430).percent <= 8 && !at(430).charging);
        assert!(at(701).charging && at(4_000).percent > 90);
        assert!(at(86_000).percent > 20);
    }

    #[test]
    fn each_tag_number_has_at_most_one_role() {
        assert_eq!(Role::of_tag(0), None);
        assert_eq!(Role::of_tag(1), Some(Role::ExclusionBreach));
        assert_eq!(Role::of_tag(8), Some(Role::SilentTag));
        assert_eq!(Role::of_tag(9), None);
    }
}
