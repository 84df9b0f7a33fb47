//! Over real TCP, with rumqttc's clients as devices, and its codec where a device misbehaves.

use super::{FrontDoor, FrontDoorConfig};
use crate::tests::harness::{
    BEGIN, Centre, ELSEWHERE, OTHER_TAG, TAG, eventually, fix, fixes, key, opened_downlink,
};
use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use lenke_wire::{
    DeviceId, FrameId,
    credential::mqtt_password,
    downlink::Downlink,
    topic::{self, Lane},
};
use rumqttc::{mqttbytes::v4, v5};
use std::{net::SocketAddr, time::Duration};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::{codec::Framed, sync::CancellationToken};

const SOON: Duration = Duration::from_secs(5);

struct House {
    centre: Centre,
    address: SocketAddr,
    token: CancellationToken,
    _folder: TempDir,
}

async fn house(config: FrontDoorConfig) -> House {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::start(folder.path()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let token = CancellationToken::new();
    tokio::spawn(FrontDoor::serve(listener, centre.intake(), config, token.clone()));
    House { centre, address, token, _folder: folder }
}

fn password(device: DeviceId) -> String {
    String::from_utf8(mqtt_password(&key(device), device).to_vec()).unwrap()
}

fn frame(device: DeviceId, seq: u32) -> Bytes {
    fixes(device, FrameId::new(1, seq), &[fix(BEGIN.plus_s(i64::from(seq) - 3600), ELSEWHERE)]).bytes
}

fn live(device: DeviceId) -> String {
    topic::up(device, Lane::Live).to_string()
}

type V4 = Framed<TcpStream, v4::Codec>;

/// A 3.1.1 device that says what it is told to say.
async fn connect_v4(
    address: SocketAddr,
    change: impl FnOnce(&mut v4::Connect),
) -> (V4, v4::ConnectReturnCode) {
    let stream = TcpStream::connect(address).await.unwrap();
    let mut framed = Framed::new(stream, v4::Codec { max_incoming_size: 4096, max_outgoing_size: 1 << 20 });
    let mut connect = v4::Connect::new(TAG.to_string());
    connect.set_login(TAG.to_string(), password(TAG));
    change(&mut connect);
    framed.send(v4::Packet::Connect(connect)).await.unwrap();
    match timeout(SOON, framed.next()).await.unwrap() {
        Some(Ok(v4::Packet::ConnAck(ack))) => (framed, ack.code),
        other => panic!("{other:?}"),
    }
}

async fn publish_v4(framed: &mut V4, topic: &str, pkid: u16, payload: Bytes) {
    let mut publish = v4::Publish::from_bytes(topic, rumqttc::mqttbytes::QoS::AtLeastOnce, payload);
    publish.pkid = pkid;
    framed.send(v4::Packet::Publish(publish)).await.unwrap();
}

async fn hear(framed: &mut V4) -> Option<v4::Packet> {
    timeout(SOON, framed.next()).await.unwrap().and_then(Result::ok)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_3_1_1_client_publishes_and_hears_its_acknowledgement() {
    let house = house(FrontDoorConfig::default()).await;
    let mut options = rumqttc::MqttOptions::new(TAG.to_string(), "127.0.0.1", house.address.port());
    options.set_credentials(TAG.to_string(), password(TAG));
    let (client, mut events) = rumqttc::AsyncClient::new(options, 10);
    client.subscribe(topic::down(TAG).to_string(), rumqttc::QoS::AtLeastOnce).await.unwrap();
    client.publish(live(TAG), rumqttc::QoS::AtLeastOnce, false, frame(TAG, 0).to_vec()).await.unwrap();
    let mut acknowledged = false;
    let downlink = loop {
        match timeout(SOON, events.poll()).await.unwrap().unwrap() {
            rumqttc::Event::Incoming(rumqttc::Incoming::PubAck(_)) => acknowledged = true,
            rumqttc::Event::Incoming(rumqttc::Incoming::Publish(publish)) => break publish,
            rumqttc::Event::Incoming(_) | rumqttc::Event::Outgoing(_) => {}
        }
    };
    assert!(acknowledged);
    assert_eq!(opened_downlink(TAG, &downlink.payload).1, Downlink::Ack(FrameId::new(1, 0)));
    house.centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_5_client_publishes_and_hears_its_acknowledgement_and_a_foreign_topic_is_not_authorized() {
    let house = house(FrontDoorConfig::default()).await;
    let mut options = v5::MqttOptions::new(TAG.to_string(), "127.0.0.1", house.address.port());
    options.set_credentials(TAG.to_string(), password(TAG));
    let (client, mut events) = v5::AsyncClient::new(options, 10);
    let qos = v5::mqttbytes::QoS::AtLeastOnce;
    client.subscribe(topic::down(TAG).to_string(), qos).await.unwrap();
    client.publish(live(OTHER_TAG), qos, false, frame(TAG, 9)).await.unwrap();
    client.publish(live(TAG), qos, false, frame(TAG, 0)).await.unwrap();
    let mut reasons = Vec::new();
    let downlink = loop {
        match timeout(SOON, events.poll()).await.unwrap().unwrap() {
            v5::Event::Incoming(v5::Incoming::PubAck(ack)) => reasons.push(ack.reason),
            v5::Event::Incoming(v5::Incoming::Publish(publish)) => break publish,
            v5::Event::Incoming(_) | v5::Event::Outgoing(_) => {}
        }
    };
    use v5::mqttbytes::v5::PubAckReason;
    assert_eq!(reasons, [PubAckReason::NotAuthorized, PubAckReason::Success]);
    assert_eq!(opened_downlink(TAG, &downlink.payload).1, Downlink::Ack(FrameId::new(1, 0)));
    assert_eq!(house.centre.counters().rejections.get("foreign_topic"), Some(&1));
    house.centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_not_the_device_is_refused() {
    let house = house(FrontDoorConfig::default()).await;
    use v4::ConnectReturnCode::{BadClientId, BadUserNamePassword, NotAuthorized, Success};
    let cases: [(fn(&mut v4::Connect), _); 6] = [
        (|_| {}, Success),
        (|connect| connect.login = Some(v4::Login::new(TAG.to_string(), "wrong")), BadUserNamePassword),
        (|connect| connect.login = None, BadUserNamePassword),
        (|connect| connect.client_id = OTHER_TAG.to_string(), BadUserNamePassword),
        (|connect| connect.client_id = "somebody".to_owned(), BadClientId),
        (
            |connect| {
                let topic = topic::state(OTHER_TAG).to_string();
                connect.last_will =
                    Some(v4::LastWill::new(topic, "gone", rumqttc::mqttbytes::QoS::AtMostOnce, false));
            },
            NotAuthorized,
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(connect_v4(house.address, change).await.1, expected);
    }
    assert_eq!(house.centre.counters().connections_refused, 5);
    house.centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pubacks_come_in_the_order_of_the_publishes() {
    let house = house(FrontDoorConfig::default()).await;
    let (mut framed, _) = connect_v4(house.address, |_| {}).await;
    for pkid in 1..=500_u16 {
        let mut publish = v4::Publish::from_bytes(
            live(TAG),
            rumqttc::mqttbytes::QoS::AtLeastOnce,
            frame(TAG, u32::from(pkid) - 1),
        );
        publish.pkid = pkid;
        framed.feed(v4::Packet::Publish(publish)).await.unwrap();
        if pkid % 100 == 0 {
            framed.feed(v4::Packet::PingReq).await.unwrap();
        }
    }
    framed.flush().await.unwrap();
    let (mut expected, mut pongs) = (1, 0);
    while expected <= 500 || pongs < 5 {
        let packet = hear(&mut framed).await.unwrap();
        if packet == v4::Packet::PingResp {
            pongs += 1;
        } else {
            assert_eq!(packet, v4::Packet::PubAck(v4::PubAck::new(expected)));
            expected += 1;
        }
    }
    eventually("stored", || house.centre.counters().stored == 500).await;
    house.centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_3_1_1_client_that_publishes_elsewhere_is_closed_and_what_it_said_before_counts() {
    let house = house(FrontDoorConfig::default()).await;
    let (mut framed, _) = connect_v4(house.address, |_| {}).await;
    publish_v4(&mut framed, &live(TAG), 1, frame(TAG, 0)).await;
    publish_v4(&mut framed, &live(OTHER_TAG), 2, frame(TAG, 1)).await;
    assert_eq!(hear(&mut framed).await, Some(v4::Packet::PubAck(v4::PubAck::new(1))));
    assert_eq!(hear(&mut framed).await, None, "closed");
    eventually("counted", || house.centre.counters().rejections.get("foreign_topic") == Some(&1)).await;
    house.centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_own_downlink_can_be_subscribed() {
    let house = house(FrontDoorConfig::default()).await;
    let (mut framed, _) = connect_v4(house.address, |_| {}).await;
    let own = topic::down(TAG).to_string();
    let wanted =
        [own.clone(), topic::down(OTHER_TAG).to_string(), "lenke/v1/+/down".to_owned(), "#".to_owned()];
    let filters = wanted.map(|path| v4::SubscribeFilter::new(path, rumqttc::mqttbytes::QoS::AtLeastOnce));
    let mut subscribe = v4::Subscribe::new_many(filters);
    subscribe.pkid = 7;
    framed.send(v4::Packet::Subscribe(subscribe)).await.unwrap();
    use v4::SubscribeReasonCode::{Failure, Success};
    let granted = vec![Success(rumqttc::mqttbytes::QoS::AtMostOnce), Failure, Failure, Failure];
    assert_eq!(hear(&mut framed).await, Some(v4::Packet::SubAck(v4::SubAck::new(7, granted))));
    house.centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_connection_takes_over() {
    let house = house(FrontDoorConfig::default()).await;
    let (mut first, _) = connect_v4(house.address, |_| {}).await;
    let (mut second, code) = connect_v4(house.address, |_| {}).await;
    assert_eq!(code, v4::ConnectReturnCode::Success);
    assert_eq!(hear(&mut first).await, None, "the first is closed");
    publish_v4(&mut second, &live(TAG), 1, frame(TAG, 0)).await;
    assert_eq!(hear(&mut second).await, Some(v4::Packet::PubAck(v4::PubAck::new(1))));
    assert_eq!(house.centre.counters().takeovers, 1);
    house.centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_standard_allows_and_this_door_does_not_closes_the_connection() {
    let house = house(FrontDoorConfig::default()).await;
    let (mut framed, _) = connect_v4(house.address, |_| {}).await;
    let mut publish = v4::Publish::from_bytes(live(TAG), rumqttc::mqttbytes::QoS::ExactlyOnce, frame(TAG, 0));
    publish.pkid = 1;
    framed.send(v4::Packet::Publish(publish)).await.unwrap();
    assert_eq!(hear(&mut framed).await, None, "QoS 2");

    let (mut framed, _) = connect_v4(house.address, |_| {}).await;
    framed.send(v4::Packet::Connect(v4::Connect::new("again"))).await.unwrap();
    assert_eq!(hear(&mut framed).await, None, "a second CONNECT");

    let (mut framed, _) = connect_v4(house.address, |_| {}).await;
    publish_v4(&mut framed, &live(TAG), 1, Bytes::from(vec![0; 9 << 10])).await;
    assert_eq!(hear(&mut framed).await, None, "too large");
    assert_eq!(house.centre.counters().rejections.get("oversized"), Some(&1));
    house.centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_slow_and_babbling_peers_are_dropped() {
    let config =
        FrontDoorConfig { handshake_timeout: Duration::from_millis(300), ..FrontDoorConfig::default() };
    let house = house(config).await;
    let mut silent = TcpStream::connect(house.address).await.unwrap();
    let mut babbling = TcpStream::connect(house.address).await.unwrap();
    babbling.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut unknown = TcpStream::connect(house.address).await.unwrap();
    unknown.write_all(b"\x10\x0c\x00\x04MQTT\x03\x02\x00\x0a\x00\x00").await.unwrap();
    let mut rest = Vec::new();
    timeout(SOON, babbling.read_to_end(&mut rest)).await.unwrap().unwrap_or_default();
    assert!(rest.is_empty());
    timeout(SOON, unknown.read_to_end(&mut rest)).await.unwrap().unwrap_or_default();
    assert_eq!(rest, [0x20, 2, 0, 1], "unacceptable protocol version");
    rest.clear();
    timeout(SOON, silent.read_to_end(&mut rest)).await.unwrap().unwrap_or_default();

    let (mut framed, _) = connect_v4(house.address, |connect| connect.keep_alive = 1).await;
    let begun = tokio::time::Instant::now();
    assert_eq!(hear(&mut framed).await, None, "one and a half keepalives of silence");
    assert!((1400..4000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    house.centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_limited_and_the_door_closes_when_told() {
    let config = FrontDoorConfig { connections_per_address_max: 1, ..FrontDoorConfig::default() };
    let house = house(config).await;
    let (mut first, _) = connect_v4(house.address, |_| {}).await;
    let mut second = TcpStream::connect(house.address).await.unwrap();
    let mut rest = Vec::new();
    timeout(SOON, second.read_to_end(&mut rest)).await.unwrap().unwrap_or_default();
    assert!(rest.is_empty(), "no place");
    house.token.cancel();
    assert_eq!(hear(&mut first).await, None, "the door is closed");
    house.centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_bytes_end_a_session_and_never_the_door() {
    let house = house(FrontDoorConfig::default()).await;
    let mut connect = bytes::BytesMut::new();
    let mut packet = v4::Connect::new(TAG.to_string());
    packet.set_login(TAG.to_string(), password(TAG));
    packet.write(&mut connect).unwrap();
    for level in [4_u8, 5] {
        for seed in 0..60_u64 {
            let mut stream = TcpStream::connect(house.address).await.unwrap();
            let mut bytes = connect.to_vec();
            bytes[8] = level;
            let mut state = seed * 2 + u64::from(level);
            for byte in bytes.iter_mut().skip(if seed % 2 == 0 { 9 } else { 2000 }) {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                if state >> 61 == 0 {
                    *byte = (state >> 40) as u8;
                }
            }
            bytes.extend((0..200).map(|index| (state >> (index % 50)) as u8 ^ index as u8));
            stream.write_all(&bytes).await.unwrap();
            stream.shutdown().await.unwrap_or_default();
            let mut rest = Vec::new();
            timeout(SOON, stream.read_to_end(&mut rest)).await.unwrap().unwrap_or_default();
        }
    }
    let (_, code) = connect_v4(house.address, |_| {}).await;
    assert_eq!(code, v4::ConnectReturnCode::Success);
    house.centre.crash().await;
}
