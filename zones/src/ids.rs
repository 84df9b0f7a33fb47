//! Identities of the case side: wearers, groups, zones. Telemetry knows nothing but these.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "-{:05}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

number_id!(
    /// A device wearer, or a victim who carries a unit: pseudonymous, the name is only in the case register.
    WearerId, "W"
);
number_id!(
    /// A group of wearers that a shared zone is assigned to.
    GroupId, "G"
);
number_id!(
    /// A zone, over all its versions.
    ZoneId, "Z"
);
