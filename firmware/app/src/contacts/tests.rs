//! Contacts that open, bounce and close under a running tag.

use super::*;
use crate::bench::{Pin, TestHub, hub, run as run_virtual, start};
use embassy_futures::{join::join, select::select};

struct Board {
    hub: TestHub,
    strap: Pin,
    light: Pin,
    pressure: Pin,
    button: Pin,
}

impl Board {
    fn new() -> Self {
        let board = Self {
            hub: hub(),
            strap: Pin::default(),
            light: Pin::default(),
            pressure: Pin::default(),
            button: Pin::default(),
        };
        start(&board.hub);
        board
    }

    /// Runs the tasks while `story` happens.
    fn tell(&self, story: impl Future<Output = ()>) {
        let (strap, button) = (self.strap.clone(), self.button.clone());
        let (light, pressure) = (self.light.clone(), self.pressure.clone());
        let tasks = join(
            run(&self.hub, Contacts { strap, light, pressure, button }),
            crate::hub::run_timer(&self.hub),
        );
        run_virtual(select(tasks, story));
    }

    fn committed(&self) -> u32 {
        self.hub.numbers().counters.committed
    }
}

#[test]
fn an_open_strap_is_latched_within_two_seconds() {
    let board = Board::new();
    board.tell(async {
        Timer::after_secs(60).await;
        assert_eq!(board.hub.look(|tag| tag.latches()), (false, false));
        board.strap.set(true);
        Timer::after_secs(2).await;
        assert_eq!(board.hub.look(|tag| tag.latches()), (true, false));
    });
}

#[test]
fn an_open_case_is_latched() {
    let board = Board::new();
    board.tell(async {
        Timer::after_secs(5).await;
        board.light.set(true);
        Timer::after_secs(2).await;
        assert_eq!(board.hub.look(|tag| tag.latches()), (false, true));
    });
}

#[test]
fn a_strap_that_was_open_before_the_start_is_seen() {
    let board = Board::new();
    board.strap.set(true);
    board.tell(async { Timer::after_secs(2).await });
    assert_eq!(board.hub.look(|tag| tag.latches()), (true, false));
}

#[test]
fn one_short_opening_is_no_tampering() {
    let board = Board::new();
    board.tell(async {
        Timer::after_secs(60).await;
        board.strap.set(true);
        Timer::after_millis(100).await;
        board.strap.set(false);
        Timer::after_secs(60).await;
        assert_eq!(board.hub.look(|tag| tag.latches()), (false, false));
    });
}

#[test]
fn holding_the_button_calls_for_help_once_and_a_tap_does_not() {
    let board = Board::new();
    board.tell(async {
        Timer::after_secs(5).await;
        let before = board.committed();
        board.button.set(true);
        Timer::after_secs(1).await;
        board.button.set(false);
        Timer::after_secs(5).await;
        assert_eq!(board.committed(), before);
        board.button.set(true);
        Timer::after_secs(20).await;
        // The call and its checkpoint.
        assert_eq!(board.committed(), before + 2);
    });
}
