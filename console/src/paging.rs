//! Pages of long lists: the answer's `Link` header names the next one, whose cursor is ours and opaque to clients.

use crate::problem::Problem;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use lenke_alerts::{AlertId, IntervalId};
use lenke_store::{AlertKey, AuditQuery, IntervalKey, TrailKey};
use lenke_wire::{FrameId, UnixMillis};

/// The `Link` header that points to the next page, for a page that was full.
pub(crate) fn link_next(target: Option<String>) -> HeaderMap {
    let link = target.and_then(|target| HeaderValue::try_from(format!("<{target}>; rel=\"next\"")).ok());
    link.into_iter().map(|link: HeaderValue| (header::LINK as HeaderName, link)).collect()
}

/// A limit within bounds.
pub(crate) fn limit(asked: Option<u32>, default: u32, max: u32) -> Result<u32, Problem> {
    match asked.unwrap_or(default) {
        limit @ 1.. if limit <= max => Ok(limit),
        _ => Err(Problem::field("limit", format!("expected a number from 1 to {max}"))),
    }
}

/// `raised_at` and id.
pub(crate) fn write_alert_key(key: AlertKey) -> String {
    format!("{}_{}", key.raised_at.0, key.id)
}

/// What [`write_alert_key`] wrote.
pub(crate) fn read_alert_key(text: &str) -> Option<AlertKey> {
    let (raised_at, id) = text.split_once('_')?;
    Some(AlertKey { raised_at: UnixMillis(raised_at.parse().ok()?), id: id.parse::<AlertId>().ok()? })
}

/// Time, device, frame and place in the frame.
pub(crate) fn write_trail_key(key: TrailKey) -> String {
    let TrailKey { at, device, frame, index } = key;
    format!("{}_{device}_{}_{}_{index}", at.0, frame.epoch.0, frame.seq.0)
}

/// What [`write_trail_key`] wrote.
pub(crate) fn read_trail_key(text: &str) -> Option<TrailKey> {
    let mut parts = text.split('_');
    let mut next = || parts.next();
    let key = TrailKey {
        at: UnixMillis(next()?.parse().ok()?),
        device: next()?.parse().ok()?,
        frame: FrameId::new(next()?.parse().ok()?, next()?.parse().ok()?),
        index: next()?.parse().ok()?,
    };
    next().is_none().then_some(key)
}

/// Begin and id.
pub(crate) fn write_interval_key(key: IntervalKey) -> String {
    format!("{}_{}", key.from.0, key.id)
}

/// What [`write_interval_key`] wrote.
pub(crate) fn read_interval_key(text: &str) -> Option<IntervalKey> {
    let (from, id) = text.split_once('_')?;
    // Both ids are written in the same way.
    let AlertId(id) = id.parse().ok()?;
    Some(IntervalKey { from: UnixMillis(from.parse().ok()?), id: IntervalId(id) })
}

/// The page of the audit log before entry `before`, with the same search.
pub(crate) fn audit_target(query: &AuditQuery, before: u64) -> String {
    let mut target = format!("/api/v1/admin/audit?limit={}&before={before}", query.limit);
    let mut add = |name: &str, value: &str| {
        target.push_str(&format!("&{name}="));
        target.extend(value.bytes().map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        }));
    };
    for (name, text) in [("subject", &query.object), ("actor", &query.actor), ("action", &query.action)] {
        text.iter().for_each(|text| add(name, text));
    }
    for (name, moment) in [("from", query.from), ("to", query.to)] {
        moment.iter().for_each(|moment| add(name, &moment.0.to_string()));
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_and_refuse_the_rest() {
        let alert = AlertKey { raised_at: UnixMillis(-5), id: AlertId([7; 16]) };
        assert_eq!(read_alert_key(&write_alert_key(alert)), Some(alert));
        let trail = TrailKey {
            at: UnixMillis(1_700_000_000_000),
            device: lenke_wire::DeviceId::new(42),
            frame: FrameId::new(3, 9),
            index: 2,
        };
        assert_eq!(read_trail_key(&write_trail_key(trail)), Some(trail));
        let interval = IntervalKey { from: UnixMillis(-5), id: IntervalId([8; 16]) };
        assert_eq!(read_interval_key(&write_interval_key(interval)), Some(interval));
        assert_eq!(read_interval_key("1_2"), None);
        for bad in ["", "1", "1_2", "1_lk000042_3_9", "1_lk000042_3_9_2_1", "x_lk000042_3_9_2"] {
            assert_eq!(read_trail_key(bad), None, "{bad}");
            assert_eq!(read_alert_key(bad), None, "{bad}");
        }
    }
}
