//! Intervals as rows: what every implementation writes and reads of them.

use crate::StoreError;
use lenke_alerts::{
    IntervalId, IntervalRecord,
    identity::{numbered_subject, subject_number},
};
use lenke_wire::UnixMillis;
use lenke_zones::WearerId;
use std::collections::BTreeMap;

/// The columns, in the order in which they are bound.
pub(crate) const COLUMNS: [&str; 16] = [
    "wearer",
    "id",
    "kind",
    "subject_kind",
    "subject",
    "order_id",
    "order_version",
    "zone",
    "zone_version",
    "rule",
    "from_at",
    "to_at",
    "uncertain",
    "late",
    "alert",
    "known_at",
];

/// What becomes of the row that is there: everything but its identity is as it is told now.
pub(crate) fn replace() -> String {
    let columns: Vec<_> = COLUMNS.iter().skip(2).map(|name| format!("{name} = excluded.{name}")).collect();
    format!("ON CONFLICT (wearer, id) DO UPDATE SET {}", columns.join(", "))
}

/// The order of a wearer's intervals: by their begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IntervalKey {
    /// First moment.
    pub from: UnixMillis,
    /// Which, among those that begin at that moment.
    pub id: IntervalId,
}

impl IntervalKey {
    /// The place of `record`: the next page begins after it.
    pub const fn of(record: &IntervalRecord) -> Self {
        Self { from: record.from, id: record.id }
    }
}

/// What a batch says in the end: what stands, and what goes. Of two of one id the later counts.
pub(crate) fn newest(records: &[IntervalRecord]) -> (Vec<&IntervalRecord>, Vec<&IntervalRecord>) {
    let newest: BTreeMap<_, _> = records.iter().map(|record| ((record.wearer, record.id), record)).collect();
    newest.into_values().partition(|record| !record.is_withdrawn())
}

/// A row as both databases hold it, before it is looked at.
pub(crate) struct Plain {
    pub(crate) wearer: WearerId,
    pub(crate) id: Vec<u8>,
    pub(crate) kind: String,
    pub(crate) subject: (i64, u64),
    pub(crate) alert: Option<Vec<u8>>,
}

impl Plain {
    /// Fills in what is checked.
    pub(crate) fn check(
        self,
        rest: impl FnOnce(Checked) -> IntervalRecord,
    ) -> Result<IntervalRecord, StoreError> {
        let corrupt = |detail: String| StoreError::Corrupt { what: "an interval", detail };
        let (tag, number) = self.subject;
        let subject = u8::try_from(tag).ok().and_then(|tag| numbered_subject(tag, number));
        Ok(rest(Checked {
            wearer: self.wearer,
            id: IntervalId(crate::convert::array("an interval's id", &self.id)?),
            kind: self.kind.parse().map_err(|_| corrupt(format!("kind {}", self.kind)))?,
            subject: subject.ok_or_else(|| corrupt(format!("subject {tag}")))?,
            alert: match self.alert {
                Some(alert) => Some(lenke_alerts::AlertId(crate::convert::array("an alert's id", &alert)?)),
                None => None,
            },
        }))
    }
}

/// The parts of a row that are not plain numbers.
pub(crate) struct Checked {
    pub(crate) wearer: WearerId,
    pub(crate) id: IntervalId,
    pub(crate) kind: lenke_alerts::IntervalKind,
    pub(crate) subject: lenke_alerts::Subject,
    pub(crate) alert: Option<lenke_alerts::AlertId>,
}

/// A subject as two columns.
pub(crate) fn subject_columns(record: &IntervalRecord) -> (i64, i64) {
    let (tag, number) = subject_number(record.subject);
    (tag.into(), number.cast_signed())
}
