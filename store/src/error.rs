//! What can go wrong with a store, told apart by what the caller can do about it.

use lenke_wire::DeviceId;
use lenke_zones::{WearerId, ZoneId};
use std::{error::Error, path::PathBuf};

/// The database's own error, whichever database that is.
pub type Source = Box<dyn Error + Send + Sync>;

/// A store's refusal or failure.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store could not be opened or brought to this program's schema.
    #[error("cannot open the store at {}", path.display())]
    Open {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        #[source]
        source: Source,
    },
    /// The database server could not be reached, or its schema not brought up to date.
    #[error("cannot open the store on {server}")]
    Connect {
        /// Host, port and database.
        server: String,
        /// Why not.
        #[source]
        source: Source,
    },
    /// The database did not answer as it should: busy, out of space, unreachable. Trying again may help.
    #[error("the store could not {action}")]
    Unavailable {
        /// What was attempted.
        action: &'static str,
        /// Why not.
        #[source]
        source: Source,
    },
    /// The database refused the data themselves: a reference to nothing, a value out of range. Trying again cannot help.
    #[error("the store refused to {action}")]
    Refused {
        /// What was attempted.
        action: &'static str,
        /// Why not.
        #[source]
        source: Source,
    },
    /// Two activations of one device would hold at the same moment.
    #[error("two activations of {device} overlap")]
    Overlap {
        /// The device.
        device: DeviceId,
    },
    /// A zone's version is already known with another content; a change needs a new version.
    #[error("zone {zone} already has another version {version}")]
    ZoneChanged {
        /// The zone.
        zone: ZoneId,
        /// The version that exists.
        version: u32,
    },
    /// A legal hold keeps everything of this wearer.
    #[error("a legal hold keeps everything of {wearer}: {reason}")]
    Held {
        /// The wearer.
        wearer: WearerId,
        /// Why.
        reason: String,
    },
    /// The wearer was erased and has carried nothing since: there is nobody to keep something about.
    #[error("{wearer} was erased and has carried no device since")]
    Erased {
        /// The wearer.
        wearer: WearerId,
    },
    /// Something stored cannot be read: written by a newer program, or damaged.
    #[error("the store holds {what} that cannot be read: {detail}")]
    Corrupt {
        /// What it should be.
        what: &'static str,
        /// What is wrong with it.
        detail: String,
    },
}

impl StoreError {
    /// Whether the same call may succeed later.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}
