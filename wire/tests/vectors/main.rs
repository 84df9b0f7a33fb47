//! The golden vectors in `vectors/`: what this crate writes, for those who write another implementation.
//!
//! They are made here and compared with the files; `LENKE_WRITE_VECTORS=1` writes them anew. `tests/protocol/` reads them with a
//! decoder that knows nothing but the document.
#![expect(clippy::unwrap_used, reason = "tests")]

mod samples;

use lenke_wire::{
    DeviceId, Event, FrameId,
    chain::{Chain, checkpoint_message, verify_checkpoint},
    codec::{Content, DecodeError, FRAME_BYTES_MAX, INNER_BYTES_MAX, Payload, decode, encode},
    credential::{beacon_key, mqtt_password},
    downlink::{Downlink, decode_downlink, encode_downlink},
    frame::{DeviceKey, Direction, FrameError, open, seal},
    sign::{KeyPair, Sign},
};
use samples::{DEVICE, KEY, authority, device_key_pair, for_each_downlink, reports};
use serde_json::{Value, json};
use std::{fs, path::Path};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A sealed frame with everything that goes into it.
fn sealed(name: &str, direction: Direction, id: FrameId, inner: &[u8], decoded: Value) -> Value {
    let mut frame = [0; FRAME_BYTES_MAX];
    let length = seal(&DeviceKey::new(KEY), DEVICE, direction, id, inner, &mut frame).unwrap();
    let down = u8::from(direction == Direction::Down);
    let counter = [id.epoch.0.to_be_bytes(), id.seq.0.to_be_bytes()].concat();
    json!({
        "name": name,
        "direction": down,
        "epoch": id.epoch.0,
        "seq": id.seq.0,
        "inner": hex(inner),
        "nonce": hex(&[&[down, 0, 0, 0, 0][..], &counter].concat()),
        "aad": hex(&[b"\x83\x68Encrypt0\x44\xa1\x01\x18\x1e\x49", &DEVICE.number().to_be_bytes()[..], &[down]].concat()),
        "frame": hex(&frame[..length]),
        "decoded": decoded,
    })
}

fn encoded(content: &Content<'_>) -> Vec<u8> {
    let mut inner = [0; INNER_BYTES_MAX];
    let length = encode(content, &mut inner).unwrap();
    inner[..length].to_vec()
}

fn place(event: &Event) -> Value {
    event.position.map_or(Value::Null, |position| json!([position.lat_e7(), position.lon_e7()]))
}

/// What a report says, in the words of the document.
fn report_fields(payload: &Payload<'_>) -> Value {
    match payload {
        Payload::Fixes(fixes) => {
            let rows = fixes.iter().map(|fix| {
                json!({
                    "at": fix.at.0, "lat_e7": fix.position.lat_e7(), "lon_e7": fix.position.lon_e7(),
                    "accuracy_dm": fix.accuracy_dm, "speed_cm_s": fix.speed_cm_s, "course_cdeg": fix.course_cdeg,
                    "satellites": fix.satellites, "time_source": fix.time_source as u8,
                })
            });
            json!({ "kind": 1, "fixes": rows.collect::<Vec<_>>() })
        }
        Payload::Event(event) => json!({
            "kind": 2, "at": event.at.0, "time_source": event.time_source as u8, "event": event.kind as u8,
            "value": event.value, "position": place(event),
        }),
        Payload::Sightings(sightings) => {
            let rows = sightings.iter().map(|sighting| {
                json!({
                    "at": sighting.at.0, "heard": sighting.heard.number(), "rssi_dbm": sighting.rssi_dbm,
                    "authenticated": sighting.authenticated,
                })
            });
            json!({ "kind": 3, "sightings": rows.collect::<Vec<_>>() })
        }
        Payload::Health(health) => json!({
            "kind": 4, "at": health.at.0, "percent": health.battery.percent,
            "millivolts": health.battery.millivolts, "charging": health.battery.charging,
            "empty_at": health.battery.empty_at.map(|at| at.0),
            "latches": u8::from(health.strap_latched) | u8::from(health.case_latched) << 1,
            "plan_version": health.plan_version, "unacknowledged": health.unacknowledged,
            "signal_dbm": health.signal_dbm, "temperature_c": health.temperature_c,
            "firmware": health.firmware, "zones_version": health.zones_version,
            "state": health.state.map(|state| state as u8),
        }),
        Payload::Checkpoint(checkpoint) => json!({
            "kind": 5, "epoch": checkpoint.covers.epoch.0, "seq": checkpoint.covers.seq.0,
            "chain": hex(&checkpoint.chain), "signature": hex(&checkpoint.signature),
        }),
        Payload::Receipt(receipt) => json!({
            "kind": 6, "at": receipt.at.0, "time_source": receipt.time_source as u8,
            "command": receipt.command as u8, "outcome": receipt.outcome as u8,
            "epoch": receipt.counter.epoch.0, "seq": receipt.counter.seq.0,
            "version": receipt.version, "digest": hex(&receipt.digest), "parts": receipt.parts,
        }),
        Payload::Later(later) => json!({ "kind": later.kind, "later": true }),
    }
}

fn downlink_fields(downlink: &Downlink<'_>) -> Value {
    match downlink {
        Downlink::Ack(frame) => json!({ "kind": 16, "epoch": frame.epoch.0, "seq": frame.seq.0 }),
        Downlink::Plan(signed) => {
            let plan = signed.unverified();
            json!({
                "kind": 17, "version": plan.version, "base_version": plan.base_version,
                "collect_s": plan.collect_s, "transmit_s": plan.transmit_s, "no_fix_s": plan.no_fix_s,
                "battery_low": plan.battery_low, "battery_critical": plan.battery_critical,
                "still_s": plan.rates.still_s, "near_s": plan.rates.near_s,
                "pursuit_s": plan.rates.pursuit_s, "home_check_s": plan.rates.home_check_s,
                "battery_reserve": plan.rates.battery_reserve, "signed_by": "authority",
            })
        }
        Downlink::Notice(code) => json!({ "kind": 18, "code": *code as u8 }),
        Downlink::Query => json!({ "kind": 19 }),
        Downlink::Zones(part) => {
            let head = part.head.unverified();
            json!({
                "kind": 20, "version": head.version, "base_version": head.base_version, "size": head.size,
                "hash": hex(&head.hash), "part": part.part, "bytes": hex(part.bytes),
                "signed_by": "authority",
            })
        }
        Downlink::Pursuit(pursuit) => json!({ "kind": 21, "on": pursuit.on, "until": pursuit.until.0 }),
        Downlink::ClearLatch(order) => {
            let (clear, officer) = (order.order.unverified(), order.certificate.unverified());
            json!({
                "kind": 22, "latch": clear.latch as u8, "epoch": clear.event.epoch.0,
                "seq": clear.event.seq.0, "officer": officer.number,
                "officer_key": hex(&officer.public_key), "from": officer.from.0, "until": officer.until.0,
                "signed_by": "officer",
            })
        }
        Downlink::Ota(manifest) => {
            let manifest = manifest.unverified();
            json!({
                "kind": 23, "board": manifest.board, "version": manifest.version, "size": manifest.size,
                "hash": hex(&manifest.hash), "min_version": manifest.min_version, "signed_by": "authority",
            })
        }
    }
}

fn parties() -> Value {
    json!({
        "device": DEVICE.number(),
        "device_id": DEVICE.to_string(),
        "key": hex(&KEY),
        "public_key": hex(&device_key_pair().public()),
        "authority": hex(&authority().public()),
        "mqtt_password": String::from_utf8(mqtt_password(&DeviceKey::new(KEY), DEVICE).to_vec()).unwrap(),
        "beacon_key_for_device_43": hex(&beacon_key(&DeviceKey::new(KEY), DEVICE, DeviceId::new(43))),
    })
}

fn report_vectors() -> Value {
    let mut vectors = Vec::new();
    for (seq, (name, owned)) in (0..).zip(reports()) {
        let inner = encoded(&owned.content());
        let decoded = report_fields(&decode(&inner).unwrap());
        vectors.push(sealed(name, Direction::Up, FrameId::new(3, seq), &inner, decoded));
    }
    for (seq, (name, inner)) in (100..).zip(samples::later_reports()) {
        let decoded = report_fields(&decode(inner).unwrap());
        vectors.push(sealed(name, Direction::Up, FrameId::new(3, seq), inner, decoded));
    }
    json!({ "parties": parties(), "frames": vectors })
}

fn downlink_vectors() -> Value {
    let mut vectors = Vec::new();
    for_each_downlink(|name, downlink| {
        let mut inner = [0; INNER_BYTES_MAX];
        let length = encode_downlink(downlink, &mut inner).unwrap();
        let id = FrameId::new(1, vectors.len() as u32);
        vectors.push(sealed(name, Direction::Down, id, &inner[..length], downlink_fields(downlink)));
    });
    json!({ "parties": parties(), "frames": vectors })
}

/// An epoch of five reports with a checkpoint after the third and the fifth.
fn chain_vectors() -> Value {
    let (epoch, pair) = (9, device_key_pair());
    let mut chain = Chain::start(DEVICE, lenke_wire::Epoch(epoch));
    let start = hex(chain.bytes());
    let mut frames = Vec::new();
    let mut push = |inner: &[u8], chain: &mut Chain| {
        let id = FrameId::new(epoch, frames.len() as u32);
        *chain = chain.advance(inner);
        let mut vector = sealed("", Direction::Up, id, inner, report_fields(&decode(inner).unwrap()));
        vector["chain"] = json!(hex(chain.bytes()));
        frames.push(vector);
        id
    };
    for (index, (_, owned)) in reports().into_iter().enumerate().take(5) {
        let covers = push(&encoded(&owned.content()), &mut chain);
        if index == 2 || index == 4 {
            let signature = pair.sign(&checkpoint_message(DEVICE, covers, chain.bytes()));
            let checkpoint = lenke_wire::Checkpoint { covers, chain: *chain.bytes(), signature };
            assert_eq!(verify_checkpoint(&pair.public(), DEVICE, &checkpoint), Ok(()));
            push(&encoded(&Content::Checkpoint(&checkpoint)), &mut chain);
        }
    }
    json!({ "parties": parties(), "epoch": epoch, "start": start, "frames": frames })
}

/// Bytes that every implementation must refuse, by the layer that refuses them.
fn refusal_vectors() -> Value {
    let mut refusals = Vec::new();
    let frame_code = |bytes: &[u8]| {
        let mut out = [0; INNER_BYTES_MAX];
        let refused: FrameError =
            open(&DeviceKey::new(KEY), DEVICE, Direction::Up, bytes, &mut out).unwrap_err();
        format!("{refused:?}")
    };
    let inner = encoded(&reports()[1].1.content());
    let mut frame = [0; FRAME_BYTES_MAX];
    let length =
        seal(&DeviceKey::new(KEY), DEVICE, Direction::Up, FrameId::new(3, 1), &inner, &mut frame).unwrap();
    for (name, bytes) in samples::broken_frames(&frame[..length]) {
        refusals.push(
            json!({ "name": name, "layer": "frame", "bytes": hex(&bytes), "error": frame_code(&bytes) }),
        );
    }
    for (name, bytes) in samples::broken_reports() {
        let error: DecodeError = decode(&bytes).unwrap_err();
        refusals.push(
            json!({ "name": name, "layer": "report", "bytes": hex(&bytes), "error": format!("{error:?}") }),
        );
    }
    for (name, bytes) in samples::broken_downlinks() {
        let error: DecodeError = decode_downlink(&bytes).unwrap_err();
        refusals.push(
            json!({ "name": name, "layer": "downlink", "bytes": hex(&bytes), "error": format!("{error:?}") }),
        );
    }
    json!({ "parties": parties(), "refusals": refusals })
}

fn assert_file(name: &str, made: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name);
    let text = format!("{made:#}\n");
    if std::env::var_os("LENKE_WRITE_VECTORS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap();
    assert!(
        kept == text,
        "{name} differs from what is written now: a wire format never changes. If this is a new kind, run \
         LENKE_WRITE_VECTORS=1 cargo test -p lenke-wire --test vectors"
    );
}

#[test]
fn the_vectors_are_what_this_crate_writes() {
    assert_file("reports.json", &report_vectors());
    assert_file("downlinks.json", &downlink_vectors());
    assert_file("chain.json", &chain_vectors());
    assert_file("refusals.json", &refusal_vectors());
}

#[test]
fn signatures_in_the_vectors_hold() {
    for_each_downlink(|name, downlink| {
        let (authority, verifier) = (authority().public(), lenke_wire::sign::Ed25519);
        let holds = match downlink {
            Downlink::Plan(plan) => plan.verify(&authority, DEVICE, &verifier).is_ok(),
            Downlink::Zones(part) => part.head.verify(&authority, DEVICE, &verifier).is_ok(),
            Downlink::ClearLatch(order) => order.verify(&authority, DEVICE, None, &verifier).is_ok(),
            Downlink::Ota(manifest) => manifest.verify(&authority, DEVICE, &verifier).is_ok(),
            Downlink::Ack(_) | Downlink::Notice(_) | Downlink::Query | Downlink::Pursuit(_) => true,
        };
        assert!(holds, "{name}");
    });
    assert_ne!(KeyPair::from_secret(&[0; 32]).public(), authority().public());
}
