//! The fuzz targets' checks over their seeds and the protocol's golden vectors: on stable, so that they cannot rot, and with every byte
//! of them changed once.

#[path = "../../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "it is the fuzz targets' library")]
mod checks;

use std::{fs, path::Path};

/// The seeds of a target.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(target);
    let files = fs::read_dir(folder).expect("there are seeds");
    files.map(|file| fs::read(file.expect("a file").path()).expect("it can be read")).collect()
}

/// One field of every frame in a file of golden vectors.
fn vectors(file: &str, field: &str) -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wire/vectors").join(file);
    let text = fs::read_to_string(path).expect("there are vectors");
    let json: serde_json::Value = serde_json::from_str(&text).expect("they are JSON");
    let frames = json["frames"].as_array().expect("frames").clone();
    let bytes = |hex: &str| -> Vec<u8> {
        let digit = |at: usize| {
            u8::from_str_radix(hex.get(at..at + 2).expect("two digits"), 16).expect("hexadecimal")
        };
        (0..hex.len()).step_by(2).map(digit).collect()
    };
    frames.iter().map(|frame| bytes(frame[field].as_str().expect("a text"))).collect()
}

/// Each input, cut off after every byte, and with each byte changed.
fn disturbed(inputs: Vec<Vec<u8>>) -> impl Iterator<Item = Vec<u8>> {
    assert!(!inputs.is_empty(), "nothing to check");
    inputs.into_iter().flat_map(|input| {
        let whole = input.clone();
        let cut = (0..input.len()).map({
            let input = input.clone();
            move |length| input[..length].to_vec()
        });
        let changed = (0..input.len()).map(move |place| {
            let mut input = input.clone();
            input[place] ^= 1 << (place % 8);
            input
        });
        std::iter::once(whole).chain(cut).chain(changed)
    })
}

#[test]
fn reports_and_what_is_nearly_one() {
    disturbed(vectors("reports.json", "inner")).for_each(|inner| checks::report::check(&inner));
}

#[test]
fn downlinks_and_what_is_nearly_one() {
    disturbed(vectors("downlinks.json", "inner")).for_each(|inner| checks::downlink::check(&inner));
}

#[test]
fn frames_of_others_and_frames_with_a_changed_bit() {
    let frames = vectors("reports.json", "frame").into_iter().zip(vectors("reports.json", "inner"));
    for (hostile, report) in frames {
        for flip in (0..2_000).step_by(97) {
            checks::frame::check((&hostile[1..], &report, 3, 9, flip));
        }
    }
}

#[test]
fn zone_sets_and_what_is_nearly_one() {
    disturbed(seeds("zone_set")).for_each(|data| checks::zone_set::check(&data));
}

#[test]
fn geojson_and_what_is_nearly_one() {
    for text in disturbed(seeds("geojson")) {
        if let Ok(text) = std::str::from_utf8(&text) {
            checks::geojson::check(text);
        }
    }
}
