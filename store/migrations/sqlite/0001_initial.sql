-- Times are milliseconds of Unix time. Unsigned 64-bit identities are stored bit by bit as signed ones.

-- Numbers that only rise: versions, identities given out, totals.
CREATE TABLE counter (
    name  TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Settings of the installation.
CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Register -----------------------------------------------------------------------------------------------------------

CREATE TABLE wearer (
    id            INTEGER NOT NULL PRIMARY KEY,
    order_id      INTEGER NOT NULL,
    order_version INTEGER NOT NULL,
    plan          TEXT NOT NULL, -- JSON
    home_units    TEXT NOT NULL -- JSON
) STRICT;

CREATE TABLE wearer_group (
    wearer   INTEGER NOT NULL REFERENCES wearer (id),
    group_id INTEGER NOT NULL,
    PRIMARY KEY (wearer, group_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE condition (
    wearer INTEGER NOT NULL REFERENCES wearer (id),
    id     INTEGER NOT NULL,
    rule   TEXT NOT NULL, -- JSON
    PRIMARY KEY (wearer, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE device (
    id          INTEGER NOT NULL PRIMARY KEY,
    kind        TEXT NOT NULL,
    key         BLOB NOT NULL CHECK (length(key) = 16),
    public_key  BLOB NOT NULL CHECK (length(public_key) = 32),
    enrolled_at INTEGER NOT NULL
) STRICT;

CREATE TABLE activation (
    device     INTEGER NOT NULL REFERENCES device (id),
    valid_from INTEGER NOT NULL,
    valid_to   INTEGER CHECK (valid_to >= valid_from),
    wearer     INTEGER NOT NULL REFERENCES wearer (id),
    PRIMARY KEY (device, valid_from)
) STRICT, WITHOUT ROWID;

CREATE INDEX activation_wearer ON activation (wearer, valid_from);

-- One without length holds never and overlaps nothing: that is how a wrong one is taken back.
CREATE TRIGGER activation_insert BEFORE INSERT ON activation
WHEN EXISTS (
    SELECT 1 FROM activation
    WHERE device = NEW.device
      AND max(valid_from, NEW.valid_from)
        < min(coalesce(valid_to, 0x7fffffffffffffff), coalesce(NEW.valid_to, 0x7fffffffffffffff)))
BEGIN SELECT RAISE(ABORT, 'activations overlap'); END;

CREATE TRIGGER activation_update BEFORE UPDATE ON activation
BEGIN SELECT RAISE(ABORT, 'an activation is taken out and put in anew'); END;

-- Immutable: a change is a new version.
CREATE TABLE zone (
    id      INTEGER NOT NULL,
    version INTEGER NOT NULL,
    body    TEXT NOT NULL, -- JSON
    PRIMARY KEY (id, version)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER zone_update BEFORE UPDATE ON zone
BEGIN SELECT RAISE(ABORT, 'a zone version never changes'); END;

-- Telemetry ----------------------------------------------------------------------------------------------------------
-- The leading bucket (10 minutes) keeps inserts at the end of the tree: without it they go all over it, and the rate
-- collapses with the size. `at` is the device's time, except in frame, which is ordered by arrival.

CREATE TABLE fix (
    bucket      INTEGER NOT NULL,
    device      INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    idx         INTEGER NOT NULL,
    wearer      INTEGER NOT NULL,
    lat_e7      INTEGER NOT NULL,
    lon_e7      INTEGER NOT NULL,
    accuracy_dm INTEGER NOT NULL,
    speed_cm_s  INTEGER NOT NULL,
    course_cdeg INTEGER NOT NULL,
    satellites  INTEGER NOT NULL,
    time_source INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    late        INTEGER NOT NULL,
    PRIMARY KEY (bucket, device, at, epoch, seq, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE sighting (
    bucket        INTEGER NOT NULL,
    device        INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    epoch         INTEGER NOT NULL,
    seq           INTEGER NOT NULL,
    idx           INTEGER NOT NULL,
    heard         INTEGER NOT NULL,
    rssi_dbm      INTEGER NOT NULL,
    authenticated INTEGER NOT NULL,
    received_at   INTEGER NOT NULL,
    PRIMARY KEY (bucket, device, at, epoch, seq, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    bucket      INTEGER NOT NULL,
    device      INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    kind        INTEGER NOT NULL,
    value       INTEGER NOT NULL,
    lat_e7      INTEGER,
    lon_e7      INTEGER,
    time_source INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (bucket, device, at, epoch, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE health (
    bucket         INTEGER NOT NULL,
    device         INTEGER NOT NULL,
    at             INTEGER NOT NULL,
    epoch          INTEGER NOT NULL,
    seq            INTEGER NOT NULL,
    percent        INTEGER NOT NULL,
    millivolts     INTEGER NOT NULL,
    charging       INTEGER NOT NULL,
    empty_at       INTEGER,
    strap_latched  INTEGER NOT NULL,
    case_latched   INTEGER NOT NULL,
    plan_version   INTEGER NOT NULL,
    unacknowledged INTEGER NOT NULL,
    signal_dbm     INTEGER NOT NULL,
    temperature_c  INTEGER NOT NULL,
    firmware       INTEGER NOT NULL,
    received_at    INTEGER NOT NULL,
    PRIMARY KEY (bucket, device, at, epoch, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE frame (
    bucket      INTEGER NOT NULL,
    device      INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    lane        INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    bytes       BLOB NOT NULL,
    PRIMARY KEY (bucket, device, epoch, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE committed (
    device INTEGER NOT NULL,
    epoch  INTEGER NOT NULL,
    ranges BLOB NOT NULL,
    PRIMARY KEY (device, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_last (
    device      INTEGER NOT NULL PRIMARY KEY,
    wearer      INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    fix_at      INTEGER,
    lat_e7      INTEGER,
    lon_e7      INTEGER,
    accuracy_dm INTEGER,
    speed_cm_s  INTEGER,
    course_cdeg INTEGER,
    satellites  INTEGER,
    time_source INTEGER,
    percent     INTEGER,
    millivolts  INTEGER,
    charging    INTEGER,
    empty_at    INTEGER,
    heard_at    INTEGER NOT NULL
) STRICT;

-- State of a wearer's monitor, written with the frames it has seen.
CREATE TABLE snapshot (
    wearer INTEGER NOT NULL PRIMARY KEY,
    state  BLOB NOT NULL
) STRICT;

CREATE TABLE quarantine (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    device      INTEGER,
    source      TEXT NOT NULL,
    reason      TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    bytes       BLOB NOT NULL,
    detail      TEXT NOT NULL
) STRICT;

-- Alerts -------------------------------------------------------------------------------------------------------------

CREATE TABLE alert (
    id        BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    wearer    INTEGER NOT NULL,
    state     TEXT NOT NULL,
    raised_at INTEGER NOT NULL,
    version   INTEGER NOT NULL,
    body      TEXT NOT NULL -- JSON, with the timeline
) STRICT;

CREATE INDEX alert_state ON alert (state, raised_at, id);

-- Findings that became occurrences of an alert.
CREATE TABLE alert_merged (
    id    BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    alert BLOB NOT NULL REFERENCES alert (id)
) STRICT, WITHOUT ROWID;

-- People -------------------------------------------------------------------------------------------------------------

CREATE TABLE user (
    name          TEXT NOT NULL PRIMARY KEY,
    password_hash TEXT NOT NULL,
    role          TEXT NOT NULL,
    display       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    seq       INTEGER NOT NULL PRIMARY KEY,
    prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),
    hash      BLOB NOT NULL CHECK (length(hash) = 32),
    at        INTEGER NOT NULL,
    actor     TEXT NOT NULL,
    action    TEXT NOT NULL,
    object    TEXT NOT NULL,
    detail    TEXT NOT NULL
) STRICT;

CREATE TRIGGER audit_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
