//! Alerts: versions only rise, and a finding leads to one alert for ever.

use crate::samples::{START, alert, finding};
use lenke_alerts::{Action, Alert, AlertId, AlertState, Outcome};
use lenke_store::{AlertKey, AlertPage, AlertSave, Store};
use std::sync::Arc;

fn save(alert: &Alert) -> AlertSave {
    AlertSave { alert: Arc::new(alert.clone()), merged: Vec::new() }
}

fn resolved(mut alert: Alert) -> Alert {
    let at = alert.raised_at.plus_s(60);
    alert.handle_end(at, at);
    let action = Action::Resolve { outcome: Outcome::Handled, text: "Talte med ham".to_owned() };
    alert.handle_action(action, "kari", at).unwrap();
    alert
}

pub(crate) async fn an_alert_comes_back_with_its_timeline(store: &dyn Store) {
    let alert = resolved(alert(1, 1, START));
    store.save_alerts(&[save(&alert)]).await.unwrap();
    assert_eq!(store.alert(alert.id).await.unwrap(), Some(alert));
    assert_eq!(store.alert(AlertId([9; 16])).await.unwrap(), None);
}

pub(crate) async fn an_older_version_never_replaces_a_newer_one(store: &dyn Store) {
    let old = alert(1, 1, START);
    let new = resolved(old.clone());
    store.save_alerts(&[save(&new)]).await.unwrap();
    store.save_alerts(&[save(&old)]).await.unwrap();
    assert_eq!(store.alert(old.id).await.unwrap(), Some(new.clone()));
    store.save_alerts(&[save(&old), save(&new), save(&old)]).await.unwrap();
    assert_eq!(store.alert(old.id).await.unwrap(), Some(new));
    assert_eq!(store.open_alerts().await.unwrap(), []);
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.alerts, counts.alerts_open), (1, 0));
}

pub(crate) async fn a_merged_finding_leads_to_its_alert(store: &dyn Store) {
    let mut alert = alert(1, 1, START);
    assert!(alert.handle_recurrence(&finding(2, 1, START.plus_s(60)), START.plus_s(61)));
    let save = AlertSave { alert: Arc::new(alert.clone()), merged: vec![AlertId([2; 16])] };
    store.save_alerts(&[save.clone(), save]).await.unwrap();
    assert_eq!(store.alert(AlertId([2; 16])).await.unwrap(), Some(alert));
    assert_eq!(store.counts().await.unwrap().alerts, 1);
}

pub(crate) async fn open_alerts_are_those_nobody_closed_and_history_pages_by_key(store: &dyn Store) {
    // Two raised at each moment; every third one is open.
    let all: Vec<_> = (0..30)
        .map(|id: u8| alert(id, id.into(), START.plus_s(i64::from(id / 2))))
        .map(|alert| if alert.id.0[0] % 3 == 0 { alert } else { resolved(alert) })
        .collect();
    store.save_alerts(&all.iter().map(save).collect::<Vec<_>>()).await.unwrap();
    let (open, closed): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|alert| alert.state == AlertState::Raised);
    assert_eq!(store.open_alerts().await.unwrap(), open);

    let mut history = Vec::new();
    loop {
        let before = history.last().map(AlertKey::of);
        let page = AlertPage { state: AlertState::Resolved, before, limit: 3 };
        let page = store.alerts(page).await.unwrap();
        if page.is_empty() {
            break;
        }
        history.extend(page);
    }
    history.reverse();
    assert_eq!(history, closed);
}
