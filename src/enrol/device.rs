//! One device: its keys, who carries it from now on, and what it is provisioned with.

use super::provisioning::{Broker, Provisioning};
use crate::{
    keys,
    place::{self, Place, WearerName},
};
use anyhow::{Context, Result};
use clap::ValueEnum;
use lenke_alerts::{
    Activation, Condition, ConditionId, ConditionRule, Device, DeviceKind, OrderId, Register,
    SupervisionPlan, Wearer,
};
use lenke_store::Clock;
use lenke_wire::{DeviceId, UnixMillis, sign::KeyPair};
use lenke_zones::WearerId;
use std::path::PathBuf;

/// The first number that is given to a device whose number nobody chose.
const FIRST_NUMBER: u64 = 1;

#[derive(clap::Args)]
pub(super) struct DeviceArgs {
    /// Who carries the device, as in W-00042.
    #[arg(long, value_name = "WEARER", required = true)]
    wearer: Option<WearerName>,
    /// The device's id, as in lk000042; the next free one if absent.
    #[arg(long, value_name = "ID")]
    device: Option<DeviceId>,
    /// What it is.
    #[arg(long, value_enum, default_value = "tag")]
    kind: KindName,
    /// Make the wearer if there is none: the trail is recorded, nothing more.
    #[arg(long)]
    new_wearer: bool,
    /// The device made its signing key itself: its public key, 64 hexadecimal digits.
    #[arg(long, value_name = "HEX")]
    public_key: Option<String>,
    /// The device is known and keeps its keys: it only changes hands.
    #[arg(long, conflicts_with = "public_key")]
    keep_keys: bool,
    /// The home unit whose beacon the tag listens for; it must be enrolled.
    #[arg(long, value_name = "ID")]
    home_unit: Option<DeviceId>,
    /// Host that the device connects to.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Its port; that of `listen` under `[mqtt]` if absent.
    #[arg(long)]
    port: Option<u16>,
    /// The device connects with TLS.
    #[arg(long)]
    tls: bool,
    /// Access point of the mobile network.
    #[arg(long, default_value = "internet")]
    apn: String,
    /// Write what the device needs to this new file, which only its owner may read, and print nothing of it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Also write the record of 256 bytes that goes into the tag's flash.
    #[arg(long, value_name = "FILE", conflicts_with = "public_key")]
    record: Option<PathBuf>,
    /// Print JSON, errors included.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

impl DeviceArgs {
    /// Optional only for the parser, which asks for it unless there is a subcommand.
    fn wearer(&self) -> WearerId {
        self.wearer.expect("the parser asks for it").0
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum KindName {
    Tag,
    HomeUnit,
    VictimUnit,
}

impl From<KindName> for DeviceKind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Tag => Self::Tag,
            KindName::HomeUnit => Self::HomeUnit,
            KindName::VictimUnit => Self::VictimUnit,
        }
    }
}

/// Why a device is not enrolled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum EnrolError {
    #[error("there is no wearer {0}: check the number, or make one with --new-wearer")]
    UnknownWearer(WearerId),
    #[error("{device} is carried by {wearer} since {since}: end that first")]
    Active { device: DeviceId, wearer: WearerId, since: String },
    #[error("{0} is enrolled already: give it to somebody else with --keep-keys, or choose another id")]
    Known(DeviceId),
    #[error("{0} is not enrolled, so it has no keys to keep")]
    Unknown(DeviceId),
    #[error("{0} is no enrolled home unit")]
    UnknownHomeUnit(DeviceId),
    #[error("--public-key is not an Ed25519 key of 64 hexadecimal digits")]
    PublicKey,
    #[error("{0} cannot be part of what a tag is provisioned with")]
    Provisioning(&'static str),
}

impl EnrolError {
    const fn code(&self) -> &'static str {
        match self {
            Self::UnknownWearer(_) => "unknown_wearer",
            Self::Active { .. } => "device_active",
            Self::Known(_) => "device_known",
            Self::Unknown(_) => "unknown_device",
            Self::UnknownHomeUnit(_) => "unknown_home_unit",
            Self::PublicKey => "public_key",
            Self::Provisioning(_) => "provisioning",
        }
    }
}

pub(super) async fn run(args: DeviceArgs) -> Result<()> {
    let json = args.json;
    let done = enrol(args).await;
    if let (true, Err(error)) = (json, &done) {
        let code = error.downcast_ref::<EnrolError>().map_or("failed", EnrolError::code);
        println!("{}", serde_json::json!({ "error": { "code": code, "message": error.to_string() } }));
    }
    done
}

async fn enrol(args: DeviceArgs) -> Result<()> {
    let centre = args.place.begin().await?;
    let (settings, store) = (&centre.settings, &*centre.store);
    let authority = keys::load_or_create(&place::authority(settings))?;
    let now = Clock::wall().now();

    let known = store.load_register().await?;
    let (entry, secret) = device(&args, &known, now)?;
    let register = changes(&args, &known, &entry, now)?;
    let activation = Activation { device: entry.id, wearer: args.wearer(), from: now, to: None };
    let broker = Broker {
        host: args.host.clone(),
        port: args.port.unwrap_or_else(|| settings.mqtt.port()),
        tls: args.tls,
        apn: args.apn.clone(),
    };
    let beacon = args.home_unit.map(|unit| home_unit(&known, unit)).transpose()?;
    let provisioning =
        Provisioning::new(&entry, secret.as_ref(), &activation, authority.public(), beacon.as_ref(), broker)
            .map_err(EnrolError::Provisioning)?;

    // Files first: a device that is enrolled while its keys are nowhere would be lost.
    if let Some(path) = &args.out {
        keys::write_secret(path, format!("{}\n", provisioning.json()).as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if let Some(path) = &args.record {
        let record =
            provisioning.record().ok_or(EnrolError::Provisioning("a key that the centre does not have"))?;
        keys::write_secret(path, record).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let detail = format!("{} as {:?}", entry.id, entry.kind);
    centre.audit("device.enrol", &activation.wearer.to_string(), &detail).await?;
    store.enrol(&register).await.context("cannot enrol")?;
    provisioning.print(args.json, args.out.as_deref());
    Ok(())
}

/// The device as it will be in the register, and its signing key if it was made here.
fn device(
    args: &DeviceArgs,
    known: &Register,
    now: UnixMillis,
) -> Result<(Device, Option<KeyPair>), EnrolError> {
    let id = args.device.unwrap_or_else(|| next_id(known));
    let before = known.devices.iter().find(|device| device.id == id);
    let active = known
        .activations
        .iter()
        .find(|activation| activation.device == id && activation.to.is_none_or(|to| to > now));
    if let Some(activation) = active {
        let since = jiff::Timestamp::from_millisecond(activation.from.0)
            .map_or_else(|_| activation.from.0.to_string(), |at| at.strftime("%F %T UTC").to_string());
        return Err(EnrolError::Active { device: id, wearer: activation.wearer, since });
    }
    match (before, args.keep_keys) {
        (Some(device), true) => return Ok((device.clone(), None)),
        (Some(_), false) => return Err(EnrolError::Known(id)),
        (None, true) => return Err(EnrolError::Unknown(id)),
        (None, false) => {}
    }
    let secret = match args.public_key {
        Some(_) => None,
        None => Some(KeyPair::from_secret(&rand::random())),
    };
    let public_key = match (&secret, &args.public_key) {
        (Some(secret), _) => secret.public(),
        (None, text) => text
            .as_deref()
            .and_then(keys::parse_hex)
            .filter(lenke_wire::sign::is_public_key)
            .ok_or(EnrolError::PublicKey)?,
    };
    let kind = args.kind.into();
    Ok((Device { id, kind, key: rand::random(), public_key, enrolled_at: now }, secret))
}

/// One above the highest of the numbers that are given out one after the other.
fn next_id(known: &Register) -> DeviceId {
    let taken = |number| known.devices.iter().any(|device| device.id.number() == number);
    DeviceId::new((FIRST_NUMBER..).find(|number| !taken(*number)).unwrap_or(FIRST_NUMBER))
}

fn home_unit(known: &Register, unit: DeviceId) -> Result<Device, EnrolError> {
    let found = known.devices.iter().find(|device| device.id == unit && device.kind == DeviceKind::HomeUnit);
    found.cloned().ok_or(EnrolError::UnknownHomeUnit(unit))
}

/// What is added to the register.
fn changes(
    args: &DeviceArgs,
    known: &Register,
    entry: &Device,
    now: UnixMillis,
) -> Result<Register, EnrolError> {
    let id = args.wearer();
    let mut register = Register { devices: vec![entry.clone()], ..Register::default() };
    let before = known.wearers.iter().find(|wearer| wearer.id == id);
    // Without any condition, somebody is a protected person, of whom no position is kept.
    let trail = Condition { id: ConditionId(1), rule: ConditionRule::TrailMonitoring };
    let conditions = if entry.kind == DeviceKind::VictimUnit { Vec::new() } else { vec![trail] };
    let made = args.new_wearer.then(|| Wearer {
        id,
        order: OrderId(args.wearer().0),
        order_version: 1,
        conditions,
        groups: Vec::new(),
        plan: SupervisionPlan::default(),
        home_units: Vec::new(),
    });
    let mut wearer = before.cloned().or(made).ok_or(EnrolError::UnknownWearer(id))?;
    if entry.kind == DeviceKind::HomeUnit {
        wearer.home_units.push(entry.id);
        wearer.home_units.dedup();
        register.wearers.push(wearer);
        return Ok(register);
    }
    if before.is_none() {
        register.wearers.push(wearer);
    }
    register.activations.push(Activation { device: entry.id, wearer: id, from: now, to: None });
    Ok(register)
}

#[cfg(test)]
mod tests;
