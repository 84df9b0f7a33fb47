//! Behind a real Mosquitto.

use super::{BrokerConfig, BrokerSource};
use crate::tests::harness::{BEGIN, Centre, ELSEWHERE, OTHER_TAG, eventually, fix, fixes, opened_downlink};
use lenke_store::Store;
use lenke_wire::{
    FrameId,
    downlink::Downlink,
    topic::{self, Lane},
};
use rumqttc::{AsyncClient, Event, Incoming, MqttOptions, QoS};
use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::{net::TcpStream, sync::mpsc};
use tokio_util::sync::CancellationToken;

struct Mosquitto(Child);

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

async fn mosquitto(folder: &Path) -> (Mosquitto, u16) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = folder.join("mosquitto.conf");
    let text = format!("listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n");
    std::fs::write(&config, text).unwrap();
    let path = format!("{}:/usr/sbin:/usr/local/sbin", std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("mosquitto");
    command.arg("-c").arg(&config).env("PATH", path).stdout(Stdio::null()).stderr(Stdio::null());
    let broker = Mosquitto(command.spawn().expect("mosquitto is missing: apt-get install mosquitto"));
    for _ in 0..500 {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return (broker, port);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("mosquitto does not listen");
}

/// A device behind the broker: what it publishes, and the downlinks that it hears.
fn device(port: u16) -> (AsyncClient, mpsc::Receiver<Vec<u8>>) {
    let (client, mut events) = AsyncClient::new(MqttOptions::new("device", "127.0.0.1", port), 100);
    let (sender, receiver) = mpsc::channel(100);
    tokio::spawn(async move {
        while let Ok(event) = events.poll().await {
            if let Event::Incoming(Incoming::Publish(publish)) = event {
                sender.send(publish.payload.to_vec()).await.unwrap_or_default();
            }
        }
    });
    (client, receiver)
}

fn frame(seq: u32) -> Vec<u8> {
    let at = BEGIN.plus_s(i64::from(seq) - 600);
    fixes(OTHER_TAG, FrameId::new(1, seq), &[fix(at, ELSEWHERE)]).bytes.to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_come_through_the_broker_also_those_it_kept_while_the_centre_was_away() {
    let folder = tempfile::tempdir().unwrap();
    let (_broker, port) = mosquitto(folder.path()).await;
    let centre = Centre::start(folder.path()).await;
    let config = BrokerConfig {
        url: format!("mqtt://127.0.0.1:{port}"),
        client_id: "lenke-test".to_owned(),
        username: None,
        password: None,
    };
    let start = || {
        let token = CancellationToken::new();
        let task = tokio::spawn(BrokerSource::run(config.clone(), centre.intake(), token.clone()));
        (token, task)
    };
    let (token, task) = start();
    let (client, mut downlinks) = device(port);
    client.subscribe(topic::down(OTHER_TAG).to_string(), QoS::AtLeastOnce).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let publish = async |lane: Lane, seq: u32| {
        let topic = topic::up(OTHER_TAG, lane).to_string();
        client.publish(topic, QoS::AtLeastOnce, false, frame(seq)).await.unwrap();
    };
    for seq in 0..20 {
        publish(Lane::Live, seq).await;
    }
    eventually("stored", || centre.counters().stored == 20).await;
    let mut acknowledged = None;
    while acknowledged != Some(FrameId::new(1, 19)) {
        let frame = tokio::time::timeout(Duration::from_secs(10), downlinks.recv()).await.unwrap().unwrap();
        if let (_, Downlink::Ack(through)) = opened_downlink(OTHER_TAG, &frame) {
            acknowledged = Some(through);
        }
    }

    token.cancel();
    task.await.unwrap().unwrap();
    for seq in 20..40 {
        publish(if seq % 2 == 0 { Lane::Live } else { Lane::Backlog }, seq).await;
    }
    client.publish("lenke/v1/somebody/up/live", QoS::AtLeastOnce, false, "x").await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (token, task) = start();
    eventually("the rest is stored", || centre.counters().stored == 40).await;
    eventually("refused", || centre.counters().rejections.get("foreign_topic") == Some(&1)).await;
    assert_eq!(centre.counters().late, 10);
    token.cancel();
    task.await.unwrap().unwrap();
    centre.drain().await;
    assert_eq!(centre.store.counts().await.unwrap().fixes, 40);
    centre.crash().await;
}
