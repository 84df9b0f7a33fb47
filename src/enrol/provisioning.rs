//! What a device is provisioned with, as JSON and as the record in a tag's flash. The form is in docs/enrolment.md.

use crate::keys::hex;
use lenke_alerts::{Activation, Device};
use lenke_firmware_core::provision::{Name, PROVISION_BYTES, Provision};
use lenke_wire::{
    DeviceId, Lane,
    credential::{beacon_key, mqtt_password},
    frame::DeviceKey,
    sign::KeyPair,
    topic,
};
use serde_json::{Value, json};
use std::path::Path;

/// Name of the JSON's form.
const FORMAT: &str = "lenke provisioning v1";

/// How the device reaches the centre.
pub(super) struct Broker {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: bool,
    pub(super) apn: String,
}

/// Everything that a device needs, once.
pub(super) struct Provisioning {
    json: Value,
    device: DeviceId,
    wearer: String,
    record: Option<[u8; PROVISION_BYTES]>,
}

impl Provisioning {
    /// # Errors
    /// What cannot be part of it.
    pub(super) fn new(
        device: &Device,
        secret: Option<&KeyPair>,
        activation: &Activation,
        authority: [u8; 32],
        home_unit: Option<&Device>,
        broker: Broker,
    ) -> Result<Self, &'static str> {
        let key = DeviceKey::new(device.key);
        let beacon =
            home_unit.map(|unit| (unit.id, beacon_key(&DeviceKey::new(unit.key), unit.id, device.id)));
        let host = Name::new(&broker.host).ok_or("the host's name")?;
        let apn = Name::new(&broker.apn).ok_or("the access point's name")?;
        let record = secret.map(|secret| {
            let record = Provision {
                device: device.id,
                key: device.key,
                secret: *secret.secret(),
                authority: Some(authority),
                beacon,
                at: activation.from,
                host,
                port: broker.port,
                tls: broker.tls,
                apn,
            };
            record.encode()
        });
        let password = mqtt_password(&key, device.id);
        let json = json!({
            "format": FORMAT,
            "device": device.id.to_string(),
            "device_number": device.id.number(),
            "kind": device.kind,
            "wearer": activation.wearer.0,
            "activated_at_ms": activation.from.0,
            "key": hex(&device.key),
            "signing_key": secret.map(|secret| hex(secret.secret())),
            "public_key": hex(&device.public_key),
            "authority": hex(&authority),
            "beacon": beacon.map(|(unit, key)| json!({
                "device": unit.to_string(), "device_number": unit.number(), "key": hex(&key),
            })),
            "mqtt": {
                "host": broker.host,
                "port": broker.port,
                "tls": broker.tls,
                "apn": broker.apn,
                "client_id": device.id.to_string(),
                "username": device.id.to_string(),
                "password": String::from_utf8_lossy(&password),
                "live": topic::up(device.id, Lane::Live).to_string(),
                "backlog": topic::up(device.id, Lane::Backlog).to_string(),
                "down": topic::down(device.id).to_string(),
            },
            "record": record.as_ref().map(|record| hex(record)),
        });
        Ok(Self { json, device: device.id, wearer: activation.wearer.to_string(), record })
    }

    pub(super) const fn json(&self) -> &Value {
        &self.json
    }

    /// The record in a tag's flash; none for a device whose signing key the centre does not have.
    pub(super) fn record(&self) -> Option<&[u8]> {
        self.record.as_ref().map(|record| &record[..])
    }

    /// Says what was done; the keys only if they went to no file.
    pub(super) fn print(&self, as_json: bool, out: Option<&Path>) {
        match (out, as_json) {
            (None, true) => println!("{}", self.json),
            (None, false) => {
                println!("{:#}", self.json);
                println!("{} is enrolled for {}; these keys are shown this once", self.device, self.wearer);
            }
            (Some(path), true) => {
                let device = self.device.to_string();
                println!("{}", json!({ "device": device, "wearer": self.wearer, "out": path }));
            }
            (Some(path), false) => {
                println!(
                    "{} is enrolled for {}; its keys are in {}",
                    self.device,
                    self.wearer,
                    path.display()
                );
            }
        }
    }
}
