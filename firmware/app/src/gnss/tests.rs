//! The receiver's task over a UART that says NMEA, UBX, garbage, or nothing.

use super::*;
use crate::bench::{Pin, START, TestHub, Uart, elapsed_s, hub, run as run_virtual, start};
use embassy_futures::select::select as either;
use lenke_firmware_core::Uptime;
use std::{format, vec::Vec};

/// Says an epoch every second while the receiver is on.
async fn receiver(uart: &Uart<512>, power: &Pin, say: impl Fn(u64) -> Vec<u8>) -> ! {
    loop {
        Timer::after_secs(1).await;
        if power.level() {
            uart.write_all(&say(elapsed_s())).await;
        }
    }
}

/// The sentences of an epoch, so many seconds after [`START`], which is at 20:40:00.
fn sentences(seconds: u64) -> Vec<u8> {
    let time =
        format!("{:02}{:02}{:02}.00", 20 + (40 + seconds / 60) / 60, (40 + seconds / 60) % 60, seconds % 60);
    [
        format!("GNRMC,{time},A,5955.00000,N,01045.00000,E,0.0,0.0,211126,,,A"),
        format!("GNGGA,{time},5955.00000,N,01045.00000,E,1,09,0.9,12.0,M,40.0,M,,"),
    ]
    .map(|text| format!("${text}*{:02X}\r\n", text.bytes().fold(0, |sum, byte| sum ^ byte)))
    .concat()
    .into_bytes()
}

/// Lets a started tag and its receiver live for so many seconds.
fn live(hub: &TestHub, say: impl Fn(u64) -> Vec<u8>, seconds: u64) -> (Pin, u32) {
    let (uart, command, power) = (Uart::<512>::new(), Uart::<64>::new(), Pin::default());
    start(hub);
    let tasks = either(
        run(hub, &uart, &command, Supplies { main: power.clone(), backup: Pin::default() }),
        crate::hub::run_timer(hub),
    );
    run_virtual(either(either(tasks, receiver(&uart, &power, say)), Timer::after_secs(seconds)));
    let told = hub.numbers().counters.fixes;
    (power, told)
}

#[test]
fn a_position_that_was_asked_for_becomes_a_fix_and_the_receiver_is_off_again() {
    let hub = hub();
    let (power, _) = live(&hub, sentences, 30);
    assert!(!power.level());
    assert_eq!(power.rises(), 1);
    assert!(hub.numbers().next.seq.0 > 0);
    assert!(hub.look(|tag| tag.time(Uptime::from_ms(30_000))).since_ms(START) >= 29_000);
}

#[test]
fn fixes_follow_the_plans_interval() {
    let hub = hub();
    let (power, fixes) = live(&hub, sentences, 1_230);
    assert_eq!(power.rises(), 21);
    assert_eq!(fixes, 20);
}

#[test]
fn a_receiver_that_says_nothing_or_garbage_is_given_up_and_asked_again() {
    for noise in [&b""[..], b"\xb5\x62\x01\x07\xff\xff$GNRMC,,V*00\r\n\x00\xff"] {
        let hub = hub();
        let (power, fixes) = live(&hub, |_| noise.to_vec(), 200);
        assert_eq!((power.rises(), fixes), (2, 0));
        assert_eq!(hub.promises.broken(Instant::now()), None);
    }
}

#[test]
fn the_receiver_is_configured_each_time_it_is_switched_on() {
    let hub = hub();
    let (uart, command, power) = (Uart::<64>::new(), Uart::<64>::new(), Pin::default());
    hub.is_position_wished.set(true);
    run_virtual(either(
        run(&hub, &uart, &command, Supplies { main: power.clone(), backup: power }),
        Timer::after_secs(1),
    ));
    let mut sent = [0; 64];
    let length = command.try_read(&mut sent).unwrap();
    assert_eq!(sent[..6], [0xb5, 0x62, 0x06, 0x8a, 29, 0]);
    assert_eq!(sent[length - 2..length], ubx_checksum(&sent[2..length - 2]));
    assert_eq!(length, 37);
}
