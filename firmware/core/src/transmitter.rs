//! What is sent when: events first, then what is new, then the backlog; and what is sent again.
//!
//! Three cursors walk the journal, each "the next frame to consider":
//!
//! ```text
//!  records:  |--released--|==== backlog: from here up to `live_start` ====|=== live: each frame as it is committed ===>
//!  events:                |=== each as it is committed ===>
//! ```
//!
//! On a new link the newest record goes first (live), then the backlog from the oldest. PUBACK only opens the window of
//! [`IN_FLIGHT_MAX`]; custody passes with the centre's cumulative acknowledgement. Without progress of that within the timeout
//! the cursors go back to the oldest frame kept (go-back-N), with doubling, jittered timeouts: the centre drops doubles by number.
//!
//! Where the state saves the modem, the link is ended once the centre has everything, and made again for the next event or record.
//!
//! Invariants: at most [`IN_FLIGHT_MAX`] frames wait for PUBACK; at most [`BACKLOG_WINDOW`] backlog frames wait for the
//! centre; a record is never sent while an event waits.

use crate::{
    Effect, Uptime,
    jitter::Jitter,
    journal::{Class, Journal},
    machine::{Counters, Keys, Shell, Storage},
    state::Modem,
};
use lenke_wire::{FrameId, Lane};

/// Frames that wait for PUBACK at most.
pub const IN_FLIGHT_MAX: usize = 8;
/// Backlog frames that wait for the centre's acknowledgement at most.
pub const BACKLOG_WINDOW: u32 = 32;

const CONNECT_MS_MIN: i64 = 2_000;
const CONNECT_MS_MAX: i64 = 300_000;
/// The board has this long to connect or to say that it could not; then the attempt is ended for it. Attaching to a network alone
/// can take minutes.
pub const CONNECT_PATIENCE_S: u32 = 450;
const ACK_MS_MAX: i64 = 3_600_000;
const DOUBLINGS_MAX: u32 = 8;
/// A link that the state wants saved stays for this long after the last word: the centre may have something to say.
const QUIET_MS: i64 = 10_000;

const OLDEST: FrameId = FrameId::new(0, 0);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    Down {
        connect_at: Uptime,
    },
    Connecting {
        until: Uptime,
    },
    Up,
    /// Ended by us: until there is something to hand in, or the state wants the modem on.
    Parked,
}

pub(crate) struct Transmitter {
    link: Link,
    failures: u32,
    in_flight: [Option<FrameId>; IN_FLIGHT_MAX],
    event_from: FrameId,
    live_from: FrameId,
    live_start: FrameId,
    backlog_from: FrameId,
    backlog_waiting: u32,
    ack_due: Option<Uptime>,
    /// When a link that has nothing to do is ended.
    quiet_at: Option<Uptime>,
    /// Since when there has been no link.
    down_since: Option<Uptime>,
    resends: u32,
    jitter: Jitter,
}

impl Transmitter {
    pub(crate) const fn new(jitter: Jitter) -> Self {
        Self {
            link: Link::Down { connect_at: Uptime::START },
            failures: 0,
            in_flight: [None; IN_FLIGHT_MAX],
            event_from: OLDEST,
            live_from: OLDEST,
            live_start: OLDEST,
            backlog_from: OLDEST,
            backlog_waiting: 0,
            ack_due: None,
            quiet_at: None,
            down_since: None,
            resends: 0,
            jitter,
        }
    }

    pub(crate) fn deadline(&self) -> Option<Uptime> {
        match self.link {
            Link::Down { connect_at } => Some(connect_at),
            Link::Connecting { until } => [Some(until), self.quiet_at].into_iter().flatten().min(),
            Link::Up => [self.ack_due, self.quiet_at].into_iter().flatten().min(),
            Link::Parked => None,
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.link == Link::Up
    }

    /// Milliseconds without a link, if there has been none.
    pub(crate) fn down_ms(&self, now: Uptime) -> Option<i64> {
        self.down_since.map(|since| now.since_ms(since))
    }

    pub(crate) fn handle_link_up(&mut self, journal: &impl Journal) {
        self.link = Link::Up;
        self.down_since = None;
        self.quiet_at = None;
        self.in_flight = [None; IN_FLIGHT_MAX];
        self.live_from = journal.newest(Class::Records).unwrap_or(OLDEST);
        self.resends = 0;
        self.ack_due = None;
        self.go_back();
        self.live_start = self.live_from;
    }

    pub(crate) fn handle_link_down(&mut self, now: Uptime) {
        self.in_flight = [None; IN_FLIGHT_MAX];
        self.ack_due = None;
        self.quiet_at = None;
        if self.link == Link::Parked {
            return;
        }
        self.down_since.get_or_insert(now);
        let wait_ms = doubled(CONNECT_MS_MIN, self.failures, CONNECT_MS_MAX);
        self.failures = self.failures.saturating_add(1);
        self.link = Link::Down { connect_at: now.plus_ms(self.jitter.spread(wait_ms)) };
    }

    /// The broker took a frame. It may be one that was given up meanwhile.
    pub(crate) fn handle_pub_ack(&mut self, frame: FrameId) {
        if let Some(slot) = self.in_flight.iter_mut().find(|slot| **slot == Some(frame)) {
            *slot = None;
            self.failures = 0;
        }
    }

    /// The centre has everything up to `through` in its epoch; `released` frames left the journal.
    pub(crate) fn handle_ack(&mut self, through: FrameId, released: u32, timeout_s: u32, shell_now: Uptime) {
        let have = |frame: &Option<FrameId>| {
            frame.is_some_and(|frame| frame.epoch == through.epoch && frame.seq <= through.seq)
        };
        // What is acknowledged needs no PUBACK any more.
        for slot in self.in_flight.iter_mut().filter(|slot| have(slot)) {
            *slot = None;
        }
        if released > 0 {
            self.backlog_waiting = self.backlog_waiting.saturating_sub(released);
            self.resends = 0;
            if self.ack_due.is_some() {
                self.arm(timeout_s, shell_now);
            }
        }
    }

    pub(crate) fn handle_timer<J: Storage, K: Keys>(
        &mut self,
        timeout_s: u32,
        modem: Modem,
        shell: &mut Shell<'_, J, K>,
    ) {
        self.save_modem(modem, shell);
        match self.link {
            Link::Down { connect_at } if shell.now >= connect_at => {
                self.link = Link::Connecting { until: shell.now.plus_s(CONNECT_PATIENCE_S) };
                shell.effects.push(Effect::Connect);
            }
            Link::Connecting { until } if shell.now >= until => {
                shell.effects.push(Effect::Disconnect);
                self.handle_link_down(shell.now);
            }
            Link::Up if self.ack_due.is_some_and(|due| shell.now >= due) => {
                if shell.storage.count() == 0 {
                    self.ack_due = None;
                    return;
                }
                self.resends = self.resends.saturating_add(1);
                self.in_flight = [None; IN_FLIGHT_MAX];
                self.live_start = self.live_from;
                self.go_back();
                self.arm(timeout_s, shell.now);
                Counters::count(&mut shell.counters.timeouts, 1);
            }
            Link::Down { .. } | Link::Connecting { .. } | Link::Up | Link::Parked => {}
        }
    }

    /// Parks the link, or unparks it, as the state wants.
    fn save_modem<J: Storage, K: Keys>(&mut self, modem: Modem, shell: &mut Shell<'_, J, K>) {
        let idle = shell.storage.count() == 0;
        let wanted = match modem {
            Modem::On => true,
            Modem::ForReports => !idle,
            Modem::Off => false,
        };
        match self.link {
            Link::Parked if wanted => self.link = Link::Down { connect_at: shell.now },
            Link::Down { .. } if modem == Modem::Off || (!wanted && self.down_since.is_none()) => {
                self.link = Link::Parked;
            }
            Link::Up | Link::Connecting { .. } if !wanted => {
                let quiet_at = *self.quiet_at.get_or_insert(shell.now.plus_ms(QUIET_MS));
                if shell.now >= quiet_at {
                    self.link = Link::Parked;
                    self.quiet_at = None;
                    self.ack_due = None;
                    self.in_flight = [None; IN_FLIGHT_MAX];
                    shell.effects.push(Effect::Disconnect);
                }
            }
            Link::Up | Link::Connecting { .. } => self.quiet_at = None,
            Link::Down { .. } | Link::Parked => {}
        }
    }

    /// Sends what the windows allow.
    pub(crate) fn poll<J: Storage, K: Keys>(&mut self, timeout_s: u32, shell: &mut Shell<'_, J, K>) {
        if self.link != Link::Up {
            return;
        }
        // The last place in the queue is the wake-up's.
        while shell.effects.room() > 1 {
            let Some(slot) = self.in_flight.iter().position(Option::is_none) else { return };
            let Some((frame, lane)) = self.next(shell.storage) else { return };
            self.in_flight[slot] = Some(frame);
            shell.effects.push(Effect::Transmit { frame, lane });
            Counters::count(&mut shell.counters.transmitted, 1);
            if self.ack_due.is_none() {
                self.arm(timeout_s, shell.now);
            }
        }
    }

    fn next(&mut self, journal: &impl Journal) -> Option<(FrameId, Lane)> {
        if let Some(frame) = journal.first_from(Class::Alarms, self.event_from) {
            self.event_from = following(frame);
            return Some((frame, Lane::Live));
        }
        if let Some(frame) = journal.first_from(Class::Records, self.live_from) {
            self.live_from = following(frame);
            return Some((frame, Lane::Live));
        }
        if self.backlog_waiting >= BACKLOG_WINDOW {
            return None;
        }
        let frame =
            journal.first_from(Class::Records, self.backlog_from).filter(|&frame| frame < self.live_start)?;
        self.backlog_from = following(frame);
        self.backlog_waiting += 1;
        Some((frame, Lane::Backlog))
    }

    const fn go_back(&mut self) {
        self.event_from = OLDEST;
        self.backlog_from = OLDEST;
        self.backlog_waiting = 0;
    }

    fn arm(&mut self, timeout_s: u32, now: Uptime) {
        let wait_ms = doubled(i64::from(timeout_s) * 1000, self.resends, ACK_MS_MAX);
        self.ack_due = Some(now.plus_ms(self.jitter.spread(wait_ms)));
    }
}

/// `base_ms` doubled `times` times, at most `max_ms`, unless the base is more.
fn doubled(base_ms: i64, times: u32, max_ms: i64) -> i64 {
    (base_ms << times.min(DOUBLINGS_MAX)).min(max_ms.max(base_ms))
}

const fn following(frame: FrameId) -> FrameId {
    match frame.seq.0.checked_add(1) {
        Some(seq) => FrameId::new(frame.epoch.0, seq),
        None => FrameId::new(frame.epoch.0.saturating_add(1), 0),
    }
}
