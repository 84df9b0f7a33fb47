//! A PostgreSQL server of a test's own: in a temporary folder, on a free port, ended with the test by its process id.
//! The server refuses to run as root; a test that does runs it as the package's user. What goes wrong panics: that is a
//! failed test.
#![expect(clippy::unwrap_used, reason = "for tests")]

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use std::{
    fs,
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Users that the server may run as when the test is root, the first that exists.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// A running server.
pub struct Cluster {
    process: Child,
    folder: TempDir,
    port: u16,
    settings: &'static [&'static str],
}

impl Cluster {
    /// Makes and starts one. It does not wait for the disk, which a test that only kills processes cannot tell.
    pub async fn start() -> Self {
        Self::start_with(&["fsync=off", "full_page_writes=off"]).await
    }

    /// With other settings.
    pub async fn start_with(settings: &'static [&'static str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if let Some((user, group)) = unprivileged() {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let made = program("initdb")
            .arg("--pgdata")
            .arg(folder.path().join("data"))
            .args(["--username=lenke", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = spawn(folder.path(), port, settings);
        let mut cluster = Self { process, folder, port, settings };
        cluster.wait_until_ready().await;
        cluster
    }

    /// A folder that the server's user may write.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The address of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://lenke@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    /// Makes an empty database; answers its address.
    pub async fn database(&self, name: &str) -> String {
        // The server cuts names to 63 bytes.
        let name = name.get(..name.len().min(60)).unwrap();
        let mut connection = PgConnection::connect(&self.url("postgres")).await.unwrap();
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        self.url(name)
    }

    /// A connection past the store.
    pub async fn connection(&self, database: &str) -> PgConnection {
        let mut connection = PgConnection::connect(&self.url(database)).await.unwrap();
        connection.execute("SET search_path = lenke, public").await.unwrap();
        connection
    }

    /// Kills the server, as the kernel would.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again on what the last one left. Its sessions must have ended before: they notice by themselves.
    pub async fn start_again(&mut self) {
        for _ in 0..100 {
            self.process = spawn(self.folder.path(), self.port, self.settings);
            tokio::time::sleep(Duration::from_millis(200)).await;
            if self.process.try_wait().unwrap().is_none() {
                self.wait_until_ready().await;
                return;
            }
        }
        panic!("the server does not start again: {}", self.log());
    }

    async fn wait_until_ready(&mut self) {
        let steps = PATIENCE.as_millis() / 50;
        for _ in 0..steps {
            if PgConnection::connect(&self.url("postgres")).await.is_ok() {
                return;
            }
            assert!(self.process.try_wait().unwrap().is_none(), "the server ended: {}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not answer: {}", self.log());
    }

    /// What the server has said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // INT: sessions are ended at once, and the server with them.
        let asked = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        for _ in 0..100 {
            if asked.is_err() || matches!(self.process.try_wait(), Ok(Some(_)) | Err(_)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        // Already gone is what is wanted.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn spawn(folder: &Path, port: u16, settings: &[&str]) -> Child {
    let log = fs::File::create(folder.join("log")).unwrap();
    let mut command = program("postgres");
    command.arg("-D").arg(folder.join("data")).args(["-p", &port.to_string()]).arg("-k").arg(folder);
    for setting in ["listen_addresses=127.0.0.1", "max_connections=60", "shared_buffers=128MB"] {
        command.args(["-c", setting]);
    }
    for setting in settings {
        command.args(["-c", setting]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).current_dir(folder).spawn().unwrap()
}

/// A program of the PostgreSQL package, run as somebody without rights.
pub fn program(name: &str) -> Command {
    let path = find(name).unwrap_or_else(|| {
        panic!("the tests need PostgreSQL's `{name}`: install the package postgresql (apt-get install postgresql)")
    });
    let mut command = Command::new(path);
    if let Some((user, group)) = unprivileged() {
        command.uid(user).gid(group);
    }
    command
}

/// Debian keeps the server's programs out of the path.
fn find(name: &str) -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut places: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    places.sort();
    places.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    places.into_iter().map(|place| place.join(name)).find(|path| path.is_file())
}

/// User and group to run the server as, if the test itself is root.
fn unprivileged() -> Option<(u32, u32)> {
    let output = Command::new("id").arg("-u").output().unwrap();
    if output.stdout.trim_ascii() != b"0" {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let of = |name: &str| {
        let fields: Vec<_> =
            users.lines().find(|line| line.starts_with(&format!("{name}:")))?.split(':').collect();
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    };
    USERS.into_iter().find_map(of)
}
