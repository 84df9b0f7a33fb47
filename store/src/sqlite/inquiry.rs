//! Searches over everybody's positions and over the alerts.

use super::{
    SqliteStore,
    convert::{alert_state, failed, from_json, signed, unsigned},
    reports,
    telemetry::bucket,
    trail,
};
use crate::{
    AlertKey, Report, ReportKind, StoreError, TrailKey,
    inquiry::{AlertSearch, BoxE7, Inquiry, Presence},
    store::PAGE_ROWS_MAX,
};
use async_trait::async_trait;
use lenke_alerts::Alert;
use lenke_wire::UnixMillis;
use lenke_zones::WearerId;
use sqlx::{QueryBuilder, Row};

#[async_trait]
impl Inquiry for SqliteStore {
    async fn positions_in(
        &self,
        boxes: &[BoxE7],
        from: UnixMillis,
        to: UnixMillis,
        after: Option<TrailKey>,
        limit: u32,
    ) -> Result<Vec<Presence>, StoreError> {
        let failed = failed("search a place");
        let from = after.map_or(from, |after| from.max(after.at));
        // Along the table's key: the buckets of the window.
        let mut sql =
            QueryBuilder::new(format!("SELECT wearer, {} FROM fix WHERE bucket BETWEEN ", trail::COLUMNS));
        sql.push_bind(bucket(from)).push(" AND ").push_bind(bucket(to));
        sql.push(" AND at >= ").push_bind(from.0).push(" AND at < ").push_bind(to.0).push(" AND (false");
        for around in boxes {
            sql.push(" OR (lat_e7 BETWEEN ").push_bind(around.south).push(" AND ").push_bind(around.north);
            sql.push(" AND lon_e7 BETWEEN ")
                .push_bind(around.west)
                .push(" AND ")
                .push_bind(around.east)
                .push(")");
        }
        sql.push(
            ") AND EXISTS (SELECT 1 FROM activation
                   WHERE activation.device = fix.device AND activation.wearer = fix.wearer
                   AND valid_from <= at AND (valid_to IS NULL OR valid_to > at))",
        );
        if let Some(after) = after {
            sql.push(" AND (at, device, epoch, seq, idx) > (").push_bind(after.at.0);
            for number in [
                signed(after.device.number()),
                after.frame.epoch.0.into(),
                after.frame.seq.0.into(),
                after.index.into(),
            ] {
                sql.push(", ").push_bind(number);
            }
            sql.push(")");
        }
        sql.push(" ORDER BY at, device, epoch, seq, idx LIMIT ").push_bind(limit);
        let rows = sql.build().fetch_all(&self.readers).await.map_err(failed)?;
        rows.iter()
            .map(|row| {
                Ok(Presence { wearer: WearerId(unsigned(row.try_get(0)?)), point: trail::read(row, 1)? })
            })
            .collect::<Result<_, sqlx::Error>>()
            .map_err(failed)
    }

    async fn reports(
        &self,
        wearer: WearerId,
        kind: ReportKind,
        span: (UnixMillis, UnixMillis),
        after: Option<TrailKey>,
        limit: u32,
    ) -> Result<Vec<Report>, StoreError> {
        let mut snapshot = self.begin_read("read what devices told").await?;
        reports::reports(&mut snapshot, wearer, kind, span, after, limit).await
    }

    async fn received(
        &self,
        from: UnixMillis,
        to: UnixMillis,
    ) -> Result<Vec<(WearerId, u64, u64)>, StoreError> {
        // An hour is a whole number of buckets.
        let rows: Vec<(i64, i64, i64)> = sqlx::query_as(
            "SELECT wearer, count(*), sum(late) FROM fix WHERE bucket >= ? AND bucket < ? GROUP BY wearer",
        )
        .bind(bucket(from))
        .bind(bucket(to))
        .fetch_all(&self.readers)
        .await
        .map_err(failed("count positions"))?;
        let of = |(wearer, fixes, late)| (WearerId(unsigned(wearer)), unsigned(fixes), unsigned(late));
        Ok(rows.into_iter().map(of).collect())
    }

    async fn search_alerts(&self, search: &AlertSearch) -> Result<Vec<Alert>, StoreError> {
        let failed = failed("search the alerts");
        let mut sql = QueryBuilder::new("SELECT body FROM alert WHERE true");
        if let Some(wearer) = search.wearer {
            sql.push(" AND wearer = ").push_bind(signed(wearer.0));
        }
        // Every index of the table begins with the state or the wearer.
        match search.state {
            Some(state) => sql.push(" AND state = ").push_bind(alert_state(state)),
            None => sql.push(" AND state IN ('raised', 'acknowledged', 'resolved')"),
        };
        if let Some(from) = search.from {
            sql.push(" AND raised_at >= ").push_bind(from.0);
        }
        if let Some(to) = search.to {
            sql.push(" AND raised_at < ").push_bind(to.0);
        }
        if let Some(AlertKey { raised_at, id }) = search.before {
            sql.push(" AND (raised_at, id) < (").push_bind(raised_at.0);
            sql.push(", ").push_bind(id.0.to_vec()).push(")");
        }
        sql.push(" ORDER BY raised_at DESC, id DESC LIMIT ").push_bind(search.limit.min(PAGE_ROWS_MAX));
        let bodies: Vec<String> = sql.build_query_scalar().fetch_all(&self.readers).await.map_err(failed)?;
        bodies.iter().map(|body| from_json("an alert", body)).collect()
    }
}
