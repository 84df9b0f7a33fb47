//! How long a report takes from the tag's publish to an event on the console's stream, measured as an operator's browser
//! would see it: over HTTP, logged in, through the public API.
//!
//! Invariant: memory is bounded by [`UNDER_WAY_MAX`] and [`LATENCY_MS_MAX`].

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode, body::Incoming, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use lenke_wire::{DeviceId, FrameId};
use serde::de::IgnoredAny;
use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// Published reports that are waited for at a time; more are not measured.
const UNDER_WAY_MAX: usize = 1 << 20;
/// Longer latencies are counted as this, milliseconds.
const LATENCY_MS_MAX: usize = 60_000;
/// An event longer than this ends the measurement, bytes.
const EVENT_BYTES_MAX: usize = 16 << 20;

/// What was seen so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Reports that came back on the stream.
    pub(crate) reports: u64,
    /// Median, milliseconds.
    pub(crate) p50_ms: u32,
    /// 99th percentile, milliseconds.
    pub(crate) p99_ms: u32,
    /// Alerts by kind, each counted once.
    pub(crate) alerts: BTreeMap<String, u64>,
    /// From the start of the measurement to the first alert.
    pub(crate) first_alert: Option<Duration>,
}

/// Matches what the fleet published with what the console's stream shows.
pub(crate) struct Meter {
    started: Instant,
    state: Mutex<State>,
}

struct State {
    under_way: HashMap<(DeviceId, FrameId), Instant>,
    counts_by_ms: Vec<u32>,
    reports: u64,
    alerts: HashMap<String, String>,
    first_alert: Option<Duration>,
}

impl Meter {
    pub(crate) fn new(now: Instant) -> Self {
        let state = State {
            under_way: HashMap::new(),
            counts_by_ms: vec![0; LATENCY_MS_MAX + 1],
            reports: 0,
            alerts: HashMap::new(),
            first_alert: None,
        };
        Self { started: now, state: Mutex::new(state) }
    }

    /// A tag publishes this frame now; a resend does not restart its clock.
    pub(crate) fn handle_publish(&self, device: DeviceId, frame: FrameId, at: Instant) {
        let mut state = self.state();
        if state.under_way.len() < UNDER_WAY_MAX {
            state.under_way.entry((device, frame)).or_insert(at);
        }
    }

    fn handle_event(&self, event: &str, data: &str, at: Instant) -> Result<()> {
        match event {
            "positions" => {
                let rows: Vec<PositionRow> = serde_json::from_str(data).context("the stream's positions")?;
                let mut state = self.state();
                for PositionRow(_, _, _, _, _, device, epoch, seq) in rows {
                    let published = state.under_way.remove(&(device, FrameId::new(epoch, seq)));
                    if let Some(published) = published {
                        let latency = at.saturating_duration_since(published).as_millis();
                        let latency_ms =
                            usize::try_from(latency).unwrap_or(LATENCY_MS_MAX).min(LATENCY_MS_MAX);
                        state.counts_by_ms[latency_ms] += 1;
                        state.reports += 1;
                    }
                }
            }
            "alert" => {
                let alert: AlertHead = serde_json::from_str(data).context("the stream's alert")?;
                let mut state = self.state();
                state.first_alert.get_or_insert(at.saturating_duration_since(self.started));
                state.alerts.insert(alert.id, alert.kind);
            }
            _ => {}
        }
        Ok(())
    }

    /// The figures as they stand.
    pub(crate) fn seen(&self) -> Seen {
        let state = self.state();
        let mut alerts = BTreeMap::new();
        for kind in state.alerts.values() {
            *alerts.entry(kind.clone()).or_default() += 1;
        }
        Seen {
            reports: state.reports,
            p50_ms: percentile(&state.counts_by_ms, state.reports, 50),
            p99_ms: percentile(&state.counts_by_ms, state.reports, 99),
            alerts,
            first_alert: state.first_alert,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves counters at worst one behind: go on with them.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Logs in and follows the console's stream until told to stop.
    ///
    /// # Errors
    /// The console refuses the login or the stream, or the stream ends early.
    pub(crate) async fn follow(
        &self,
        console: SocketAddr,
        name: &str,
        password: &str,
        stop: CancellationToken,
    ) -> Result<()> {
        let cookie = log_in(console, name, password).await?;
        let request = Request::get("/api/v1/stream")
            .header(header::HOST, console.to_string())
            .header(header::COOKIE, cookie)
            .header(header::ACCEPT, "text/event-stream")
            .body(Full::new(Bytes::new()))?;
        let mut response = send(console, request).await?;
        if response.status() != StatusCode::OK {
            bail!("the console answered {} to the stream", response.status());
        }
        let mut events = EventReader::default();
        loop {
            let frame = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                frame = response.frame() => frame,
            };
            let Some(frame) = frame else { bail!("the console's stream ended") };
            if let Ok(bytes) = frame.context("the console's stream broke")?.into_data() {
                events.push(&bytes, |event, data| self.handle_event(event, data, now()))?;
            }
        }
    }
}

/// One row of the stream's `positions`: wearer, lon, lat, accuracy, time, device, epoch, seq.
#[derive(serde::Deserialize)]
struct PositionRow(IgnoredAny, IgnoredAny, IgnoredAny, IgnoredAny, IgnoredAny, DeviceId, u32, u32);

#[derive(serde::Deserialize)]
struct AlertHead {
    id: String,
    kind: String,
}

#[expect(clippy::disallowed_methods, reason = "the program is the shell that measures real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Smallest latency that `percent` of all do not exceed; 0 when there are none.
fn percentile(counts_by_ms: &[u32], total: u64, percent: u64) -> u32 {
    let wanted = (total * percent).div_ceil(100);
    let mut sum = 0;
    for (latency_ms, count) in counts_by_ms.iter().enumerate() {
        sum += u64::from(*count);
        if sum >= wanted && sum > 0 {
            return u32::try_from(latency_ms).unwrap_or(u32::MAX);
        }
    }
    0
}

/// Takes the bytes of a text/event-stream apart.
#[derive(Default)]
struct EventReader {
    line: Vec<u8>,
    event: String,
    data: String,
}

impl EventReader {
    fn push(&mut self, bytes: &[u8], mut handle: impl FnMut(&str, &str) -> Result<()>) -> Result<()> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.len() + self.data.len() > EVENT_BYTES_MAX {
                bail!("an event on the stream is longer than {EVENT_BYTES_MAX} bytes");
            }
            if self.line.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                self.handle_line(std::str::from_utf8(&line)?.trim_end(), &mut handle)?;
            }
        }
        Ok(())
    }

    fn handle_line(&mut self, line: &str, handle: &mut impl FnMut(&str, &str) -> Result<()>) -> Result<()> {
        if let Some(event) = line.strip_prefix("event:") {
            event.trim_start().clone_into(&mut self.event);
        } else if let Some(data) = line.strip_prefix("data:") {
            self.data.push_str(data.trim_start());
        } else if line.is_empty() {
            handle(&self.event, &self.data)?;
            self.event.clear();
            self.data.clear();
        }
        Ok(())
    }
}

async fn log_in(console: SocketAddr, name: &str, password: &str) -> Result<String> {
    let body = serde_json::json!({ "name": name, "password": password }).to_string();
    let request = Request::post("/api/v1/session")
        .header(header::HOST, console.to_string())
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-lenke-request", "1")
        .body(Full::new(Bytes::from(body)))?;
    let response = send(console, request).await?;
    if !response.status().is_success() {
        bail!("the console answered {} to the login", response.status());
    }
    let cookie = response.headers().get(header::SET_COOKIE).context("the console set no session cookie")?;
    let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
    Ok(pair.to_owned())
}

async fn send(console: SocketAddr, request: Request<Full<Bytes>>) -> Result<hyper::Response<Incoming>> {
    let stream = TcpStream::connect(console)
        .await
        .with_context(|| format!("cannot reach the console at {console}"))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "the console closed the connection");
        }
    });
    Ok(sender.send_request(request).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_smallest_latency_that_covers_the_share() {
        let mut counts = vec![0; 100];
        counts[3] = 98;
        counts[50] = 2;
        assert_eq!(percentile(&counts, 100, 50), 3);
        assert_eq!(percentile(&counts, 100, 98), 3);
        assert_eq!(percentile(&counts, 100, 99), 50);
        assert_eq!(percentile(&[0; 100], 0, 99), 0);
    }

    #[test]
    fn a_report_is_measured_from_its_first_publish_and_counted_once() {
        let start = now();
        let meter = Meter::new(start);
        let device = DeviceId::new(7);
        meter.handle_publish(device, FrameId::new(1, 2), start);
        meter.handle_publish(device, FrameId::new(1, 2), start + Duration::from_millis(30));
        let row = r#"[[7, 10.7, 59.9, 5.0, 1700000000000, "lk000007", 1, 2]]"#;
        for _ in 0..2 {
            meter.handle_event("positions", row, start + Duration::from_millis(40)).unwrap();
        }
        let seen = meter.seen();
        assert_eq!((seen.reports, seen.p50_ms, seen.p99_ms), (1, 40, 40));
    }

    #[test]
    fn events_are_found_at_whatever_byte_the_stream_is_cut() {
        let text =
            "event: hello\ndata: {}\n\n: keep-alive\n\nevent: alert\nid: 9\ndata: {\"a\":1}\n\n".as_bytes();
        for cut in 0..text.len() {
            let mut seen = Vec::new();
            let mut reader = EventReader::default();
            for part in [&text[..cut], &text[cut..]] {
                reader
                    .push(part, |event, data| {
                        seen.push((event.to_owned(), data.to_owned()));
                        Ok(())
                    })
                    .unwrap();
            }
            seen.retain(|(event, _)| !event.is_empty());
            assert_eq!(
                seen,
                [("hello".to_owned(), "{}".to_owned()), ("alert".to_owned(), "{\"a\":1}".to_owned())]
            );
        }
    }
}
