//! Who may pass: a session with an account behind it, a role, and for changes a header that no other site can send.

use crate::{
    console::App,
    problem::{Fault, Problem},
};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{Method, request::Parts},
    middleware::Next,
    response::Response,
};
use lenke_store::{Role, User};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tower_sessions::{Session, session::Id};

/// Every request that changes something must carry it with the value `1`: a form of another site cannot.
pub(crate) const REQUEST_HEADER: &str = "x-lenke-request";

/// The session's only entry.
pub(crate) const LOGIN_KEY: &str = "login";

/// Characters of a password hash that tell whether it is still the same.
const STAMP_CHARS: usize = 16;

/// What a session remembers of its login.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Login {
    name: String,
    stamp: String,
}

impl Login {
    /// A login to this account as it is now.
    pub(crate) fn to(user: &User) -> Self {
        Self { name: user.name.clone(), stamp: stamp(user) }
    }
}

/// The end of the password's hash: another password, another stamp.
fn stamp(user: &User) -> String {
    let from = user.password_hash.len().saturating_sub(STAMP_CHARS);
    user.password_hash.get(from..).unwrap_or_default().to_owned()
}

/// Who asks, on every request that passed the guard.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) user: User,
    pub(crate) session: Id,
}

impl Caller {
    /// The name that stands in the audit log and on alerts.
    pub(crate) fn name(&self) -> &str {
        &self.user.name
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Only a path outside the guard has no caller: better refused than open.
        parts.extensions.get::<Self>().cloned().ok_or_else(not_signed_in)
    }
}

fn not_signed_in() -> Problem {
    Problem::new(Fault::NotSignedIn, "sign in with POST /api/v1/session")
}

/// An administrator may do all that an operator may.
const fn allows(role: Role, needed: Role) -> bool {
    matches!((role, needed), (Role::Administrator, _) | (Role::Operator, Role::Operator))
}

/// Lets signed-in callers with the needed role pass, as [`Caller`] for the handler.
pub(crate) async fn require(
    State((app, needed)): State<(Arc<App>, Role)>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let caller = caller(&app, &session).await?.ok_or_else(not_signed_in)?;
    if !allows(caller.user.role, needed) {
        return Err(Problem::new(Fault::Forbidden, "this is for administrators"));
    }
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// Whose session this is. One whose account is gone or has another password since is ended.
async fn caller(app: &App, session: &Session) -> Result<Option<Caller>, Problem> {
    let login: Option<Login> = session.get(LOGIN_KEY).await.map_err(|error| session_failed(&error))?;
    let (Some(login), Some(id)) = (login, session.id()) else { return Ok(None) };
    let user = app.accounts.current(&login.name).await?;
    match user.filter(|user| stamp(user) == login.stamp) {
        Some(user) => Ok(Some(Caller { user, session: id })),
        None => {
            app.sessions.end(id);
            Ok(None)
        }
    }
}

/// The session store is in memory and its entries are ours: this is a defect.
pub(crate) fn session_failed(error: &tower_sessions::session::Error) -> Problem {
    tracing::error!(%error, "a session could not be read or written");
    Problem::new(Fault::Unavailable, "the session could not be read")
}

/// Refuses changes that do not come from our own pages or from a program that knows the header.
pub(crate) async fn refuse_foreign(request: Request, next: Next) -> Result<Response, Problem> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let headers = request.headers();
    if !reads && headers.get(REQUEST_HEADER).is_none_or(|value| value != "1") {
        let detail = "a request that changes something needs the header `x-lenke-request: 1`";
        return Err(Problem::new(Fault::ForeignRequest, detail).at(REQUEST_HEADER));
    }
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if site.is_some_and(|site| matches!(site, "cross-site" | "same-site")) {
        let detail = "the browser says that another site sent this request";
        return Err(Problem::new(Fault::ForeignRequest, detail).at("sec-fetch-site"));
    }
    Ok(next.run(request).await)
}
