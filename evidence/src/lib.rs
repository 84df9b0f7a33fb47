//! Bundles of evidence: what a court needs to check a wearer's trail without the centre, and without the device's key.
//!
//! A bundle is a folder of text files, one JSON object a line:
//!
//! | file | a line is |
//! |---|---|
//! | `frames.jsonl` | a frame: device, epoch, seq, lane, arrival, the report's bytes (`inner`), the frame as it came (`sealed`) |
//! | `devices.jsonl` | a device: number, kind, Ed25519 public key; the symmetric key only if it was asked for |
//! | `activations.jsonl` | who carried which device when |
//! | `wearers.jsonl` | the wearer: order, its version, conditions, plan |
//! | `zones.jsonl` | a zone, in every version |
//! | `alerts.jsonl` | an alert as it is in the register, with its explanation and timeline |
//! | `verdicts.jsonl` | a finding of the same rules, run again over the frames above |
//! | `digests.jsonl` | of every line of the files above its SHA-256, and of each of its fields the first bytes |
//! | `manifest.json` | wearer, interval, who made it and when, SHA-256 of every file |
//! | `manifest.sig` | the centre's signature over the manifest |
//!
//! What proves what: the device's signature over the chain proves the reports, to anybody, against the centre too. The manifest's
//! signature proves that nothing was changed since the export, and the digests tell where if something was. Running the rules
//! again proves that the verdicts follow from the reports.
//!
//! Invariants: no clock, no files, no network: bytes in, bytes or findings out.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod bundle;
mod lines;
mod proof;
mod records;
mod replay;
mod selection;
mod verify;

pub use bundle::{Bundle, BundleError, Contents};
pub use records::{DeviceRecord, FrameRecord};
pub use selection::{Candidate, select};
pub use verify::{Complaint, Verdict, verify};

#[cfg(test)]
mod tests;
