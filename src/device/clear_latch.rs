//! An officer's order to clear a latch: signed here, with a key that the centre does not have.

use super::{Whom, Why, made, place_order};
use crate::{keys, officer, place, span::TimeSpan};
use anyhow::{Context, Result};
use clap::ValueEnum;
use lenke_store::{Clock, outbox::SignedOrder};
use lenke_wire::{
    EventKind, FrameId, UnixMillis,
    command::{BODY_BYTES_MAX, ClearLatch, Latch, Signed},
};
use std::{path::PathBuf, time::Duration};

/// The event is looked for so far back.
const LOOK_BACK: TimeSpan = TimeSpan(Duration::from_secs(90 * 86_400));

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) whom: Whom,
    /// Which latch.
    #[arg(long, value_enum)]
    latch: LatchName,
    /// The officer's key file, as `lenke officer key new` wrote it.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The frame of the event that was dealt with, EPOCH/SEQ; the last one of the latch's if absent.
    #[arg(long, value_name = "EPOCH/SEQ", value_parser = frame)]
    event: Option<FrameId>,
    #[command(flatten)]
    why: Why,
}

#[derive(Clone, Copy, ValueEnum)]
enum LatchName {
    Strap,
    Case,
}

fn frame(text: &str) -> Result<FrameId, String> {
    let parts = text.split_once('/').and_then(|(epoch, seq)| Some((epoch.parse().ok()?, seq.parse().ok()?)));
    parts.map(|(epoch, seq)| FrameId::new(epoch, seq)).ok_or_else(|| format!("`{text}` is not EPOCH/SEQ"))
}

pub(super) async fn run(args: Args) -> Result<()> {
    let Args { whom, latch, key, event, why } = args;
    let opened = whom.place.open().await?;
    let (latch, kind) = match latch {
        LatchName::Strap => (Latch::Strap, EventKind::StrapOpen),
        LatchName::Case => (Latch::Case, EventKind::CaseOpen),
    };
    let now = Clock::wall().now();
    let event = match event {
        Some(event) => event,
        None => {
            let from = UnixMillis(now.0 - i64::try_from(LOOK_BACK.0.as_millis()).unwrap_or(i64::MAX));
            let found = opened.store.last_event(whom.device, kind, from, now.plus_s(86_400)).await?;
            found.with_context(|| {
                format!("{} reported no such event in 90 days; name one with --event", whom.device)
            })?
        }
    };
    let credentials = officer::read(&key)?;
    let mut body = [0; BODY_BYTES_MAX];
    let order = Signed::sign(ClearLatch { latch, event }, whom.device, &credentials.pair, &mut body)
        .context("the order cannot be encoded")?;
    let signed = SignedOrder {
        body: order.body().to_vec(),
        signature: order.signature().to_vec(),
        certificate: credentials.certificate,
        vouch: credentials.vouch,
    };
    let authority = keys::load_or_create(&place::authority(&opened.settings))?.public();
    let officers = opened.store.officers().await?;
    let register = opened.store.load_register().await?;
    let command = made(&register, whom.device, |target, now, by| {
        Ok(target.clear_latch(signed, &authority, &officers, by, now)?)
    })?;
    place_order(&opened, command, &format!("event {event} {}", why.reason), whom.json).await
}
