//! What somebody recorded: positions in time order, from a GPX track or from a receiver's raw output.

use super::track;
use lenke_firmware_core::GnssFix;
use lenke_firmware_core::gnss::{GnssEvent, Receiver, Tally};
use lenke_wire::UnixMillis;
use std::path::{Path, PathBuf};

/// Largest file read.
pub const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Two fixes farther apart than this have a gap between them, seconds.
pub const GAP_S: f64 = 60.0;

/// Why a file cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// More than is taken.
    #[error("the file has {bytes} bytes, more than {FILE_BYTES_MAX}")]
    TooLarge {
        /// How many.
        bytes: u64,
    },
    /// It begins like GPX, but is none.
    #[error("the file is no valid GPX")]
    Gpx(#[source] Box<gpx::errors::GpxError>),
    /// A moment that no clock shows.
    #[error("point {point} has the unreadable time {time:?}")]
    Time {
        /// Which, from 1.
        point: usize,
        /// As given.
        time: String,
    },
    /// Nothing to play.
    #[error(
        "the file holds no position: neither GPX track points nor fixes in NMEA, UBX NAV-PVT or SiRF \
         ({rejected} messages were rejected)"
    )]
    Empty {
        /// Messages with a bad checksum or senseless content.
        rejected: u64,
    },
}

/// What a receiver's raw output consists of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Messages {
    /// NMEA sentences with a good checksum.
    pub nmea: u64,
    /// NMEA sentences without one, too long, or cut.
    pub nmea_rejected: u64,
    /// UBX messages with a good checksum.
    pub ubx: u64,
    /// UBX messages with a bad one.
    pub ubx_rejected: u64,
    /// SiRF messages with a good checksum.
    pub sirf: u64,
    /// SiRF messages with a bad one.
    pub sirf_rejected: u64,
    /// Messages with a good checksum and senseless content.
    pub implausible: u64,
    /// Epochs that tell how strong the satellites are.
    pub signals: u64,
}

impl From<&Tally> for Messages {
    fn from(tally: &Tally) -> Self {
        Self {
            nmea: tally.nmea.into(),
            nmea_rejected: tally.nmea_rejected.into(),
            ubx: tally.ubx.into(),
            ubx_rejected: tally.ubx_rejected.into(),
            sirf: tally.sirf.into(),
            sirf_rejected: tally.sirf_rejected.into(),
            implausible: tally.implausible.into(),
            signals: tally.signals.into(),
        }
    }
}

/// What was found while reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Findings {
    /// Points or receiver epochs read.
    pub points: u64,
    /// Epochs in which the receiver said that it has no position.
    pub without_fix: u64,
    /// Times with more than [`GAP_S`] between two fixes.
    pub gaps: u64,
    /// Messages with a bad checksum or senseless content.
    pub rejected: u64,
    /// Points left out because their time is not after the point before.
    pub out_of_order: u64,
    /// Points that had no time and are played one each [`track::TIMELESS_S`].
    pub without_time: u64,
}

/// A recording: at least one fix, times strictly ascending.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    fixes: Vec<GnssFix>,
    findings: Findings,
    messages: Option<Messages>,
}

impl Recording {
    /// Reads a file; what it holds is told by its content, not by its name.
    ///
    /// # Errors
    /// It cannot be read, is too large, is broken GPX, or holds no position.
    pub fn read(path: &Path) -> Result<Self, RecordingError> {
        let failed = |source| RecordingError::Read { path: path.to_owned(), source };
        let bytes = std::fs::metadata(path).map_err(failed)?.len();
        if bytes > FILE_BYTES_MAX {
            return Err(RecordingError::TooLarge { bytes });
        }
        Self::from_bytes(&std::fs::read(path).map_err(failed)?)
    }

    /// Reads the content of a file.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn from_bytes(content: &[u8]) -> Result<Self, RecordingError> {
        if track::is_gpx(content) { track::read(content) } else { Self::from_receiver(content) }
    }

    /// A receiver's raw output: NMEA, UBX and SiRF in any mixture.
    fn from_receiver(content: &[u8]) -> Result<Self, RecordingError> {
        let mut receiver = Receiver::new();
        let mut fixes = Vec::new();
        for event in content.iter().filter_map(|byte| receiver.push(*byte)) {
            fixes.extend(fix_of(event));
        }
        fixes.extend(receiver.finish().and_then(fix_of));
        let tally = receiver.tally();
        let rejected = [tally.nmea_rejected, tally.ubx_rejected, tally.sirf_rejected, tally.implausible];
        let findings = Findings {
            points: u64::from(tally.fixes) + u64::from(tally.no_fixes),
            without_fix: u64::from(tally.no_fixes),
            rejected: rejected.into_iter().map(u64::from).sum(),
            ..Findings::default()
        };
        let messages = Messages::from(tally);
        Self::new(fixes, findings).map(|recording| Self { messages: Some(messages), ..recording })
    }

    /// Leaves out what goes back in time, and counts the gaps.
    pub(super) fn new(fixes: Vec<GnssFix>, mut findings: Findings) -> Result<Self, RecordingError> {
        let mut kept: Vec<GnssFix> = Vec::with_capacity(fixes.len());
        for fix in fixes {
            match kept.last() {
                Some(last) if fix.at <= last.at => findings.out_of_order += 1,
                Some(last) => {
                    findings.gaps += u64::from(fix.at.since_s(last.at) > GAP_S);
                    kept.push(fix);
                }
                None => kept.push(fix),
            }
        }
        if kept.is_empty() {
            return Err(RecordingError::Empty { rejected: findings.rejected });
        }
        Ok(Self { fixes: kept, findings, messages: None })
    }

    /// What was found while reading.
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// What a receiver's raw output consists of; `None` for a track.
    pub const fn messages(&self) -> Option<&Messages> {
        self.messages.as_ref()
    }

    /// The fixes, by time.
    pub fn fixes(&self) -> &[GnssFix] {
        &self.fixes
    }

    /// Time of the first fix.
    pub fn begin(&self) -> UnixMillis {
        self.fixes.first().map_or(UnixMillis(0), |fix| fix.at)
    }

    /// Milliseconds from the first fix to the last.
    pub fn duration_ms(&self) -> i64 {
        self.fixes.last().map_or(0, |fix| fix.at.since_ms(self.begin()))
    }
}

const fn fix_of(event: GnssEvent) -> Option<GnssFix> {
    match event {
        GnssEvent::Fix(fix) => Some(fix),
        GnssEvent::NoFix | GnssEvent::Signal(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(body: &str) -> String {
        let sum = body.bytes().fold(0, |sum, byte| sum ^ byte);
        format!("${body}*{sum:02X}\r\n")
    }

    fn epoch(second: u32, status: char) -> String {
        let rmc = format!("GPRMC,1000{second:02}.00,{status},5955.0000,N,01045.0000,E,2.0,90.0,211126,,,A");
        let quality = u8::from(status == 'A');
        let gga =
            format!("GPGGA,1000{second:02}.00,5955.0000,N,01045.0000,E,{quality},08,0.9,10.0,M,40.0,M,,");
        sentence(&rmc) + &sentence(&gga)
    }

    #[test]
    fn a_receivers_log_gives_fixes_gaps_and_rejections() {
        let mut log = "# somebody's comment\r\n".to_owned();
        for second in 0..5 {
            log += &epoch(second, 'A');
        }
        log += "$GPRMC,100006.00,A,5955.0000,N,01045.0000,E,2.0,90.0,211126,,,A*00\r\n";
        log += &epoch(10, 'V');
        let recording = Recording::from_bytes(log.as_bytes()).unwrap();
        assert_eq!(recording.fixes().len(), 5);
        assert_eq!(recording.duration_ms(), 4_000);
        assert!(recording.findings().rejected >= 1);
        assert!((recording.fixes()[0].position.lat() - 59.916_667).abs() < 1e-5);
    }

    #[test]
    fn a_file_without_positions_says_so() {
        let error = Recording::from_bytes(b"no position here\n").unwrap_err();
        assert!(matches!(error, RecordingError::Empty { .. }), "{error}");
    }

    #[test]
    fn what_goes_back_in_time_is_left_out_and_counted() {
        let log = epoch(3, 'A') + &epoch(1, 'A') + &epoch(4, 'A');
        let recording = Recording::from_bytes(log.as_bytes()).unwrap();
        assert_eq!((recording.fixes().len(), recording.findings().out_of_order), (2, 1));
    }
}
