//! What devices should hold and what was ordered for them: the centre's memory of its downlinks.
//!
//! Apart from [`crate::Store`], because taking reports in needs none of it: who delivers does, and who orders. Bodies of
//! plans and zone sets are not kept: they follow from the register, and only their digests stand here.

pub mod ordering;

use crate::StoreError;
use async_trait::async_trait;
use lenke_wire::{
    DeviceId, EventKind, FrameId, Outcome, UnixMillis,
    command::Latch,
    downlink::{CommandKind, NoticeCode},
};
use lenke_zones::WearerId;
use serde::{Deserialize, Serialize};

/// Commands of one device that one call answers.
pub const COMMANDS_MAX: u32 = 200;
/// Open commands of one device: more are refused until some have ended.
pub const OPEN_COMMANDS_MAX: u32 = 16;

/// What a device keeps in versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum SetKind {
    /// The supervision plan.
    Plan = 17,
    /// The zones.
    Zones = 20,
}

impl SetKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Plan, Self::Zones];

    /// Its name in the API, in commands and in metrics.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Zones => "zones",
        }
    }
}

/// A version that a device should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Its number, counted up for this device.
    pub version: u32,
    /// The version that it replaces.
    pub base: u32,
    /// SHA-256 by which the device's receipt names it.
    pub digest: [u8; 32],
    /// SHA-256 of what it says, whatever its number.
    pub content: [u8; 32],
    /// Bytes of it.
    pub bytes: u32,
    /// Zones in it.
    pub zones: u32,
    /// Zones that had no room in it: only the centre watches over them.
    pub left_out: u32,
    /// Since when it is wanted.
    pub since: UnixMillis,
}

/// A version that a device has said to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Its number; 0 is what it was made with.
    pub version: u32,
    /// Its SHA-256, if a receipt told it.
    pub digest: Option<[u8; 32]>,
    /// When the centre heard of it first.
    pub since: UnixMillis,
}

/// How a device's plan or zones stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceSet {
    /// Whose.
    pub device: DeviceId,
    /// Plan or zones.
    pub kind: SetKind,
    /// What it should hold, if it had to be sent anything.
    pub wanted: Option<Wanted>,
    /// What it said it holds; unknown until it has said so.
    pub held: Option<Held>,
    /// Times that `wanted` was sent.
    pub attempts: u32,
    /// When it was sent last.
    pub sent_at: Option<UnixMillis>,
    /// Why the device refused `wanted`, if it did.
    pub refused: Option<Outcome>,
}

/// How a set stands, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetState {
    /// Nothing has to be sent: nothing is wanted of the device, what it was delivered with will do, or it has not yet said
    /// what it holds.
    Idle,
    /// The device holds what it should, by its own receipt.
    InForce,
    /// To be sent when the device listens.
    Waiting,
    /// Sent; its receipt is to come.
    Sent,
    /// The device refused it.
    Refused,
}

impl SetState {
    /// All, in the order of [`Self::code`]'s use in metrics.
    pub const ALL: [Self; 5] = [Self::Idle, Self::InForce, Self::Waiting, Self::Sent, Self::Refused];

    /// Its name in the API, in commands and in metrics.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::InForce => "in_force",
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Refused => "refused",
        }
    }
}

impl DeviceSet {
    /// Of a device that nothing is known of.
    pub const fn new(device: DeviceId, kind: SetKind) -> Self {
        Self { device, kind, wanted: None, held: None, attempts: 0, sent_at: None, refused: None }
    }

    /// Whether the device has given a receipt for exactly what is wanted.
    pub fn is_in_force(&self) -> bool {
        match (&self.wanted, &self.held) {
            (Some(wanted), Some(held)) => {
                held.version == wanted.version && held.digest == Some(wanted.digest)
            }
            (None, _) | (_, None) => false,
        }
    }

    /// How it stands.
    pub fn state(&self) -> SetState {
        if self.wanted.is_none() {
            SetState::Idle
        } else if self.is_in_force() {
            SetState::InForce
        } else if self.refused.is_some() {
            SetState::Refused
        } else if self.sent_at.is_some() {
            SetState::Sent
        } else {
            SetState::Waiting
        }
    }
}

/// What was ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Order {
    /// Report the position now.
    Query,
    /// Tell the wearer something.
    Notice {
        /// What.
        code: NoticeCode,
    },
    /// Follow closely, or no longer.
    Pursuit {
        /// Begin, or end.
        on: bool,
        /// Ends by itself then.
        until: UnixMillis,
    },
    /// Clear a latch: the officer's own order, as signed.
    ClearLatch {
        /// Which.
        latch: Latch,
        /// The frame of the event that the officer has dealt with.
        event: FrameId,
        /// The officer's number.
        officer: u32,
        /// Signed body, its signature, the certificate, its signature.
        signed: SignedOrder,
    },
    /// Take a firmware: the authority's manifest, as signed.
    Ota {
        /// Its version, major << 16 | minor << 8 | patch.
        version: u32,
        /// The board that it is for.
        board: u32,
        /// The manifest's bytes.
        manifest: Vec<u8>,
        /// The authority's signature, 64 bytes.
        signature: Vec<u8>,
    },
}

/// An officer's order to clear a latch, as it goes to the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedOrder {
    /// The order's body.
    pub body: Vec<u8>,
    /// The officer's signature, 64 bytes.
    pub signature: Vec<u8>,
    /// The certificate that makes the officer one.
    pub certificate: Vec<u8>,
    /// The authority's signature, 64 bytes.
    pub vouch: Vec<u8>,
}

impl Order {
    /// Its kind's name in the API, in commands and in metrics.
    pub const fn kind_code(&self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Notice { .. } => "notice",
            Self::Pursuit { .. } => "pursuit",
            Self::ClearLatch { .. } => "clear_latch",
            Self::Ota { .. } => "ota",
        }
    }

    /// Which kind of downlink it is.
    pub const fn kind(&self) -> CommandKind {
        match self {
            Self::Query => CommandKind::Query,
            Self::Notice { .. } => CommandKind::Notice,
            Self::Pursuit { .. } => CommandKind::Pursuit,
            Self::ClearLatch { .. } => CommandKind::ClearLatch,
            Self::Ota { .. } => CommandKind::Ota,
        }
    }
}

/// How a command stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandState {
    /// To be sent when the device listens.
    Waiting,
    /// Sent; its receipt is to come.
    Sent,
    /// Sent, and the device gives no receipt for this kind.
    Told,
    /// The device did it.
    Applied,
    /// The device refused it: `outcome` says why.
    Refused,
    /// Its time was over before the device did it.
    Expired,
    /// Taken back: by somebody, by a newer order, or because the wearer no longer has the device.
    Withdrawn,
    /// Sent as often as commands are, without an answer.
    Unanswered,
}

impl CommandState {
    /// Its name in the API, in commands and in metrics.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Told => "told",
            Self::Applied => "applied",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Unanswered => "unanswered",
        }
    }

    /// Nothing more will come of it.
    pub const fn is_settled(self) -> bool {
        !matches!(self, Self::Waiting | Self::Sent)
    }
}

/// A command: what somebody ordered for a device, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Its number; 0 until the store has given it one.
    pub id: u64,
    /// For which device.
    pub device: DeviceId,
    /// Who carried it when it was ordered: it goes to nobody else.
    pub wearer: WearerId,
    /// What.
    pub order: Order,
    /// Who ordered it, as in the audit log.
    pub by: String,
    /// When.
    pub at: UnixMillis,
    /// It is not sent from then on.
    pub expires_at: UnixMillis,
    /// How it stands.
    pub state: CommandState,
    /// Since when.
    pub since: UnixMillis,
    /// Counters under which it was sent, oldest first.
    pub counters: Vec<FrameId>,
    /// When it was sent last.
    pub sent_at: Option<UnixMillis>,
    /// What the device's receipt says.
    pub outcome: Option<Outcome>,
}

impl Command {
    /// A new one, to be sent.
    pub const fn new(
        device: DeviceId,
        wearer: WearerId,
        order: Order,
        by: String,
        at: UnixMillis,
        expires_at: UnixMillis,
    ) -> Self {
        Self {
            id: 0,
            device,
            wearer,
            order,
            by,
            at,
            expires_at,
            state: CommandState::Waiting,
            since: at,
            counters: Vec::new(),
            sent_at: None,
            outcome: None,
        }
    }

    /// It stands so since `at`.
    pub const fn settle(&mut self, state: CommandState, at: UnixMillis) {
        self.state = state;
        self.since = at;
    }
}

/// An officer's key: who may clear latches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficerKey {
    /// The officer's number, given once.
    pub number: u32,
    /// Who that is: an account of the console, or a name of the agency's choice.
    pub name: String,
    /// The officer's Ed25519 key.
    pub public_key: [u8; 32],
    /// The certificate's times.
    pub from: UnixMillis,
    /// See [`Self::from`].
    pub until: UnixMillis,
    /// When it was revoked, if it was.
    pub revoked_at: Option<UnixMillis>,
}

impl OfficerKey {
    /// Whether the centre passes on what was signed with it.
    pub fn holds_at(&self, now: UnixMillis) -> bool {
        self.revoked_at.is_none_or(|revoked| now < revoked) && self.from <= now && now < self.until
    }
}

/// The centre's memory of its downlinks.
#[async_trait]
pub trait Outbox: Send + Sync + 'static {
    /// How every device's plan and zones stand.
    async fn device_sets(&self) -> Result<Vec<DeviceSet>, StoreError>;

    /// How those of one device stand.
    async fn sets_of(&self, device: DeviceId) -> Result<Vec<DeviceSet>, StoreError>;

    /// Writes how sets stand.
    async fn save_sets(&self, sets: &[DeviceSet]) -> Result<(), StoreError>;

    /// Adds a command; answers it with its number.
    ///
    /// # Errors
    /// [`StoreError::Refused`] if the device has [`OPEN_COMMANDS_MAX`] open ones.
    async fn add_command(&self, command: Command) -> Result<Command, StoreError>;

    /// Every command that is not settled, oldest first.
    async fn open_commands(&self) -> Result<Vec<Command>, StoreError>;

    /// The last commands of a device, newest first, at most [`COMMANDS_MAX`].
    async fn commands_of(&self, device: DeviceId) -> Result<Vec<Command>, StoreError>;

    /// Writes how commands stand. One that was settled stays as it is.
    async fn save_commands(&self, commands: &[Command]) -> Result<(), StoreError>;

    /// Every officer's key, by number.
    async fn officers(&self) -> Result<Vec<OfficerKey>, StoreError>;

    /// Adds an officer's key; answers it with the next free number.
    async fn add_officer(&self, officer: OfficerKey) -> Result<OfficerKey, StoreError>;

    /// Revokes an officer's key; `false` if there is none of this number or it was revoked before.
    async fn revoke_officer(&self, number: u32, at: UnixMillis) -> Result<bool, StoreError>;

    /// The frame of the last event of this kind in [`from`, `to`) that the device reported.
    async fn last_event(
        &self,
        device: DeviceId,
        kind: EventKind,
        from: UnixMillis,
        to: UnixMillis,
    ) -> Result<Option<FrameId>, StoreError>;
}
