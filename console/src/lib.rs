//! The operator's console: HTTP API with OpenAPI, live events, and the pages.
//!
//! | module | what it is |
//! |---|---|
//! | [`console`] | what it is made of, and its beginning and end |
//! | `server`, `headers`, `limits` | connections, time and size limits, security headers |
//! | `api` | every endpoint, by subject; `views` are the shapes they show |
//! | `guard`, `sessions`, `throttle`, `password`, `accounts` | who may do what |
//! | `audit` | who did and saw what |
//! | `live` | from the desk's bus to the browsers |
//! | `assets`, `basemap` | pages and map tiles, embedded in the program |
//! | [`trail`] | a recorded path as GPX, GeoJSON or CSV |
//! | `problem`, `extract` | errors that name the field |
//!
//! Invariants: every path of the API but the login and its own description needs a session and a role; a change needs
//! our own header; what is looked at or done is in the audit log before it is answered; a slow or hostile client
//! costs a bounded amount of memory and time. Left to others: what alerts are (`alerts`), who has them (`notify`).
#![forbid(unsafe_code)]

mod accounts;
mod api;
mod assets;
mod audit;
mod basemap;
mod casebook;
pub mod compliance;
pub mod console;
mod extract;
mod guard;
mod headers;
mod limits;
mod live;
mod paging;
mod password;
mod problem;
mod server;
mod sessions;
mod throttle;
pub mod trail;
mod views;

pub use accounts::{AccountError, bootstrap_user, set_password};
pub use api::openapi_json;
pub use console::{Console, ConsoleConfig};
pub use lenke_store::Role;
pub use password::HashError;
