//! A real centre: `lenke serve` with SQLite in a folder of its own, and what it holds in the end.

use anyhow::{Context, Result, bail};
use lenke_store::{FrameKey, SqliteStore, Store};
use lenke_wire::{
    DeviceId, FrameId, UnixMillis,
    codec::{INNER_BYTES_MAX, Payload, decode},
    frame::{DeviceKey, Direction, open},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(60);
const PAGE_ROWS: u32 = 500;
const FIRST: UnixMillis = UnixMillis(0);
/// 1 January 2100.
const LAST: UnixMillis = UnixMillis(4_102_444_800_000);

/// A running centre; it is killed when dropped.
pub(crate) struct Centre {
    child: Child,
    data_dir: PathBuf,
    /// Where devices connect.
    pub(crate) front_door: SocketAddr,
    _lines: Receiver<String>,
}

/// What a centre holds of one device.
#[derive(Default)]
pub(crate) struct Holding {
    pub(crate) frames: BTreeMap<FrameId, Vec<u8>>,
    /// Frames that are there more than once, and rows of fixes beyond those of the frames.
    pub(crate) duplicated: u64,
    /// Times of fixes in the frames.
    pub(crate) fixes: BTreeSet<UnixMillis>,
    /// Frames that the centre refused.
    pub(crate) quarantined: u64,
    /// Fixes whose time another one has as well.
    pub(crate) fixes_repeated: u64,
}

impl Centre {
    /// Enrols the simulated devices of `seed` and serves.
    pub(crate) fn start(program: &Path, data_dir: &Path, seed: u64) -> Result<Self> {
        let folder = data_dir.to_str().context("the folder's name is no text")?;
        let enrolled = command(program)
            .args(["enrol", "simulated", "--tags", "1", "--seed", &seed.to_string(), "--data-dir", folder])
            .output()
            .with_context(|| format!("cannot start {}", program.display()))?;
        if !enrolled.status.success() {
            bail!("lenke enrol failed: {}", String::from_utf8_lossy(&enrolled.stderr));
        }
        let mut child = command(program)
            .arg("serve")
            .env("LENKE_DATA_DIR", data_dir)
            .env("LENKE_MQTT_LISTEN", "127.0.0.1:0")
            .env("LENKE_CONSOLE_LISTEN", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let lines = listen(&mut child)?;
        let mut said = Vec::new();
        let front_door = loop {
            let Ok(line) = lines.recv_timeout(PATIENCE) else {
                child.kill().ok();
                child.wait().ok();
                bail!("lenke serve did not say where its front door is, but:\n{}", said.join("\n"));
            };
            if let Some((_, rest)) = line.split_once("mqtt://") {
                let address = rest.split([' ', ',']).next().unwrap_or(rest);
                break address.parse().with_context(|| format!("`{address}` is no address"))?;
            }
            said.push(line);
        };
        Ok(Self { child, data_dir: data_dir.to_owned(), front_door, _lines: lines })
    }

    /// Ends the centre, and reads what it holds of `device`.
    pub(crate) fn finish(mut self, device: DeviceId, key: &DeviceKey) -> Result<Holding> {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-INT", &id]).status().context("cannot end lenke serve")?;
        let status = self.child.wait()?;
        if !status.success() {
            bail!("lenke serve ended with {status}");
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(read(&self.data_dir.join("lenke.db"), device, key))
    }
}

impl Drop for Centre {
    fn drop(&mut self) {
        // Already gone is as good.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A command with nothing inherited that could change what it does.
fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LENKE_")) {
        command.env_remove(name);
    }
    command
}

/// Both outputs, line by line, so that neither ever blocks.
fn listen(child: &mut Child) -> Result<Receiver<String>> {
    let (sender, lines) = mpsc::channel();
    let out = child.stdout.take().context("no output")?;
    let err = child.stderr.take().context("no output")?;
    let other = sender.clone();
    thread::spawn(move || pass_on(BufReader::new(out), &sender));
    thread::spawn(move || pass_on(BufReader::new(err), &other));
    Ok(lines)
}

fn pass_on(output: impl BufRead, sender: &mpsc::Sender<String>) {
    for line in output.lines().map_while(Result::ok) {
        if sender.send(line).is_err() {
            return;
        }
    }
}

async fn read(database: &Path, device: DeviceId, key: &DeviceKey) -> Result<Holding> {
    let store = SqliteStore::open(database).await?;
    let mut holding = Holding::default();
    let mut rows = 0_u64;
    let mut after: Option<FrameKey> = None;
    loop {
        let page = store.frames_of(device, FIRST, LAST, after, PAGE_ROWS).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.key());
        for row in page {
            rows += take(&mut holding, row.frame, row.bytes, device, key)?;
        }
    }
    let counts = store.counts().await?;
    let stored = counts.fixes;
    holding.quarantined = counts.quarantined;
    holding.duplicated += stored.saturating_sub(rows);
    if stored < rows {
        bail!("the frames hold {rows} fixes, the table of fixes {stored}");
    }
    store.close().await;
    Ok(holding)
}

/// Notes a frame; returns its number of fixes.
fn take(
    holding: &mut Holding,
    id: FrameId,
    bytes: Vec<u8>,
    device: DeviceId,
    key: &DeviceKey,
) -> Result<u64> {
    let mut out = [0; INNER_BYTES_MAX];
    let (_, inner) = open(key, device, Direction::Up, &bytes, &mut out)
        .map_err(|error| anyhow::anyhow!("frame {id} at the centre does not open: {error}"))?;
    let mut count = 0;
    if let Payload::Fixes(fixes) =
        decode(inner).map_err(|error| anyhow::anyhow!("frame {id} at the centre: {error}"))?
    {
        for fix in &fixes {
            count += 1;
            if !holding.fixes.insert(fix.at) {
                holding.fixes_repeated += 1;
            }
        }
    }
    if holding.frames.insert(id, bytes).is_some() {
        holding.duplicated += 1;
    }
    Ok(count)
}
