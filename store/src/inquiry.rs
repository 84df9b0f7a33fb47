//! Questions about the past: who was at a place at a time, what is missing of a trail, how alerts of a wearer went.
//!
//! A search of a place looks at everybody. It names its legal basis, and that is in the audit log before anything is read;
//! if the log cannot be written, nothing is.

use crate::{
    AlertKey, AuditEntry, Report, ReportKind, Store, StoreError, TrailKey, TrailPoint, store::PAGE_ROWS_MAX,
};
use async_trait::async_trait;
use lenke_alerts::{Alert, AlertState};
use lenke_wire::UnixMillis;
use lenke_zones::{Geometry, WearerId, earth::Bounds};
use std::collections::BTreeMap;

/// Longest window of one search of a place: it is read row by row.
pub const PLACE_WINDOW_DAYS_MAX: i64 = 7;
/// Longest window whose coverage is told in one answer.
pub const COVERAGE_DAYS_MAX: i64 = 31;
/// Gaps that one answer holds.
pub const GAPS_MAX: usize = 1_000;
const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Who searches, and on which basis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalBasis {
    /// The person.
    pub actor: String,
    /// The case and the decision that allow it.
    pub reason: String,
    /// When.
    pub at: UnixMillis,
}

/// Who was inside `area` in [`from`, `to`).
#[derive(Clone, Debug)]
pub struct PlaceSearch {
    /// The place.
    pub area: Geometry,
    /// From this moment on.
    pub from: UnixMillis,
    /// Before this moment.
    pub to: UnixMillis,
    /// Beginning after this position.
    pub after: Option<TrailKey>,
    /// Positions that are looked at for one page, up to [`PAGE_ROWS_MAX`].
    pub limit: u32,
}

/// A position inside the area.
#[derive(Clone, Debug, PartialEq)]
pub struct Presence {
    /// Whose, by ingest and by the activation that holds for that moment.
    pub wearer: WearerId,
    /// The position.
    pub point: TrailPoint,
}

/// One page of a search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlacePage {
    /// Positions inside, oldest first.
    pub inside: Vec<Presence>,
    /// Where the next page begins; nothing if this was the last.
    pub next: Option<TrailKey>,
}

/// A time without positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The last position before it, or the begin of the window.
    pub from: UnixMillis,
    /// The next position, or the end of the window.
    pub to: UnixMillis,
}

/// How complete a trail is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Positions there are.
    pub received: u64,
    /// Positions that the plan promises for the time in which a device was worn.
    pub expected: u64,
    /// Times without any that are longer than asked, oldest first, up to [`GAPS_MAX`].
    pub gaps: Vec<Gap>,
    /// Further ones that are not listed.
    pub gaps_left_out: u64,
}

/// How much of what the plans promise came in, of one wearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reception {
    /// Who.
    pub wearer: WearerId,
    /// Positions there are.
    pub received: u64,
    /// Of these, those that a backlog brought.
    pub late: u64,
    /// Positions that the plan promises for the time in which a device was worn.
    pub expected: u64,
}

impl Reception {
    /// The received part of what was expected; whole where nothing was.
    pub fn part(&self) -> f64 {
        if self.expected == 0 { 1.0 } else { self.received as f64 / self.expected as f64 }
    }
}

/// Which alerts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlertSearch {
    /// About this wearer.
    pub wearer: Option<WearerId>,
    /// In this state.
    pub state: Option<AlertState>,
    /// Raised from this moment on.
    pub from: Option<UnixMillis>,
    /// Raised before this moment.
    pub to: Option<UnixMillis>,
    /// Older than this one.
    pub before: Option<AlertKey>,
    /// At most so many, up to [`PAGE_ROWS_MAX`].
    pub limit: u32,
}

/// A box in 1e-7 degrees whose west is not east of its east.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoxE7 {
    /// Southern edge.
    pub south: i32,
    /// Northern edge.
    pub north: i32,
    /// Western edge.
    pub west: i32,
    /// Eastern edge.
    pub east: i32,
}

impl BoxE7 {
    /// One box, or two where `bounds` pass the antimeridian; each surely holds what it stands for.
    pub fn around(bounds: Bounds) -> Vec<Self> {
        let (south, north) = (down(bounds.south), up(bounds.north));
        let boxed = |west: f64, east: f64| Self { south, north, west: down(west), east: up(east) };
        if bounds.east > 180.0 {
            vec![boxed(bounds.west, 180.0), boxed(-180.0, bounds.east - 360.0)]
        } else {
            vec![boxed(bounds.west, bounds.east)]
        }
    }
}

fn down(degrees: f64) -> i32 {
    // The cast saturates, which is what a border needs.
    (degrees * 1e7).floor() as i32 - 1
}

fn up(degrees: f64) -> i32 {
    (degrees * 1e7).ceil() as i32 + 1
}

/// Questions about the past.
#[async_trait]
pub trait Inquiry: Store {
    /// Positions of everybody in the boxes and the window, attributed through activations, in the order of
    /// [`TrailKey`], after `after`. Not to be called but by [`search_place`](Self::search_place), which audits.
    async fn positions_in(
        &self,
        boxes: &[BoxE7],
        from: UnixMillis,
        to: UnixMillis,
        after: Option<TrailKey>,
        limit: u32,
    ) -> Result<Vec<Presence>, StoreError>;

    /// What the devices of `wearer` told beside positions in the span, its end not included: oldest first, beginning after
    /// `after`, at most `limit`, up to [`PAGE_ROWS_MAX`]. Attributed through activations.
    async fn reports(
        &self,
        wearer: WearerId,
        kind: ReportKind,
        span: (UnixMillis, UnixMillis),
        after: Option<TrailKey>,
        limit: u32,
    ) -> Result<Vec<Report>, StoreError>;

    /// Positions of each wearer, as attributed when they came, and how many of them a backlog brought, in the hours from
    /// `from` to before `to`. Ends within an hour stand for its begin.
    async fn received(
        &self,
        from: UnixMillis,
        to: UnixMillis,
    ) -> Result<Vec<(WearerId, u64, u64)>, StoreError>;

    /// How much of what the plans promise came in, of everybody who is monitored, in whole hours: the least complete first.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a window that is too long.
    async fn reception(&self, from: UnixMillis, to: UnixMillis) -> Result<Vec<Reception>, StoreError> {
        let (from, to) = (hour(from), hour(to));
        if to.0.saturating_sub(from.0) > COVERAGE_DAYS_MAX * DAY_MS {
            let source = "the window is longer than 31 days".to_owned().into();
            return Err(StoreError::Refused { action: "tell how much came in", source });
        }
        let received: BTreeMap<_, _> = self
            .received(from, to)
            .await?
            .into_iter()
            .map(|(wearer, received, late)| (wearer, (received, late)))
            .collect();
        let register = self.load_register().await?;
        let mut worn: BTreeMap<WearerId, Vec<Gap>> = BTreeMap::new();
        for activation in &register.activations {
            let span =
                Gap { from: activation.from.max(from), to: activation.to.map_or(to, |end| end.min(to)) };
            if span.from < span.to {
                worn.entry(activation.wearer).or_default().push(span);
            }
        }
        let monitored = register.wearers.iter().filter(|wearer| !wearer.is_protected());
        let mut all: Vec<_> = monitored
            .filter_map(|wearer| {
                let worn = worn.get(&wearer.id)?;
                let (received, late) = received.get(&wearer.id).copied().unwrap_or_default();
                let expected = joined(worn).iter().map(|span| promised(span, wearer.plan.collect_s)).sum();
                Some(Reception { wearer: wearer.id, received, late, expected })
            })
            .collect();
        all.sort_by(|a, b| a.part().total_cmp(&b.part()).then(a.wearer.cmp(&b.wearer)));
        Ok(all)
    }

    /// Alerts, newest first.
    async fn search_alerts(&self, search: &AlertSearch) -> Result<Vec<Alert>, StoreError>;

    /// Who was at a place at a time.
    ///
    /// # Errors
    /// [`StoreError::Refused`] without a legal basis or for a window that is too long; any error of the audit log.
    async fn search_place(&self, search: &PlaceSearch, basis: &LegalBasis) -> Result<PlacePage, StoreError> {
        const ACTION: &str = "search a place";
        let refused = |why: &str| StoreError::Refused { action: ACTION, source: why.to_owned().into() };
        if basis.reason.trim().is_empty() || basis.actor.trim().is_empty() {
            return Err(refused("it needs a legal basis and somebody who answers for it"));
        }
        if search.to.0.saturating_sub(search.from.0) > PLACE_WINDOW_DAYS_MAX * DAY_MS {
            return Err(refused("the window is longer than 7 days"));
        }
        let area = search.area.to_geojson();
        self.append_audit(AuditEntry {
            at: basis.at,
            actor: basis.actor.clone(),
            action: "place.search".to_owned(),
            object: "all".to_owned(),
            detail: format!("{}; {} to {} ms; {area}", basis.reason, search.from.0, search.to.0),
        })
        .await?;
        let limit = search.limit.clamp(1, PAGE_ROWS_MAX);
        let boxes = BoxE7::around(search.area.bounds());
        let found = self.positions_in(&boxes, search.from, search.to, search.after, limit).await?;
        let full = found.len() >= limit as usize;
        let next = found.last().filter(|_| full).map(|presence| presence.point.key());
        let inside =
            found.into_iter().filter(|presence| search.area.contains(presence.point.fix.position)).collect();
        Ok(PlacePage { inside, next })
    }

    /// How complete a wearer's trail is in [`from`, `to`): what there is, what the plan promises, and the times without any
    /// position that are longer than `gap_s` seconds. Time in which the wearer had no device is nobody's gap.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a window that is too long.
    async fn coverage(
        &self,
        wearer: WearerId,
        from: UnixMillis,
        to: UnixMillis,
        gap_s: u32,
    ) -> Result<Coverage, StoreError> {
        if to.0.saturating_sub(from.0) > COVERAGE_DAYS_MAX * DAY_MS {
            let source = "the window is longer than 31 days".to_owned().into();
            return Err(StoreError::Refused { action: "look for gaps", source });
        }
        let register = self.load_register().await?;
        let collect_s =
            register.wearers.iter().find(|known| known.id == wearer).map(|known| known.plan.collect_s);
        let worn: Vec<Gap> = register
            .activations
            .iter()
            .filter(|activation| activation.wearer == wearer)
            .map(|activation| Gap {
                from: from.max(activation.from),
                to: activation.to.map_or(to, |end| to.min(end)),
            })
            .filter(|span| span.from < span.to)
            .collect();
        let mut times = Vec::new();
        let mut after = None;
        loop {
            let page = self.trail(wearer, from, to, after, PAGE_ROWS_MAX).await?;
            after = page.last().map(TrailPoint::key);
            times.extend(page.iter().map(|point| point.fix.at));
            if page.len() < PAGE_ROWS_MAX as usize {
                break;
            }
        }
        Ok(covered(&worn, &times, collect_s.unwrap_or(0), gap_s))
    }
}

/// The coverage of the spans in which a device was worn by positions at `times`, which are in order.
fn covered(worn: &[Gap], times: &[UnixMillis], collect_s: u32, gap_s: u32) -> Coverage {
    let mut coverage = Coverage { received: times.len() as u64, ..Coverage::default() };
    for span in joined(worn) {
        coverage.expected += promised(&span, collect_s);
        let first = times.partition_point(|at| *at < span.from);
        let within = times[first..].iter().copied().take_while(|at| *at < span.to);
        let mut last = span.from;
        for at in within.chain([span.to]) {
            if at.since_ms(last) > i64::from(gap_s) * 1000 {
                if coverage.gaps.len() < GAPS_MAX {
                    coverage.gaps.push(Gap { from: last, to: at });
                } else {
                    coverage.gaps_left_out += 1;
                }
            }
            last = at;
        }
    }
    coverage
}

/// Positions that a plan with a position every `collect_s` seconds promises for a span.
fn promised(span: &Gap, collect_s: u32) -> u64 {
    let length_s = u64::try_from(span.to.since_ms(span.from) / 1000).unwrap_or(0);
    length_s.checked_div(collect_s.into()).unwrap_or(0)
}

/// The begin of the hour.
const fn hour(at: UnixMillis) -> UnixMillis {
    UnixMillis(at.0.div_euclid(HOUR_MS).saturating_mul(HOUR_MS))
}

/// Spans in order, those that meet made one: two devices worn at once are worn once.
fn joined(spans: &[Gap]) -> Vec<Gap> {
    let mut sorted = spans.to_vec();
    sorted.sort_unstable_by_key(|span| span.from);
    let mut joined: Vec<Gap> = Vec::new();
    for span in sorted {
        match joined.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            _ => joined.push(span),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(from: i64, to: i64) -> Gap {
        Gap { from: UnixMillis(from * 1000), to: UnixMillis(to * 1000) }
    }

    #[test]
    fn time_without_a_device_is_no_gap_and_its_borders_count() {
        let times: Vec<_> = [0, 60, 120, 600, 660].map(|s| UnixMillis(s * 1000)).into();
        let coverage = covered(&[span(0, 300), span(600, 900)], &times, 60, 120);
        assert_eq!((coverage.received, coverage.expected), (5, 10));
        assert_eq!(coverage.gaps, [span(120, 300), span(660, 900)]);
    }

    #[test]
    fn a_box_over_the_antimeridian_is_two() {
        let bounds = Bounds { west: 179.5, south: -17.0, east: 180.5, north: -16.0 };
        let boxes = BoxE7::around(bounds);
        assert_eq!(boxes.len(), 2);
        assert!(boxes[0].west < 1_795_000_000 && boxes[0].east >= 1_800_000_000);
        assert!(boxes[1].west <= -1_800_000_000 && boxes[1].east > -1_795_000_000);
    }

    proptest! {
        #[test]
        fn gaps_lie_in_worn_time_hold_no_position_and_are_long(
            spans in prop::collection::vec((0_i64..2_000, 0_i64..600), 0..8),
            seconds in prop::collection::btree_set(0_i64..2_600, 0..40),
            gap_s in 0_u32..300,
        ) {
            let worn: Vec<_> = spans.iter().map(|(from, length)| span(*from, from + length)).collect();
            let times: Vec<_> = seconds.iter().map(|s| UnixMillis(s * 1000)).collect();
            let coverage = covered(&worn, &times, 60, gap_s);
            // Second by second: worn, and further than the gap from the positions on both sides.
            let is_worn = |s: i64| worn.iter().any(|w| w.from.0 <= s * 1000 && s * 1000 < w.to.0);
            for gap in &coverage.gaps {
                prop_assert!(gap.to.since_ms(gap.from) > i64::from(gap_s) * 1000);
                prop_assert!(times.iter().all(|at| *at <= gap.from || *at >= gap.to));
                for s in gap.from.0 / 1000..gap.to.0 / 1000 {
                    prop_assert!(is_worn(s), "{s} is not worn");
                }
            }
            prop_assert!(coverage.gaps.windows(2).all(|pair| pair[0].to <= pair[1].from));
            let worn_s = (0..2_700).filter(|s| is_worn(*s)).count() as u64;
            prop_assert!(coverage.expected <= worn_s / 60 && coverage.expected + 8 >= worn_s / 60);
        }
    }
}
