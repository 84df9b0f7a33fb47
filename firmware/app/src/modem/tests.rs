//! The modem's task against a fake modem: the way it should go, and every way in which it goes wrong.

mod fake;

use super::*;
use crate::bench::{DEVICE, Pin, TestHub, Uart, hub, provision, run as run_virtual, sealed_ack, start};
use embassy_futures::select::{select, select3};
use embassy_time::Instant;
use fake::Fake;
use lenke_firmware_core::Counters;
use lenke_wire::{
    EventKind,
    codec::{FRAME_BYTES_MAX, Payload, decode},
    frame::{DeviceKey, Direction, open},
};
use std::{string::String, vec, vec::Vec};

/// A tag, its modem, and the story that happens to both.
struct Scene {
    hub: TestHub,
    power: Pin,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { hub: hub(), power: Pin::default() };
        start(&scene.hub);
        scene
    }

    /// Runs the tasks over UARTs with buffers of `N` bytes until the story ends.
    fn play<const N: usize>(
        &self,
        prepare: impl FnOnce(&Fake<'_, N>),
        story: impl AsyncFnOnce(&TestHub, &Fake<'_, N>),
    ) {
        let (up, down, provision) = (Uart::<N>::new(), Uart::<N>::new(), provision());
        let fake = Fake::new(&up, &down);
        prepare(&fake);
        let modem = run(&self.hub, &down, &up, self.power.clone(), &provision);
        let tasks = select(modem, crate::hub::run_timer(&self.hub));
        run_virtual(select3(tasks, fake.run(), story(&self.hub, &fake)));
        assert_eq!(self.hub.promises.broken(Instant::now()), None);
    }

    fn counters(&self) -> Counters {
        self.hub.numbers().counters
    }
}

async fn seconds(seconds: u64) {
    Timer::after_secs(seconds).await;
}

/// The kinds of events that the broker got.
fn events<const N: usize>(fake: &Fake<'_, N>) -> Vec<EventKind> {
    let key = DeviceKey::new(provision().key);
    let mut inner = [0; FRAME_BYTES_MAX];
    let mut kinds = vec![];
    for (topic, payload) in fake.published.borrow().iter() {
        assert_eq!(topic, "lenke/v1/lk000042/up/live");
        let (_, report) = open(&key, DEVICE, Direction::Up, payload, &mut inner).unwrap();
        if let Payload::Event(event) = decode(report).unwrap() {
            kinds.push(event.kind);
        }
    }
    kinds
}

#[test]
fn a_report_reaches_the_broker_and_its_acknowledgement_empties_the_journal() {
    let scene = Scene::new();
    scene.play::<256>(
        |fake| fake.mood.echoes.set(true),
        async |hub, fake| {
            seconds(10).await;
            assert!(hub.look(|tag| tag.is_connected()));
            assert_eq!(events(fake), [EventKind::PowerOn]);
            assert!(hub.numbers().waiting > 0);
            fake.deliver(&sealed_ack(1, 1, 0)).await;
            seconds(1).await;
            assert_eq!(hub.numbers().waiting, 0);
        },
    );
    assert_eq!((scene.counters().acknowledged, scene.counters().timeouts), (1, 0));
}

#[test]
fn the_commands_are_those_of_the_dialect_in_its_order() {
    let scene = Scene::new();
    scene.play::<256>(
        |_| {},
        async |_, fake| {
            seconds(10).await;
            let password = "d73178eccb8875ff4a3021bc3eeae145";
            let connect = std::format!("AT+QMTCONN=0,\"lk000042\",\"lk000042\",\"{password}\"");
            let mut wanted: Vec<String> = vec![];
            wanted.extend(
                [
                    "AT",
                    "ATE0",
                    "AT+IFC=2,2",
                    "AT+CMEE=1",
                    "AT+CPIN?",
                    "AT+CEREG?",
                    "AT+QLTS=1",
                    "AT+CSQ",
                    "AT+QMTCLOSE=0",
                    "AT+QICSGP=1,1,\"iot\"",
                    "AT+QIACT=1",
                    "AT+QMTCFG=\"version\",0,4",
                    "AT+QMTCFG=\"session\",0,0",
                    "AT+QMTCFG=\"keepalive\",0,300",
                    "AT+QMTCFG=\"recv/mode\",0,1,1",
                    "AT+QMTCFG=\"ssl\",0,1,0",
                    "AT+QMTOPEN=0,\"broker.example\",8883",
                    &connect,
                    "AT+QMTSUB=0,1,\"lenke/v1/lk000042/down\",1",
                ]
                .map(String::from),
            );
            assert_eq!(fake.commands.borrow()[..wanted.len()], wanted);
        },
    );
}

#[test]
fn a_slow_network_has_its_time() {
    Scene::new().play::<256>(
        |fake| fake.mood.slow_s.set(29),
        async |hub, fake| {
            seconds(85).await;
            assert!(!hub.look(|tag| tag.is_connected()));
            seconds(30).await;
            assert!(hub.look(|tag| tag.is_connected()));
            assert_eq!((fake.count("ATE0"), fake.count("AT+QMTDISC")), (1, 0));
        },
    );
}

#[test]
fn an_attempt_that_the_core_gives_up_is_ended() {
    let scene = Scene::new();
    scene.play::<256>(
        |fake| fake.mood.slow_s.set(60),
        async |hub, fake| {
            seconds(20).await;
            assert_eq!((scene.power.rises(), fake.count("AT+QMTOPEN")), (1, 1));
            hub.link.signal(LinkWish::Down);
            seconds(30).await;
            assert_eq!(scene.power.rises(), 2, "switched off, and on for the next attempt");
        },
    );
}

#[test]
fn a_publish_whose_fate_is_not_told_breaks_no_link_once_the_centre_has_the_frame() {
    Scene::new().play::<256>(
        |fake| fake.mood.forgets.set(1),
        async |hub, fake| {
            seconds(10).await;
            fake.deliver(&sealed_ack(1, 1, 0)).await;
            seconds(400).await;
            assert_eq!((hub.numbers().waiting, fake.count("AT+QMTOPEN")), (0, 1));
        },
    );
}

#[test]
fn what_the_modem_says_unasked_changes_nothing() {
    let scene = Scene::new();
    scene.play::<256>(
        |fake| {
            fake.mood
                .chatter
                .set(b"\r\n+QIND: SMS DONE\r\n\r\n+CEREG: 5\r\nAPP RDY\r\n+QMTPUBEX: 0,999,0\r\n")
        },
        async |hub, fake| {
            seconds(10).await;
            assert!(hub.look(|tag| tag.is_connected()));
            assert_eq!(events(fake), [EventKind::PowerOn]);
        },
    );
}

#[test]
fn every_refusal_while_connecting_ends_in_another_attempt() {
    for step in [
        "ATE0",
        "AT+IFC",
        "AT+CPIN",
        "AT+CEREG",
        "AT+QICSGP",
        "AT+QMTCFG=\"version\"",
        "AT+QMTCFG=\"ssl\"",
        "AT+QMTOPEN",
        "AT+QMTCONN",
        "AT+QMTSUB",
    ] {
        let scene = Scene::new();
        scene.play::<256>(
            |fake| fake.mood.refuses.borrow_mut().push((step, 1)),
            async |hub, fake| {
                seconds(30).await;
                assert!(hub.look(|tag| tag.is_connected()), "{step}");
                assert_eq!(fake.count("ATE0"), 2, "{step}");
                assert_eq!(events(fake), [EventKind::PowerOn], "{step}");
            },
        );
    }
}

#[test]
fn refusals_of_what_is_not_needed_do_not_matter() {
    for step in ["AT+QLTS", "AT+CSQ", "AT+QMTCLOSE", "AT+QIACT"] {
        let scene = Scene::new();
        scene.play::<256>(
            |fake| fake.mood.refuses.borrow_mut().push((step, 1)),
            async |hub, fake| {
                seconds(10).await;
                assert!(hub.look(|tag| tag.is_connected()), "{step}");
                assert_eq!(fake.count("ATE0"), 1, "{step}");
            },
        );
    }
}

#[test]
fn a_modem_that_says_nothing_is_switched_off_and_on_at_each_attempt() {
    let scene = Scene::new();
    scene.play::<256>(
        |fake| fake.mood.dead.set(true),
        async |hub, fake| {
            seconds(120).await;
            assert!(!hub.look(|tag| tag.is_connected()));
            assert!(scene.power.rises() >= 3, "{}", scene.power.rises());
            fake.mood.dead.set(false);
            seconds(120).await;
            assert_eq!(events(fake), [EventKind::PowerOn]);
        },
    );
}

#[test]
fn a_full_modem_is_asked_again_and_gets_each_report_once() {
    for late in [false, true] {
        let scene = Scene::new();
        scene.play::<256>(
            |fake| if late { fake.mood.full_late.set(3) } else { fake.mood.full.set(3) },
            async |hub, fake| {
                seconds(20).await;
                assert!(hub.look(|tag| tag.is_connected()));
                assert_eq!(events(fake), [EventKind::PowerOn]);
                assert_eq!(fake.count("ATE0"), 1);
            },
        );
    }
}

#[test]
fn a_modem_that_stays_full_or_asks_for_no_payload_is_connected_anew() {
    for no_prompt in [false, true] {
        let scene = Scene::new();
        scene.play::<256>(
            |fake| if no_prompt { fake.mood.no_prompt.set(1) } else { fake.mood.full.set(5) },
            async |_, fake| {
                seconds(40).await;
                assert_eq!(fake.count("ATE0"), 2);
                assert_eq!(events(fake), [EventKind::PowerOn]);
            },
        );
    }
}

#[test]
fn a_publish_that_fails_goes_out_over_the_next_connection() {
    let scene = Scene::new();
    scene.play::<256>(
        |fake| fake.mood.gives_up.set(1),
        async |_, fake| {
            seconds(40).await;
            assert_eq!(fake.count("ATE0"), 2);
            assert_eq!(events(fake), [EventKind::PowerOn]);
        },
    );
}

#[test]
fn a_publish_whose_fate_is_never_told_ends_the_link() {
    let scene = Scene::new();
    scene.play::<256>(
        |fake| fake.mood.forgets.set(100),
        async |_, fake| {
            seconds(250).await;
            assert_eq!(fake.count("ATE0"), 2);
        },
    );
}

#[test]
fn a_broken_connection_and_a_rebooted_modem_are_connected_anew() {
    for news in [&b"\r\n+QMTSTAT: 0,1\r\n"[..], b"\r\nRDY\r\n"] {
        let scene = Scene::new();
        scene.play::<256>(
            |_| {},
            async |hub, fake| {
                seconds(20).await;
                assert!(hub.look(|tag| tag.is_connected()));
                fake.say(news).await;
                Timer::after_millis(100).await;
                assert!(!hub.look(|tag| tag.is_connected()));
                seconds(30).await;
                assert!(hub.look(|tag| tag.is_connected()));
                assert_eq!(fake.count("AT+QMTOPEN"), 2);
            },
        );
    }
}

#[test]
fn uarts_that_take_a_few_bytes_at_a_time_lose_nothing() {
    let scene = Scene::new();
    scene.play::<7>(
        |_| {},
        async |hub, fake| {
            seconds(10).await;
            assert_eq!(events(fake), [EventKind::PowerOn]);
            fake.deliver(&sealed_ack(1, 1, 0)).await;
            seconds(1).await;
            assert_eq!(hub.numbers().waiting, 0);
        },
    );
}

#[test]
fn messages_are_fetched_one_by_one_and_a_long_one_is_passed_over() {
    let scene = Scene::new();
    scene.play::<256>(
        |_| {},
        async |hub, fake| {
            seconds(10).await;
            fake.deliver(&[0xd0; FRAME_BYTES_MAX + 1]).await;
            fake.deliver(&[b'"'; 20]).await;
            fake.deliver(b"\r\nERROR\r\n> ").await;
            fake.deliver(&sealed_ack(1, 1, 0)).await;
            seconds(2).await;
            assert_eq!(fake.count("AT+QMTRECV"), 4);
            assert_eq!(hub.numbers().waiting, 0);
        },
    );
    assert_eq!(scene.counters().downlinks_invalid, 2);
}

#[test]
fn garbage_on_the_line_delays_but_stops_nothing() {
    for seed in 1..40_u32 {
        let scene = Scene::new();
        scene.play::<256>(
            |_| {},
            async |_, fake| {
                let mut state = seed;
                for _ in 0..200 {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let noise = state.to_be_bytes();
                    fake.say(&noise[..1 + (state >> 28) as usize % 4]).await;
                    Timer::after_millis(u64::from(state >> 22)).await;
                }
                // The line is quiet again.
                seconds(900).await;
                assert!(events(fake).contains(&EventKind::PowerOn), "seed {seed}");
            },
        );
    }
}
