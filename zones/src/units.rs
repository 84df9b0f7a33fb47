//! Quantities with their unit in the type.

use serde::{Deserialize, Serialize};

/// A distance in metres; signed where the context says so.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
pub struct Metres(pub f64);
