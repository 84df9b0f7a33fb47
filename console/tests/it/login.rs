//! Signing in and out.

use crate::harness::Running;
use hyper::Method;
use lenke_console::{AccountError, ConsoleConfig, Role, bootstrap_user, set_password};
use lenke_store::Store as _;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn the_cookie_is_for_this_site_only_and_scripts_cannot_read_it() {
    let running = Running::start().await;
    let password = running.user("kari", Role::Operator).await;
    let mut kari = running.client();
    let answer = kari.sign_in("kari", &password).await;
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.starts_with("lenke_session="), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "{cookie}");
    assert_eq!(
        kari.get("/api/v1/me").await.json(),
        json!({ "name": "kari", "display": "kari", "role": "operator" })
    );
}

#[tokio::test]
async fn behind_tls_the_cookie_never_travels_in_the_clear() {
    let config = ConsoleConfig { secure_cookies: true, ..ConsoleConfig::default() };
    let running = Running::start_with(config).await;
    let password = running.user("kari", Role::Operator).await;
    let answer = running.client().sign_in("kari", &password).await;
    assert!(answer.header("set-cookie").contains("Secure"));
    assert!(answer.header("strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn every_login_has_a_new_id_and_the_old_one_is_worth_nothing() {
    let running = Running::start().await;
    let password = running.user("kari", Role::Operator).await;
    let mut kari = running.client();
    kari.sign_in("kari", &password).await;
    let before = kari.clone();
    kari.sign_in("kari", &password).await;
    assert_ne!(kari.cookie, before.cookie);
    assert_eq!(before.get("/api/v1/me").await.status, 401);
    assert_eq!(kari.get("/api/v1/me").await.status, 200);
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let answer = kari.send(Method::DELETE, "/api/v1/session", None).await;
    assert_eq!(answer.status, 204);
    assert!(answer.header("set-cookie").contains("Max-Age=0"), "{}", answer.header("set-cookie"));
    assert_eq!(kari.get("/api/v1/me").await.status, 401);
}

#[tokio::test]
async fn an_idle_session_ends() {
    let config = ConsoleConfig { session_idle_max: Duration::from_millis(300), ..ConsoleConfig::default() };
    let running = Running::start_with(config).await;
    let kari = running.signed_in("kari", Role::Operator).await;
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(kari.get("/api/v1/me").await.status, 200);
    }
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert_eq!(kari.get("/api/v1/me").await.status, 401);
}

#[tokio::test]
async fn an_unknown_name_is_answered_like_a_wrong_password() {
    let running = Running::start().await;
    running.user("kari", Role::Operator).await;
    let wrong = running.client().sign_in("kari", "wrong").await;
    let unknown = running.client().sign_in("nobody", "wrong").await;
    assert_eq!((wrong.status.as_u16(), unknown.status.as_u16()), (401, 401));
    assert_eq!(wrong.body, unknown.body);
    let headers = |answer: &crate::client::Answer| {
        let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        names
    };
    assert_eq!(headers(&wrong), headers(&unknown));
    let log = running.audit_log().await;
    assert_eq!((log[0].actor.as_str(), log[1].actor.as_str()), ("unknown", "kari"));
    assert!(log.iter().all(|entry| !entry.object.contains("nobody")));
}

#[tokio::test]
async fn guessing_is_slowed_down_by_name_and_told_so() {
    let running = Running::start().await;
    let password = running.user("kari", Role::Operator).await;
    for _ in 0..6 {
        assert_eq!(running.client().sign_in("kari", "guess").await.status, 401);
    }
    let slowed = running.client().sign_in("kari", &password).await;
    assert_eq!(slowed.status, 429);
    let wait: u64 = slowed.header("retry-after").parse().unwrap();
    assert!((1..=30).contains(&wait));
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(running.client().sign_in("kari", &password).await.status, 204);
    assert_eq!(running.client().sign_in("kari", &password).await.status, 204);
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_of_the_old_one() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    set_password(&*running.store, "kari", "en lang og god setning").await.unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(8);
    while kari.get("/api/v1/me").await.status != 401 {
        assert!(tokio::time::Instant::now() < deadline, "the old session still holds");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let mut again = running.client();
    assert_eq!(again.sign_in("kari", "en lang og god setning").await.status, 204);
}

#[tokio::test]
async fn accounts_need_a_real_name_and_a_real_password() {
    let running = Running::start().await;
    for name in ["", "Kari", "kari nordmann", "kåre", &"x".repeat(65)] {
        let made = bootstrap_user(&*running.store, name, Role::Operator).await;
        assert!(matches!(made, Err(AccountError::Name)), "{name}");
    }
    running.user("kari", Role::Operator).await;
    assert!(matches!(set_password(&*running.store, "kari", "short").await, Err(AccountError::Password)));
    let unknown = set_password(&*running.store, "ola", "en lang og god setning").await;
    assert!(matches!(unknown, Err(AccountError::Unknown(name)) if name == "ola"));
    let stored = running.store.user("kari").await.unwrap().unwrap();
    assert!(stored.password_hash.starts_with("$argon2id$"));
}
