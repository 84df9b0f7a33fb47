//! A stretch of time that wears exactly one coat at each moment, whatever is painted over it: states add up by
//! construction.

use lenke_wire::UnixMillis;
use lenke_zones::{Interval, Intervals};
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub(super) struct Canvas<T> {
    span: Interval,
    /// Where each coat begins; the first begins with the span, and each goes on to the next.
    coats: BTreeMap<UnixMillis, T>,
}

impl<T: Copy + PartialEq> Canvas<T> {
    pub(super) fn new(span: Interval, coat: T) -> Self {
        let coats = if span.is_empty() { BTreeMap::new() } else { BTreeMap::from([(span.from, coat)]) };
        Self { span, coats }
    }

    /// Covers whatever is there.
    pub(super) fn paint(&mut self, interval: Interval, coat: T) {
        let Interval { from, to } = interval.intersection(self.span);
        if from >= to {
            return;
        }
        let after = self.coats.range(..=to).next_back().map(|(_, coat)| *coat);
        if let Some(after) = after.filter(|_| to < self.span.to) {
            self.coats.entry(to).or_insert(after);
        }
        let covered: Vec<_> = self.coats.range(from..to).map(|(at, _)| *at).collect();
        for at in covered {
            self.coats.remove(&at);
        }
        self.coats.insert(from, coat);
    }

    pub(super) fn paint_all(&mut self, intervals: &Intervals, coat: T) {
        for interval in intervals {
            self.paint(*interval, coat);
        }
    }

    /// The coats in order of time; neighbours that are alike are one.
    pub(super) fn pieces(&self) -> Vec<(Interval, T)> {
        let mut pieces: Vec<(Interval, T)> = Vec::with_capacity(self.coats.len());
        for (from, coat) in &self.coats {
            match pieces.last_mut() {
                Some((_, last)) if last == coat => {}
                Some((interval, _)) => {
                    interval.to = *from;
                    pieces.push((Interval::new(*from, self.span.to), *coat));
                }
                None => pieces.push((Interval::new(*from, self.span.to), *coat)),
            }
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_moment_wears_the_coat_that_was_painted_last(
            strokes in prop::collection::vec((-5..40_i64, -5..40_i64, 0..4_u8), 0..12),
        ) {
            let span = Interval::new(UnixMillis(0), UnixMillis(32));
            let mut canvas = Canvas::new(span, 9);
            let mut model = [9_u8; 32];
            for (from, to, coat) in strokes {
                canvas.paint(Interval::new(UnixMillis(from), UnixMillis(to)), coat);
                (from.max(0)..to.min(32)).for_each(|at| model[at as usize] = coat);
            }
            let pieces = canvas.pieces();
            prop_assert_eq!(pieces.iter().map(|(piece, _)| piece.length_ms()).sum::<i64>(), 32);
            for (piece, coat) in &pieces {
                prop_assert!((piece.from.0..piece.to.0).all(|at| model[at as usize] == *coat));
            }
            prop_assert!(pieces.windows(2).all(|pair| pair[0].0.to == pair[1].0.from && pair[0].1 != pair[1].1));
        }
    }
}
