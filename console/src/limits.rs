//! Every limit of the console in one place, with the reason for its size.

use std::time::Duration;

/// Connections served at once; further ones wait in the listen queue.
pub(crate) const CONNECTIONS_MAX: usize = 1024;
/// Time for a request's head, and for an idle connection before it is closed.
pub(crate) const HEADER_TIME_MAX: Duration = Duration::from_secs(20);
/// Bytes of a request's head.
pub(crate) const HEADER_BYTES_MAX: usize = 32 * 1024;
/// Bytes of a request's body: the longest is a note, every character of which may be escaped.
pub(crate) const BODY_BYTES_MAX: usize = 32 * 1024;
/// Time from a request's head to the head of its answer.
pub(crate) const REQUEST_TIME_MAX: Duration = Duration::from_secs(10);
/// Time that open connections get to end after the shutdown was asked for.
pub(crate) const SHUTDOWN_TIME_MAX: Duration = Duration::from_secs(3);

/// People signed in at once; past it the one idle for longest is signed out.
pub(crate) const SESSIONS_MAX: usize = 4096;
/// Live streams at once, over all sessions.
pub(crate) const STREAMS_MAX: usize = 512;
/// Live streams of one session: windows and tabs of one desk.
pub(crate) const STREAMS_PER_SESSION_MAX: usize = 8;
/// Events that a live stream may be behind before it is told to read everything anew.
pub(crate) const STREAM_LAG_MAX: usize = 1024;
/// Positions go out at most once in this time, the newest of each wearer.
pub(crate) const POSITIONS_EVERY: Duration = Duration::from_millis(100);
/// The centre's time is told this often; expired sessions are ended at the same beat.
pub(crate) const CLOCK_EVERY: Duration = Duration::from_secs(5);
/// A comment keeps proxies from closing a quiet stream.
pub(crate) const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(15);

/// Password checks at once: each takes 19 MiB and about 50 ms of a core.
pub(crate) const PASSWORD_CHECKS_MAX: usize = 2;
/// Time a login waits for its turn to be checked.
pub(crate) const PASSWORD_WAIT_MAX: Duration = Duration::from_secs(5);
/// Bytes of a password or name in a login: longer ones are not worth hashing.
pub(crate) const CREDENTIAL_BYTES_MAX: usize = 256;
/// Characters of a password that `set_password` takes.
pub(crate) const PASSWORD_CHARS_MIN: usize = 12;
/// Failed logins of one name that cost nothing.
pub(crate) const NAME_FAILURES_FREE: u32 = 5;
/// Longest wait of one name: short, so that nobody can lock an operator out for long.
pub(crate) const NAME_WAIT_MAX: Duration = Duration::from_secs(30);
/// Failed logins of one address that cost nothing.
pub(crate) const ADDRESS_FAILURES_FREE: u32 = 20;
/// Longest wait of one address: a whole centre may sit behind one.
pub(crate) const ADDRESS_WAIT_MAX: Duration = Duration::from_secs(60);
/// Failures are forgotten after this time without a new one.
pub(crate) const FAILURES_FORGOTTEN_AFTER: Duration = Duration::from_secs(1800);
/// Names and addresses with failures that are remembered.
pub(crate) const FAILURE_KEYS_MAX: usize = 10_000;
/// A signed-in user's account is read again after this time, so that a removed or changed one loses access.
pub(crate) const ACCOUNT_FRESH_FOR: Duration = Duration::from_secs(5);

/// Rows of a page of resolved alerts or quarantined reports.
pub(crate) const PAGE_ROWS_MAX: u32 = 500;
/// Rows of such a page when nothing is asked for.
pub(crate) const PAGE_ROWS_DEFAULT: u32 = 100;
/// Fixes of one answer of a trail: a day at one a second is cut, at one a minute it is 1440.
pub(crate) const TRAIL_ROWS_MAX: u32 = 10_000;
/// Characters of the reason for which somebody is looked at.
pub(crate) const REASON_CHARS_MAX: usize = 200;
/// Characters of what the audit log is searched for.
pub(crate) const SEARCH_CHARS_MAX: usize = 100;
/// Bytes of a quarantined report that are shown.
pub(crate) const QUARANTINE_BYTES_SHOWN: usize = 256;
/// Zones and cases are at most this far behind the store.
pub(crate) const CASES_FRESH_FOR: Duration = Duration::from_secs(1);
