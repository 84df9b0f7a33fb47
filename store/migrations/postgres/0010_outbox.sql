-- What devices should hold and what was ordered for them. Bodies of plans and zone sets are not here: they follow from the
-- register.
CREATE TABLE device_set (
    device bigint NOT NULL,
    kind   bigint NOT NULL,
    body   json NOT NULL,
    PRIMARY KEY (device, kind)
) WITH (fillfactor = 50);

CREATE TABLE command (
    id      bigint NOT NULL PRIMARY KEY,
    device  bigint NOT NULL,
    wearer  bigint NOT NULL,
    settled boolean NOT NULL,
    body    json NOT NULL
);

CREATE INDEX command_device ON command (device, id);

CREATE INDEX command_wearer ON command (wearer, id);

CREATE INDEX command_open ON command (id) WHERE NOT settled;

-- Keys of those who may clear latches: the public halves.
CREATE TABLE officer (
    number bigint NOT NULL PRIMARY KEY,
    body   json NOT NULL
);
