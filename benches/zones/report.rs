//! What the bench found: lines at once, ratios at the end.

use super::clock::Ns;

/// Ratios wait for the end.
#[derive(Default)]
pub(crate) struct Report {
    ratios: Vec<String>,
}

impl Report {
    /// Context.
    pub(crate) fn say(&self, line: String) {
        println!("{line}");
    }

    /// A peer's time over ours.
    pub(crate) fn ratio(&mut self, name: &str, peer: Ns, ours: Ns, goal: f64) {
        let ratio = peer.0 / ours.0;
        self.ratios.push(format!("ratio {name} {ratio:.2} goal {goal}"));
    }

    /// A figure that is to stay below its goal.
    pub(crate) fn figure(&mut self, name: &str, value: f64, goal: f64) {
        self.ratios.push(format!("ratio {name} {value:.1} goal {goal}"));
    }

    /// Ends with the ratios, if the workload was large enough to time.
    pub(crate) fn finish(self, is_timed: bool) {
        if is_timed {
            self.ratios.iter().for_each(|line| println!("{line}"));
        } else {
            println!("all checksums are equal; too small a workload for ratios");
        }
    }
}
