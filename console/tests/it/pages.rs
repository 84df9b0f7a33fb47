//! Page files, map tiles, health and metrics.

use crate::harness::Running;
use axum::body::Body;
use hyper::Method;
use lenke_console::ConsoleConfig;
use std::sync::Arc;

#[tokio::test]
async fn every_path_of_the_single_page_shows_it() {
    let running = Running::start().await;
    let anybody = running.client();
    for path in ["/", "/login", "/admin", "/alerts/0123456789abcdef0123456789abcdef"] {
        let page = anybody.get(path).await;
        assert_eq!(
            (page.status.as_u16(), page.header("content-type")),
            (200, "text/html; charset=utf-8"),
            "{path}"
        );
        assert!(page.body.starts_with(b"<!doctype html>"), "{path}");
        assert_eq!(page.header("cache-control"), "no-cache", "{path}");
    }
    for path in ["/nothing.js", "/.hidden", "/basemap/nordic.pmtiles", "/../Cargo.toml", "/..%2fCargo.toml"] {
        assert_eq!(anybody.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_page_that_has_not_changed_is_not_sent_again() {
    let running = Running::start().await;
    let anybody = running.client();
    let etag = anybody.get("/").await.header("etag").to_owned();
    for known in [etag.clone(), format!("\"other\", W/{etag}")] {
        let request = anybody.request(Method::GET, "/").header("if-none-match", known);
        let answer = anybody.raw(request.body(Body::empty()).unwrap()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.len(), answer.header("etag")),
            (304, 0, etag.as_str())
        );
    }
    let head = anybody.raw(anybody.request(Method::HEAD, "/").body(Body::empty()).unwrap()).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let running = Running::start().await;
    for path in ["/", "/api/v1/me", "/api/nothing", "/healthz", "/basemap/0/0/0", "/nothing.js"] {
        let answer = running.client().get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        if path.starts_with("/api") {
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        }
    }
}

#[tokio::test]
async fn tiles_come_from_the_archive_or_are_empty() {
    let running = Running::start().await;
    let anybody = running.client();
    let oslo = anybody.get("/basemap/5/16/9").await;
    assert!([200, 204].contains(&oslo.status.as_u16()));
    if oslo.status == 200 {
        assert_eq!(oslo.header("content-type"), "application/vnd.mapbox-vector-tile");
        assert!(!oslo.body.is_empty());
    }
    assert_eq!(anybody.get("/basemap/5/0/31").await.status, 204);
}

#[tokio::test]
async fn health_and_metrics_need_no_session() {
    let metrics: lenke_console::console::RenderMetrics = Arc::new(|| "lenke_reports_total 5\n".to_owned());
    let running =
        Running::start_with(ConsoleConfig { metrics: Some(metrics), ..ConsoleConfig::default() }).await;
    assert_eq!(running.client().get("/healthz").await.body, b"ok\n");
    assert_eq!(running.client().get("/metrics").await.body, b"lenke_reports_total 5\n");
    assert_eq!(Running::start().await.client().get("/metrics").await.status, 404);
}
