//! What a device holds and what was ordered for it.

use super::Whom;
use crate::{keys::hex, terminal};
use anyhow::Result;
use lenke_store::outbox::{Command, DeviceSet};
use lenke_wire::UnixMillis;
use serde_json::{Value, json};

pub(super) async fn run(whom: &Whom) -> Result<()> {
    let opened = whom.place.open().await?;
    opened.audit("device.read", "all", &whom.device.to_string()).await?;
    let sets = opened.store.sets_of(whom.device).await?;
    let commands = opened.store.commands_of(whom.device).await?;
    if whom.json {
        let sets: Vec<_> = sets.iter().map(set_json).collect();
        let commands: Vec<_> = commands.iter().map(command_json).collect();
        println!("{}", json!({ "device": whom.device.to_string(), "sets": sets, "commands": commands }));
        return Ok(());
    }
    let mut rows: Vec<_> = sets.iter().map(|set| (set.kind.code().to_owned(), describe(set))).collect();
    rows.extend(commands.iter().map(|command| {
        let outcome = command.outcome.map_or_else(String::new, |outcome| format!(", {outcome:?}"));
        let name = format!("order {}: {}", command.id, command.order.kind_code());
        let state =
            format!("{}{outcome} since {}, by {}", command.state.code(), moment(command.since), command.by);
        (name, state)
    }));
    println!("{}", terminal::table(&whom.device.to_string(), &rows));
    Ok(())
}

fn describe(set: &DeviceSet) -> String {
    let held = set.held.map_or_else(|| "unknown".to_owned(), |held| held.version.to_string());
    let Some(wanted) = &set.wanted else { return format!("holds version {held}; nothing else is wanted") };
    let refused = set.refused.map_or_else(String::new, |outcome| format!(" ({outcome:?})"));
    let mut text = format!(
        "{}{refused}: holds version {held}, wanted is {} since {}, sent {} times",
        set.state().code(),
        wanted.version,
        moment(wanted.since),
        set.attempts,
    );
    if wanted.left_out > 0 {
        text.push_str(&format!("; no room for {} zones", wanted.left_out));
    }
    text
}

fn moment(at: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map_or_else(|_| at.0.to_string(), |at| at.strftime("%F %T UTC").to_string())
}

fn set_json(set: &DeviceSet) -> Value {
    json!({
        "set": set.kind.code(),
        "state": set.state().code(),
        "held_version": set.held.map(|held| held.version),
        "held_digest": set.held.and_then(|held| held.digest).map(|digest| hex(&digest)),
        "wanted_version": set.wanted.map(|wanted| wanted.version),
        "wanted_digest": set.wanted.map(|wanted| hex(&wanted.digest)),
        "wanted_since": set.wanted.map(|wanted| wanted.since.0),
        "zones": set.wanted.map(|wanted| wanted.zones),
        "left_out": set.wanted.map(|wanted| wanted.left_out),
        "attempts": set.attempts,
        "refused": set.refused,
    })
}

/// A command for programs, without what is signed.
pub(super) fn command_json(command: &Command) -> Value {
    json!({
        "id": command.id,
        "device": command.device.to_string(),
        "command": command.order.kind_code(),
        "state": command.state.code(),
        "since": command.since.0,
        "by": command.by,
        "at": command.at.0,
        "expires_at": command.expires_at.0,
        "sent": command.counters.len(),
        "outcome": command.outcome,
    })
}
