//! What a satellite receiver makes of where somebody truly is: drift, noise, gaps and the occasional reflection.
//!
//! | surroundings | sigma m | fix | what else |
//! |---|---|---|---|
//! | street | 3.5 | nearly always | now and then a multipath outlier of up to 250 m, reported as inaccurate as it is |
//! | home, indoor | 9 and 16 | often, often not | a window is never more than [`GAP_S_MAX`] away |
//! | tunnel | none | never | |
//!
//! The error is a Gauss-Markov drift (x' = x e^(-dt/tau) + sigma sqrt(1 - e^(-2dt/tau)) n, tau [`DRIFT_TAU_S`]) plus white
//! noise. The reported accuracy is the 68 % radius of both together, 1.515 sigma for a 2-D Rayleigh distribution.

use crate::day::{Surroundings, Truth};
use crate::draw::{Draw, Stream};
use crate::ground::{Offset, shifted};
use lenke_wire::{Fix, TimeSource, UnixMillis};

/// Time constant of the drift, seconds.
pub const DRIFT_TAU_S: f64 = 120.0;
/// Longest time indoors without any fix, seconds.
pub const GAP_S_MAX: f64 = 900.0;
/// Share of the drift in the variance; the rest is white.
const DRIFT_SHARE: f64 = 0.7;
/// 68 % radius over sigma.
const RADIUS_PER_SIGMA: f64 = 1.515;
/// Chance that a fix in a street is a reflection.
const OUTLIER_CHANCE: f64 = 0.002;
/// A reflection's shortest and longest error, metres.
const OUTLIER_M: (f64, f64) = (60.0, 250.0);

/// A receiver with its own errors; deterministic for one seed and one sequence of samples.
#[derive(Clone, Debug)]
pub struct Receiver {
    draw: Draw,
    /// The drift in units of its deviation.
    drift: (f64, f64),
    sampled_at: Option<UnixMillis>,
    fixed_at: Option<UnixMillis>,
}

struct Sky {
    sigma_m: f64,
    fix_chance: f64,
    satellites: (f64, f64),
}

impl Sky {
    const fn above(surroundings: Surroundings) -> Self {
        match surroundings {
            Surroundings::Street => Self { sigma_m: 3.5, fix_chance: 0.995, satellites: (8.0, 16.0) },
            Surroundings::Home => Self { sigma_m: 9.0, fix_chance: 0.6, satellites: (5.0, 9.0) },
            Surroundings::Indoor => Self { sigma_m: 16.0, fix_chance: 0.45, satellites: (4.0, 7.0) },
            Surroundings::Tunnel => Self { sigma_m: 0.0, fix_chance: 0.0, satellites: (0.0, 1.0) },
        }
    }
}

impl Receiver {
    /// The receiver of device number `number` under `seed`.
    pub fn new(seed: u64, number: u64) -> Self {
        let mut draw = Draw::new(seed, Stream::Gnss, number, 0);
        let drift = (draw.normal(), draw.normal());
        Self { draw, drift, sampled_at: None, fixed_at: None }
    }

    /// A fix at `at`, or none.
    pub fn sample(&mut self, truth: &Truth, at: UnixMillis) -> Option<Fix> {
        self.drift_until(at);
        let sky = Sky::above(truth.surroundings);
        let overdue = self.fixed_at.is_none_or(|fixed| at.since_s(fixed) > GAP_S_MAX);
        let at_window = overdue && truth.surroundings != Surroundings::Tunnel;
        if !self.draw.chance(sky.fix_chance) && !at_window {
            return None;
        }
        self.fixed_at = Some(at);
        let (error, accuracy_m) = self.error(truth.surroundings, sky.sigma_m);
        let moving = truth.speed_m_s > 0.3;
        let speed_m_s = if moving { (truth.speed_m_s + 0.2 * self.draw.normal()).max(0.0) } else { 0.0 };
        let course_deg = if moving { truth.course_deg + 4.0 * self.draw.normal() } else { 0.0 };
        Some(Fix {
            at,
            time_source: TimeSource::Gnss,
            position: shifted(truth.position, error),
            accuracy_dm: (accuracy_m * 10.0).clamp(1.0, f64::from(u16::MAX)) as u16,
            speed_cm_s: (speed_m_s * 100.0).clamp(0.0, f64::from(u16::MAX)) as u16,
            course_cdeg: (course_deg.rem_euclid(360.0) * 100.0).clamp(0.0, 35_999.0) as u16,
            satellites: self.draw.between(sky.satellites.0, sky.satellites.1) as u8,
        })
    }

    fn drift_until(&mut self, at: UnixMillis) {
        let dt_s = self.sampled_at.map_or(0.0, |last| at.since_s(last).max(0.0));
        self.sampled_at = Some(at);
        let keep = (-dt_s / DRIFT_TAU_S).exp();
        let renew = (1.0 - keep * keep).sqrt();
        self.drift.0 = self.drift.0 * keep + renew * self.draw.normal();
        self.drift.1 = self.drift.1 * keep + renew * self.draw.normal();
    }

    /// Error and the accuracy reported with it.
    fn error(&mut self, surroundings: Surroundings, sigma_m: f64) -> (Offset, f64) {
        let (slow, white) = (sigma_m * DRIFT_SHARE.sqrt(), sigma_m * (1.0 - DRIFT_SHARE).sqrt());
        let usual = Offset {
            east_m: slow * self.drift.0 + white * self.draw.normal(),
            north_m: slow * self.drift.1 + white * self.draw.normal(),
        };
        if surroundings == Surroundings::Street && self.draw.chance(OUTLIER_CHANCE) {
            let reflected =
                Offset::polar(self.draw.between(0.0, 360.0), self.draw.between(OUTLIER_M.0, OUTLIER_M.1));
            let reported = reflected.length_m() * self.draw.between(0.8, 1.2);
            return (reflected, reported);
        }
        (usual, RADIUS_PER_SIGMA * sigma_m * self.draw.between(0.9, 1.25))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::distance_m;
    use lenke_wire::Position;

    fn truth(surroundings: Surroundings) -> Truth {
        Truth::still(Position::from_degrees(60.0, 10.0).unwrap(), surroundings)
    }

    fn samples(seed: u64, surroundings: Surroundings, count: i64) -> Vec<Option<Fix>> {
        let (mut receiver, truth) = (Receiver::new(seed, 1), truth(surroundings));
        (0..count).map(|minute| receiver.sample(&truth, UnixMillis::from_seconds(minute * 60))).collect()
    }

    #[test]
    fn a_receiver_is_canned_per_seed() {
        assert_eq!(samples(1, Surroundings::Street, 50), samples(1, Surroundings::Street, 50));
        assert_ne!(samples(1, Surroundings::Street, 50), samples(2, Surroundings::Street, 50));
    }

    #[test]
    fn about_68_percent_of_the_fixes_lie_within_the_reported_accuracy() {
        for surroundings in [Surroundings::Street, Surroundings::Home, Surroundings::Indoor] {
            let here = truth(surroundings).position;
            let fixes: Vec<Fix> = samples(3, surroundings, 8_000).into_iter().flatten().collect();
            let within =
                fixes.iter().filter(|fix| distance_m(fix.position, here) <= fix.accuracy_m()).count();
            let share = within as f64 / fixes.len() as f64;
            assert!((0.62..0.80).contains(&share), "{surroundings:?}: {share}");
        }
    }

    #[test]
    fn outliers_say_that_they_are_inaccurate() {
        let here = truth(Surroundings::Street).position;
        let fixes: Vec<Fix> = samples(4, Surroundings::Street, 20_000).into_iter().flatten().collect();
        let outliers: Vec<&Fix> = fixes.iter().filter(|fix| distance_m(fix.position, here) > 50.0).collect();
        assert!(!outliers.is_empty());
        assert!(outliers.iter().all(|fix| fix.accuracy_m() > 0.7 * distance_m(fix.position, here)));
    }

    #[test]
    fn indoor_gaps_are_bounded_and_tunnels_have_no_fix() {
        let mut since = 0;
        for fix in samples(5, Surroundings::Indoor, 20_000) {
            since = if fix.is_some() { 0 } else { since + 1 };
            assert!(f64::from(since) * 60.0 <= GAP_S_MAX + 60.0);
        }
        assert!(samples(6, Surroundings::Tunnel, 200).iter().all(Option::is_none));
    }

    #[test]
    fn successive_errors_are_correlated() {
        let (mut receiver, truth) = (Receiver::new(8, 1), truth(Surroundings::Street));
        let fixes: Vec<Fix> = (0..2_000)
            .filter_map(|second| receiver.sample(&truth, UnixMillis::from_seconds(second * 5)))
            .collect();
        let step: f64 = fixes.windows(2).map(|pair| distance_m(pair[0].position, pair[1].position)).sum();
        let error: f64 = fixes.iter().map(|fix| distance_m(fix.position, truth.position)).sum();
        assert!(step < error, "neighbouring fixes differ less than they err: {step} {error}");
    }
}
