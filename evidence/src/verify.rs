//! Checks a bundle and names what was changed.

use crate::{
    bundle::{Bundle, DIGESTS, FORMAT, MANIFEST, Manifest, RECORDS, SIGNATURE, digests, message},
    lines::{LineDigest, sha256, split},
    proof::{self, Flaw},
    records::{DeviceRecord, FrameRecord, WithheldRecord, unhex_array},
    replay::Case,
};
use lenke_alerts::{Activation, Alert, Finding, Wearer};
use lenke_wire::sign::{Ed25519, Verify};
use lenke_zones::Zone;
use serde::{Serialize, de::DeserializeOwned};

/// Something that is not as it was when the bundle was made, or that was not right then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// In which file.
    pub file: String,
    /// In which line, from 1.
    pub line: Option<usize>,
    /// In which field.
    pub field: Option<String>,
    /// What is wrong, and with which frame.
    pub what: String,
}

/// What came of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Everything that is wrong; none in a bundle that holds.
    pub complaints: Vec<Complaint>,
    /// Frames in the bundle.
    pub frames: u64,
    /// Frames whose reports lead from one head that the device signed to the next.
    pub proven: u64,
    /// Frames that no signed head covers: the newest, and those around a gap.
    pub unproven: u64,
    /// Frames between these that are another's or nobody's, as the centre says, and are not in the bundle.
    pub withheld: u64,
    /// Of these, those with reports of the wearer's before and after them, out of one activation: only a clock that was wrong
    /// explains that.
    pub withheld_within: u64,
    /// Findings that came out again.
    pub verdicts: u64,
    /// Alerts in the bundle.
    pub alerts: u64,
    /// Of these, those whose finding came out again.
    pub alerts_reproduced: u64,
    /// The centre's public key, as the bundle says.
    pub authority: Option<String>,
}

impl Verdict {
    /// Whether the bundle holds.
    pub fn holds(&self) -> bool {
        self.complaints.is_empty()
    }

    fn complain(&mut self, file: &str, line: Option<usize>, field: Option<&str>, what: impl Into<String>) {
        let field = field.map(str::to_owned);
        self.complaints.push(Complaint { file: file.to_owned(), line, field, what: what.into() });
    }
}

/// Checks the bundle; with `authority`, that it comes from the centre with this key.
pub fn verify(bundle: &Bundle, authority: Option<&[u8; 32]>) -> Verdict {
    let mut verdict = Verdict::default();
    let manifest = check_manifest(bundle, authority, &mut verdict);
    for name in bundle.keys() {
        if !RECORDS.contains(&name.as_str()) && ![MANIFEST, SIGNATURE, DIGESTS].contains(&name.as_str()) {
            verdict.complain(name, None, None, "a file that no bundle has");
        }
    }
    check_files(bundle, manifest.as_ref(), &mut verdict);
    check_records(bundle, &mut verdict);
    verdict
}

fn check_manifest(bundle: &Bundle, authority: Option<&[u8; 32]>, verdict: &mut Verdict) -> Option<Manifest> {
    let bytes = bundle.get(MANIFEST).map(Vec::as_slice).unwrap_or_default();
    let manifest = match serde_json::from_slice::<Manifest>(bytes) {
        Ok(manifest) => manifest,
        Err(error) => {
            verdict.complain(MANIFEST, Some(1), None, format!("not a manifest: {error}"));
            return None;
        }
    };
    verdict.authority = Some(manifest.authority.clone());
    if manifest.format != FORMAT {
        verdict.complain(MANIFEST, Some(1), Some("format"), format!("not `{FORMAT}`"));
    }
    let key = unhex_array(&manifest.authority);
    if authority.is_some_and(|wanted| key.as_ref() != Some(wanted)) {
        verdict.complain(MANIFEST, Some(1), Some("authority"), "another centre's key than the one you gave");
    }
    let text =
        bundle.get(SIGNATURE).map(|text| String::from_utf8_lossy(text).into_owned()).unwrap_or_default();
    let signature = text.strip_suffix('\n').and_then(unhex_array);
    let holds = key
        .zip(signature)
        .is_some_and(|(key, signature)| Ed25519.verify(&key, message(bytes).as_bytes(), &signature));
    if !holds {
        blame_manifest(bundle, &manifest, bytes, verdict);
    }
    Some(manifest)
}

/// The signature does not hold: what of the manifest differs from what the other files say it was?
fn blame_manifest(bundle: &Bundle, manifest: &Manifest, bytes: &[u8], verdict: &mut Verdict) {
    const WHAT: &str = "the centre's signature does not hold: this is not what it signed";
    let mut blamed = false;
    for (name, file) in bundle.iter().filter(|(name, _)| ![MANIFEST, SIGNATURE].contains(&name.as_str())) {
        if manifest.files.get(name).is_none_or(|hash| *hash != sha256(file)) {
            verdict.complain(MANIFEST, Some(1), Some(&format!("files.{name}")), WHAT);
            blamed = true;
        }
    }
    let was = digest_lines(bundle).into_iter().find(|digest| digest.file == MANIFEST);
    let head = serde_json::to_vec(&manifest.head()).unwrap_or_default();
    if let Some(field) = was.and_then(|digest| digest.changed_field(&head)) {
        verdict.complain(MANIFEST, Some(1), Some(&field), WHAT);
        blamed = true;
    }
    let mut written = serde_json::to_vec(manifest).unwrap_or_default();
    written.push(b'\n');
    if written != bytes {
        verdict.complain(MANIFEST, Some(1), None, "not in the form in which it was written");
        blamed = true;
    }
    if !blamed {
        verdict.complain(SIGNATURE, Some(1), None, "not the centre's signature over the manifest");
    }
}

fn digest_lines(bundle: &Bundle) -> Vec<LineDigest> {
    let lines = bundle.get(DIGESTS).map(|bytes| split(bytes)).unwrap_or_default();
    lines.iter().filter_map(|line| serde_json::from_slice(line).ok()).collect()
}

/// Every file against its hash; where it differs, line by line.
fn check_files(bundle: &Bundle, manifest: Option<&Manifest>, verdict: &mut Verdict) {
    let hash = |name: &str| manifest.and_then(|manifest| manifest.files.get(name));
    let kept = digest_lines(bundle);
    let digests_hold =
        bundle.get(DIGESTS).is_some_and(|bytes| hash(DIGESTS).is_none_or(|hash| *hash == sha256(bytes)));
    for name in RECORDS {
        let Some(bytes) = bundle.get(name) else {
            verdict.complain(name, None, None, "the file is missing");
            continue;
        };
        if hash(name).is_some_and(|hash| *hash == sha256(bytes)) || !digests_hold {
            continue;
        }
        let lines = split(bytes);
        let of_file: Vec<_> = kept.iter().filter(|digest| digest.file == name).collect();
        let mut blamed = lines.len() != of_file.len();
        if blamed {
            let what = format!("{} lines, there were {}", lines.len(), of_file.len());
            verdict.complain(name, Some(lines.len().min(of_file.len())), None, what);
        }
        for (line, digest) in lines.iter().zip(of_file) {
            if sha256(line) != digest.sha256 {
                let field = digest.changed_field(line);
                verdict.complain(name, Some(digest.line), field.as_deref(), "this line was changed");
                blamed = true;
            }
        }
        if !blamed && manifest.is_some() {
            verdict.complain(name, Some(lines.len()), None, "the end of the last line was changed");
        }
    }
    check_digests(bundle, manifest, digests_hold, verdict);
}

/// The digests themselves were changed: which line differs from what the files say?
fn check_digests(bundle: &Bundle, manifest: Option<&Manifest>, hold: bool, verdict: &mut Verdict) {
    let Some(manifest) = manifest.filter(|_| !hold) else { return };
    let bytes = bundle.get(DIGESTS).map(Vec::as_slice).unwrap_or_default();
    let wanted =
        digests(bundle, manifest).and_then(|digests| crate::lines::to_lines(&digests)).unwrap_or_default();
    let (lines, wanted) = (split(bytes), split(&wanted));
    let changed = lines.iter().zip(&wanted).position(|(line, wanted)| line != wanted);
    let line = changed.unwrap_or_else(|| lines.len().min(wanted.len()).saturating_sub(1)) + 1;
    verdict.complain(DIGESTS, Some(line), None, "this line was changed, or the one that it tells of");
}

/// Every line of a file that is what it should be.
fn read<T: DeserializeOwned>(bundle: &Bundle, name: &str, verdict: &mut Verdict) -> Vec<T> {
    let lines = bundle.get(name).map(|bytes| split(bytes)).unwrap_or_default();
    let mut records = Vec::new();
    for (line, number) in lines.iter().zip(1..) {
        match serde_json::from_slice(line) {
            Ok(record) => records.push(record),
            Err(error) => verdict.complain(name, Some(number), None, format!("cannot be read: {error}")),
        }
    }
    records
}

/// What the records say, against the devices' signatures and the rules.
fn check_records(bundle: &Bundle, verdict: &mut Verdict) {
    let frames: Vec<FrameRecord> = read(bundle, "frames.jsonl", verdict);
    let withheld: Vec<WithheldRecord> = read(bundle, "withheld.jsonl", verdict);
    let activations: Vec<Activation> = read(bundle, "activations.jsonl", verdict);
    let devices: Vec<DeviceRecord> = read(bundle, "devices.jsonl", verdict);
    let wearers: Vec<Wearer> = read(bundle, "wearers.jsonl", verdict);
    let zones: Vec<Zone> = read(bundle, "zones.jsonl", verdict);
    let alerts: Vec<Alert> = read(bundle, "alerts.jsonl", verdict);
    let kept: Vec<Finding> = read(bundle, "verdicts.jsonl", verdict);
    let [wearer] = wearers.as_slice() else {
        verdict.complain("wearers.jsonl", None, None, "a bundle is about one wearer");
        return;
    };
    let case = Case { wearer, zones: &zones, devices: &devices, activations: &activations };
    let mut flaws = Vec::new();
    let covered = proof::check(&frames, &withheld, &devices, &case.carriers(), &mut flaws);
    for Flaw { file, line, field, what } in flaws {
        verdict.complain(file, Some(line), Some(field), what);
    }
    verdict.frames = frames.len() as u64;
    (verdict.proven, verdict.unproven) = (covered.proven, covered.unproven);
    (verdict.withheld, verdict.withheld_within) = (covered.withheld, covered.withheld_within);
    let found = case.verdicts(&frames);
    for (line, index) in (1..).zip(0..found.len().max(kept.len())) {
        match (found.get(index), kept.get(index)) {
            (Some(found), Some(kept)) if found == kept => verdict.verdicts += 1,
            (Some(found), _) => {
                let what = format!("the rules find {:?} here, the bundle says something else", found.kind);
                verdict.complain("verdicts.jsonl", Some(line), None, what);
            }
            (None, _) => verdict.complain("verdicts.jsonl", Some(line), None, "the rules do not find this"),
        }
    }
    verdict.alerts = alerts.len() as u64;
    let reproduced = alerts.iter().filter(|alert| found.iter().any(|finding| finding.id == alert.id));
    verdict.alerts_reproduced = reproduced.count() as u64;
}
