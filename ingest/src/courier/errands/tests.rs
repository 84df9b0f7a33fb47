//! Commands to the right device, a bounded number of times, and what became of them.

use super::*;
use crate::{
    Registry,
    tests::harness::{BEGIN, GUARDED_TAG, TAG, register},
};
use lenke_wire::TimeSource;
use lenke_zones::WearerId;

fn pursuit(id: u64, on: bool) -> Command {
    let until = BEGIN.plus_s(3_600);
    let order = Order::Pursuit { on, until };
    Command { id, ..Command::new(TAG, WearerId(1), order, "anna".to_owned(), BEGIN, until) }
}

fn receipt(counter: FrameId, outcome: Outcome) -> Receipt {
    Receipt {
        at: BEGIN,
        time_source: TimeSource::Gnss,
        counter,
        command: CommandKind::Pursuit,
        outcome,
        version: 0,
        digest: [0; 32],
        parts: 0,
    }
}

#[test]
fn a_command_is_sent_until_its_receipt_comes() {
    let registry = Registry::new(register(), 1, BEGIN);
    let mut errands = Errands::default();
    assert_eq!(errands.refresh(vec![pursuit(1, true)]), [TAG]);
    assert!(errands.is_due(1, registry.device(TAG), BEGIN));
    errands.handle_sent(1, FrameId::new(5, 0), BEGIN);
    assert!(!errands.is_due(1, registry.device(TAG), BEGIN.plus_s(AGAIN_S - 1)));
    assert!(errands.is_due(1, registry.device(TAG), BEGIN.plus_s(AGAIN_S)));
    errands.handle_sent(1, FrameId::new(5, 9), BEGIN.plus_s(AGAIN_S));
    errands.handle_receipt(GUARDED_TAG, &receipt(FrameId::new(5, 0), Outcome::Applied), BEGIN);
    assert!(errands.get(1).is_some(), "another device's receipt");
    errands.handle_receipt(TAG, &receipt(FrameId::new(5, 0), Outcome::Applied), BEGIN.plus_s(40));
    let saved = errands.take_dirty();
    assert_eq!((saved[0].state, saved[0].since), (CommandState::Applied, BEGIN.plus_s(40)));
    assert_eq!(errands.refresh(saved), [], "what the store has not yet forgotten is not done twice");
}

#[test]
fn a_device_that_its_wearer_no_longer_has_is_sent_nothing() {
    let mut register = register();
    register.activations[0].to = Some(BEGIN.plus_s(-60));
    let registry = Registry::new(register, 1, BEGIN);
    let mut errands = Errands::default();
    errands.refresh(vec![pursuit(1, true)]);
    assert!(!errands.is_due(1, registry.device(TAG), BEGIN));
    assert_eq!(errands.take_dirty()[0].state, CommandState::Withdrawn);
}

#[test]
fn time_a_newer_order_and_silence_end_a_command() {
    let registry = Registry::new(register(), 1, BEGIN);
    let ended = |commands: Vec<Command>, now: UnixMillis| {
        let mut errands = Errands::default();
        errands.refresh(commands);
        let due = errands.is_due(1, registry.device(TAG), now);
        (due, errands.take_dirty().first().map(|command| command.state))
    };
    assert_eq!(ended(vec![pursuit(1, true)], BEGIN.plus_s(3_600)), (false, Some(CommandState::Expired)));
    let both = vec![pursuit(1, true), pursuit(2, false)];
    assert_eq!(ended(both, BEGIN), (false, Some(CommandState::Withdrawn)));
    let counters = (0..ATTEMPTS_MAX as u32).map(|seq| FrameId::new(1, seq)).collect();
    let tried =
        Command { counters, sent_at: Some(BEGIN), expires_at: BEGIN.plus_s(86_400), ..pursuit(1, true) };
    assert_eq!(
        ended(vec![tried.clone()], BEGIN.plus_s(9)),
        (false, None),
        "the last one may yet be answered"
    );
    assert_eq!(ended(vec![tried], BEGIN.plus_s(AGAIN_S_MAX)), (false, Some(CommandState::Unanswered)));
}

#[test]
fn a_question_is_settled_once_it_is_told_and_a_damaged_order_makes_no_command() {
    let mut errands = Errands::default();
    let query = Command { order: Order::Query, ..pursuit(1, true) };
    errands.refresh(vec![query]);
    errands.handle_sent(1, FrameId::new(1, 1), BEGIN);
    assert_eq!(errands.take_dirty()[0].state, CommandState::Told);
    let order = Order::Ota { version: 1, board: 1, manifest: vec![0xa0], signature: vec![0; 63] };
    assert!(matches!(with_downlink(&order, |_| ()), Err(BadOrder::Signature)));
    let order = Order::Ota { version: 1, board: 1, manifest: vec![0xa0], signature: vec![0; 64] };
    assert!(matches!(with_downlink(&order, |_| ()), Err(BadOrder::Body(_))));
}
