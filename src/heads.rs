//! Signs the audit log's head, and keeps every head outside the database too.
//!
//! Who can write in the database could take entries away from the log's end and the heads with them. So each head also
//! goes into a file of the data folder, a line of JSON each, and into the program's log, which is best sent to another
//! machine: any one of them shows what is missing (`lenke audit verify --heads FILE`).

use crate::{keys, lines, place, settings::Settings};
use anyhow::{Context, Result, ensure};
use lenke_store::{AuditHead, Clock, Custody};
use lenke_wire::{
    UnixMillis,
    sign::{KeyPair, Sign as _},
};
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Name of the file in the data folder.
const FILE: &str = "audit-heads.jsonl";
/// A running centre signs this often, if there are new entries: what is taken away from the log's end within that time
/// is not found out.
const SIGN_EVERY: Duration = Duration::from_secs(300);

/// One line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    seq: u64,
    hash: String,
    at: i64,
    key: String,
    signature: String,
}

/// What signs and where it is kept.
pub(crate) struct Heads {
    path: PathBuf,
    key: KeyPair,
}

impl Heads {
    /// With the authority's key, which is made if it is missing.
    ///
    /// # Errors
    /// The key cannot be read or made.
    pub(crate) fn open(settings: &Settings) -> Result<Self> {
        let key = keys::load_or_create(&place::authority(settings))?;
        Ok(Self { path: settings.data.dir.join(FILE), key })
    }

    /// The key that verifies.
    pub(crate) fn public(&self) -> [u8; 32] {
        self.key.public()
    }

    /// Signs the newest entry, unless it is signed already.
    ///
    /// # Errors
    /// The store does not answer, or the file cannot be written.
    pub(crate) async fn sign(&self, store: &dyn Custody, now: UnixMillis) -> Result<Option<AuditHead>> {
        let newest = store.audit_page(None, 1).await?;
        let signed = store.last_audit_head().await?;
        let Some(newest) = newest.first() else { return Ok(None) };
        if signed.is_some_and(|head| head.seq >= newest.seq) {
            return Ok(None);
        }
        let head =
            AuditHead::signed(newest.seq, newest.hash, now, self.key.public(), |bytes| self.key.sign(bytes));
        // First where nobody who owns the database can take it away.
        self.keep(&head)?;
        if let Err(error) = store.put_audit_head(&head).await {
            // Another program may have signed a later one meanwhile.
            let signed = store.last_audit_head().await?;
            return match signed.is_some_and(|signed| signed.seq >= head.seq) {
                true => Ok(None),
                false => Err(error.into()),
            };
        }
        tracing::info!(
            seq = head.seq,
            hash = keys::hex(&head.hash),
            signature = keys::hex(&head.signature),
            "the audit log's head is signed"
        );
        metrics::gauge!("lenke_audit_signed_seq").set(head.seq as f64);
        Ok(Some(head))
    }

    fn keep(&self, head: &AuditHead) -> Result<()> {
        let line = Line {
            seq: head.seq,
            hash: keys::hex(&head.hash),
            at: head.at.0,
            key: keys::hex(&head.key),
            signature: keys::hex(&head.signature),
        };
        lines::append(&self.path, &line)
    }

    /// The heads in the data folder's file.
    ///
    /// # Errors
    /// As [`read`]; a folder without the file has none.
    pub(crate) fn kept(&self) -> Result<Vec<AuditHead>> {
        heads(&self.path)
    }

    /// Signs now and then until `stop`.
    pub(crate) async fn keep_signing(
        self: Arc<Self>,
        store: Arc<dyn Custody>,
        clock: Clock,
        stop: CancellationToken,
    ) {
        let mut beat = tokio::time::interval(SIGN_EVERY);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = beat.tick() => self.sign_or_warn(&*store, &clock).await,
            }
        }
    }

    /// Signs; a failure is told and counted.
    pub(crate) async fn sign_or_warn(&self, store: &dyn Custody, clock: &Clock) {
        if let Err(error) = self.sign(store, clock.now()).await {
            metrics::counter!("lenke_audit_sign_failures_total").increment(1);
            tracing::error!(error = format!("{error:#}"), "the audit log's head could not be signed");
        }
    }
}

/// Heads from a file of them.
///
/// # Errors
/// The file is not there or cannot be read, or a line is no head; the error names it.
pub(crate) fn read(path: &Path) -> Result<Vec<AuditHead>> {
    ensure!(path.is_file(), "there is no {}", path.display());
    heads(path)
}

fn heads(path: &Path) -> Result<Vec<AuditHead>> {
    let head = |(number, line): (usize, &Line)| {
        let head = || -> Option<AuditHead> {
            Some(AuditHead {
                seq: line.seq,
                hash: keys::parse_hex(&line.hash)?,
                at: UnixMillis(line.at),
                key: keys::parse_hex(&line.key)?,
                signature: keys::parse_hex(&line.signature)?,
            })
        };
        head().with_context(|| format!("line {} of {} is no head", number + 1, path.display()))
    };
    lines::read::<Line>(path)?.iter().enumerate().map(head).collect()
}
