//! Bundles of evidence: what a court needs to check a wearer's trail without the centre, and without the device's key.
//!
//! A bundle is a folder of text files, one JSON object a line:
//!
//! | file | a line is |
//! |---|---|
//! | `frames.jsonl` | a frame of the wearer's: device, epoch, seq, lane, arrival, the report's bytes (`inner`), the frame as it came (`sealed`) |
//! | `withheld.jsonl` | frames in a row that are another's or nobody's: their numbers, and the chain's head after them |
//! | `devices.jsonl` | a device: number, kind, Ed25519 public key; the symmetric key only if it was asked for |
//! | `activations.jsonl` | when the wearer carried which device |
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
//! A device that was handed over reported of somebody else before or after. What is not the wearer's is not in the bundle: the
//! chain goes on from its head after it, which the next signature proves together with all that follows.
//!
//! Invariants: no clock, no files, no network: bytes in, bytes or findings out.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod bundle;
mod lines;
mod owner;
mod proof;
mod records;
mod replay;
mod selection;
mod verify;

pub use bundle::{Bundle, BundleError, Contents};
pub use records::{DeviceRecord, FrameRecord, WithheldRecord};
pub use selection::{Candidate, Selection, Wanted, select};
pub use verify::{Complaint, Verdict, verify};

#[cfg(test)]
mod tests;
