//! What a run found, as a table and as JSON.

use comfy_table::{Table, presets::UTF8_BORDERS_ONLY};
use serde::Serialize;

/// The figures of a run.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) seed: u64,
    /// Positions that the receiver gave to the tag.
    pub(crate) fixes: usize,
    /// Those of them that the tag had committed; the others were in RAM when the power failed.
    pub(crate) fixes_committed: usize,
    pub(crate) power_cuts: usize,
    /// Of these, in the middle of a flash operation.
    pub(crate) cuts_in_flash: usize,
    /// Frames found in the tag's flash, by the tag's own journal, at a cut or at the end, or published.
    pub(crate) records_committed: usize,
    pub(crate) records_at_centre: usize,
    /// Committed, and not at the centre, or not the same bytes.
    pub(crate) records_lost: usize,
    /// At the centre more than once.
    pub(crate) records_duplicated: u64,
    /// Numbers under which the tag sealed two reports.
    pub(crate) numbers_used_twice: usize,
    /// Numbers missing below the last of their epoch.
    pub(crate) numbers_missing: usize,
    /// Frames that the centre refused.
    pub(crate) refused: u64,
    pub(crate) publishes: u64,
    pub(crate) steps: u64,
    pub(crate) tag_time_s: i64,
    /// From power on of the first boot to the last acknowledgement, builds and the centre's start not counted.
    pub(crate) wall_s: f64,
    pub(crate) text_bytes: u64,
    pub(crate) static_ram_bytes: u64,
    /// SHA-256 of all bytes published, in order.
    pub(crate) published_sha256: String,
}

/// Publishes that a record may take, and a power cut may bring: frames on their way when the power failed, releases that were
/// not yet written.
const PUBLISHES_A_RECORD: u64 = 2;
const PUBLISHES_A_CUT: u64 = 24;

impl Report {
    /// Nothing lost, nothing doubled, nothing refused, and nothing sent over and over.
    pub(crate) const fn is_good(&self) -> bool {
        self.publishes <= self.publishes_max()
            && self.records_lost == 0
            && self.records_duplicated == 0
            && self.numbers_used_twice == 0
            && self.numbers_missing == 0
            && self.refused == 0
    }

    const fn publishes_max(&self) -> u64 {
        self.records_committed as u64 * PUBLISHES_A_RECORD + self.power_cuts as u64 * PUBLISHES_A_CUT
    }

    /// The table.
    pub(crate) fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(UTF8_BORDERS_ONLY);
        let mut row = |name: &str, value: String| {
            table.add_row(vec![name.to_owned(), value]);
        };
        row("seed", self.seed.to_string());
        row("fixes taken", self.fixes.to_string());
        row("fixes in committed records", self.fixes_committed.to_string());
        row(
            "power cuts",
            format!("{}, {} of them inside a flash operation", self.power_cuts, self.cuts_in_flash),
        );
        row("records committed on the tag", self.records_committed.to_string());
        row("records at the centre", self.records_at_centre.to_string());
        row("records lost", self.records_lost.to_string());
        row("records duplicated at the centre", self.records_duplicated.to_string());
        row("numbers used twice", self.numbers_used_twice.to_string());
        row("numbers missing", self.numbers_missing.to_string());
        row("records refused by the centre", self.refused.to_string());
        let most = self.publishes_max();
        row("publishes, repetitions included", format!("{}, at most {most} are good", self.publishes));
        row("text", format!("{} bytes", self.text_bytes));
        row("static RAM", format!("{} bytes", self.static_ram_bytes));
        row("time on the tag", format!("{} s in {} steps", self.tag_time_s, self.steps));
        row("wall time", format!("{:.1} s", self.wall_s));
        row("SHA-256 of what was published", self.published_sha256.clone());
        table.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_that_sends_everything_again_after_each_cut_is_not_good() {
        let good = Report { records_committed: 581, power_cuts: 200, publishes: 1_400, ..Report::default() };
        assert!(good.is_good());
        assert!(!Report { publishes: 16_204, ..good }.is_good());
        let good = Report { records_committed: 581, ..Report::default() };
        assert!(good.is_good() && !Report { records_lost: 1, ..good }.is_good());
    }
}
