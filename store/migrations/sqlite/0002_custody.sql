-- Search of the audit log, by what and by whom, newest first.
CREATE INDEX audit_object ON audit (object, seq);
CREATE INDEX audit_actor ON audit (actor, seq);
CREATE INDEX audit_at ON audit (at, seq);

-- Also keeps INSERT OR REPLACE from changing a record, for which no trigger on deletes is asked.
CREATE TRIGGER audit_insert BEFORE INSERT ON audit
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- The log's head as it was signed at a moment.
CREATE TABLE audit_head (
    seq       INTEGER NOT NULL PRIMARY KEY,
    hash      BLOB NOT NULL CHECK (length(hash) = 32),
    at        INTEGER NOT NULL,
    key       BLOB NOT NULL CHECK (length(key) = 32),
    signature BLOB NOT NULL CHECK (length(signature) = 64)
) STRICT;

CREATE TRIGGER audit_head_update BEFORE UPDATE ON audit_head
BEGIN SELECT RAISE(ABORT, 'a signed head never changes'); END;

CREATE TRIGGER audit_head_delete BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'a signed head never goes'); END;

CREATE TRIGGER audit_head_insert BEFORE INSERT ON audit_head
WHEN EXISTS (SELECT 1 FROM audit_head WHERE seq >= NEW.seq)
BEGIN SELECT RAISE(ABORT, 'heads are signed in order'); END;

-- What is kept about a wearer beside the order.
CREATE TABLE subject (
    wearer    INTEGER NOT NULL PRIMARY KEY REFERENCES wearer (id),
    person    BLOB, -- sealed under the subject's own key, which is not in this file
    keep_days INTEGER CHECK (keep_days > 0),
    hold      TEXT, -- JSON
    erased_at INTEGER
) STRICT;

CREATE INDEX alert_wearer ON alert (wearer, state, raised_at);
