//! A bundle as the bytes of its files, made from what the store holds.

use crate::{
    lines::{LineDigest, sha256, split, to_lines},
    records::{DeviceRecord, FrameRecord, WithheldRecord, hex},
    replay::Case,
};
use lenke_alerts::{Activation, Alert, Wearer};
use lenke_wire::{
    UnixMillis,
    sign::{Message, Sign},
};
use lenke_zones::{WearerId, Zone};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Name of the form.
pub(crate) const FORMAT: &str = "lenke evidence v1";
pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const SIGNATURE: &str = "manifest.sig";
pub(crate) const DIGESTS: &str = "digests.jsonl";
/// Files of records, in the order of their digests.
pub(crate) const RECORDS: [&str; 8] = [
    "frames.jsonl",
    "withheld.jsonl",
    "devices.jsonl",
    "activations.jsonl",
    "wearers.jsonl",
    "zones.jsonl",
    "alerts.jsonl",
    "verdicts.jsonl",
];

/// Files by name.
pub type Bundle = BTreeMap<String, Vec<u8>>;

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A value has no JSON form.
    #[error("a record cannot be written")]
    Json(#[from] serde_json::Error),
    /// Nothing to prove.
    #[error("there are no frames of {0} in that time")]
    Empty(WearerId),
}

/// What a bundle is about.
#[derive(Clone, Debug)]
pub struct Contents {
    /// The wearer.
    pub wearer: Wearer,
    /// First moment of interest.
    pub from: UnixMillis,
    /// First moment after.
    pub to: UnixMillis,
    /// When the bundle is made.
    pub made_at: UnixMillis,
    /// By what: program and version.
    pub made_by: String,
    /// Devices that the wearer carried.
    pub devices: Vec<DeviceRecord>,
    /// When.
    pub activations: Vec<Activation>,
    /// Every version of every zone that concerns the wearer.
    pub zones: Vec<Zone>,
    /// The wearer's frames, in order of arrival.
    pub frames: Vec<FrameRecord>,
    /// What lies between them and is not the wearer's.
    pub withheld: Vec<WithheldRecord>,
    /// Alerts about the wearer.
    pub alerts: Vec<Alert>,
}

/// What the manifest says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) format: String,
    pub(crate) wearer: u64,
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) made_at: i64,
    pub(crate) made_by: String,
    /// The centre's public key, hexadecimal: compare it with one that you had from elsewhere.
    pub(crate) authority: String,
    /// SHA-256 of every other file but the signature.
    pub(crate) files: BTreeMap<String, String>,
}

impl Manifest {
    /// All but the files' digests, as the first line that `digests.jsonl` tells of.
    pub(crate) fn head(&self) -> Self {
        Self { files: BTreeMap::new(), ..self.clone() }
    }
}

impl Contents {
    /// The files, signed with the centre's key, whose public half is `authority`.
    ///
    /// # Errors
    /// There are no frames.
    pub fn into_bundle(self, authority: [u8; 32], signer: &impl Sign) -> Result<Bundle, BundleError> {
        if self.frames.is_empty() {
            return Err(BundleError::Empty(self.wearer.id));
        }
        let case = Case {
            wearer: &self.wearer,
            zones: &self.zones,
            devices: &self.devices,
            activations: &self.activations,
        };
        let verdicts = case.verdicts(&self.frames);
        let bytes = [
            to_lines(&self.frames)?,
            to_lines(&self.withheld)?,
            to_lines(&self.devices)?,
            to_lines(&self.activations)?,
            to_lines(std::slice::from_ref(&self.wearer))?,
            to_lines(&self.zones)?,
            to_lines(&self.alerts)?,
            to_lines(&verdicts)?,
        ];
        let mut bundle: Bundle = RECORDS.iter().map(|name| (*name).to_owned()).zip(bytes).collect();
        let mut manifest = Manifest {
            format: FORMAT.to_owned(),
            wearer: self.wearer.id.0,
            from: self.from.0,
            to: self.to.0,
            made_at: self.made_at.0,
            made_by: self.made_by,
            authority: hex(&authority),
            files: BTreeMap::new(),
        };
        bundle.insert(DIGESTS.to_owned(), to_lines(&digests(&bundle, &manifest)?)?);
        manifest.files = bundle.iter().map(|(name, bytes)| (name.clone(), sha256(bytes))).collect();
        let manifest = to_lines(&[manifest])?;
        let signature = signer.sign(message(&manifest).as_bytes());
        bundle.insert(MANIFEST.to_owned(), manifest);
        bundle.insert(SIGNATURE.to_owned(), format!("{}\n", hex(&signature)).into_bytes());
        Ok(bundle)
    }
}

/// Of the manifest's head and of every line of every record.
pub(crate) fn digests(bundle: &Bundle, manifest: &Manifest) -> Result<Vec<LineDigest>, serde_json::Error> {
    let head = serde_json::to_vec(&manifest.head())?;
    let mut digests = vec![LineDigest::of(MANIFEST, 1, &head)];
    for name in RECORDS {
        let lines = bundle.get(name).map(|bytes| split(bytes)).unwrap_or_default();
        digests.extend(lines.iter().zip(1..).map(|(line, number)| LineDigest::of(name, number, line)));
    }
    Ok(digests)
}

/// What the centre signs of a manifest: its SHA-256.
pub(crate) fn message(manifest: &[u8]) -> Message {
    let hash: [u8; 32] = Sha256::digest(manifest).into();
    Message::new(b"lenke evidence v1", [&hash[..], &[], &[]]).expect("a hash is a short payload")
}
