//! A protected person's position, name and address leave the centre in no form: not in an answer to any role, a live event, a metric, a
//! log at its most talkative, an error, an export, a trail, a backup, the audit log, or a file of the data folder.

use crate::harness::{Centre, PATIENCE, Session, administrator, lenke, now, run, run_well};
use lenke_alerts::{
    Activation, Condition, ConditionId, ConditionRule, Device, DeviceKind, OrderId, Register,
    SupervisionPlan, Wearer,
};
use lenke_store::{Clock, SqliteStore, Store as _};
use lenke_wire::{
    DeviceId, Event, EventKind, Fix, FrameId, Position, TimeSource, UnixMillis,
    codec::{Content, FRAME_BYTES_MAX, INNER_BYTES_MAX, encode},
    credential::mqtt_password,
    frame::{DeviceKey, Direction, seal},
    topic::{self, Lane},
};
use lenke_zones::WearerId;
use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::Stdio,
    time::Duration,
};

const TAG: DeviceId = DeviceId::new(1);
const VICTIM_UNIT: DeviceId = DeviceId::new(800_001);
/// The protected person's place: digits that occur nowhere else.
const CANARY: (i32, i32) = (601_234_567, 109_876_543);
/// Who that is, and where from.
const PERSON: [&str; 2] = ["Kanari Vernesen", "Kanarigata 77"];
/// About 150 m from it: where the tag is.
const NEAR: (i32, i32) = (601_247_000, 109_877_000);

/// How a place could be written, in text to four decimals or more, and in bytes.
fn forms((lat, lon): (i32, i32)) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for number in [lat, lon] {
        let degrees = f64::from(number) / 1e7;
        let text = format!("{degrees:.7}");
        forms.push(text.get(..text.len() - 3).unwrap().as_bytes().to_vec());
        forms.push(number.to_string().into_bytes());
        forms.extend([number.to_le_bytes().to_vec(), number.to_be_bytes().to_vec()]);
        forms.extend([degrees.to_le_bytes().to_vec(), degrees.to_be_bytes().to_vec()]);
    }
    forms
}

fn holds(bytes: &[u8], place: (i32, i32)) -> bool {
    forms(place).iter().any(|form| bytes.windows(form.len()).any(|window| window == form))
}

/// Whether a protected person's place, name or address can be read there.
fn tells(bytes: &[u8]) -> bool {
    holds(bytes, CANARY)
        || PERSON.iter().any(|text| bytes.windows(text.len()).any(|at| at == text.as_bytes()))
}

fn assert_absent(bytes: &[u8], what: &str) {
    assert!(!tells(bytes), "{what} tells of the protected person: {}", String::from_utf8_lossy(bytes));
}

fn assert_absent_below(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => assert_absent_below(&path),
            false => assert!(!tells(&std::fs::read(&path).unwrap_or_default()), "{}", path.display()),
        }
    }
}

fn key(device: DeviceId) -> [u8; 16] {
    [if device == TAG { 101 } else { 103 }; 16]
}

fn register(now: UnixMillis) -> Register {
    let wearer = |id: u64, conditions| Wearer {
        id: WearerId(id),
        order: OrderId(id),
        order_version: 1,
        conditions,
        groups: Vec::new(),
        plan: SupervisionPlan::default(),
        home_units: Vec::new(),
    };
    let victim = WearerId(VICTIM_UNIT.number());
    let rule = ConditionRule::VictimProtection { victim, alert_m: 500.0, pre_alert_m: 1000.0 };
    let began = now.plus_s(-7_200);
    let device =
        |id: DeviceId, kind| Device { id, kind, key: key(id), public_key: [9; 32], enrolled_at: began };
    let activation =
        |id: DeviceId| Activation { device: id, wearer: WearerId(id.number()), from: began, to: None };
    Register {
        version: 0,
        wearers: vec![wearer(1, vec![Condition { id: ConditionId(1), rule }]), wearer(victim.0, Vec::new())],
        devices: vec![device(TAG, DeviceKind::Tag), device(VICTIM_UNIT, DeviceKind::VictimUnit)],
        activations: vec![activation(TAG), activation(VICTIM_UNIT)],
        zones: Vec::new(),
    }
}

/// A device's connection to the front door: MQTT 3.1.1, one acknowledged publication at a time.
struct Publisher {
    stream: TcpStream,
    device: DeviceId,
    packet: u16,
}

impl Publisher {
    fn connect(address: SocketAddr, device: DeviceId) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let name = device.to_string();
        let password = mqtt_password(&DeviceKey::new(key(device)), device);
        let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', 4, 0xc2, 0, 60];
        for field in [name.as_bytes(), name.as_bytes(), password.as_slice()] {
            body.extend(u16::try_from(field.len()).unwrap().to_be_bytes());
            body.extend(field);
        }
        stream.write_all(&packet(0x10, &body)).unwrap();
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!((answer[0], answer[3]), (0x20, 0), "connected");
        Self { stream, device, packet: 0 }
    }

    fn publish(&mut self, frame: &[u8]) {
        self.packet += 1;
        let topic = topic::up(self.device, Lane::Live).to_string();
        let mut body = u16::try_from(topic.len()).unwrap().to_be_bytes().to_vec();
        body.extend(topic.as_bytes());
        body.extend(self.packet.to_be_bytes());
        body.extend(frame);
        self.stream.write_all(&packet(0x32, &body)).unwrap();
        let mut answer = [0; 4];
        self.stream.read_exact(&mut answer).unwrap();
        assert_eq!(answer[0], 0x40, "acknowledged");
    }
}

fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let (low, high) = (body.len() % 128, body.len() / 128);
    let length = if high > 0 { vec![low as u8 | 0x80, high as u8] } else { vec![low as u8] };
    [&[kind][..], &length, body].concat()
}

fn sealed(device: DeviceId, secret: [u8; 16], seq: u32, content: &Content<'_>) -> Vec<u8> {
    let (mut inner, mut out) = ([0; INNER_BYTES_MAX], [0; FRAME_BYTES_MAX]);
    let length = encode(content, &mut inner).unwrap();
    let (key, frame) = (DeviceKey::new(secret), FrameId::new(1, seq));
    let length = seal(&key, device, Direction::Up, frame, &inner[..length], &mut out).unwrap();
    out[..length].to_vec()
}

fn fix(at: UnixMillis, (lat, lon): (i32, i32)) -> Fix {
    Fix {
        at,
        time_source: TimeSource::Gnss,
        position: Position::from_e7(lat, lon).unwrap(),
        accuracy_dm: 40,
        speed_cm_s: 120,
        course_cdeg: 0,
        satellites: 11,
    }
}

/// What both devices say: positions, a call for help, and what is refused.
fn speak(mqtt: SocketAddr, now: UnixMillis) {
    let (mut tag, mut unit) = (Publisher::connect(mqtt, TAG), Publisher::connect(mqtt, VICTIM_UNIT));
    for seq in 0..6 {
        let at = now.plus_s(i64::from(seq) * 10 - 60);
        unit.publish(&sealed(VICTIM_UNIT, key(VICTIM_UNIT), seq, &Content::Fixes(&[fix(at, CANARY)])));
        tag.publish(&sealed(TAG, key(TAG), seq, &Content::Fixes(&[fix(at.plus_s(1), NEAR)])));
    }
    let help = |at| Event {
        at,
        time_source: TimeSource::Gnss,
        kind: EventKind::Panic,
        value: 0,
        position: Some(Position::from_e7(CANARY.0, CANARY.1).unwrap()),
    };
    unit.publish(&sealed(VICTIM_UNIT, key(VICTIM_UNIT), 6, &Content::Event(&help(now))));
    let tomorrow = now.plus_s(86_400);
    unit.publish(&sealed(VICTIM_UNIT, key(VICTIM_UNIT), 7, &Content::Event(&help(tomorrow))));
    unit.publish(&sealed(VICTIM_UNIT, key(VICTIM_UNIT), 8, &Content::Fixes(&[fix(tomorrow, CANARY)])));
    unit.publish(&sealed(VICTIM_UNIT, [1; 16], 9, &Content::Fixes(&[fix(now, CANARY)])));
    // A repeated number with another content.
    unit.publish(&sealed(VICTIM_UNIT, key(VICTIM_UNIT), 3, &Content::Fixes(&[fix(now, CANARY)])));
}

fn operator(data: &Path, http: SocketAddr) -> Session {
    let said = run_well(&["user", "add", "ola", "--role", "operator", "--data-dir", data.to_str().unwrap()]);
    let password = said.split(" / ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    Session::log_in(http, "ola", &password)
}

/// Every address that can be read, for the wearer and for the protected person.
fn addresses(alerts: &[String]) -> Vec<String> {
    let description: serde_json::Value = serde_json::from_str(&run_well(&["openapi"])).unwrap();
    let mut addresses = vec!["/healthz".to_owned(), "/metrics".to_owned(), "/api/v1/nothing".to_owned()];
    for (path, item) in description["paths"].as_object().unwrap() {
        if item.get("get").is_none() || path.ends_with("/stream") {
            continue;
        }
        let ids = match path {
            path if path.contains("/alerts/") => alerts.to_vec(),
            path if path.contains('{') => vec!["W-00001".to_owned(), "W-800001".to_owned()],
            _ => vec![String::new()],
        };
        let query =
            if path.ends_with("/export") { "?from=0&to=4000000000000&format=gpx&reason=x" } else { "" };
        addresses.extend(ids.iter().map(|id| format!("{}{query}", path.replace("{id}", id))));
    }
    addresses.push("/api/v1/alerts?state=resolved".to_owned());
    addresses.push("/api/v1/alerts?state=unheard-of".to_owned());
    addresses
}

#[test]
fn a_protected_position_leaves_the_centre_in_no_form() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let begin = Clock::wall().now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = SqliteStore::open(&data.path().join("lenke.db")).await.unwrap();
        store.enrol(&register(begin)).await.unwrap();
        store.close().await;
    });
    let [name, address] = PERSON;
    let place = ["--data-dir", folder];
    let known = ["person", "set", "--wearer", "W-800001", "--name", name, "--address", address];
    run_well(&[&known[..], &place].concat());
    let centre = Centre::start(data.path(), &[("LENKE_LOG_FILTER", "trace")]);
    let admin = administrator(data.path(), centre.http);
    let ola = operator(data.path(), centre.http);
    let mut live = ola.stream();
    speak(centre.mqtt.unwrap(), begin);
    let alerts = admin.wait_until("/api/v1/alerts", |alerts| {
        let kinds: Vec<_> = alerts.as_array().unwrap().iter().map(|alert| alert["kind"].clone()).collect();
        kinds.contains(&"victim_proximity".into()) && kinds.contains(&"panic".into())
    });
    admin.wait_until("/api/v1/admin/status", |status| status["store"]["frames"].as_u64() >= Some(13));
    let ids: Vec<_> =
        alerts.as_array().unwrap().iter().map(|alert| alert["id"].as_str().unwrap().to_owned()).collect();

    let mut seen = false;
    for address in addresses(&ids) {
        for session in [&admin, &ola] {
            let (_, head, body) = session.ask(&address);
            assert_absent(head.as_bytes(), &address);
            assert_absent(body.as_bytes(), &address);
            seen |= holds(body.as_bytes(), NEAR);
        }
    }
    assert!(seen, "this test can see positions in answers");
    let events = read_for(&mut live, Duration::from_secs(2));
    assert!(holds(&events, NEAR), "this test can see positions in live events");
    assert_absent(&events, "the live stream");
    let said = centre.running.interrupt();
    assert!(said.contains("DEBUG") || said.contains("TRACE"), "the log is talkative");
    assert_absent(said.as_bytes(), "the log");

    let work = tempfile::tempdir().unwrap();
    let file = |name: &str| work.path().join(name).to_str().unwrap().to_owned();
    let shown = run_well(
        &[&["person", "show", "--wearer", "W-800001", "--reason", "sak 7"][..], &place[..]].concat(),
    );
    assert!(shown.contains(name) && shown.contains(address), "only who asks by name, with a reason, is told");
    run_well(&["db", "export", "--out", &file("export"), "--reason", "x", "--data-dir", folder]);
    run_well(&["db", "backup", "--out", &file("backup.db"), "--data-dir", folder]);
    let trail = |wearer: &str| {
        [
            "trail",
            "--wearer",
            wearer,
            "--from",
            "2026-01-01",
            "--to",
            "2100-01-01",
            "--reason",
            "x",
            "--data-dir",
            folder,
        ]
        .map(str::to_owned)
    };
    let own =
        lenke(&trail("W-00001").each_ref().map(String::as_str)).stdout(Stdio::piped()).output().unwrap();
    assert!(holds(&own.stdout, NEAR) && !holds(&own.stdout, CANARY));
    let refused = run(&trail("W-800001").each_ref().map(String::as_str));
    assert!(!refused.status.success() && refused.stdout.is_empty(), "nobody has a protected person's trail");
    assert_absent(&refused.stderr, "an error");
    assert!(holds(&std::fs::read(work.path().join("export/fix.csv")).unwrap(), NEAR));
    assert_absent_below(work.path());
    assert_absent_below(data.path());
}

/// What the stream brings within `span`.
fn read_for(stream: &mut TcpStream, span: Duration) -> Vec<u8> {
    let (end, mut read) = (now() + span, Vec::new());
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    while now() < end {
        let mut chunk = [0; 16 * 1024];
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => read.extend(&chunk[..length]),
            // Nothing new for a moment.
            Err(_) => {}
        }
    }
    read
}
