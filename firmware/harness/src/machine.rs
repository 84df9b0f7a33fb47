//! QEMU with the tag's image: four UARTs over sockets, the flash in a file, and the lines of the lock-step.

use anyhow::{Context, Result, bail};
use std::{
    io::{ErrorKind, Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

const QEMU: &str = "qemu-system-arm";
/// How long the image may take for a step, and QEMU for its start.
const PATIENCE: Duration = Duration::from_secs(60);
const LINE_BYTES_MAX: usize = 256;

/// The UARTs that carry the tag's peripherals, in the order of the lock-step's counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Uart {
    Modem = 0,
    Gnss = 1,
    Radio = 2,
}

impl Uart {
    pub(crate) const ALL: [Self; 3] = [Self::Modem, Self::Gnss, Self::Radio];
}

/// What the image waits for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Idle {
    /// Microseconds since the start.
    pub(crate) deadline: Option<u64>,
    /// Bytes that each UART's buffer takes.
    pub(crate) room: [usize; 3],
    pub(crate) gnss_on: bool,
    pub(crate) modem_on: bool,
    /// Bytes that the image wrote since the last time.
    sent: [u64; 3],
}

/// Numbers of the tag, from its own mouth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Statistics {
    pub(crate) waiting: u64,
}

/// A line of the image.
#[derive(Debug)]
pub(crate) enum Said {
    Started,
    Idle(Idle),
    Statistics(Statistics),
    /// The power failed inside a flash operation, as it was told to.
    Cut,
}

/// The emulator. Dropping it is a power cut.
pub(crate) struct Machine {
    _emulator: Emulator,
    uarts: [UnixStream; 3],
    host: UnixStream,
    pending: Vec<u8>,
    taken: [u64; 3],
    given: [u64; 3],
    /// As the image was told last.
    counted: [u64; 3],
}

/// Is the emulator there?
///
/// # Errors
/// It is not; says how to install it.
pub(crate) fn require_qemu() -> Result<()> {
    let found = Command::new(QEMU).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        bail!(
            "{QEMU} is missing: apt-get install --no-install-recommends qemu-system-arm, or brew install qemu"
        );
    }
    Ok(())
}

impl Machine {
    /// Switches the board on. `folder` is for sockets.
    pub(crate) fn start(image: &Path, flash: &Path, flash_bytes: usize, folder: &Path) -> Result<Self> {
        let names = ["modem", "gnss", "host", "radio"];
        let paths: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
        let mut listeners = Vec::new();
        for path in &paths {
            if let Err(error) = std::fs::remove_file(path)
                && error.kind() != ErrorKind::NotFound
            {
                return Err(error.into());
            }
            listeners.push(
                UnixListener::bind(path).with_context(|| format!("cannot listen on {}", path.display()))?,
            );
        }
        let mut command = Command::new(QEMU);
        command.args(["-machine", "mps2-an505,memory-backend=flash", "-display", "none", "-monitor", "none"]);
        command.arg("-object").arg(format!(
            "memory-backend-file,id=flash,mem-path={},size={flash_bytes},share=on",
            flash.display()
        ));
        for path in &paths {
            command.arg("-serial").arg(format!("unix:{}", path.display()));
        }
        let child =
            command.arg("-kernel").arg(image).stdin(Stdio::null()).spawn().context("cannot start QEMU")?;
        let emulator = Emulator(child);
        let mut streams = Vec::new();
        for listener in listeners {
            let (stream, _) = listener.accept()?;
            stream.set_read_timeout(Some(PATIENCE))?;
            streams.push(stream);
        }
        let Ok([modem, gnss, host, radio]) = <[UnixStream; 4]>::try_from(streams) else {
            bail!("QEMU has four UARTs");
        };
        let uarts = [modem, gnss, radio];
        Ok(Self {
            _emulator: emulator,
            uarts,
            host,
            pending: Vec::new(),
            taken: [0; 3],
            given: [0; 3],
            counted: [0; 3],
        })
    }

    /// The image's next line.
    pub(crate) fn hear(&mut self) -> Result<Said> {
        let line = self.line()?;
        let mut words = line.split(' ');
        match words.next() {
            Some("H") => {
                let version = words.next();
                if version != Some("2") {
                    bail!("the image speaks lock-step version {version:?}, not 2");
                }
                (self.taken, self.given, self.counted) = ([0; 3], [0; 3], [0; 3]);
                Ok(Said::Started)
            }
            Some("I") => Ok(Said::Idle(self.idle(&line)?)),
            Some("S") => {
                let numbers: Vec<u64> = words.map_while(|word| word.parse().ok()).collect();
                let waiting = *numbers.get(5).with_context(|| format!("a short line: {line}"))?;
                Ok(Said::Statistics(Statistics { waiting }))
            }
            Some("X") => Ok(Said::Cut),
            Some("P") => bail!("the image panicked: {line}"),
            _ => bail!("the image said: {line}"),
        }
    }

    fn line(&mut self) -> Result<String> {
        loop {
            if let Some(end) = self.pending.iter().position(|&byte| byte == b'\n') {
                let line = self.pending.drain(..=end).collect::<Vec<_>>();
                return Ok(String::from_utf8_lossy(&line[..end]).into_owned());
            }
            if self.pending.len() > LINE_BYTES_MAX {
                bail!("a line without an end");
            }
            let mut chunk = [0; 256];
            let length = self.host.read(&mut chunk).context("the image does not come to its idle line")?;
            if length == 0 {
                bail!("QEMU ended");
            }
            self.pending.extend(&chunk[..length]);
        }
    }

    /// `I <deadline> <tx0> <tx1> <tx3> <room0> <room1> <room3> <outputs>`
    fn idle(&self, line: &str) -> Result<Idle> {
        let words: Vec<&str> = line.split(' ').collect();
        let [_, deadline, sent @ .., _, _, _, outputs] = &words[..] else { bail!("a short line: {line}") };
        let number = |word: &&str| word.parse::<u64>().with_context(|| format!("no number in: {line}"));
        let [a, b, c] = sent else { bail!("a line of other length: {line}") };
        let totals = [number(a)?, number(b)?, number(c)?];
        let mut room = [0; 3];
        for (room, word) in room.iter_mut().zip(&words[5..8]) {
            *room = usize::try_from(number(word)?)?;
        }
        let outputs = u32::from_str_radix(outputs, 16).with_context(|| format!("no outputs in: {line}"))?;
        let deadline = if *deadline == "-" { None } else { Some(number(deadline)?) };
        let (gnss_on, modem_on) = (outputs & 1 != 0, outputs & 2 != 0);
        let sent = [0, 1, 2].map(|index| totals[index].saturating_sub(self.taken[index]));
        Ok(Idle { deadline, room, gnss_on, modem_on, sent })
    }

    /// The bytes that the image wrote on a UART before its idle line.
    pub(crate) fn take(&mut self, idle: &Idle, uart: Uart) -> Result<Vec<u8>> {
        let index = uart as usize;
        let mut bytes = vec![0; usize::try_from(idle.sent[index])?];
        self.uarts[index].read_exact(&mut bytes).context("the image's bytes do not arrive")?;
        self.taken[index] += idle.sent[index];
        Ok(bytes)
    }

    /// Sends bytes to the image, which has the room for them.
    pub(crate) fn give(&mut self, uart: Uart, bytes: &[u8]) -> Result<()> {
        self.given[uart as usize] += bytes.len() as u64;
        self.uarts[uart as usize].write_all(bytes).context("QEMU ended")
    }

    /// A line on the host's UART.
    pub(crate) fn say(&mut self, line: &str) -> Result<()> {
        self.host.write_all(format!("{line}\n").as_bytes()).context("QEMU ended")
    }

    /// Ends the host's turn; there will be no other before `until` unless the image has something to say. Without counts where
    /// nothing was sent: the emulated UART takes each byte for itself, and slowly.
    pub(crate) fn go(&mut self, now: u64, until: u64) -> Result<()> {
        let [modem, gnss, radio] = self.given;
        if std::mem::replace(&mut self.counted, self.given) != self.given {
            return self.say(&format!("T {now} {until} {modem} {gnss} {radio}"));
        }
        if until > now { self.say(&format!("T {now} {until}")) } else { self.say(&format!("T {now}")) }
    }
}

/// QEMU's process, which ends with this.
struct Emulator(Child);

impl Drop for Emulator {
    fn drop(&mut self) {
        // Already gone is as good.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
