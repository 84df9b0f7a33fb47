//! Probabilities against closed forms and against a plain count.

use super::*;
use crate::testing::{personal, place, star};
use proptest::prelude::*;

/// A square that reaches `half` degrees of latitude to each side.
fn square(lat: f64, lon: f64, half: f64) -> Zone {
    let wide = half / lat.to_radians().cos();
    let ring = vec![
        [lon - wide, lat - half],
        [lon + wide, lat - half],
        [lon + wide, lat + half],
        [lon - wide, lat + half],
        [lon - wide, lat - half],
    ];
    personal(1, 1, Geometry::polygons(vec![vec![ring]]).unwrap())
}

/// The standard normal distribution function (Abramowitz and Stegun 26.2.17).
fn normal(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let tail = (-x * x / 2.0).exp() / TAU.sqrt()
        * t
        * (0.319_381_530
            + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    if x > 0.0 { 1.0 - tail } else { tail }
}

#[test]
fn along_a_straight_boundary_the_probability_is_the_normal_distribution() {
    let zone = square(60.0, 10.0, 0.1);
    for step in -40..=40 {
        let metres = f64::from(step) * 2.0;
        let south_edge = place(59.9 + metres / 111_412.0, 10.0);
        let verdict = verdict(&zone, south_edge, 30.3);
        assert!((verdict.signed_distance.0 - metres).abs() < 0.1);
        let exact = normal(verdict.signed_distance.0 / 20.0);
        assert!((verdict.probability - exact).abs() < 0.015, "{metres}: {} {exact}", verdict.probability);
    }
}

#[test]
fn in_the_middle_of_a_small_circle_the_probability_is_rayleigh() {
    let centre = place(70.0, 25.0);
    for radius in [5.0, 20.0, 50.0, 100.0] {
        let zone = personal(1, 1, Geometry::circle(centre, Metres(radius)).unwrap());
        let probability = verdict(&zone, centre, 50.0 * ACCURACY_SIGMAS).probability;
        let exact = 1.0 - (-radius * radius / (2.0 * 50.0 * 50.0)).exp();
        assert!((probability - exact).abs() < 0.01, "{radius}: {probability} {exact}");
    }
}

#[test]
fn a_corner_halves_twice() {
    let probability = verdict(&square(60.0, 10.0, 0.1), place(59.9, 9.8), 30.0).probability;
    assert!((probability - 0.25).abs() < 0.01, "{probability}");
}

#[test]
fn an_exact_fix_is_in_or_out_and_an_unknown_accuracy_is_the_worst() {
    let zone = square(60.0, 10.0, 0.1);
    assert_eq!(verdict(&zone, place(60.0, 10.0), 0.0).probability, 1.0);
    assert_eq!(verdict(&zone, place(61.0, 10.0), 0.0).probability, 0.0);
    assert_eq!(verdict(&zone, place(60.0, 10.0), -3.0).probability, 1.0);
    let probability = verdict(&zone, place(60.0, 10.0), f64::NAN).probability;
    assert!((0.2..0.9).contains(&probability), "{probability}");
}

proptest! {
    #[test]
    fn the_cubature_agrees_with_a_fine_count(
        lat in 55.0..80.0_f64, lon in -180.0..180.0_f64,
        radii in prop::collection::vec(0.000_1..0.002_f64, 3..12),
        away in -0.002..0.002_f64, accuracy in 5.0..150.0_f64,
    ) {
        let geometry = star(lat, lon, &radii);
        let position = place(lat + away, lon + away);
        let ours = probability_inside(&geometry, &Frame::at(position.lat_e7()), position, 0.0, sigma_m(accuracy));
        // Rings of equal weight, exactly on integers.
        let Geometry::Polygons(polygons) = &geometry else { unreachable!("a star") };
        let scale = Frame::at(position.lat_e7()).own;
        let (rings, turns) = (60, 120);
        let mut count = 0;
        for ring in 0..rings {
            let outside = 1.0 - (f64::from(ring) + 0.5) / f64::from(rings);
            let radius = sigma_m(accuracy) * (-2.0 * outside.ln()).sqrt();
            for turn in 0..turns {
                let (sin, cos) = (TAU * (f64::from(turn) + 0.5) / f64::from(turns)).sin_cos();
                let mut at = polygons.locate(position);
                at.x += (radius * cos / scale.east).round() as i32;
                at.y += (radius * sin / scale.north).round() as i32;
                count += i32::from(polygons.boundary().contains(at));
            }
        }
        let exact = f64::from(count) / f64::from(rings * turns);
        prop_assert!((ours - exact).abs() < 0.03, "{ours} {exact}");
    }

    #[test]
    fn beyond_four_sigmas_the_answer_is_sure(
        away in 0.0..0.01_f64, accuracy in 1.0..200.0_f64,
    ) {
        let zone = square(65.0, 12.0, 0.005);
        let verdict = verdict(&zone, place(65.0 + away, 12.0), accuracy);
        let sigmas = verdict.signed_distance.0 / sigma_m(accuracy);
        if sigmas > SIGMAS_MAX { prop_assert_eq!(verdict.probability, 1.0); }
        if sigmas < -SIGMAS_MAX { prop_assert_eq!(verdict.probability, 0.0); }
        prop_assert!((0.0..=1.0).contains(&verdict.probability));
    }
}
