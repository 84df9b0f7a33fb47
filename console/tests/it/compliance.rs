//! The compliance account and its intervals over HTTP.

use crate::{
    facts::{self, BEGIN, WEARER},
    harness::Running,
};
use lenke_alerts::{IntervalId, IntervalKind, IntervalRecord, OrderId, Subject, ZoneVersion};
use lenke_console::Role;
use lenke_store::Store as _;
use lenke_wire::UnixMillis;
use lenke_zones::ZoneId;
use serde_json::{Value, json};

const HOUR_MS: i64 = 3_600_000;

fn record(kind: IntervalKind, subject: Subject, from: i64, to: Option<i64>) -> IntervalRecord {
    let from = BEGIN.plus_ms(from * HOUR_MS);
    IntervalRecord {
        id: IntervalId::new(WEARER, kind, subject, from),
        wearer: WEARER,
        order: OrderId(WEARER.0),
        order_version: 1,
        kind,
        subject,
        zone: (kind == IntervalKind::Inside).then_some(ZoneVersion { id: ZoneId(7), version: 1 }),
        rule: "test/1".to_owned(),
        from,
        to: to.map(|to| BEGIN.plus_ms(to * HOUR_MS)),
        uncertain: false,
        late: false,
        alert: None,
        known_at: from,
    }
}

/// Watched for ten hours, two of them in the zone of the wearer's group, one of silence; heard until the end.
async fn day(running: &Running) -> (UnixMillis, UnixMillis) {
    let mut batch = facts::walk(WEARER, 3);
    let to = BEGIN.plus_ms(10 * HOUR_MS);
    batch.last[0].heard_at = to;
    batch.intervals = vec![
        record(IntervalKind::Watched, Subject::Wearer, 0, None),
        record(IntervalKind::Inside, Subject::Zone(ZoneId(7)), 2, Some(4)),
        record(IntervalKind::Silent, Subject::Wearer, 3, Some(5)),
    ];
    running.store.commit_batch(&batch).await.unwrap();
    (BEGIN, to)
}

fn sum(totals: &Value) -> i64 {
    ["compliant_ms", "violating_ms", "unknown_ms", "exempt_ms"]
        .iter()
        .filter_map(|state| totals[state].as_i64())
        .sum()
}

#[tokio::test]
async fn an_account_is_whole_by_day_and_by_line_and_names_its_causes() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let (from, to) = day(&running).await;
    let path = format!("/api/v1/wearers/W-00042/compliance?from={}&to={}", from.0, to.0);
    let account = kari.get(&path).await.json();
    assert_eq!(
        account["totals"],
        json!({ "compliant_ms": 7 * HOUR_MS, "violating_ms": 2 * HOUR_MS, "unknown_ms": HOUR_MS, "exempt_ms": 0, "uncertain_ms": HOUR_MS })
    );
    assert_eq!((&account["from"], &account["to"]), (&json!(from.0), &json!(to.0)));
    let days = account["days"].as_array().unwrap();
    assert_eq!(days.iter().map(|day| sum(&day["totals"])).sum::<i64>(), to.since_ms(from));
    let [line] = &account["lines"].as_array().unwrap()[..] else { panic!("{account:#}") };
    assert_eq!((&line["clause"], &line["rule"]), (&json!("zones"), &json!("zones")));
    let causes: Vec<_> =
        line["stretches"].as_array().unwrap().iter().map(|stretch| &stretch["cause"]).collect();
    assert_eq!(causes, ["kept", "inside", "inside", "silent", "kept"]);
    let inside = record(IntervalKind::Inside, Subject::Zone(ZoneId(7)), 2, Some(4));
    assert_eq!(line["stretches"][1]["interval"], inside.id.to_string());
}

#[tokio::test]
async fn intervals_come_in_pages_and_hold_no_position() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let (from, to) = day(&running).await;
    let path = format!("/api/v1/wearers/W-00042/intervals?from={}&to={}", from.0, to.0);
    let whole = kari.get(&path).await.json();
    assert_eq!(whole.as_array().unwrap().len(), 3);
    assert!(!whole.to_string().contains("\"lat\""), "{whole}");
    let mut paged = Vec::new();
    let mut next = Some(format!("{path}&limit=1"));
    while let Some(path) = next {
        let page = kari.get(&path).await;
        paged.extend(page.json().as_array().unwrap().clone());
        let link =
            page.header("link").strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
        next = link.map(str::to_owned);
    }
    assert_eq!(json!(paged), whole);
}

#[tokio::test]
async fn a_time_that_makes_no_sense_is_refused_by_its_field() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let (from, to) = day(&running).await;
    for (query, part) in [
        (format!("from={}&to={}", to.0, from.0), "compliance"),
        (format!("from={}&to={}", from.0 - 100 * 24 * HOUR_MS, to.0), "compliance"),
        (format!("from={}&to={}", to.0, from.0), "intervals"),
    ] {
        let answer = kari.get(&format!("/api/v1/wearers/W-00042/{part}?{query}")).await;
        assert_eq!(
            (u16::from(answer.status), &answer.json()["field"]),
            (400, &json!("from")),
            "{query} {part}"
        );
    }
    let answer = kari.get("/api/v1/wearers/W-00042/intervals?after=x").await;
    assert_eq!((u16::from(answer.status), &answer.json()["field"]), (400, &json!("after")));
}
