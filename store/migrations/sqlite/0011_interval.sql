-- Stretches of a wearer's time that a monitor vouches for, written with the frames it has seen and amended under their
-- id: presence, violations, silence. No position.
CREATE TABLE interval (
    wearer        INTEGER NOT NULL,
    id            BLOB NOT NULL CHECK (length(id) = 16),
    kind          TEXT NOT NULL,
    subject_kind  INTEGER NOT NULL,
    subject       INTEGER NOT NULL,
    order_id      INTEGER NOT NULL,
    order_version INTEGER NOT NULL,
    zone          INTEGER,
    zone_version  INTEGER,
    rule          TEXT NOT NULL,
    from_at       INTEGER NOT NULL,
    to_at         INTEGER CHECK (to_at >= from_at), -- NULL while it lasts
    uncertain     INTEGER NOT NULL,
    late          INTEGER NOT NULL,
    alert         BLOB CHECK (length(alert) = 16),
    known_at      INTEGER NOT NULL,
    PRIMARY KEY (wearer, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX interval_from ON interval (wearer, from_at, id);
