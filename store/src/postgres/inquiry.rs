//! Searches over everybody's positions and over the alerts.

use super::{
    PostgresStore,
    cells::Cells,
    convert::{Moment, alert_state, failed, from_json, signed, unsigned},
    place, reports, trail,
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
use sqlx::{Postgres, QueryBuilder};

/// From the hours that TimescaleDB keeps; those that it does not keep yet it counts.
const HOURS: &str = "SELECT wearer, sum(fixes)::bigint, sum(late)::bigint FROM fix_hour
    WHERE hour >= $1 AND hour < $2 GROUP BY wearer";
/// From the positions.
const COUNTED: &str = "SELECT wearer, count(*), count(*) FILTER (WHERE late) FROM fix
    WHERE at >= $1 AND at < $2 GROUP BY wearer";

#[async_trait]
impl Inquiry for PostgresStore {
    async fn positions_in(
        &self,
        boxes: &[BoxE7],
        from: UnixMillis,
        to: UnixMillis,
        after: Option<TrailKey>,
        limit: u32,
    ) -> Result<Vec<Presence>, StoreError> {
        let failed = failed("search a place");
        let mut sql = statement(boxes, from, to, after, limit);
        let rows = sql.build().fetch_all(&self.readers).await.map_err(failed)?;
        rows.iter()
            .map(Cells::of)
            .map(|mut cells| Ok(Presence { wearer: WearerId(cells.id()?), point: trail::read(&mut cells)? }))
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
        let failed = failed("count positions");
        let hours = "SELECT to_regclass('fix_hour') IS NOT NULL";
        let kept: bool = sqlx::query_scalar(hours).fetch_one(&self.readers).await.map_err(failed)?;
        let sql = if kept { HOURS } else { COUNTED };
        let rows: Vec<(i64, i64, i64)> = sqlx::query_as(sql)
            .bind(Moment::from(from))
            .bind(Moment::from(to))
            .fetch_all(&self.readers)
            .await
            .map_err(failed)?;
        let of = |(wearer, fixes, late)| (WearerId(unsigned(wearer)), unsigned(fixes), unsigned(late));
        Ok(rows.into_iter().map(of).collect())
    }

    async fn search_alerts(&self, search: &AlertSearch) -> Result<Vec<Alert>, StoreError> {
        let failed = failed("search the alerts");
        let mut sql = QueryBuilder::new("SELECT body::text FROM alert WHERE true");
        if let Some(wearer) = search.wearer {
            sql.push(" AND wearer = ").push_bind(signed(wearer.0));
        }
        if let Some(state) = search.state {
            sql.push(" AND state = ").push_bind(alert_state(state));
        }
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
        sql.push(" ORDER BY raised_at DESC, id DESC LIMIT ");
        sql.push_bind(i64::from(search.limit.min(PAGE_ROWS_MAX)));
        let bodies: Vec<String> = sql.build_query_scalar().fetch_all(&self.readers).await.map_err(failed)?;
        bodies.iter().map(|body| from_json("an alert", body)).collect()
    }
}

/// Positions in boxes and a window, whose wearer by ingest is the wearer by the activation of that moment. `OFFSET 0` keeps
/// the planner from reading every activation for the few positions that are left.
fn statement(
    boxes: &[BoxE7],
    from: UnixMillis,
    to: UnixMillis,
    after: Option<TrailKey>,
    limit: u32,
) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(format!("SELECT wearer, {} FROM fix WHERE at >= ", trail::columns()));
    sql.push_bind(Moment::from(after.map_or(from, |after| from.max(after.at))));
    sql.push(" AND at < ").push_bind(Moment::from(to));
    if let Some(cells) = place::cells(boxes) {
        sql.push(" AND ").push(place::CELL).push(" = ANY(").push_bind(cells).push(")");
    }
    sql.push(" AND (false");
    for around in boxes {
        sql.push(" OR (lat_e7 BETWEEN ").push_bind(around.south).push(" AND ").push_bind(around.north);
        sql.push(" AND lon_e7 BETWEEN ")
            .push_bind(around.west)
            .push(" AND ")
            .push_bind(around.east)
            .push(")");
    }
    sql.push(
        ") AND EXISTS (SELECT FROM activation WHERE activation.device = fix.device AND activation.wearer = fix.wearer
             AND valid_from <= (extract(epoch FROM at) * 1000)::bigint
             AND (valid_to IS NULL OR valid_to > (extract(epoch FROM at) * 1000)::bigint) OFFSET 0)",
    );
    if let Some(after) = after {
        sql.push(" AND (at, device, epoch, seq, idx) > (").push_bind(Moment::from(after.at));
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
    sql.push(" ORDER BY at, device, epoch, seq, idx LIMIT ").push_bind(i64::from(limit));
    sql
}
