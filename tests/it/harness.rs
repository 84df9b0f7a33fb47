//! Starts the program, reads what it says, asks its API, ends it by its own process id.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

/// The program under test.
pub(crate) const LENKE: &str = env!("CARGO_BIN_EXE_lenke");
/// How long a program may take to say a line that a test waits for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The test's own clock.
#[expect(clippy::disallowed_methods, reason = "a test measures real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// A command for the program with nothing inherited that could change what it does.
pub(crate) fn lenke(arguments: &[&str]) -> Command {
    let mut command = Command::new(LENKE);
    command.args(arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LENKE_")) {
        command.env_remove(name);
    }
    command
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    lenke(arguments).output().unwrap()
}

/// Runs the program to its end, which must be a good one, and returns its standard output.
pub(crate) fn run_well(arguments: &[&str]) -> String {
    let output = run(arguments);
    let (out, err) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(output.status.success(), "lenke {arguments:?} failed:\n{out}\n{err}");
    out
}

/// A running program whose output is read line by line; it is killed when dropped.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

impl Running {
    /// Starts `command` and collects both of its outputs.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let outputs: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for output in outputs {
            let sender = sender.clone();
            thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        Self { child, lines, said: Vec::new() }
    }

    /// Waits for a line that contains `marker` and returns what stands behind it, up to white space.
    pub(crate) fn wait_for(&mut self, marker: &str) -> String {
        let end = now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("the program did not say `{marker}`, but:\n{}", self.said.join("\n"));
            };
            let found = line.split_once(marker).map(|(_, rest)| rest.trim().to_owned());
            self.said.push(line);
            if let Some(rest) = found {
                return rest;
            }
        }
    }

    /// The address behind `marker` (`mqtt://` or `http://`).
    pub(crate) fn address(&mut self, marker: &str) -> SocketAddr {
        let rest = self.wait_for(marker);
        let text = rest.split([' ', ',']).next().unwrap();
        text.parse().unwrap_or_else(|_| panic!("`{text}` is no address"))
    }

    /// Process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, as Ctrl-C does, and waits for it; panics if it ends badly. Returns all it said.
    pub(crate) fn interrupt(self) -> String {
        signal(self.id(), "INT");
        self.wait()
    }

    /// Kills it, as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its own end, which must be a good one. Returns all it said.
    pub(crate) fn wait(mut self) -> String {
        let end = now() + 2 * PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(now() < end, "the program did not end; it said:\n{}", self.said.join("\n"));
            thread::sleep(Duration::from_millis(20));
        };
        self.said.extend(self.lines.iter());
        let said = self.said.join("\n");
        assert!(status.success(), "the program ended with {status}:\n{said}");
        said
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Already gone is what a test wants.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Sends a signal by name.
pub(crate) fn signal(process: u32, name: &str) {
    let status = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status().unwrap();
    assert!(status.success(), "kill -{name} {process}");
}

/// A `lenke serve` on free ports over a data folder.
pub(crate) struct Centre {
    pub(crate) running: Running,
    pub(crate) http: SocketAddr,
    pub(crate) mqtt: Option<SocketAddr>,
}

impl Centre {
    /// Starts it; `environment` overrides settings.
    pub(crate) fn start(data_dir: &Path, environment: &[(&str, &str)]) -> Self {
        let mut command = lenke(&["serve"]);
        command
            .env("LENKE_DATA_DIR", data_dir)
            .env("LENKE_MQTT_LISTEN", "127.0.0.1:0")
            .env("LENKE_CONSOLE_LISTEN", "127.0.0.1:0")
            .envs(environment.iter().copied());
        let mut running = Running::start(command);
        let http = running.address("http://");
        let front_door = !environment.contains(&("LENKE_MQTT_ENABLED", "false"));
        let mqtt = front_door.then(|| running.address("mqtt://"));
        Self { running, http, mqtt }
    }

    /// `mqtt://host:port` of its front door.
    pub(crate) fn mqtt_url(&self) -> String {
        format!("mqtt://{}", self.mqtt.unwrap())
    }
}

/// Adds an administrator to the data folder and logs in.
pub(crate) fn administrator(data_dir: &Path, http: SocketAddr) -> Session {
    let said = run_well(&[
        "user",
        "add",
        "tester",
        "--role",
        "administrator",
        "--data-dir",
        data_dir.to_str().unwrap(),
    ]);
    let password = said.split(" / ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    Session::log_in(http, "tester", &password)
}

/// An HTTP session with the console.
pub(crate) struct Session {
    http: SocketAddr,
    cookie: String,
}

impl Session {
    /// Logs in.
    pub(crate) fn log_in(http: SocketAddr, name: &str, password: &str) -> Self {
        let body = serde_json::json!({ "name": name, "password": password }).to_string();
        let (status, head, body) = exchange(http, "POST", "/api/v1/session", "", Some(&body));
        assert_eq!(status, 204, "{body}");
        let cookie = head
            .lines()
            .find_map(|line| {
                line.split_once(':')
                    .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
                    .map(|(_, value)| value.trim().to_owned())
            })
            .unwrap();
        Self { http, cookie: cookie.split(';').next().unwrap().to_owned() }
    }

    /// GET, which must succeed, as JSON.
    pub(crate) fn get(&self, path: &str) -> serde_json::Value {
        let (status, _, body) = exchange(self.http, "GET", path, &self.cookie, None);
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body}"))
    }

    /// GET, whatever becomes of it: status, head and body.
    pub(crate) fn ask(&self, path: &str) -> (u16, String, String) {
        exchange(self.http, "GET", path, &self.cookie, None)
    }

    /// The live stream, from its head on.
    pub(crate) fn stream(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.http).unwrap();
        let (http, cookie) = (self.http, &self.cookie);
        write!(stream, "GET /api/v1/stream HTTP/1.1\r\nhost: {http}\r\ncookie: {cookie}\r\n\r\n").unwrap();
        stream
    }

    /// Asks `path` until `holds`, then returns the answer.
    pub(crate) fn wait_until(
        &self,
        path: &str,
        holds: impl Fn(&serde_json::Value) -> bool,
    ) -> serde_json::Value {
        let end = now() + PATIENCE;
        loop {
            let answer = self.get(path);
            if holds(&answer) {
                return answer;
            }
            assert!(now() < end, "{path} still answers {answer:#}");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

fn exchange(
    http: SocketAddr,
    method: &str,
    path: &str,
    cookie: &str,
    body: Option<&str>,
) -> (u16, String, String) {
    let mut stream = TcpStream::connect(http).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let body = body.unwrap_or_default();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {http}\r\nconnection: close\r\nx-lenke-request: 1\r\ncookie: {cookie}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let text = String::from_utf8(answer).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split_whitespace().nth(1).unwrap().parse().unwrap();
    let body = if head.to_lowercase().contains("transfer-encoding: chunked") {
        unchunked(body)
    } else {
        body.to_owned()
    };
    (status, head.to_owned(), body)
}

fn unchunked(mut text: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = text.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        if size == 0 {
            break;
        }
        whole.push_str(rest.get(..size).unwrap());
        text = rest.get(size + 2..).unwrap();
    }
    whole
}

/// A free port of 127.0.0.1. Another program could take it before it is used; a test that needs one fails then, and says so.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
