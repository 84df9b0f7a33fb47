-- Stretches of a wearer's time that a monitor vouches for, written with the frames it has seen and amended under their
-- id: presence, violations, silence. No position.
CREATE TABLE "interval" (
    wearer        bigint NOT NULL,
    id            bytea NOT NULL CHECK (length(id) = 16),
    kind          text NOT NULL,
    subject_kind  bigint NOT NULL,
    subject       bigint NOT NULL,
    order_id      bigint NOT NULL,
    order_version bigint NOT NULL,
    zone          bigint,
    zone_version  bigint,
    rule          text NOT NULL,
    from_at       bigint NOT NULL,
    to_at         bigint CHECK (to_at >= from_at), -- NULL while it lasts
    uncertain     boolean NOT NULL,
    late          boolean NOT NULL,
    alert         bytea CHECK (length(alert) = 16),
    known_at      bigint NOT NULL,
    PRIMARY KEY (wearer, id)
) WITH (fillfactor = 80);

CREATE INDEX interval_from ON "interval" (wearer, from_at, id);
