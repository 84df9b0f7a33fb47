//! Users of the console. Names of wearers are not here: telemetry is pseudonymous.

use serde::{Deserialize, Serialize};

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Works the alert queue.
    Operator,
    /// Sees the platform's own state: refused input, counters, users.
    Administrator,
}

/// A local account.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// What is typed at the login.
    pub name: String,
    /// Password hash in PHC string form, made by the caller. Never logged.
    pub password_hash: String,
    /// What the user may do.
    pub role: Role,
    /// What colleagues see.
    pub display: String,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("name", &self.name).field("role", &self.role).finish_non_exhaustive()
    }
}
