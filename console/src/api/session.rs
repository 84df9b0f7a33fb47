//! Signing in and out.

use crate::{
    audit,
    console::App,
    extract::Body,
    guard::{self, Caller, Login},
    limits, password,
    problem::{Fault, Problem},
    server::Peer,
};
use axum::{Extension, Json, extract::State, http::StatusCode};
use lenke_store::{Role, User};
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, sync::Arc};
use tokio::time::Instant;
use tower_sessions::Session;
use utoipa::ToSchema;

/// Name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// The user's name.
    #[schema(example = "operator", max_length = 256)]
    name: String,
    /// The user's password.
    #[schema(format = Password, max_length = 256)]
    password: String,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    /// What is typed at the login, and what stands on alerts and in the audit log.
    name: String,
    /// What colleagues see.
    display: String,
    /// What the user may do.
    role: RoleView,
}

/// What a user may do.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Role)]
enum RoleView {
    /// Works the alert queue.
    Operator,
    /// That, and sees the platform's own state.
    Administrator,
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        match role {
            Role::Operator => Self::Operator,
            Role::Administrator => Self::Administrator,
        }
    }
}

/// Sign in. The session is a cookie that scripts cannot read.
#[utoipa::path(post, path = "/session", operation_id = "sign_in", tag = "session", security(()), request_body = Credentials,
    params(("x-lenke-request" = String, Header, description = "`1`: sent by our own pages or programs")),
    responses((status = 204, description = "Signed in"),
        (status = 401, description = "Name or password are wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many failures: wait", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn sign_in(
    State(app): State<Arc<App>>,
    peer: Option<Extension<Peer>>,
    session: Session,
    Body(credentials): Body<Credentials>,
) -> Result<StatusCode, Problem> {
    for (field, text) in [("name", &credentials.name), ("password", &credentials.password)] {
        if text.is_empty() || text.len() > limits::CREDENTIAL_BYTES_MAX {
            return Err(Problem::field(field, "empty or too long"));
        }
    }
    let address = peer.map(|Extension(Peer(peer))| peer.ip());
    let name = credentials.name.clone();
    let account = app.store.user(&name).await?;
    let actor = account.as_ref().map_or("unknown", |user| user.name.as_str()).to_owned();
    let from = address.map_or_else(String::new, |address| format!("from {address}"));
    let Some(user) = check(&app, credentials, account, address).await? else {
        metrics::counter!("console_logins_total", "outcome" => "failed").increment(1);
        // A name that does not exist may be a password typed into the wrong field: it is not written down.
        audit::record(&app, &actor, "login.failed", &actor, &from).await?;
        return Err(Problem::new(Fault::WrongCredentials, "name or password are wrong"));
    };
    audit::record(&app, &user.name, "login", &user.name, &from).await?;
    // A new id, whatever the browser sent: nobody can have prepared it.
    session.clear().await;
    session.cycle_id().await.map_err(|error| guard::session_failed(&error))?;
    session
        .insert(guard::LOGIN_KEY, Login::to(&user))
        .await
        .map_err(|error| guard::session_failed(&error))?;
    metrics::counter!("console_logins_total", "outcome" => "succeeded").increment(1);
    Ok(StatusCode::NO_CONTENT)
}

/// Checks the password, one of few at a time and not too often. `None` if it does not fit, whoever was named.
async fn check(
    app: &App,
    credentials: Credentials,
    account: Option<User>,
    address: Option<IpAddr>,
) -> Result<Option<User>, Problem> {
    let Credentials { name, password } = credentials;
    let slow_down = |app: &App| match app.throttle.wait(&name, address, Instant::now()) {
        None => Ok(()),
        Some(wait) => {
            metrics::counter!("console_logins_total", "outcome" => "throttled").increment(1);
            let detail = format!("too many failed logins; try again in {} s", wait.as_secs().max(1));
            Err(Problem::new(Fault::TooMany, detail).retry_after(wait))
        }
    };
    slow_down(app)?;
    let turn = tokio::time::timeout(limits::PASSWORD_WAIT_MAX, app.password_checks.acquire()).await;
    let Ok(Ok(_turn)) = turn else {
        let detail = "too many people sign in at this moment";
        return Err(Problem::new(Fault::Unavailable, detail).retry_after(limits::PASSWORD_WAIT_MAX));
    };
    // Once more: while waiting, others may have failed for this name.
    slow_down(app)?;
    let checked = tokio::task::spawn_blocking(move || {
        let fits = password::verify(&password, account.as_ref().map(|user| user.password_hash.as_str()));
        account.filter(|_| fits)
    });
    let user = checked.await.map_err(|error| {
        tracing::error!(%error, "a password check did not end");
        Problem::new(Fault::Unavailable, "the password could not be checked")
    })?;
    match &user {
        Some(user) => app.throttle.succeed(&user.name),
        None => app.throttle.fail(&name, address, Instant::now()),
    }
    Ok(user)
}

/// Sign out. The session's live streams end.
#[utoipa::path(delete, path = "/session", operation_id = "sign_out", tag = "session",
    params(("x-lenke-request" = String, Header, description = "`1`: sent by our own pages or programs")),
    responses((status = 204, description = "Signed out")))]
pub(crate) async fn sign_out(
    State(app): State<Arc<App>>,
    caller: Caller,
    session: Session,
) -> Result<StatusCode, Problem> {
    // Signing out is never refused: the session is gone even if the audit entry cannot be written.
    session.flush().await.map_err(|error| guard::session_failed(&error))?;
    audit::record(&app, caller.name(), "logout", caller.name(), "").await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who is signed in.
#[utoipa::path(get, path = "/me", operation_id = "me", tag = "session", responses((status = 200, description = "The user", body = Me)))]
pub(crate) async fn me(caller: Caller) -> Json<Me> {
    let User { name, display, role, .. } = caller.user;
    Json(Me { name, display, role: role.into() })
}
