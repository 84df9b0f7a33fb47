//! Which rows are a wearer's, whatever the database.
//!
//! Positions name their wearer. Sightings, events and health do not: they belong to who carried the device then, by the
//! activations; those of a home unit without activations belong to the wearer who has it. A frame goes when nothing is
//! left of what it brought: where one frame holds the end of one wearer's time and the beginning of the next one's, it
//! stays as long as the rows of either do.

use crate::History;
use lenke_wire::UnixMillis;
use std::collections::BTreeMap;

/// No frame tells of a moment so long after its arrival: a device's clock that is ahead by more than minutes is refused.
const AHEAD_MS_MAX: i64 = 24 * 60 * 60 * 1000;

/// A table of rows that frames brought.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The counter of its rows.
    pub(crate) total: &'static str,
    /// Whether a frame brings several rows, which `idx` tells apart.
    pub(crate) several: bool,
    pub(crate) names_wearer: bool,
}

pub(crate) const TABLES: [Table; 4] = [
    Table { name: "fix", total: "fixes", several: true, names_wearer: true },
    Table { name: "sighting", total: "sightings", several: true, names_wearer: false },
    Table { name: "event", total: "events", several: false, names_wearer: false },
    Table { name: "health", total: "health", several: false, names_wearer: false },
];

impl Table {
    /// What the table's rows are counted as.
    pub(crate) fn part<'a>(&self, history: &'a mut History) -> &'a mut u64 {
        match self.name {
            "fix" => &mut history.fixes,
            "sighting" => &mut history.sightings,
            "event" => &mut history.events,
            _ => &mut history.health,
        }
    }
}

/// A device from a moment to before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) device: i64,
    pub(crate) from: i64,
    pub(crate) to: i64,
}

/// What a wearer carried when, up to a moment.
#[derive(Debug)]
pub(crate) struct Windows {
    before: i64,
    carried: Vec<Window>,
    positions: Vec<Window>,
    /// Devices whose rows may be somebody else's too.
    shared: Vec<i64>,
}

impl Windows {
    /// From the wearer's activations (device, begin, end), the home units that were never activated, and the devices
    /// of both that somebody else had too.
    pub(crate) fn new(
        activations: &[(i64, i64, Option<i64>)],
        lone_units: &[i64],
        mut shared: Vec<i64>,
        UnixMillis(before): UnixMillis,
    ) -> Self {
        let window =
            |&(device, from, to): &(i64, i64, Option<i64>)| Window { device, from, to: end(to, before) };
        let mut carried: Vec<_> = activations.iter().map(window).collect();
        // A position names its wearer, whatever became of the activation: from the first one on.
        let mut first: BTreeMap<i64, i64> = BTreeMap::new();
        for &(device, from, _) in activations {
            first.entry(device).and_modify(|first| *first = from.min(*first)).or_insert(from);
        }
        let positions = first.iter().map(|(&device, &from)| Window { device, from, to: before }).collect();
        carried.extend(lone_units.iter().map(|&device| Window { device, from: i64::MIN, to: before }));
        if before < i64::MAX {
            // What came later is kept, and may have come in the same frame.
            shared = carried.iter().map(|window| window.device).collect();
        }
        shared.sort_unstable();
        shared.dedup();
        Self { before, carried, positions, shared }
    }

    pub(crate) const fn before(&self) -> i64 {
        self.before
    }

    /// Where the wearer's rows of `table` are.
    pub(crate) fn of(&self, table: &Table) -> &[Window] {
        if table.names_wearer { &self.positions } else { &self.carried }
    }

    /// Where rows of `table` are that are not the wearer's or stay: among positions, those of another wearer or not from
    /// before the end.
    pub(crate) fn kept(&self, table: &Table) -> Vec<Window> {
        self.shared.iter().flat_map(|&device| self.kept_of(table, device)).collect()
    }

    /// The same of one device, as far as frames that arrived at `latest` or before can have brought them.
    pub(crate) fn kept_until(&self, table: &Table, device: i64, latest: i64) -> Vec<Window> {
        if !self.shared.contains(&device) {
            return Vec::new();
        }
        let end = latest.saturating_add(AHEAD_MS_MAX);
        let cut =
            self.kept_of(table, device).into_iter().map(|window| Window { to: window.to.min(end), ..window });
        cut.filter(|window| window.from < window.to).collect()
    }

    fn kept_of(&self, table: &Table, device: i64) -> Vec<Window> {
        if table.names_wearer {
            return vec![Window { device, from: i64::MIN, to: i64::MAX }];
        }
        let mut held: Vec<_> = self.carried.iter().filter(|window| window.device == device).collect();
        held.sort_unstable_by_key(|window| window.from);
        let (mut gaps, mut from) = (Vec::new(), i64::MIN);
        for window in held {
            gaps.push(Window { device, from, to: window.from });
            from = from.max(window.to);
        }
        gaps.push(Window { device, from, to: i64::MAX });
        gaps.retain(|gap| gap.from < gap.to);
        gaps
    }
}

fn end(to: Option<i64>, before: i64) -> i64 {
    to.map_or(before, |to| to.min(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_all_that_was_not_carried() {
        let window = |from, to| Window { device: 7, from, to };
        let windows =
            Windows::new(&[(7, 50, Some(60)), (7, 10, Some(20))], &[], vec![7], UnixMillis(i64::MAX));
        assert_eq!(windows.kept(&TABLES[1]), [window(i64::MIN, 10), window(20, 50), window(60, i64::MAX)]);
        assert_eq!(windows.of(&TABLES[0]), [window(10, i64::MAX)]);
        assert_eq!(windows.kept_until(&TABLES[1], 7, 15).last(), Some(&window(60, 15 + AHEAD_MS_MAX)));
        assert_eq!(windows.kept_until(&TABLES[1], 8, 15), []);
        let alone = Windows::new(&[(7, 10, None)], &[], Vec::new(), UnixMillis(i64::MAX));
        assert_eq!(alone.kept(&TABLES[1]), [], "nobody else has anything to do with it");
        let cut = Windows::new(&[(7, 10, None)], &[], Vec::new(), UnixMillis(90));
        assert_eq!(cut.kept(&TABLES[1]), [window(i64::MIN, 10), window(90, i64::MAX)]);
    }
}
