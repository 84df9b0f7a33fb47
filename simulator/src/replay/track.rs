//! GPX tracks as recordings. A track has no accuracy and often no speed: speed and course follow from neighbouring points, the
//! accuracy is the horizontal dilution times [`ACCURACY_PER_HDOP_M`], or [`ACCURACY_M`].

use super::recording::{Findings, Recording, RecordingError};
use crate::ground::offset;
use gpx::{Gpx, Waypoint};
use jiff::Timestamp;
use lenke_firmware_core::GnssFix;
use lenke_wire::{Position, UnixMillis};

/// Points without a time are played one each so many seconds.
pub const TIMELESS_S: i64 = 5;
/// 68 % radius where the track says nothing, metres.
pub const ACCURACY_M: f64 = 8.0;
/// 68 % radius of a horizontal dilution of 1, metres.
pub const ACCURACY_PER_HDOP_M: f64 = 5.0;
/// Bytes within which GPX shows itself.
const SIGNATURE_WITHIN: usize = 4_096;
/// Satellites where the track says nothing.
const SATELLITES: u64 = 8;

/// Whether the content of a file is GPX.
pub(super) fn is_gpx(content: &[u8]) -> bool {
    let head = &content[..content.len().min(SIGNATURE_WITHIN)];
    head.windows(4).any(|window| window == b"<gpx")
}

struct Point {
    at: Option<UnixMillis>,
    position: Position,
    accuracy_m: f64,
    satellites: u8,
}

pub(super) fn read(content: &[u8]) -> Result<Recording, RecordingError> {
    let gpx = gpx::read(content).map_err(|error| RecordingError::Gpx(Box::new(error)))?;
    let mut findings = Findings::default();
    let mut points = Vec::new();
    for (number, waypoint) in (1..).zip(waypoints(&gpx)) {
        findings.points += 1;
        match point(waypoint, number)? {
            Some(point) => points.push(point),
            None => findings.rejected += 1,
        }
    }
    let timed = in_time(points, &mut findings);
    Recording::new(fixes(&timed), findings)
}

/// Track points; where there are none, the points of the routes.
fn waypoints(gpx: &Gpx) -> Box<dyn Iterator<Item = &Waypoint> + '_> {
    let mut tracks =
        gpx.tracks.iter().flat_map(|track| &track.segments).flat_map(|part| &part.points).peekable();
    if tracks.peek().is_some() {
        return Box::new(tracks);
    }
    Box::new(gpx.routes.iter().flat_map(|route| &route.points))
}

/// `None` where the place is none on earth.
fn point(waypoint: &Waypoint, number: usize) -> Result<Option<Point>, RecordingError> {
    let at = waypoint.time.map(|time| moment(time, number)).transpose()?;
    let place = waypoint.point();
    let Ok(position) = Position::from_degrees(place.y(), place.x()) else { return Ok(None) };
    let hdop = waypoint.hdop.filter(|hdop| hdop.is_finite() && *hdop > 0.0);
    let accuracy_m = hdop.map_or(ACCURACY_M, |hdop| hdop * ACCURACY_PER_HDOP_M);
    let satellites = u8::try_from(waypoint.sat.unwrap_or(SATELLITES)).unwrap_or(u8::MAX);
    Ok(Some(Point { at, position, accuracy_m, satellites }))
}

fn moment(time: gpx::Time, point: usize) -> Result<UnixMillis, RecordingError> {
    let text = time.format().unwrap_or_default();
    let parsed: Result<Timestamp, _> = text.parse();
    match parsed {
        Ok(at) => Ok(UnixMillis(at.as_millisecond())),
        Err(_) => Err(RecordingError::Time { point, time: text }),
    }
}

/// Points with a time in its order, then those without.
fn in_time(points: Vec<Point>, findings: &mut Findings) -> Vec<(UnixMillis, Point)> {
    let (timed, timeless): (Vec<_>, Vec<_>) = points.into_iter().partition(|point| point.at.is_some());
    findings.without_time = timeless.len() as u64;
    let mut ordered: Vec<(UnixMillis, Point)> =
        timed.into_iter().filter_map(|point| Some((point.at?, point))).collect();
    ordered.sort_by_key(|(at, _)| *at);
    let mut at = ordered.last().map_or(UnixMillis(0), |(at, _)| *at);
    for point in timeless {
        at = at.plus_s(TIMELESS_S);
        ordered.push((at, point));
    }
    ordered
}

fn fixes(points: &[(UnixMillis, Point)]) -> Vec<GnssFix> {
    let movement = |from: &(UnixMillis, Point), to: &(UnixMillis, Point)| {
        let (way, seconds) = (offset(from.1.position, to.1.position), to.0.since_s(from.0));
        (if seconds > 0.0 { way.length_m() / seconds } else { 0.0 }, way.bearing_deg())
    };
    let fix = |place: usize, (at, point): &(UnixMillis, Point)| {
        let before = place.checked_sub(1).and_then(|before| points.get(before));
        let (speed_m_s, course_deg) = before.map_or((0.0, 0.0), |before| movement(before, &points[place]));
        GnssFix {
            at: *at,
            position: point.position,
            accuracy_dm: (point.accuracy_m * 10.0).clamp(1.0, f64::from(u16::MAX)) as u16,
            speed_cm_s: (speed_m_s * 100.0).clamp(0.0, f64::from(u16::MAX)) as u16,
            course_cdeg: (course_deg * 100.0).clamp(0.0, 35_999.0) as u16,
            satellites: point.satellites,
        }
    };
    points.iter().enumerate().map(|(place, point)| fix(place, point)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gpx(points: &str) -> String {
        format!(
            r#"<?xml version="1.0"?><gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">
            <trk><trkseg>{points}</trkseg></trk></gpx>"#
        )
    }

    #[test]
    fn speed_and_course_follow_from_the_points() {
        let track = gpx(r#"<trkpt lat="60.0" lon="10.0"><time>2026-11-21T10:00:00Z</time></trkpt>
            <trkpt lat="60.001" lon="10.0"><time>2026-11-21T10:00:10Z</time><hdop>2</hdop></trkpt>"#);
        let recording = Recording::from_bytes(track.as_bytes()).unwrap();
        let fix = recording.fixes()[1];
        assert_eq!(recording.duration_ms(), 10_000);
        assert!((1_100..1_130).contains(&fix.speed_cm_s), "{fix:?}");
        assert_eq!((fix.course_cdeg, fix.accuracy_dm), (0, 100));
    }

    #[test]
    fn points_without_time_are_played_at_the_stated_interval() {
        let track = gpx(
            r#"<trkpt lat="60.0" lon="10.0"/><trkpt lat="60.001" lon="10.0"/><trkpt lat="60.002" lon="10.0"/>"#,
        );
        let recording = Recording::from_bytes(track.as_bytes()).unwrap();
        assert_eq!(recording.duration_ms(), 2 * TIMELESS_S * 1000);
        assert_eq!(recording.findings().without_time, 3);
    }

    #[test]
    fn broken_gpx_is_refused() {
        let error = Recording::from_bytes(b"<?xml version=\"1.0\"?><gpx version=\"1.1\"><trk>").unwrap_err();
        assert!(matches!(error, RecordingError::Gpx(_)), "{error}");
    }
}
