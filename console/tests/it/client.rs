//! A minimal HTTP client: one connection a request, a cookie jar of one.

use axum::body::{Body, BodyDataStream};
use futures::StreamExt as _;
use hyper::{HeaderMap, Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::{net::SocketAddr, time::Duration};
use tokio::net::TcpSocket;

/// Time that any answer or event may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody with a browser.
#[derive(Clone)]
pub(crate) struct Client {
    address: SocketAddr,
    pub(crate) cookie: Option<String>,
}

/// An answer that was read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        let text = || String::from_utf8_lossy(&self.body).into_owned();
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", text()))
    }

    /// A header's text, empty if absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Client {
    /// Somebody who has not signed in.
    pub(crate) const fn new(address: SocketAddr) -> Self {
        Self { address, cookie: None }
    }

    /// A request as our pages send it.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.request(method, path).header("x-lenke-request", "1");
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        self.raw(request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).unwrap())
            .await
    }

    /// Reads a path.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.raw(self.request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    /// Sends JSON to a path.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// A request with nothing but the session.
    pub(crate) fn request(&self, method: Method, path: &str) -> hyper::http::request::Builder {
        let request =
            Request::builder().method(method).uri(path).header(header::HOST, self.address.to_string());
        match &self.cookie {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        }
    }

    /// Sends `request` and reads the answer whole.
    pub(crate) async fn raw(&self, request: Request<Body>) -> Answer {
        let response = self.open(request).await;
        let (parts, body) = response.into_parts();
        let body = tokio::time::timeout(PATIENCE, axum::body::to_bytes(Body::new(body), usize::MAX));
        let body = body.await.expect("the answer's body in time").unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    async fn open(&self, request: Request<Body>) -> hyper::Response<hyper::body::Incoming> {
        let socket = TcpSocket::new_v4().unwrap();
        // A slow reader's buffers fill soon.
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        let stream = socket.connect(self.address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        tokio::time::timeout(PATIENCE, sender.send_request(request))
            .await
            .expect("an answer in time")
            .unwrap()
    }

    /// Signs in and keeps the cookie.
    pub(crate) async fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        let credentials = serde_json::json!({ "name": name, "password": password });
        let answer = self.post("/api/v1/session", credentials).await;
        if answer.status == StatusCode::NO_CONTENT {
            let cookie = answer.header("set-cookie").split(';').next().unwrap();
            self.cookie = Some(cookie.to_owned());
        }
        answer
    }

    /// Opens the live stream.
    pub(crate) async fn stream(&self) -> Events {
        self.stream_after(None).await
    }

    /// Opens the live stream as a browser does that had one before.
    pub(crate) async fn stream_after(&self, last_id: Option<&str>) -> Events {
        let mut request = self.request(Method::GET, "/api/v1/stream");
        if let Some(id) = last_id {
            request = request.header("last-event-id", id);
        }
        let response = self.open(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        Events { body: Body::new(response.into_body()).into_data_stream(), unread: String::new() }
    }
}

/// One server-sent event.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: Option<u64>,
    pub(crate) data: Value,
}

/// A live stream.
pub(crate) struct Events {
    body: BodyDataStream,
    unread: String,
}

impl Events {
    /// The next event; `None` when the stream has ended. Comments are skipped.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some((block, rest)) = self.unread.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.unread = rest;
                if let Some(event) = parse(&block) {
                    return Some(event);
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.body.next()).await.expect("an event in time");
            self.unread.push_str(std::str::from_utf8(&chunk?.ok()?).unwrap());
        }
    }

    /// The next event of this name; others are passed over.
    pub(crate) async fn next_named(&mut self, name: &str) -> Event {
        loop {
            let event = self.next().await.unwrap_or_else(|| panic!("the stream ended before `{name}`"));
            if event.name == name {
                return event;
            }
        }
    }
}

fn parse(block: &str) -> Option<Event> {
    let field = |name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.map(|value| value.trim_start().to_owned())
    };
    let data = serde_json::from_str(&field("data")?).unwrap();
    Some(Event { name: field("event")?, id: field("id").map(|id| id.parse().unwrap()), data })
}
