//! Positions, trails and zones.

use crate::{
    facts::{self, OTHER, VICTIM, WEARER},
    harness::Running,
};
use lenke_alerts::{Condition, ConditionId, ConditionRule};
use lenke_console::Role;
use lenke_store::{DeviceLast, Quarantined, Store as _};
use lenke_wire::{DeviceId, FrameId};
use lenke_zones::{Schedule, WeeklyWindow, ZoneId};
use serde_json::json;

#[tokio::test]
async fn positions_are_everybodys_last_but_never_a_protected_persons() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let mut batch = facts::walk(WEARER, 3);
    let mistaken = DeviceLast { device: DeviceId::new(VICTIM.0), wearer: VICTIM, ..batch.last[0].clone() };
    batch.last.push(mistaken);
    running.store.commit_batch(&batch).await.unwrap();
    let positions = kari.get("/api/v1/positions").await.json();
    assert_eq!(positions.as_array().unwrap().len(), 1, "{positions}");
    let last = &positions[0];
    assert_eq!((&last["wearer"], &last["device"]), (&json!("W-00042"), &json!("lk000042")));
    assert_eq!(last["at"], facts::fix(2).at.0);
    assert_eq!(
        (&last["accuracy_m"], &last["speed_m_s"], &last["battery_percent"]),
        (&json!(5.5), &json!(1.2), &json!(66))
    );
}

#[tokio::test]
async fn a_trail_comes_in_order_and_in_pages() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    running.store.commit_batch(&facts::walk(WEARER, 7)).await.unwrap();
    let (from, to) = (facts::fix(1).at.0, facts::fix(6).at.0);
    let path = format!("/api/v1/wearers/W-00042/trail?from={from}&to={to}");
    let whole = kari.get(&path).await.json();
    let times: Vec<_> = whole.as_array().unwrap().iter().map(|point| point["at"].as_i64().unwrap()).collect();
    assert_eq!(times, (1..6).map(|minute| facts::fix(minute).at.0).collect::<Vec<_>>());
    assert_eq!((&whole[0]["late"], &whole[1]["late"]), (&json!(true), &json!(false)));
    let mut paged = Vec::new();
    let mut next = Some(format!("{path}&limit=2"));
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
async fn nobody_who_is_not_monitored_has_a_trail() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Administrator).await;
    for wearer in [VICTIM.to_string(), "W-00001".to_owned()] {
        for part in ["trail", "zones", "compliance", "intervals"] {
            let answer = kari.get(&format!("/api/v1/wearers/{wearer}/{part}")).await;
            assert_eq!(answer.status, 404, "{wearer} {part}");
        }
    }
}

#[tokio::test]
async fn zones_are_geojson_and_hold_by_person_and_by_group() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let all = kari.get("/api/v1/zones").await.json();
    assert_eq!(all["type"], "FeatureCollection");
    let feature = &all["features"][0];
    assert_eq!(feature["geometry"]["type"], "Polygon");
    let expected = json!({ "id": "Z-00007", "version": 1, "name": "Sentrum", "kind": "exclusion", "buffer_m": 100.0,
        "shared": true, "wearer": null, "holds_now": true });
    assert_eq!(feature["properties"], expected);
    for (wearer, zone) in [(WEARER, "Z-00007"), (OTHER, "Z-00008")] {
        let own = kari.get(&format!("/api/v1/wearers/{wearer}/zones")).await.json();
        assert_eq!((own.as_array().unwrap().len(), &own[0]["id"]), (1, &json!(zone)), "{wearer}");
    }
}

#[tokio::test]
async fn a_home_binds_only_while_its_curfew_holds() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    // All of the week; and, in the middle of the week that begins now, one minute.
    let day = |weekday| WeeklyWindow { weekday, from_min: 0, to_min: 1440 };
    let days_since_thursday = lenke_store::Clock::wall().now().0 / 86_400_000;
    let weekday = u8::try_from((days_since_thursday + 3 + 3) % 7 + 1).unwrap();
    let minute = WeeklyWindow { weekday, from_min: 720, to_min: 721 };
    for (windows, expected) in [((1..=7).map(day).collect::<Vec<_>>(), true), (vec![minute], false)] {
        let schedule = Schedule::new("Europe/Oslo".to_owned(), windows).unwrap();
        let mut register = facts::register();
        let rule = ConditionRule::Curfew {
            zone: ZoneId(8),
            schedule,
            grace_s: 300,
            not_returned_s: 3600,
            unknown_s: 3600,
        };
        register.wearers[1].conditions = vec![Condition { id: ConditionId(1), rule }];
        running.store.enrol(&register).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
        let own = kari.get("/api/v1/wearers/W-00043/zones").await.json();
        assert_eq!(own[0]["holds_now"], expected);
    }
}

#[tokio::test]
async fn a_new_zone_shows_within_seconds() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let count = async || kari.get("/api/v1/zones").await.json()["features"].as_array().unwrap().len();
    assert_eq!(count().await, 2);
    let assignment = lenke_zones::Assignment::Personal(WEARER);
    running.store.put_zones(&[facts::zone(9, "Jobb", assignment)]).await.unwrap();
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(3);
    while count().await != 3 {
        assert!(tokio::time::Instant::now() < deadline, "the new zone does not show");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn administrators_see_counters_and_what_was_refused() {
    let running = Running::start().await;
    let admin = running.signed_in("admin", Role::Administrator).await;
    let mut batch = facts::walk(WEARER, 2);
    batch.committed.push((DeviceId::new(WEARER.0), FrameId::new(2, 0)));
    for reason in ["garbage", "wrong_key"] {
        batch.quarantined.push(Quarantined {
            device: Some(DeviceId::new(5)),
            source: "lenke/v1/lk000005/up/live".to_owned(),
            reason: reason.to_owned(),
            received_at: facts::BEGIN,
            bytes: vec![0xab; 300],
            detail: "does not open".to_owned(),
        });
    }
    running.store.commit_batch(&batch).await.unwrap();
    let status = admin.get("/api/v1/admin/status").await.json();
    assert_eq!(
        (&status["counters"]["received"], &status["rejections"]),
        (&json!(5), &json!({ "wrong_key": 2 }))
    );
    assert_eq!((&status["store"]["fixes"], &status["store"]["quarantined"]), (&json!(2), &json!(2)));
    assert_eq!(status["console"]["sessions"], 1);
    let page = admin.get("/api/v1/admin/quarantine?limit=1").await;
    let refused = &page.json()[0];
    assert_eq!((&refused["reason"], &refused["device"]), (&json!("wrong_key"), &json!("lk000005")));
    assert_eq!(
        (refused["bytes_hex"].as_str().map(str::len), &refused["bytes_kept"]),
        (Some(512), &json!(300))
    );
    assert!(page.header("link").contains("rel=\"next\""));
}

#[tokio::test]
async fn a_trail_is_handed_out_as_a_file_to_administrators_with_a_reason() {
    let running = Running::start().await;
    let admin = running.signed_in("admin", Role::Administrator).await;
    running.store.commit_batch(&facts::walk(WEARER, 15)).await.unwrap();
    let (from, to) = (facts::fix(0).at.0, facts::fix(15).at.0);
    let path = format!("/api/v1/wearers/W-00042/trail/export?from={from}&to={to}");
    let file = async |format: &str| {
        let answer = admin.get(&format!("{path}&format={format}&reason=sak+7")).await;
        assert_eq!(answer.status, 200, "{format}");
        let disposition = format!("attachment; filename=\"W-00042.{format}\"");
        assert_eq!(answer.header("content-disposition"), disposition);
        String::from_utf8(answer.body).unwrap()
    };
    let csv = file("csv").await;
    assert_eq!(csv.lines().count(), 16);
    let at = facts::fix(1).at.0;
    let second = format!(
        "W-00042,2026-09-21T14:14:20Z,{at},{:.7},10.7500000,5.5,1.20,0.00,9,lk000042,1,1,{},true",
        facts::fix(1).position.lat(),
        at + 1000
    );
    assert_eq!(csv.lines().nth(2), Some(second.as_str()));
    let geojson: serde_json::Value = serde_json::from_str(&file("geojson").await).unwrap();
    assert_eq!(geojson["features"].as_array().unwrap().len(), 15);
    assert_eq!(geojson["features"][1]["properties"]["late"], true);
    let gpx = file("gpx").await;
    assert_eq!((gpx.matches("<trkpt").count(), gpx.matches("<trkseg>").count()), (15, 1));
    assert!(gpx.trim_end().ends_with("</trkseg></trk>\n</gpx>") && gpx.contains("<name>W-00042</name>"));
    for (missing, field) in [
        (format!("{path}&format=gpx"), "reason"),
        (format!("{path}&format=gpx&reason=+"), "reason"),
        (format!("{path}&format=kml&reason=x"), "format"),
        ("/api/v1/wearers/W-00042/trail/export?from=2&to=1&format=gpx&reason=x".to_owned(), "from"),
    ] {
        let answer = admin.get(&missing).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &json!(field)), "{missing}");
    }
    let victim = format!("/api/v1/wearers/{VICTIM}/trail/export?from=1&to=2&format=gpx&reason=x");
    assert_eq!(admin.get(&victim).await.status, 404);
    let log = running.audit_log().await;
    let exports: Vec<_> = log.iter().filter(|entry| entry.action == "trail.export").collect();
    assert_eq!(exports.len(), 3, "what was refused handed out nothing");
    assert!(exports.iter().all(|entry| entry.object == "W-00042" && entry.detail.ends_with(": sak 7")));
}

#[tokio::test]
async fn a_year_of_trail_is_handed_out_in_pages_and_broken_where_nothing_is_known() {
    let running = Running::start().await;
    let admin = running.signed_in("admin", Role::Administrator).await;
    let mut batch = facts::walk(WEARER, 10_500);
    batch.fixes.retain(|row| !(100..200).contains(&row.frame.seq.0));
    running.store.commit_batch(&batch).await.unwrap();
    let (from, to) = (facts::BEGIN.0, facts::BEGIN.0 + 365 * 86_400_000);
    let path = format!("/api/v1/wearers/W-00042/trail/export?from={from}&to={to}&format=gpx&reason=x");
    let gpx = String::from_utf8(admin.get(&path).await.body).unwrap();
    assert_eq!((gpx.matches("<trkpt").count(), gpx.matches("<trkseg>").count()), (10_400, 2));
}
