//! When the power fails, by the seed: between two steps of the tag, or in the middle of an operation of its flash.

use crate::chance::Chance;

/// Steps after the fix that a cut waits for, at most.
const STEPS_MAX: u64 = 120;
/// Flash operations that still succeed, at most.
const OPERATIONS_MAX: u64 = 9;

/// Where the power fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// While all tasks wait.
    BetweenSteps,
    /// In the flash operation after so many, when so many thousandths of its bytes are done.
    InFlash { operations: u64, permille: u64 },
}

/// One power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// After so many fixes of all,
    pub(crate) fixes: usize,
    /// and so many steps.
    pub(crate) steps: u64,
    pub(crate) place: Place,
    /// How long the power stays away, seconds.
    pub(crate) off_s: u64,
}

/// `count` cuts over `fixes` fixes, in order.
pub(crate) fn plan(count: usize, fixes: usize, chance: &mut Chance) -> Vec<Cut> {
    let mut cuts: Vec<Cut> = (0..count)
        .map(|_| Cut {
            fixes: chance.below(fixes.max(1) as u64) as usize,
            steps: chance.below(STEPS_MAX),
            place: if chance.permille(600) {
                Place::InFlash { operations: chance.below(OPERATIONS_MAX), permille: chance.below(1_000) }
            } else {
                Place::BetweenSteps
            },
            off_s: chance.within(1, 600),
        })
        .collect();
    cuts.sort_by_key(|cut| cut.fixes);
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_plans_the_same_cuts_in_order() {
        let [one, same, other] = [1, 1, 2].map(|seed| plan(50, 1_000, &mut Chance::new(seed, 0)));
        assert_eq!(one, same);
        assert_ne!(one, other);
        assert!(one.is_sorted_by_key(|cut| cut.fixes));
        let in_flash = one.iter().filter(|cut| cut.place != Place::BetweenSteps).count();
        assert!((15..45).contains(&in_flash), "{in_flash}");
    }
}
