//! What is read, what is refused, and how the refusal reads.

use super::*;
use crate::{GroupId, WearerId};
use proptest::prelude::*;

const SQUARE: &str = "[[[10,60],[10.1,60],[10.1,60.1],[10,60.1],[10,60]]]";

fn refusal(text: &str) -> String {
    read_zones(text).unwrap_err().to_string()
}

fn collection(features: &[String]) -> String {
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}

fn feature(kind: &str, coordinates: &str, properties: &str) -> String {
    format!(
        r#"{{"type":"Feature","properties":{properties},"geometry":{{"type":"{kind}","coordinates":{coordinates}}}}}"#
    )
}

#[test]
fn a_collection_gives_polygons_and_circles_with_their_properties() {
    let schedule = r#"{"time_zone":"Europe/Oslo","windows":[{"weekday":1,"from_min":0,"to_min":60}]}"#;
    let school = format!(r#"{{"name":" School ","kind":"exclusion","buffer_m":250,"schedule":{schedule}}}"#);
    let text = collection(&[
        feature("Polygon", SQUARE, &school),
        feature("Point", "[10.75,59.91,12.5]", r#"{"name":"Home","kind":"inclusion","radius_m":60}"#),
        feature("MultiPolygon", &format!("[{SQUARE}]"), "null"),
    ]);
    let zones = read_zones(&text).unwrap();
    assert_eq!(zones.len(), 3);
    assert_eq!(
        (zones[0].name.as_str(), zones[0].kind, zones[0].buffer),
        ("School", ZoneKind::Exclusion, Metres(250.0))
    );
    assert_eq!(zones[0].schedule.as_ref().map(Schedule::time_zone), Some("Europe/Oslo"));
    let centre = Position::from_degrees(59.91, 10.75).unwrap();
    assert_eq!(zones[1].geometry, Geometry::circle(centre, Metres(60.0)).unwrap());
    assert_eq!(zones[1].kind, ZoneKind::Inclusion);
    assert_eq!((zones[2].name.as_str(), zones[2].buffer), ("Zone 3", Metres(0.0)));
    assert_eq!(zones[2].geometry, zones[0].geometry);
}

#[test]
fn a_bare_geometry_and_a_single_feature_are_read() {
    let bare = format!(r#"{{"type":"Polygon","coordinates":{SQUARE}}}"#);
    assert_eq!(read_zones(&bare).unwrap().len(), 1);
    assert_eq!(read_zones(&feature("Polygon", SQUARE, "{}")).unwrap().len(), 1);
    assert_eq!(read_zones(&format!("\u{feff}{bare}")).unwrap().len(), 1);
}

#[test]
fn refusals_name_feature_ring_and_vertex() {
    let good = feature("Polygon", SQUARE, "{}");
    let with = |bad: String| refusal(&collection(&[good.clone(), bad]));
    assert_eq!(
        with(feature("Polygon", "[[[10,60],[10.1,60],[10.1],[10,60]]]", "{}")),
        "feature 2, polygon 1, ring 1, vertex 3: coordinates are not where they should be, [longitude, latitude]"
    );
    assert_eq!(
        with(feature("Polygon", "[[[10,60],[10.1,95],[10.1,60.1],[10,60]]]", "{}")),
        "feature 2: polygon 1, ring 1, vertex 2: the latitude is not within -90 to 90 degrees (GeoJSON puts the longitude first)"
    );
    assert_eq!(
        with(feature("Polygon", "[[[10,60],[10.1,60.1],[10.1,60],[10,60.1],[10,60]]]", "{}")),
        "feature 2: polygon 1, ring 1, vertex 1: the ring meets itself again at its edge from vertex 3"
    );
    assert_eq!(
        with(feature("LineString", "[[10,60],[11,60]]", "{}")),
        "feature 2: a zone is a Polygon, a MultiPolygon or a Point, not a LineString"
    );
    assert_eq!(
        with(feature("Point", "[10,60]", "{}")),
        "feature 2: `radius_m` is not there: a Point needs it to be a circle"
    );
    assert_eq!(
        with(feature("Point", "[10,60]", r#"{"radius_m":-3}"#)),
        "feature 2: the radius -3 m is not above 0 and at most 500000 m"
    );
    assert_eq!(
        with(feature("Polygon", SQUARE, r#"{"kind":"forbidden"}"#)),
        r#"feature 2: `kind` is not "exclusion" or "inclusion""#
    );
    assert_eq!(
        with(feature("Polygon", SQUARE, r#"{"buffer_m":-1}"#)),
        "feature 2: the buffer of -1 m is not within 0 to 50000 m"
    );
    assert_eq!(
        with(r#"{"type":"Feature","geometry":null}"#.to_owned()),
        "feature 2: `geometry` is not a geometry"
    );
    let schedule =
        r#"{"schedule":{"time_zone":"Europe/Olso","windows":[{"weekday":1,"from_min":0,"to_min":60}]}}"#;
    assert_eq!(
        with(feature("Polygon", SQUARE, schedule)),
        r#"feature 2: there is no time zone "Europe/Olso""#
    );
}

#[test]
fn what_is_not_geojson_is_refused() {
    assert!(refusal("{").starts_with("this is not JSON"));
    assert!(refusal(r#"{"type":"Topology"}"#).starts_with("this is not GeoJSON"));
    assert_eq!(refusal(&collection(&[])), "the document has no feature");
    let projected = format!(
        r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"urn:ogc:def:crs:EPSG::25833"}}}},"features":[{}]}}"#,
        feature("Polygon", SQUARE, "{}")
    );
    assert!(
        refusal(&projected).starts_with("the coordinates are in urn:ogc:def:crs:EPSG::25833, not in WGS 84")
    );
}

#[test]
fn what_is_written_is_read_again() {
    let draft = read_zones(&feature("Polygon", SQUARE, "{}")).unwrap().remove(0);
    let again = read_zones(&draft.geometry.to_geojson().to_string()).unwrap().remove(0);
    assert_eq!(again.geometry, draft.geometry);
}

#[test]
fn a_draft_becomes_a_zone_of_somebody() {
    let draft = || read_zones(&feature("Polygon", SQUARE, "{}")).unwrap().remove(0);
    let zone = draft().into_zone(ZoneId(4), 1, Assignment::Personal(WearerId(9))).unwrap();
    assert_eq!((zone.id, zone.policy), (ZoneId(4), ConfirmPolicy::default()));
    assert_eq!(draft().into_zone(ZoneId(4), 1, Assignment::Shared(vec![])), Err(ZoneError::NoGroup));
    assert!(draft().into_zone(ZoneId(4), 1, Assignment::Shared(vec![GroupId(1)])).is_ok());
}

proptest! {
    #[test]
    fn damaged_documents_end_in_zones_or_a_refusal(at in 0..200_usize, byte in 0x20..0x7f_u8) {
        let mut text = feature("Polygon", SQUARE, r#"{"name":"x","buffer_m":3}"#).into_bytes();
        let at = at % text.len();
        text[at] = byte;
        let text = String::from_utf8(text).unwrap();
        let read = read_zones(&text);
        prop_assert!(read.is_ok() || !read.unwrap_err().to_string().is_empty());
    }
}
