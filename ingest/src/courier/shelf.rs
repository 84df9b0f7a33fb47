//! One set (plan or zones) of one device: which version it should hold, which it holds, and when to tell it again. Pure.
//!
//! ```text
//! wanted, held unknown ---- the device says what it holds ----> due --sent--> waits for the receipt
//!                                                                ^                 |        |
//!                                        60 s, doubling to 1 h --+-----------------+        v
//!                     other content, or the device holds another version: a new number   in force
//! ```
//!
//! **Invariant**: one version of one device never has two contents or two bases. A set is in force only when the device's
//! own receipt names its number and its hash.

use super::wants::{Body, Content};
use lenke_store::outbox::{DeviceSet, Held, SetKind, Wanted};
use lenke_wire::{DeviceId, FrameId, Outcome, Receipt, UnixMillis, sign::KeyPair};
use std::sync::Arc;

/// Times that one version is sent while the device gives no sign.
pub(crate) const ATTEMPTS_MAX: u32 = 10;
/// First pause before a set is sent again, seconds; it doubles each time.
pub(crate) const AGAIN_S: i64 = 60;
/// The longest pause.
pub(crate) const AGAIN_S_MAX: i64 = 3_600;
/// A set that the device refused is tried again after this, seconds.
const REFUSED_AGAIN_S: i64 = 86_400;
/// A set is never sent more often than this, whatever the device does, seconds.
const PAUSE_S_MIN: i64 = 5;
/// Counters remembered of one version.
const COUNTERS_MAX: usize = 64;

/// A set and what is under way of it.
#[derive(Debug)]
pub(super) struct Shelf {
    pub(super) set: DeviceSet,
    /// What `set.wanted` says, as long as the device does not hold it.
    body: Option<Body>,
    /// Counters of what was sent of it since this process started.
    counters: Vec<FrameId>,
    /// Parts that the device has said to have, if it has.
    parts_there: Option<u16>,
    /// The same content has a new number: no reason to wait.
    is_renumbered: bool,
    pub(super) is_dirty: bool,
}

/// What goes out now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parcel {
    pub(super) wanted: Wanted,
    pub(super) body: Body,
    /// Bit n: part n of the zones.
    pub(super) parts: u16,
}

impl Shelf {
    pub(super) const fn new(set: DeviceSet) -> Self {
        Self {
            set,
            body: None,
            counters: Vec::new(),
            parts_there: None,
            is_renumbered: false,
            is_dirty: false,
        }
    }

    /// The register wants the device to hold this. Signing gives the hash of the receipt: `key` and `device` are for that.
    pub(super) fn want(&mut self, content: Content, key: &KeyPair, now: UnixMillis) {
        // What it replaces has to be known.
        let Some(Held { version: held, .. }) = self.set.held else { return };
        let Some(wanted) = self.set.wanted else {
            // Nothing was ever sent: what it was delivered with may do.
            let as_delivered = content.is_empty && held == 0;
            let by_number = self.set.kind == SetKind::Plan && held == content.version_min();
            if !as_delivered && !by_number {
                self.allot(content, 0, held, key, now);
            }
            return;
        };
        let is_other = self.holds_another();
        let follows = held == wanted.base || held == wanted.version;
        if wanted.content == content.digest && follows && !is_other {
            if !self.set.is_in_force() && self.body.is_none() {
                self.body = Some(content.body);
            }
            return;
        }
        self.allot(content, wanted.version, held, key, now);
    }

    fn allot(&mut self, content: Content, last: u32, held: u32, key: &KeyPair, now: UnixMillis) {
        let version = content.version_min().max(last.max(held).saturating_add(1));
        let digest = content.receipt_digest(version, held, self.set.device, key);
        let same = self.set.wanted.filter(|wanted| wanted.content == content.digest);
        self.set.wanted = Some(Wanted {
            version,
            base: held,
            digest,
            content: content.digest,
            bytes: content.bytes,
            zones: content.zones,
            left_out: content.left_out,
            since: same.map_or(now, |wanted| wanted.since),
        });
        // Another number for the same content is no new try: the device may refuse every one.
        self.is_renumbered = same.is_some();
        if same.is_none() {
            self.set.attempts = 0;
            self.set.sent_at = None;
        }
        self.set.refused = None;
        self.body = Some(content.body);
        self.counters.clear();
        self.parts_there = None;
        self.is_dirty = true;
    }

    /// The device says which version it holds.
    pub(super) fn handle_held(&mut self, version: u32, now: UnixMillis) {
        if self.set.held.is_none_or(|held| held.version != version) {
            if self.set.is_in_force() {
                // It had what it should, and has lost it: that is no silence.
                self.set.attempts = 0;
            }
            self.set.held = Some(Held { version, digest: None, since: now });
            self.is_dirty = true;
        }
    }

    /// The device says what became of a command of this kind. One that a backlog brings may be old.
    pub(super) fn handle_receipt(&mut self, receipt: &Receipt, is_live: bool, now: UnixMillis) {
        let is_ours = self.counters.contains(&receipt.counter);
        if !is_ours && !is_live {
            return;
        }
        self.handle_held(receipt.version, now);
        if let Some(held) = &mut self.set.held
            && held.digest != Some(receipt.digest)
        {
            held.digest = Some(receipt.digest);
            self.is_dirty = true;
        }
        match receipt.outcome {
            _ if self.set.is_in_force() => {
                self.set.refused = None;
                self.body = None;
                self.counters.clear();
                self.parts_there = None;
                self.is_dirty = true;
            }
            Outcome::Incomplete if is_ours => self.parts_there = Some(receipt.parts),
            // The next version is allotted from what it holds.
            Outcome::Applied | Outcome::Base | Outcome::Rollback | Outcome::Incomplete => {}
            refused if is_ours => {
                self.set.refused = Some(refused);
                self.is_dirty = true;
            }
            Outcome::Signature
            | Outcome::Content
            | Outcome::Size
            | Outcome::Latch
            | Outcome::Alarm
            | Outcome::Battery
            | Outcome::Board
            | Outcome::Expired
            | Outcome::Unsupported => {}
        }
    }

    /// The device listens anew, or has given a sign of life: what was given up is tried once more, and of what was under way
    /// the device is asked what it has.
    pub(super) fn handle_contact(&mut self, connected: bool, now: UnixMillis) {
        let Some(sent_at) = self.set.sent_at else { return };
        let waited_s = now.since_ms(sent_at) / 1000;
        if self.set.attempts >= ATTEMPTS_MAX && waited_s >= AGAIN_S_MAX {
            self.set.attempts = ATTEMPTS_MAX - 1;
            self.is_dirty = true;
        }
        if connected && waited_s >= PAUSE_S_MIN && !self.set.is_in_force() && self.set.attempts < ATTEMPTS_MAX
        {
            self.set.sent_at = Some(now.plus_s(-AGAIN_S_MAX));
        }
    }

    /// The device is to be told, and what it is to be told has to be made again.
    pub(super) fn needs_content(&self) -> bool {
        let Some(wanted) = &self.set.wanted else { return true };
        let held = self.set.held.map_or(0, |held| held.version);
        let follows = held == wanted.base || held == wanted.version;
        !self.set.is_in_force() && (self.body.is_none() || !follows || self.holds_another())
            || self.set.is_in_force() && !follows
    }

    /// The device holds the wanted number with another content.
    fn holds_another(&self) -> bool {
        self.set.wanted.zip(self.set.held).is_some_and(|(wanted, held)| {
            held.version == wanted.version && held.digest.is_some_and(|digest| digest != wanted.digest)
        })
    }

    /// When the set is to be sent, if it is.
    pub(super) fn due_at(&self) -> Option<UnixMillis> {
        if self.body.is_none() || self.set.wanted.is_none() || self.set.is_in_force() {
            return None;
        }
        let Some(sent_at) = self.set.sent_at else { return Some(UnixMillis(i64::MIN)) };
        if self.set.refused.is_some() {
            return Some(sent_at.plus_s(REFUSED_AGAIN_S));
        }
        if self.set.attempts >= ATTEMPTS_MAX {
            return None;
        }
        if self.parts_there.is_some() || self.is_renumbered {
            return Some(sent_at.plus_s(PAUSE_S_MIN));
        }
        let pause = AGAIN_S.saturating_mul(1 << self.set.attempts.saturating_sub(1).min(16)).min(AGAIN_S_MAX);
        Some(sent_at.plus_s(pause))
    }

    /// What to send now, if something is due.
    pub(super) fn parcel(&self, now: UnixMillis) -> Option<Parcel> {
        let (wanted, body) = (self.set.wanted?, self.body.clone()?);
        if self.due_at()? > now {
            return None;
        }
        let all = match &body {
            Body::Plan(_) => 1,
            Body::Zones(bytes) => all_parts(bytes),
        };
        let parts = match self.parts_there {
            Some(there) => all & !there,
            // Asked for a part that it may have, the device says which others it has.
            None if all != 1 && self.set.attempts % 2 == 1 => 1,
            None => all,
        };
        Some(Parcel { wanted, body, parts: if parts == 0 { all } else { parts } })
    }

    /// The parcel is on its way under these counters.
    pub(super) fn handle_sent(&mut self, counters: impl IntoIterator<Item = FrameId>, now: UnixMillis) {
        self.counters.extend(counters);
        let excess = self.counters.len().saturating_sub(COUNTERS_MAX);
        self.counters.drain(..excess);
        self.set.attempts = self.set.attempts.saturating_add(1);
        self.set.sent_at = Some(now);
        self.set.refused = None;
        self.parts_there = None;
        self.is_renumbered = false;
        self.is_dirty = true;
    }

    pub(super) const fn device(&self) -> DeviceId {
        self.set.device
    }
}

/// A bit for each part of a zone set.
fn all_parts(bytes: &Arc<[u8]>) -> u16 {
    let parts = bytes.len().div_ceil(lenke_wire::command::ZONE_PART_BYTES_MAX).clamp(1, 16);
    u16::MAX >> (16 - parts)
}

#[cfg(test)]
mod tests;
