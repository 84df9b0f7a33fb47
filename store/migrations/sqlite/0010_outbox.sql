-- What devices should hold and what was ordered for them. Bodies of plans and zone sets are not here: they follow from the
-- register.
CREATE TABLE device_set (
    device INTEGER NOT NULL,
    kind   INTEGER NOT NULL,
    body   TEXT NOT NULL,
    PRIMARY KEY (device, kind)
) STRICT;

CREATE TABLE command (
    id      INTEGER NOT NULL PRIMARY KEY,
    device  INTEGER NOT NULL,
    wearer  INTEGER NOT NULL,
    settled INTEGER NOT NULL CHECK (settled IN (0, 1)),
    body    TEXT NOT NULL
) STRICT;

CREATE INDEX command_device ON command (device, id);

CREATE INDEX command_wearer ON command (wearer, id);

CREATE INDEX command_open ON command (id) WHERE settled = 0;

-- Keys of those who may clear latches: the public halves.
CREATE TABLE officer (
    number INTEGER NOT NULL PRIMARY KEY,
    body   TEXT NOT NULL
) STRICT;
