//! A tag's plan and zones as they stand, and its orders.

use lenke_store::outbox::{Command, DeviceSet};
use lenke_wire::{DeviceId, Outcome};
use lenke_zones::WearerId;
use serde::Serialize;
use utoipa::ToSchema;

/// A tag, as far as the centre tells it something.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TagView {
    /// The tag's id.
    #[schema(value_type = String, example = "lk000042")]
    device: String,
    /// Its plan and its zones.
    sets: Vec<SetView>,
    /// What was ordered for it while the wearer has it, newest first.
    commands: Vec<CommandView>,
}

impl TagView {
    pub(crate) fn of(device: DeviceId, sets: &[DeviceSet], commands: &[Command], wearer: WearerId) -> Self {
        let own = commands.iter().filter(|command| command.wearer == wearer);
        Self {
            device: device.to_string(),
            sets: sets.iter().map(SetView::from).collect(),
            commands: own.map(CommandView::from).collect(),
        }
    }
}

/// How a tag's plan or zones stand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SetView {
    /// `plan` or `zones`.
    set: &'static str,
    /// `idle`, `in_force`, `waiting`, `sent` or `refused`.
    state: &'static str,
    /// The version that the tag holds, by its own word.
    held_version: Option<u32>,
    /// Since when the centre knows that, milliseconds of Unix time.
    held_since: Option<i64>,
    /// The version that it should hold.
    wanted_version: Option<u32>,
    /// Since when, milliseconds of Unix time.
    wanted_since: Option<i64>,
    /// Zones in it.
    zones: u32,
    /// Zones that the tag has no room for: only the centre watches over them.
    left_out: u32,
    /// Times that it was sent.
    attempts: u32,
    /// Why the tag refused it, by the protocol's name.
    refused: Option<String>,
}

impl From<&DeviceSet> for SetView {
    fn from(set: &DeviceSet) -> Self {
        Self {
            set: set.kind.code(),
            state: set.state().code(),
            held_version: set.held.map(|held| held.version),
            held_since: set.held.map(|held| held.since.0),
            wanted_version: set.wanted.map(|wanted| wanted.version),
            wanted_since: set.wanted.map(|wanted| wanted.since.0),
            zones: set.wanted.map_or(0, |wanted| wanted.zones),
            left_out: set.wanted.map_or(0, |wanted| wanted.left_out),
            attempts: set.attempts,
            refused: set.refused.map(name),
        }
    }
}

/// An order for a tag and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommandView {
    /// Its number.
    id: u64,
    /// The tag's id.
    #[schema(value_type = String, example = "lk000042")]
    device: String,
    /// `query`, `notice`, `pursuit`, `clear_latch` or `ota`.
    command: &'static str,
    /// `waiting`, `sent`, `told`, `applied`, `refused`, `expired`, `withdrawn` or `unanswered`.
    state: &'static str,
    /// Since when it stands so, milliseconds of Unix time.
    since: i64,
    /// Who ordered it.
    by: String,
    /// When, milliseconds of Unix time.
    at: i64,
    /// It is not sent any more from then on, milliseconds of Unix time.
    expires_at: i64,
    /// What the tag's receipt says, by the protocol's name.
    outcome: Option<String>,
}

impl From<&Command> for CommandView {
    fn from(command: &Command) -> Self {
        Self {
            id: command.id,
            device: command.device.to_string(),
            command: command.order.kind_code(),
            state: command.state.code(),
            since: command.since.0,
            by: command.by.clone(),
            at: command.at.0,
            expires_at: command.expires_at.0,
            outcome: command.outcome.map(name),
        }
    }
}

/// An outcome's name as it is serialized.
fn name(outcome: Outcome) -> String {
    serde_json::to_value(outcome).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
