//! A wearer's recorded path as a file that other programs read: GPX 1.1, GeoJSON (RFC 7946) or CSV.
//!
//! Written a page at a time, so that a year costs no more memory than a day. The file names the wearer by pseudonym only.

use bytes::Bytes;
use futures::Stream;
use lenke_store::{Store, StoreError, TrailKey, TrailPoint, store::PAGE_ROWS_MAX};
use lenke_wire::UnixMillis;
use lenke_zones::WearerId;
use serde_json::json;
use std::{fmt, fmt::Write as _, str::FromStr, sync::Arc};

/// A gap after which a GPX track begins a new segment: no line is drawn over time of which nothing is known.
const SEGMENT_GAP_S: i64 = 600;

/// How a path is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrailFormat {
    /// GPX 1.1, for maps and hand-held receivers.
    Gpx,
    /// GeoJSON, a point each, for geographic programs.
    GeoJson,
    /// CSV with a header, for tables.
    Csv,
}

impl fmt::Display for TrailFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gpx => "gpx",
            Self::GeoJson => "geojson",
            Self::Csv => "csv",
        })
    }
}

impl FromStr for TrailFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "gpx" => Ok(Self::Gpx),
            "geojson" => Ok(Self::GeoJson),
            "csv" => Ok(Self::Csv),
            _ => Err("expected gpx, geojson or csv"),
        }
    }
}

impl TrailFormat {
    /// As HTTP names it.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Gpx => "application/gpx+xml",
            Self::GeoJson => "application/geo+json",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// Writes one path.
#[derive(Debug)]
pub struct TrailWriter {
    format: TrailFormat,
    wearer: WearerId,
    last: Option<(UnixMillis, lenke_wire::DeviceId)>,
    points: u64,
}

impl TrailWriter {
    /// A path of `wearer`.
    pub const fn new(format: TrailFormat, wearer: WearerId) -> Self {
        Self { format, wearer, last: None, points: 0 }
    }

    /// Points written so far.
    pub const fn points(&self) -> u64 {
        self.points
    }

    /// What the file begins with.
    pub fn begin(&self) -> String {
        match self.format {
            TrailFormat::Gpx => format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                 <gpx version=\"1.1\" creator=\"Lenke\" xmlns=\"http://www.topografix.com/GPX/1/1\">\n\
                 <trk><name>{}</name>\n",
                self.wearer
            ),
            TrailFormat::GeoJson => "{\"type\":\"FeatureCollection\",\"features\":[\n".to_owned(),
            TrailFormat::Csv => {
                "wearer,time,at_ms,lat,lon,accuracy_m,speed_m_s,course_deg,satellites,device,epoch,seq,received_at_ms,late\n"
                    .to_owned()
            }
        }
    }

    /// One more point, which must not be older than the one before.
    pub fn write(&mut self, point: &TrailPoint, out: &mut String) {
        // Writing into a `String` cannot fail.
        let _written = match self.format {
            TrailFormat::Gpx => self.write_gpx(point, out),
            TrailFormat::GeoJson => self.write_geojson(point, out),
            TrailFormat::Csv => self.write_csv(point, out),
        };
        self.last = Some((point.fix.at, point.device));
        self.points += 1;
    }

    /// What the file ends with.
    pub fn end(&self) -> String {
        match self.format {
            TrailFormat::Gpx if self.points > 0 => "</trkseg></trk>\n</gpx>\n".to_owned(),
            TrailFormat::Gpx => "</trk>\n</gpx>\n".to_owned(),
            TrailFormat::GeoJson => "\n]}\n".to_owned(),
            TrailFormat::Csv => String::new(),
        }
    }

    fn write_gpx(&self, point: &TrailPoint, out: &mut String) -> fmt::Result {
        let fix = &point.fix;
        match self.last {
            None => out.push_str("<trkseg>\n"),
            Some((at, device)) if device != point.device || fix.at.since_ms(at) > SEGMENT_GAP_S * 1000 => {
                out.push_str("</trkseg><trkseg>\n");
            }
            Some(_) => {}
        }
        writeln!(
            out,
            "<trkpt lat=\"{:.7}\" lon=\"{:.7}\"><time>{}</time><sat>{}</sat></trkpt>",
            fix.position.lat(),
            fix.position.lon(),
            time(fix.at),
            fix.satellites,
        )
    }

    fn write_geojson(&self, point: &TrailPoint, out: &mut String) -> fmt::Result {
        let fix = &point.fix;
        let feature = json!({
            "type": "Feature",
            "geometry": { "type": "Point", "coordinates": [fix.position.lon(), fix.position.lat()] },
            "properties": {
                "wearer": self.wearer.to_string(),
                "time": time(fix.at),
                "accuracy_m": fix.accuracy_m(),
                "speed_m_s": fix.speed_m_s(),
                "satellites": fix.satellites,
                "device": point.device.to_string(),
                "epoch": point.frame.epoch.0,
                "seq": point.frame.seq.0,
                "late": point.late,
            },
        });
        out.push_str(if self.points > 0 { ",\n" } else { "" });
        write!(out, "{feature}")
    }

    fn write_csv(&self, point: &TrailPoint, out: &mut String) -> fmt::Result {
        let fix = &point.fix;
        writeln!(
            out,
            "{},{},{},{:.7},{:.7},{:.1},{:.2},{:.2},{},{},{},{},{},{}",
            self.wearer,
            time(fix.at),
            fix.at.0,
            fix.position.lat(),
            fix.position.lon(),
            fix.accuracy_m(),
            fix.speed_m_s(),
            f64::from(fix.course_cdeg) / 100.0,
            fix.satellites,
            point.device,
            point.frame.epoch.0,
            point.frame.seq.0,
            point.received_at.0,
            point.late,
        )
    }
}

/// ISO 8601 in UTC; a moment beyond the calendar stays a number.
fn time(at: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |time| time.to_string())
}

/// Where reading a path stands.
enum Phase {
    Begin,
    After(Option<TrailKey>),
    Ended,
}

/// The whole file of `wearer`'s path in [from, to), a page of the store at a time. A store that fails breaks it off.
pub fn pages(
    store: Arc<dyn Store>,
    wearer: WearerId,
    (from, to): (UnixMillis, UnixMillis),
    format: TrailFormat,
) -> impl Stream<Item = Result<Bytes, StoreError>> + Send + 'static {
    let begin = (Phase::Begin, TrailWriter::new(format, wearer));
    futures::stream::try_unfold(begin, move |(phase, mut writer)| {
        let store = Arc::clone(&store);
        async move {
            let after = match phase {
                Phase::Begin => {
                    let text = writer.begin();
                    return Ok(Some((Bytes::from(text), (Phase::After(None), writer))));
                }
                Phase::After(after) => after,
                Phase::Ended => return Ok(None),
            };
            let page = store.trail(wearer, from, to, after, PAGE_ROWS_MAX).await?;
            let Some(last) = page.last().map(TrailPoint::key) else {
                return Ok(Some((Bytes::from(writer.end()), (Phase::Ended, writer))));
            };
            let mut text = String::new();
            page.iter().for_each(|point| writer.write(point, &mut text));
            Ok(Some((Bytes::from(text), (Phase::After(Some(last)), writer))))
        }
    })
}
