//! Checks an audit log from its first record to its last, against the signed heads in the store and those that were
//! kept elsewhere. One pass, a page at a time.

use super::{AuditRecord, head::AuditHead};
use crate::{Custody, StoreError, store::PAGE_ROWS_MAX};
use serde::Serialize;
use std::{collections::VecDeque, fmt};

/// What does not fit, with the number of the record or head at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "fault")]
pub enum AuditFault {
    /// A record that should be there is not.
    Missing {
        /// Its number.
        seq: u64,
        /// The one that is there in its place.
        found: u64,
    },
    /// A record is not bound to the one before: it was put in, or another was taken out or exchanged.
    Unbound {
        /// Its number.
        seq: u64,
    },
    /// A record's content does not have its hash: it was changed.
    Changed {
        /// Its number.
        seq: u64,
    },
    /// A head's signature is not right.
    HeadForged {
        /// The record that it is about.
        seq: u64,
    },
    /// A head is signed by a key that is not the centre's.
    HeadForeign {
        /// The record that it is about.
        seq: u64,
        /// The key, in hexadecimal.
        key: String,
    },
    /// A head says another hash than the record has: the chain was written anew.
    Rewritten {
        /// The record.
        seq: u64,
    },
    /// A head is about a record that is not there: the end of the log is missing.
    Truncated {
        /// The record that a head is about.
        seq: u64,
        /// The last one that there is.
        last: u64,
    },
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { seq, found } => {
                write!(f, "entry {seq} is missing; entry {found} stands in its place")
            }
            Self::Unbound { seq } => {
                write!(
                    f,
                    "entry {seq} is not bound to the one before: one was put in, taken out or exchanged"
                )
            }
            Self::Changed { seq } => write!(f, "entry {seq} was changed: its content does not have its hash"),
            Self::HeadForged { seq } => {
                write!(f, "the head of entry {seq} has a signature that is not right")
            }
            Self::HeadForeign { seq, key } => {
                write!(f, "the head of entry {seq} is signed by a key that is not the centre's: {key}")
            }
            Self::Rewritten { seq } => {
                write!(f, "entry {seq} is not the one that was signed: the log was written anew")
            }
            Self::Truncated { seq, last } => {
                write!(f, "entry {seq} was signed but is not there: the log ends with entry {last}")
            }
        }
    }
}

/// How an audit log was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Entries that fit, from the first.
    pub entries: u64,
    /// Heads that fit.
    pub heads: u64,
    /// The newest entry that a head covers.
    pub signed_up_to: u64,
    /// What does not fit first.
    pub broken: Option<AuditFault>,
}

/// Checks the whole log of `store` against its own heads and `kept`, heads that were kept elsewhere. A head must be
/// signed by one of `trusted`, unless that is empty.
///
/// # Errors
/// The store does not answer or holds what cannot be read.
pub async fn verify(
    store: &dyn Custody,
    kept: Vec<AuditHead>,
    trusted: &[[u8; 32]],
) -> Result<Verified, StoreError> {
    verify_telling(store, kept, trusted, &mut |_| {}).await
}

/// The same; `progress` is called with the number of entries so far, page by page.
///
/// # Errors
/// As [`verify`].
pub async fn verify_telling(
    store: &dyn Custody,
    mut kept: Vec<AuditHead>,
    trusted: &[[u8; 32]],
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Verified, StoreError> {
    kept.sort_unstable_by_key(|head| head.seq);
    let mut check = Check::new(trusted);
    let mut kept: VecDeque<_> = kept.into();
    let mut own = Heads { store, page: VecDeque::new(), last: 0, ended: false };
    let mut after = 0;
    loop {
        let page = store.audit_from(after, PAGE_ROWS_MAX).await?;
        let Some(newest) = page.last() else { break };
        after = newest.seq;
        for record in &page {
            check.take(record);
            while let Some(head) = own.next_up_to(record.seq).await? {
                check.take_head(&head, record);
            }
            while let Some(head) = kept.pop_front_if(|head| head.seq <= record.seq) {
                check.take_head(&head, record);
            }
            if check.found.broken.is_some() {
                return Ok(check.found);
            }
        }
        progress(after);
    }
    let beyond = own.next_up_to(u64::MAX).await?.into_iter().chain(kept.pop_front());
    beyond.for_each(|head| check.take_beyond(&head));
    Ok(check.found)
}

/// The store's own heads, a page at a time.
struct Heads<'a> {
    store: &'a dyn Custody,
    page: VecDeque<AuditHead>,
    last: u64,
    ended: bool,
}

impl Heads<'_> {
    async fn next_up_to(&mut self, seq: u64) -> Result<Option<AuditHead>, StoreError> {
        if self.page.is_empty() && !self.ended {
            self.page = self.store.audit_heads(self.last, PAGE_ROWS_MAX).await?.into();
            self.ended = self.page.is_empty();
            self.last = self.page.back().map_or(self.last, |head| head.seq);
        }
        Ok(self.page.pop_front_if(|head| head.seq <= seq))
    }
}

struct Check<'a> {
    trusted: &'a [[u8; 32]],
    hash: [u8; 32],
    found: Verified,
}

impl<'a> Check<'a> {
    const fn new(trusted: &'a [[u8; 32]]) -> Self {
        let found = Verified { entries: 0, heads: 0, signed_up_to: 0, broken: None };
        Self { trusted, hash: [0; 32], found }
    }

    fn fail(&mut self, fault: AuditFault) {
        self.found.broken.get_or_insert(fault);
    }

    fn take(&mut self, record: &AuditRecord) {
        let seq = self.found.entries + 1;
        if record.seq != seq {
            return self.fail(AuditFault::Missing { seq, found: record.seq });
        }
        if record.prev_hash != self.hash {
            return self.fail(AuditFault::Unbound { seq });
        }
        if AuditRecord::chained(seq, self.hash, record.entry.clone()).hash != record.hash {
            return self.fail(AuditFault::Changed { seq });
        }
        self.hash = record.hash;
        self.found.entries = seq;
    }

    /// A head that is due with `record`.
    fn take_head(&mut self, head: &AuditHead, record: &AuditRecord) {
        let seq = head.seq;
        if !self.check_signature(head) {
            return;
        }
        if seq != record.seq || head.hash != record.hash {
            return self.fail(AuditFault::Rewritten { seq });
        }
        // One that is in the store is often kept elsewhere too.
        self.found.heads += u64::from(seq > self.found.signed_up_to);
        self.found.signed_up_to = seq;
    }

    fn take_beyond(&mut self, head: &AuditHead) {
        if self.check_signature(head) {
            self.fail(AuditFault::Truncated { seq: head.seq, last: self.found.entries });
        }
    }

    fn check_signature(&mut self, head: &AuditHead) -> bool {
        let seq = head.seq;
        if !head.is_genuine() {
            self.fail(AuditFault::HeadForged { seq });
            return false;
        }
        if !self.trusted.is_empty() && !self.trusted.contains(&head.key) {
            let key = head.key.iter().map(|byte| format!("{byte:02x}")).collect();
            self.fail(AuditFault::HeadForeign { seq, key });
            return false;
        }
        true
    }
}
