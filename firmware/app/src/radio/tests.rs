//! Heartbeats, challenges and answers between a tag and a module with a beacon behind it.

use super::*;
use crate::bench::{DEVICE, HOME, HOME_KEY, TestHub, Uart, hub, run as run_virtual, start};
use embassy_futures::select::select;
use lenke_wire::TagState;
use std::{format, string::String as Text, vec::Vec as List};

/// Runs the radio's task while `story` happens at its module.
fn play(story: impl AsyncFnOnce(&TestHub, &Module<'_>)) {
    let (hub, up, down) = (hub(), Uart::<128>::new(), Uart::<128>::new());
    start(&hub);
    let module = Module { from_tag: &up, to_tag: &down };
    let tasks = select(run(&hub, &down, &up), crate::hub::run_timer(&hub));
    run_virtual(select(tasks, story(&hub, &module)));
}

struct Module<'a> {
    from_tag: &'a Uart<128>,
    to_tag: &'a Uart<128>,
}

impl Module<'_> {
    async fn say(&self, line: &str) {
        self.to_tag.write_all(line.as_bytes()).await;
        Timer::after_millis(50).await;
    }

    /// The challenge that the tag sent.
    fn asked(&self) -> Option<Challenge> {
        let mut bytes = [0; 128];
        let length = self.from_tag.try_read(&mut bytes).ok()?;
        let line = Text::from_utf8_lossy(&bytes[..length]).into_owned();
        let words: List<&str> = line.trim_end().split(' ').collect();
        assert_eq!(words[..2], ["CH", &format!("{}", HOME.number())]);
        from_hex(words[2].as_bytes())
    }
}

#[test]
fn a_beacon_that_proves_itself_brings_the_tag_home() {
    play(async |hub, module| {
        Timer::after_secs(2).await;
        module.say(&format!("+HB {} -61\n", HOME.number())).await;
        let challenge = module.asked().unwrap();
        let proof = u64::from_be_bytes(HOME_KEY.answer(HOME, DEVICE, &challenge));
        module.say(&format!("+CR {} -61 {proof:016x}\n", HOME.number())).await;
        assert_eq!(hub.look(|tag| tag.state()), TagState::Home);
    });
}

#[test]
fn a_wrong_answer_and_a_mere_heartbeat_do_not() {
    play(async |hub, module| {
        Timer::after_secs(2).await;
        module.say(&format!("+HB {} -61\n", HOME.number())).await;
        assert!(module.asked().is_some());
        module.say(&format!("+CR {} -61 0123456789abcdef\n", HOME.number())).await;
        module.say(&format!("+HB {} -61\n", HOME.number())).await;
        assert_ne!(hub.look(|tag| tag.state()), TagState::Home);
    });
}

#[test]
fn lines_are_read_exactly_and_everything_else_is_passed_over() {
    let device = DeviceId::new(18_446_744_073_709_551_615);
    let answer = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];
    assert_eq!(parse(b"+HB 900 -61\r"), Some(Heard::Heartbeat { device: DeviceId::new(900), rssi_dbm: -61 }));
    assert_eq!(
        parse(b"+CR 18446744073709551615 -128 0123456789abcdef"),
        Some(Heard::Answer { device, rssi_dbm: -128, answer })
    );
    for bad in [
        "",
        "+HB",
        "+HB 900",
        "+HB 900 -129",
        "+HB x -61",
        "+HB 900 -61 7",
        "+XX 900 -61",
        "+CR 900 -61",
        "+CR 900 -61 0123456789abcde",
        "+CR 900 -61 0123456789abcdeg",
        "+CR 900 -61 0123456789abcdef00",
    ] {
        assert_eq!(parse(bad.as_bytes()), None, "{bad}");
    }
    assert_eq!(command(device, &answer), b"CH 18446744073709551615 0123456789abcdef\n");
}

#[test]
fn garbage_and_endless_lines_do_not_hide_the_next_heartbeat() {
    play(async |_, module| {
        Timer::after_secs(2).await;
        module.say(&"x".repeat(100)).await;
        module.say("\n\n\u{fffd}\n").await;
        module.say(&format!("+HB {} -61\n", HOME.number())).await;
        assert!(module.asked().is_some());
    });
}
