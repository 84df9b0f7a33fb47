--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: lenke; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA lenke;


--
-- Name: add_partition(text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: lenke; Owner: -
--

CREATE FUNCTION lenke.add_partition(parent text, starts timestamp with time zone, ends timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
DECLARE
    name CONSTANT text := parent || '_' || to_char(starts AT TIME ZONE 'UTC', 'YYYYMMDD');
BEGIN
    IF to_regclass(quote_ident(name)) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name, parent);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, name, starts, ends);
    RETURN true;
END $$;


--
-- Name: audit_head_in_order(); Type: FUNCTION; Schema: lenke; Owner: -
--

CREATE FUNCTION lenke.audit_head_in_order() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM audit_head WHERE seq >= NEW.seq) THEN
        RAISE EXCEPTION 'heads are signed in order' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;


--
-- Name: never_changes(); Type: FUNCTION; Schema: lenke; Owner: -
--

CREATE FUNCTION lenke.never_changes() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: _sqlx_migrations; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke._sqlx_migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);


--
-- Name: activation; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.activation (
    device bigint NOT NULL,
    valid_from bigint NOT NULL,
    valid_to bigint,
    wearer bigint NOT NULL,
    CONSTRAINT activation_check CHECK ((valid_to >= valid_from))
);


--
-- Name: alert; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.alert (
    id bytea NOT NULL,
    wearer bigint NOT NULL,
    state text NOT NULL,
    raised_at bigint NOT NULL,
    version bigint NOT NULL,
    body json NOT NULL,
    CONSTRAINT alert_id_check CHECK ((length(id) = 16))
);


--
-- Name: alert_merged; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.alert_merged (
    id bytea NOT NULL,
    alert bytea NOT NULL,
    CONSTRAINT alert_merged_id_check CHECK ((length(id) = 16))
);


--
-- Name: audit; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.audit (
    seq bigint NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    object text NOT NULL COLLATE pg_catalog."C",
    detail text NOT NULL,
    CONSTRAINT audit_hash_check CHECK ((length(hash) = 32)),
    CONSTRAINT audit_prev_hash_check CHECK ((length(prev_hash) = 32))
);


--
-- Name: audit_head; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.audit_head (
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    at bigint NOT NULL,
    key bytea NOT NULL,
    signature bytea NOT NULL,
    CONSTRAINT audit_head_hash_check CHECK ((length(hash) = 32)),
    CONSTRAINT audit_head_key_check CHECK ((length(key) = 32)),
    CONSTRAINT audit_head_signature_check CHECK ((length(signature) = 64))
);


--
-- Name: chain; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.chain (
    device bigint NOT NULL,
    state bytea NOT NULL
)
WITH (fillfactor='50');


--
-- Name: committed; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.committed (
    device bigint NOT NULL,
    epoch bigint NOT NULL,
    ranges bytea NOT NULL
)
WITH (fillfactor='50');


--
-- Name: condition; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.condition (
    wearer bigint NOT NULL,
    id bigint NOT NULL,
    rule json NOT NULL
);


--
-- Name: counter; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.counter (
    name text NOT NULL,
    value bigint NOT NULL
)
WITH (fillfactor='50');


--
-- Name: device; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.device (
    id bigint NOT NULL,
    kind json NOT NULL,
    key bytea NOT NULL,
    public_key bytea NOT NULL,
    enrolled_at bigint NOT NULL,
    CONSTRAINT device_key_check CHECK ((length(key) = 16)),
    CONSTRAINT device_public_key_check CHECK ((length(public_key) = 32))
);


--
-- Name: device_last; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.device_last (
    device bigint NOT NULL,
    wearer bigint NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    fix_at timestamp with time zone,
    lat_e7 integer,
    lon_e7 integer,
    accuracy_dm integer,
    speed_cm_s integer,
    course_cdeg integer,
    satellites smallint,
    time_source smallint,
    percent smallint,
    millivolts integer,
    charging boolean,
    empty_at timestamp with time zone,
    heard_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50');


--
-- Name: event; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.event (
    device bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    value integer NOT NULL,
    lat_e7 integer,
    lon_e7 integer,
    kind smallint NOT NULL,
    time_source smallint NOT NULL
)
PARTITION BY RANGE (at);


--
-- Name: event_20260101; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.event_20260101 (
    device bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    value integer NOT NULL,
    lat_e7 integer,
    lon_e7 integer,
    kind smallint NOT NULL,
    time_source smallint NOT NULL
);


--
-- Name: fix; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.fix (
    device bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    wearer bigint NOT NULL,
    lat_e7 integer NOT NULL,
    lon_e7 integer NOT NULL,
    idx integer NOT NULL,
    accuracy_dm integer NOT NULL,
    speed_cm_s integer NOT NULL,
    course_cdeg integer NOT NULL,
    satellites smallint NOT NULL,
    time_source smallint NOT NULL,
    late boolean NOT NULL
)
PARTITION BY RANGE (at);


--
-- Name: fix_20260101; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.fix_20260101 (
    device bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    wearer bigint NOT NULL,
    lat_e7 integer NOT NULL,
    lon_e7 integer NOT NULL,
    idx integer NOT NULL,
    accuracy_dm integer NOT NULL,
    speed_cm_s integer NOT NULL,
    course_cdeg integer NOT NULL,
    satellites smallint NOT NULL,
    time_source smallint NOT NULL,
    late boolean NOT NULL
);


--
-- Name: frame; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.frame (
    device bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    lane smallint NOT NULL,
    bytes bytea NOT NULL
)
PARTITION BY RANGE (received_at);


--
-- Name: frame_20260101; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.frame_20260101 (
    device bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    lane smallint NOT NULL,
    bytes bytea NOT NULL
);


--
-- Name: health; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.health (
    device bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    empty_at timestamp with time zone,
    plan_version bigint NOT NULL,
    unacknowledged bigint NOT NULL,
    firmware bigint NOT NULL,
    millivolts integer NOT NULL,
    percent smallint NOT NULL,
    signal_dbm smallint NOT NULL,
    temperature_c smallint NOT NULL,
    charging boolean NOT NULL,
    strap_latched boolean NOT NULL,
    case_latched boolean NOT NULL
)
PARTITION BY RANGE (at);


--
-- Name: health_20260101; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.health_20260101 (
    device bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    empty_at timestamp with time zone,
    plan_version bigint NOT NULL,
    unacknowledged bigint NOT NULL,
    firmware bigint NOT NULL,
    millivolts integer NOT NULL,
    percent smallint NOT NULL,
    signal_dbm smallint NOT NULL,
    temperature_c smallint NOT NULL,
    charging boolean NOT NULL,
    strap_latched boolean NOT NULL,
    case_latched boolean NOT NULL
);


--
-- Name: meta; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.meta (
    key text NOT NULL,
    value text NOT NULL
)
WITH (fillfactor='50');


--
-- Name: quarantine; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.quarantine (
    id bigint NOT NULL,
    device bigint,
    source text NOT NULL,
    reason text NOT NULL,
    received_at bigint NOT NULL,
    bytes bytea NOT NULL,
    detail text NOT NULL
);


--
-- Name: quarantine_id_seq; Type: SEQUENCE; Schema: lenke; Owner: -
--

ALTER TABLE lenke.quarantine ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME lenke.quarantine_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: sighting; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.sighting (
    device bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    heard bigint NOT NULL,
    idx integer NOT NULL,
    rssi_dbm smallint NOT NULL,
    authenticated boolean NOT NULL
)
PARTITION BY RANGE (at);


--
-- Name: sighting_20260101; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.sighting_20260101 (
    device bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    heard bigint NOT NULL,
    idx integer NOT NULL,
    rssi_dbm smallint NOT NULL,
    authenticated boolean NOT NULL
);


--
-- Name: snapshot; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.snapshot (
    wearer bigint NOT NULL,
    state bytea NOT NULL
)
WITH (fillfactor='50');


--
-- Name: subject; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.subject (
    wearer bigint NOT NULL,
    person bytea,
    keep_days bigint,
    hold json,
    erased_at bigint,
    CONSTRAINT subject_keep_days_check CHECK ((keep_days > 0))
);


--
-- Name: user; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke."user" (
    name text NOT NULL,
    password_hash text NOT NULL,
    role json NOT NULL,
    display text NOT NULL
);


--
-- Name: wearer; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.wearer (
    id bigint NOT NULL,
    order_id bigint NOT NULL,
    order_version bigint NOT NULL,
    plan json NOT NULL,
    home_units json NOT NULL
);


--
-- Name: wearer_group; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.wearer_group (
    wearer bigint NOT NULL,
    group_id bigint NOT NULL
);


--
-- Name: zone; Type: TABLE; Schema: lenke; Owner: -
--

CREATE TABLE lenke.zone (
    id bigint NOT NULL,
    version bigint NOT NULL,
    body json NOT NULL
);


--
-- Name: event_20260101; Type: TABLE ATTACH; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.event ATTACH PARTITION lenke.event_20260101 FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-01-08 00:00:00+00');


--
-- Name: fix_20260101; Type: TABLE ATTACH; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.fix ATTACH PARTITION lenke.fix_20260101 FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-01-08 00:00:00+00');


--
-- Name: frame_20260101; Type: TABLE ATTACH; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.frame ATTACH PARTITION lenke.frame_20260101 FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-01-08 00:00:00+00');


--
-- Name: health_20260101; Type: TABLE ATTACH; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.health ATTACH PARTITION lenke.health_20260101 FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-01-08 00:00:00+00');


--
-- Name: sighting_20260101; Type: TABLE ATTACH; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.sighting ATTACH PARTITION lenke.sighting_20260101 FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-01-08 00:00:00+00');


--
-- Data for Name: _sqlx_migrations; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke._sqlx_migrations VALUES
	(1, 'register', '2026-11-22 06:16:46.608638+00', true, '\xf814b5ad047c7047640d0df469fefb3708f3dc01e2666116707f869b40c6da71a2aee923412deb4bc4e83002bf239544', 48434619),
	(2, 'telemetry', '2026-11-22 06:16:46.660037+00', true, '\x6a840fd89befb16afad924861b4ebcd48b9c870f333355a20fdcf0a908ead3ccabf5eedcbee30152ed8c2159d64d9977', 14389575);


--
-- Data for Name: activation; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.activation VALUES
	(1, 1767225600000, NULL, 1),
	(2, 1767225600000, NULL, 2);


--
-- Data for Name: alert; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.alert VALUES
	('\x01010101010101010101010101010101', 1, 'raised', 1767225600000, 1, '{"id":"01010101010101010101010101010101","wearer":1,"order":1,"kind":"exclusion_breach","subject":{"zone":1},"priority":"P2","state":"raised","active":true,"occurrences":1,"escalation":0,"late":false,"occurred_at":1767225600000,"raised_at":1767225600000,"deadline_at":1767225900000,"ended_at":null,"owner":null,"position":{"lat":59.9138692,"lon":10.7522451},"explanation":{"rule":"exclusion.confirm/1","reason":{"code":"inside_surely","probability":0.99,"depth_m":31.25},"zone":{"id":1,"version":1,"name":"Torget"},"fixes":[]},"version":1,"timeline":[{"at":1767225600000,"actor":"system","what":{"change":"raised"},"version":1}]}');


--
-- Data for Name: alert_merged; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.alert_merged VALUES
	('\x02020202020202020202020202020202', '\x01010101010101010101010101010101');


--
-- Data for Name: audit; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.audit VALUES
	(1, '\x0000000000000000000000000000000000000000000000000000000000000000', '\x115a6c6b97bb10299f51dc4d2fbbb6ed9642e24c2fc10d6dd599696af811f194', 1767225600000, 'kari', 'trail.read', 'all', '');


--
-- Data for Name: audit_head; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.audit_head VALUES
	(1, '\x115a6c6b97bb10299f51dc4d2fbbb6ed9642e24c2fc10d6dd599696af811f194', 1767225600000, '\xed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1', '\x4994167c4515fd9983b49d03ea0ed1367c8ff0e045f652c934e5c4d5aa7379c1d615b27140354f503b5e588a884906d30cfb3581b0c294341e4fd5a76b815705');


--
-- Data for Name: chain; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.chain VALUES
	(1, '\x0000001d'),
	(2, '\x0000001d');


--
-- Data for Name: committed; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.committed VALUES
	(1, 1, '\x001d'),
	(2, 1, '\x001d');


--
-- Data for Name: condition; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.condition VALUES
	(1, 1, '{"id":1,"rule":"exclusion","zone":1}'),
	(1, 2, '{"id":2,"rule":"curfew","zone":2,"schedule":{"time_zone":"Europe/Oslo","windows":[{"weekday":5,"from_min":1320,"to_min":360}]},"grace_s":300,"not_returned_s":3600,"unknown_s":1800}'),
	(1, 3, '{"id":3,"rule":"victim_protection","victim":800001,"alert_m":500.0,"pre_alert_m":1000.0}'),
	(1, 4, '{"id":4,"rule":"trail_monitoring"}'),
	(2, 1, '{"id":1,"rule":"exclusion","zone":1}'),
	(2, 2, '{"id":2,"rule":"curfew","zone":2,"schedule":{"time_zone":"Europe/Oslo","windows":[{"weekday":5,"from_min":1320,"to_min":360}]},"grace_s":300,"not_returned_s":3600,"unknown_s":1800}'),
	(2, 3, '{"id":3,"rule":"victim_protection","victim":800001,"alert_m":500.0,"pre_alert_m":1000.0}'),
	(2, 4, '{"id":4,"rule":"trail_monitoring"}');


--
-- Data for Name: counter; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.counter VALUES
	('register_version', 1),
	('fixes', 60),
	('sightings', 60),
	('events', 60),
	('health', 60),
	('frames', 60),
	('quarantined', 1);


--
-- Data for Name: device; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.device VALUES
	(1, '"tag"', '\x01010101010101010101010101010101', '\x0909090909090909090909090909090909090909090909090909090909090909', 1767225600000),
	(2, '"tag"', '\x02020202020202020202020202020202', '\x0909090909090909090909090909090909090909090909090909090909090909', 1767225600000);


--
-- Data for Name: device_last; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.device_last VALUES
	(1, 1, 1, 29, '2026-01-01 04:50:00+00', 599156089, 107505054, 65535, 140, 35999, 11, 2, 71, 3890, true, '2026-01-02 05:50:00+00', '2026-01-01 04:50:01+00'),
	(2, 2, 1, 29, '2026-01-01 04:50:00+00', 599156089, 107505054, 65535, 140, 35999, 11, 2, 71, 3890, true, '2026-01-02 05:50:00+00', '2026-01-01 04:50:01+00');


--
-- Data for Name: event_20260101; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.event_20260101 VALUES
	(1, '2026-01-01 00:00:00+00', 1, 0, '2026-01-01 00:00:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 00:10:00+00', 1, 1, '2026-01-01 00:10:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 00:20:00+00', 1, 2, '2026-01-01 00:20:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 00:30:00+00', 1, 3, '2026-01-01 00:30:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 00:40:00+00', 1, 4, '2026-01-01 00:40:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 00:50:00+00', 1, 5, '2026-01-01 00:50:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 01:00:00+00', 1, 6, '2026-01-01 01:00:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 01:10:00+00', 1, 7, '2026-01-01 01:10:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 01:20:00+00', 1, 8, '2026-01-01 01:20:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 01:30:00+00', 1, 9, '2026-01-01 01:30:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 01:40:00+00', 1, 10, '2026-01-01 01:40:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 01:50:00+00', 1, 11, '2026-01-01 01:50:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 02:00:00+00', 1, 12, '2026-01-01 02:00:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 02:10:00+00', 1, 13, '2026-01-01 02:10:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 02:20:00+00', 1, 14, '2026-01-01 02:20:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 02:30:00+00', 1, 15, '2026-01-01 02:30:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 02:40:00+00', 1, 16, '2026-01-01 02:40:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 02:50:00+00', 1, 17, '2026-01-01 02:50:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 03:00:00+00', 1, 18, '2026-01-01 03:00:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 03:10:00+00', 1, 19, '2026-01-01 03:10:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 03:20:00+00', 1, 20, '2026-01-01 03:20:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 03:30:00+00', 1, 21, '2026-01-01 03:30:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 03:40:00+00', 1, 22, '2026-01-01 03:40:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 03:50:00+00', 1, 23, '2026-01-01 03:50:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 04:00:00+00', 1, 24, '2026-01-01 04:00:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 04:10:00+00', 1, 25, '2026-01-01 04:10:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 04:20:00+00', 1, 26, '2026-01-01 04:20:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 04:30:00+00', 1, 27, '2026-01-01 04:30:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 04:40:00+00', 1, 28, '2026-01-01 04:40:01+00', -3, 599138689, 107522454, 5, 0),
	(1, '2026-01-01 04:50:00+00', 1, 29, '2026-01-01 04:50:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 00:00:00+00', 1, 0, '2026-01-01 00:00:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 00:10:00+00', 1, 1, '2026-01-01 00:10:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 00:20:00+00', 1, 2, '2026-01-01 00:20:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 00:30:00+00', 1, 3, '2026-01-01 00:30:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 00:40:00+00', 1, 4, '2026-01-01 00:40:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 00:50:00+00', 1, 5, '2026-01-01 00:50:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 01:00:00+00', 1, 6, '2026-01-01 01:00:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 01:10:00+00', 1, 7, '2026-01-01 01:10:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 01:20:00+00', 1, 8, '2026-01-01 01:20:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 01:30:00+00', 1, 9, '2026-01-01 01:30:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 01:40:00+00', 1, 10, '2026-01-01 01:40:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 01:50:00+00', 1, 11, '2026-01-01 01:50:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 02:00:00+00', 1, 12, '2026-01-01 02:00:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 02:10:00+00', 1, 13, '2026-01-01 02:10:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 02:20:00+00', 1, 14, '2026-01-01 02:20:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 02:30:00+00', 1, 15, '2026-01-01 02:30:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 02:40:00+00', 1, 16, '2026-01-01 02:40:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 02:50:00+00', 1, 17, '2026-01-01 02:50:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 03:00:00+00', 1, 18, '2026-01-01 03:00:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 03:10:00+00', 1, 19, '2026-01-01 03:10:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 03:20:00+00', 1, 20, '2026-01-01 03:20:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 03:30:00+00', 1, 21, '2026-01-01 03:30:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 03:40:00+00', 1, 22, '2026-01-01 03:40:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 03:50:00+00', 1, 23, '2026-01-01 03:50:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 04:00:00+00', 1, 24, '2026-01-01 04:00:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 04:10:00+00', 1, 25, '2026-01-01 04:10:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 04:20:00+00', 1, 26, '2026-01-01 04:20:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 04:30:00+00', 1, 27, '2026-01-01 04:30:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 04:40:00+00', 1, 28, '2026-01-01 04:40:01+00', -3, 599138689, 107522454, 5, 0),
	(2, '2026-01-01 04:50:00+00', 1, 29, '2026-01-01 04:50:01+00', -3, 599138689, 107522454, 5, 0);


--
-- Data for Name: fix_20260101; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.fix_20260101 VALUES
	(1, '2026-01-01 00:00:00+00', 1, 0, '2026-01-01 00:00:01+00', 1, 599138689, 107522454, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 00:10:00+00', 1, 1, '2026-01-01 00:10:01+00', 1, 599139289, 107521854, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 00:20:00+00', 1, 2, '2026-01-01 00:20:01+00', 1, 599139889, 107521254, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 00:30:00+00', 1, 3, '2026-01-01 00:30:01+00', 1, 599140489, 107520654, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 00:40:00+00', 1, 4, '2026-01-01 00:40:01+00', 1, 599141089, 107520054, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 00:50:00+00', 1, 5, '2026-01-01 00:50:01+00', 1, 599141689, 107519454, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 01:00:00+00', 1, 6, '2026-01-01 01:00:01+00', 1, 599142289, 107518854, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 01:10:00+00', 1, 7, '2026-01-01 01:10:01+00', 1, 599142889, 107518254, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 01:20:00+00', 1, 8, '2026-01-01 01:20:01+00', 1, 599143489, 107517654, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 01:30:00+00', 1, 9, '2026-01-01 01:30:01+00', 1, 599144089, 107517054, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 01:40:00+00', 1, 10, '2026-01-01 01:40:01+00', 1, 599144689, 107516454, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 01:50:00+00', 1, 11, '2026-01-01 01:50:01+00', 1, 599145289, 107515854, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 02:00:00+00', 1, 12, '2026-01-01 02:00:01+00', 1, 599145889, 107515254, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 02:10:00+00', 1, 13, '2026-01-01 02:10:01+00', 1, 599146489, 107514654, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 02:20:00+00', 1, 14, '2026-01-01 02:20:01+00', 1, 599147089, 107514054, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 02:30:00+00', 1, 15, '2026-01-01 02:30:01+00', 1, 599147689, 107513454, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 02:40:00+00', 1, 16, '2026-01-01 02:40:01+00', 1, 599148289, 107512854, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 02:50:00+00', 1, 17, '2026-01-01 02:50:01+00', 1, 599148889, 107512254, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 03:00:00+00', 1, 18, '2026-01-01 03:00:01+00', 1, 599149489, 107511654, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 03:10:00+00', 1, 19, '2026-01-01 03:10:01+00', 1, 599150089, 107511054, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 03:20:00+00', 1, 20, '2026-01-01 03:20:01+00', 1, 599150689, 107510454, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 03:30:00+00', 1, 21, '2026-01-01 03:30:01+00', 1, 599151289, 107509854, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 03:40:00+00', 1, 22, '2026-01-01 03:40:01+00', 1, 599151889, 107509254, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 03:50:00+00', 1, 23, '2026-01-01 03:50:01+00', 1, 599152489, 107508654, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 04:00:00+00', 1, 24, '2026-01-01 04:00:01+00', 1, 599153089, 107508054, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 04:10:00+00', 1, 25, '2026-01-01 04:10:01+00', 1, 599153689, 107507454, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 04:20:00+00', 1, 26, '2026-01-01 04:20:01+00', 1, 599154289, 107506854, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 04:30:00+00', 1, 27, '2026-01-01 04:30:01+00', 1, 599154889, 107506254, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 04:40:00+00', 1, 28, '2026-01-01 04:40:01+00', 1, 599155489, 107505654, 0, 65535, 140, 35999, 11, 2, false),
	(1, '2026-01-01 04:50:00+00', 1, 29, '2026-01-01 04:50:01+00', 1, 599156089, 107505054, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 00:00:00+00', 1, 0, '2026-01-01 00:00:01+00', 2, 599138689, 107522454, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 00:10:00+00', 1, 1, '2026-01-01 00:10:01+00', 2, 599139289, 107521854, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 00:20:00+00', 1, 2, '2026-01-01 00:20:01+00', 2, 599139889, 107521254, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 00:30:00+00', 1, 3, '2026-01-01 00:30:01+00', 2, 599140489, 107520654, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 00:40:00+00', 1, 4, '2026-01-01 00:40:01+00', 2, 599141089, 107520054, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 00:50:00+00', 1, 5, '2026-01-01 00:50:01+00', 2, 599141689, 107519454, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 01:00:00+00', 1, 6, '2026-01-01 01:00:01+00', 2, 599142289, 107518854, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 01:10:00+00', 1, 7, '2026-01-01 01:10:01+00', 2, 599142889, 107518254, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 01:20:00+00', 1, 8, '2026-01-01 01:20:01+00', 2, 599143489, 107517654, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 01:30:00+00', 1, 9, '2026-01-01 01:30:01+00', 2, 599144089, 107517054, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 01:40:00+00', 1, 10, '2026-01-01 01:40:01+00', 2, 599144689, 107516454, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 01:50:00+00', 1, 11, '2026-01-01 01:50:01+00', 2, 599145289, 107515854, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 02:00:00+00', 1, 12, '2026-01-01 02:00:01+00', 2, 599145889, 107515254, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 02:10:00+00', 1, 13, '2026-01-01 02:10:01+00', 2, 599146489, 107514654, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 02:20:00+00', 1, 14, '2026-01-01 02:20:01+00', 2, 599147089, 107514054, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 02:30:00+00', 1, 15, '2026-01-01 02:30:01+00', 2, 599147689, 107513454, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 02:40:00+00', 1, 16, '2026-01-01 02:40:01+00', 2, 599148289, 107512854, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 02:50:00+00', 1, 17, '2026-01-01 02:50:01+00', 2, 599148889, 107512254, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 03:00:00+00', 1, 18, '2026-01-01 03:00:01+00', 2, 599149489, 107511654, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 03:10:00+00', 1, 19, '2026-01-01 03:10:01+00', 2, 599150089, 107511054, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 03:20:00+00', 1, 20, '2026-01-01 03:20:01+00', 2, 599150689, 107510454, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 03:30:00+00', 1, 21, '2026-01-01 03:30:01+00', 2, 599151289, 107509854, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 03:40:00+00', 1, 22, '2026-01-01 03:40:01+00', 2, 599151889, 107509254, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 03:50:00+00', 1, 23, '2026-01-01 03:50:01+00', 2, 599152489, 107508654, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 04:00:00+00', 1, 24, '2026-01-01 04:00:01+00', 2, 599153089, 107508054, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 04:10:00+00', 1, 25, '2026-01-01 04:10:01+00', 2, 599153689, 107507454, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 04:20:00+00', 1, 26, '2026-01-01 04:20:01+00', 2, 599154289, 107506854, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 04:30:00+00', 1, 27, '2026-01-01 04:30:01+00', 2, 599154889, 107506254, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 04:40:00+00', 1, 28, '2026-01-01 04:40:01+00', 2, 599155489, 107505654, 0, 65535, 140, 35999, 11, 2, false),
	(2, '2026-01-01 04:50:00+00', 1, 29, '2026-01-01 04:50:01+00', 2, 599156089, 107505054, 0, 65535, 140, 35999, 11, 2, false);


--
-- Data for Name: frame_20260101; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.frame_20260101 VALUES
	(1, '2026-01-01 00:00:01+00', 1, 0, 1, '\x010203'),
	(1, '2026-01-01 00:10:01+00', 1, 1, 1, '\x010203'),
	(1, '2026-01-01 00:20:01+00', 1, 2, 1, '\x010203'),
	(1, '2026-01-01 00:30:01+00', 1, 3, 1, '\x010203'),
	(1, '2026-01-01 00:40:01+00', 1, 4, 1, '\x010203'),
	(1, '2026-01-01 00:50:01+00', 1, 5, 1, '\x010203'),
	(1, '2026-01-01 01:00:01+00', 1, 6, 1, '\x010203'),
	(1, '2026-01-01 01:10:01+00', 1, 7, 1, '\x010203'),
	(1, '2026-01-01 01:20:01+00', 1, 8, 1, '\x010203'),
	(1, '2026-01-01 01:30:01+00', 1, 9, 1, '\x010203'),
	(1, '2026-01-01 01:40:01+00', 1, 10, 1, '\x010203'),
	(1, '2026-01-01 01:50:01+00', 1, 11, 1, '\x010203'),
	(1, '2026-01-01 02:00:01+00', 1, 12, 1, '\x010203'),
	(1, '2026-01-01 02:10:01+00', 1, 13, 1, '\x010203'),
	(1, '2026-01-01 02:20:01+00', 1, 14, 1, '\x010203'),
	(1, '2026-01-01 02:30:01+00', 1, 15, 1, '\x010203'),
	(1, '2026-01-01 02:40:01+00', 1, 16, 1, '\x010203'),
	(1, '2026-01-01 02:50:01+00', 1, 17, 1, '\x010203'),
	(1, '2026-01-01 03:00:01+00', 1, 18, 1, '\x010203'),
	(1, '2026-01-01 03:10:01+00', 1, 19, 1, '\x010203'),
	(1, '2026-01-01 03:20:01+00', 1, 20, 1, '\x010203'),
	(1, '2026-01-01 03:30:01+00', 1, 21, 1, '\x010203'),
	(1, '2026-01-01 03:40:01+00', 1, 22, 1, '\x010203'),
	(1, '2026-01-01 03:50:01+00', 1, 23, 1, '\x010203'),
	(1, '2026-01-01 04:00:01+00', 1, 24, 1, '\x010203'),
	(1, '2026-01-01 04:10:01+00', 1, 25, 1, '\x010203'),
	(1, '2026-01-01 04:20:01+00', 1, 26, 1, '\x010203'),
	(1, '2026-01-01 04:30:01+00', 1, 27, 1, '\x010203'),
	(1, '2026-01-01 04:40:01+00', 1, 28, 1, '\x010203'),
	(1, '2026-01-01 04:50:01+00', 1, 29, 1, '\x010203'),
	(2, '2026-01-01 00:00:01+00', 1, 0, 1, '\x010203'),
	(2, '2026-01-01 00:10:01+00', 1, 1, 1, '\x010203'),
	(2, '2026-01-01 00:20:01+00', 1, 2, 1, '\x010203'),
	(2, '2026-01-01 00:30:01+00', 1, 3, 1, '\x010203'),
	(2, '2026-01-01 00:40:01+00', 1, 4, 1, '\x010203'),
	(2, '2026-01-01 00:50:01+00', 1, 5, 1, '\x010203'),
	(2, '2026-01-01 01:00:01+00', 1, 6, 1, '\x010203'),
	(2, '2026-01-01 01:10:01+00', 1, 7, 1, '\x010203'),
	(2, '2026-01-01 01:20:01+00', 1, 8, 1, '\x010203'),
	(2, '2026-01-01 01:30:01+00', 1, 9, 1, '\x010203'),
	(2, '2026-01-01 01:40:01+00', 1, 10, 1, '\x010203'),
	(2, '2026-01-01 01:50:01+00', 1, 11, 1, '\x010203'),
	(2, '2026-01-01 02:00:01+00', 1, 12, 1, '\x010203'),
	(2, '2026-01-01 02:10:01+00', 1, 13, 1, '\x010203'),
	(2, '2026-01-01 02:20:01+00', 1, 14, 1, '\x010203'),
	(2, '2026-01-01 02:30:01+00', 1, 15, 1, '\x010203'),
	(2, '2026-01-01 02:40:01+00', 1, 16, 1, '\x010203'),
	(2, '2026-01-01 02:50:01+00', 1, 17, 1, '\x010203'),
	(2, '2026-01-01 03:00:01+00', 1, 18, 1, '\x010203'),
	(2, '2026-01-01 03:10:01+00', 1, 19, 1, '\x010203'),
	(2, '2026-01-01 03:20:01+00', 1, 20, 1, '\x010203'),
	(2, '2026-01-01 03:30:01+00', 1, 21, 1, '\x010203'),
	(2, '2026-01-01 03:40:01+00', 1, 22, 1, '\x010203'),
	(2, '2026-01-01 03:50:01+00', 1, 23, 1, '\x010203'),
	(2, '2026-01-01 04:00:01+00', 1, 24, 1, '\x010203'),
	(2, '2026-01-01 04:10:01+00', 1, 25, 1, '\x010203'),
	(2, '2026-01-01 04:20:01+00', 1, 26, 1, '\x010203'),
	(2, '2026-01-01 04:30:01+00', 1, 27, 1, '\x010203'),
	(2, '2026-01-01 04:40:01+00', 1, 28, 1, '\x010203'),
	(2, '2026-01-01 04:50:01+00', 1, 29, 1, '\x010203');


--
-- Data for Name: health_20260101; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.health_20260101 VALUES
	(1, '2026-01-01 00:00:00+00', 1, 0, '2026-01-01 00:00:01+00', '2026-01-02 01:00:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 00:10:00+00', 1, 1, '2026-01-01 00:10:01+00', '2026-01-02 01:10:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 00:20:00+00', 1, 2, '2026-01-01 00:20:01+00', '2026-01-02 01:20:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 00:30:00+00', 1, 3, '2026-01-01 00:30:01+00', '2026-01-02 01:30:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 00:40:00+00', 1, 4, '2026-01-01 00:40:01+00', '2026-01-02 01:40:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 00:50:00+00', 1, 5, '2026-01-01 00:50:01+00', '2026-01-02 01:50:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 01:00:00+00', 1, 6, '2026-01-01 01:00:01+00', '2026-01-02 02:00:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 01:10:00+00', 1, 7, '2026-01-01 01:10:01+00', '2026-01-02 02:10:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 01:20:00+00', 1, 8, '2026-01-01 01:20:01+00', '2026-01-02 02:20:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 01:30:00+00', 1, 9, '2026-01-01 01:30:01+00', '2026-01-02 02:30:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 01:40:00+00', 1, 10, '2026-01-01 01:40:01+00', '2026-01-02 02:40:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 01:50:00+00', 1, 11, '2026-01-01 01:50:01+00', '2026-01-02 02:50:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 02:00:00+00', 1, 12, '2026-01-01 02:00:01+00', '2026-01-02 03:00:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 02:10:00+00', 1, 13, '2026-01-01 02:10:01+00', '2026-01-02 03:10:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 02:20:00+00', 1, 14, '2026-01-01 02:20:01+00', '2026-01-02 03:20:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 02:30:00+00', 1, 15, '2026-01-01 02:30:01+00', '2026-01-02 03:30:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 02:40:00+00', 1, 16, '2026-01-01 02:40:01+00', '2026-01-02 03:40:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 02:50:00+00', 1, 17, '2026-01-01 02:50:01+00', '2026-01-02 03:50:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 03:00:00+00', 1, 18, '2026-01-01 03:00:01+00', '2026-01-02 04:00:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 03:10:00+00', 1, 19, '2026-01-01 03:10:01+00', '2026-01-02 04:10:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 03:20:00+00', 1, 20, '2026-01-01 03:20:01+00', '2026-01-02 04:20:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 03:30:00+00', 1, 21, '2026-01-01 03:30:01+00', '2026-01-02 04:30:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 03:40:00+00', 1, 22, '2026-01-01 03:40:01+00', '2026-01-02 04:40:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 03:50:00+00', 1, 23, '2026-01-01 03:50:01+00', '2026-01-02 04:50:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 04:00:00+00', 1, 24, '2026-01-01 04:00:01+00', '2026-01-02 05:00:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 04:10:00+00', 1, 25, '2026-01-01 04:10:01+00', '2026-01-02 05:10:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 04:20:00+00', 1, 26, '2026-01-01 04:20:01+00', '2026-01-02 05:20:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 04:30:00+00', 1, 27, '2026-01-01 04:30:01+00', '2026-01-02 05:30:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 04:40:00+00', 1, 28, '2026-01-01 04:40:01+00', '2026-01-02 05:40:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(1, '2026-01-01 04:50:00+00', 1, 29, '2026-01-01 04:50:01+00', '2026-01-02 05:50:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 00:00:00+00', 1, 0, '2026-01-01 00:00:01+00', '2026-01-02 01:00:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 00:10:00+00', 1, 1, '2026-01-01 00:10:01+00', '2026-01-02 01:10:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 00:20:00+00', 1, 2, '2026-01-01 00:20:01+00', '2026-01-02 01:20:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 00:30:00+00', 1, 3, '2026-01-01 00:30:01+00', '2026-01-02 01:30:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 00:40:00+00', 1, 4, '2026-01-01 00:40:01+00', '2026-01-02 01:40:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 00:50:00+00', 1, 5, '2026-01-01 00:50:01+00', '2026-01-02 01:50:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 01:00:00+00', 1, 6, '2026-01-01 01:00:01+00', '2026-01-02 02:00:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 01:10:00+00', 1, 7, '2026-01-01 01:10:01+00', '2026-01-02 02:10:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 01:20:00+00', 1, 8, '2026-01-01 01:20:01+00', '2026-01-02 02:20:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 01:30:00+00', 1, 9, '2026-01-01 01:30:01+00', '2026-01-02 02:30:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 01:40:00+00', 1, 10, '2026-01-01 01:40:01+00', '2026-01-02 02:40:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 01:50:00+00', 1, 11, '2026-01-01 01:50:01+00', '2026-01-02 02:50:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 02:00:00+00', 1, 12, '2026-01-01 02:00:01+00', '2026-01-02 03:00:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 02:10:00+00', 1, 13, '2026-01-01 02:10:01+00', '2026-01-02 03:10:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 02:20:00+00', 1, 14, '2026-01-01 02:20:01+00', '2026-01-02 03:20:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 02:30:00+00', 1, 15, '2026-01-01 02:30:01+00', '2026-01-02 03:30:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 02:40:00+00', 1, 16, '2026-01-01 02:40:01+00', '2026-01-02 03:40:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 02:50:00+00', 1, 17, '2026-01-01 02:50:01+00', '2026-01-02 03:50:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 03:00:00+00', 1, 18, '2026-01-01 03:00:01+00', '2026-01-02 04:00:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 03:10:00+00', 1, 19, '2026-01-01 03:10:01+00', '2026-01-02 04:10:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 03:20:00+00', 1, 20, '2026-01-01 03:20:01+00', '2026-01-02 04:20:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 03:30:00+00', 1, 21, '2026-01-01 03:30:01+00', '2026-01-02 04:30:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 03:40:00+00', 1, 22, '2026-01-01 03:40:01+00', '2026-01-02 04:40:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 03:50:00+00', 1, 23, '2026-01-01 03:50:01+00', '2026-01-02 04:50:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 04:00:00+00', 1, 24, '2026-01-01 04:00:01+00', '2026-01-02 05:00:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 04:10:00+00', 1, 25, '2026-01-01 04:10:01+00', '2026-01-02 05:10:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 04:20:00+00', 1, 26, '2026-01-01 04:20:01+00', '2026-01-02 05:20:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 04:30:00+00', 1, 27, '2026-01-01 04:30:01+00', '2026-01-02 05:30:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 04:40:00+00', 1, 28, '2026-01-01 04:40:01+00', '2026-01-02 05:40:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true),
	(2, '2026-01-01 04:50:00+00', 1, 29, '2026-01-01 04:50:01+00', '2026-01-02 05:50:00+00', 4, 3000000000, 66051, 3890, 71, -104, -18, true, false, true);


--
-- Data for Name: meta; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.meta VALUES
	('store.layout', 'partitions'),
	('a', 'b
c');


--
-- Data for Name: quarantine; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.quarantine VALUES
	(1, NULL, 'lenke/v1/lk000001/up/live', 'garbage', 1767225600001, '\xffffffffffffffffffffffff', 'not CBOR');


--
-- Data for Name: sighting_20260101; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.sighting_20260101 VALUES
	(1, '2026-01-01 00:00:00+00', 1, 0, '2026-01-01 00:00:01+00', 7, 0, -91, true),
	(1, '2026-01-01 00:10:00+00', 1, 1, '2026-01-01 00:10:01+00', 7, 0, -91, true),
	(1, '2026-01-01 00:20:00+00', 1, 2, '2026-01-01 00:20:01+00', 7, 0, -91, true),
	(1, '2026-01-01 00:30:00+00', 1, 3, '2026-01-01 00:30:01+00', 7, 0, -91, true),
	(1, '2026-01-01 00:40:00+00', 1, 4, '2026-01-01 00:40:01+00', 7, 0, -91, true),
	(1, '2026-01-01 00:50:00+00', 1, 5, '2026-01-01 00:50:01+00', 7, 0, -91, true),
	(1, '2026-01-01 01:00:00+00', 1, 6, '2026-01-01 01:00:01+00', 7, 0, -91, true),
	(1, '2026-01-01 01:10:00+00', 1, 7, '2026-01-01 01:10:01+00', 7, 0, -91, true),
	(1, '2026-01-01 01:20:00+00', 1, 8, '2026-01-01 01:20:01+00', 7, 0, -91, true),
	(1, '2026-01-01 01:30:00+00', 1, 9, '2026-01-01 01:30:01+00', 7, 0, -91, true),
	(1, '2026-01-01 01:40:00+00', 1, 10, '2026-01-01 01:40:01+00', 7, 0, -91, true),
	(1, '2026-01-01 01:50:00+00', 1, 11, '2026-01-01 01:50:01+00', 7, 0, -91, true),
	(1, '2026-01-01 02:00:00+00', 1, 12, '2026-01-01 02:00:01+00', 7, 0, -91, true),
	(1, '2026-01-01 02:10:00+00', 1, 13, '2026-01-01 02:10:01+00', 7, 0, -91, true),
	(1, '2026-01-01 02:20:00+00', 1, 14, '2026-01-01 02:20:01+00', 7, 0, -91, true),
	(1, '2026-01-01 02:30:00+00', 1, 15, '2026-01-01 02:30:01+00', 7, 0, -91, true),
	(1, '2026-01-01 02:40:00+00', 1, 16, '2026-01-01 02:40:01+00', 7, 0, -91, true),
	(1, '2026-01-01 02:50:00+00', 1, 17, '2026-01-01 02:50:01+00', 7, 0, -91, true),
	(1, '2026-01-01 03:00:00+00', 1, 18, '2026-01-01 03:00:01+00', 7, 0, -91, true),
	(1, '2026-01-01 03:10:00+00', 1, 19, '2026-01-01 03:10:01+00', 7, 0, -91, true),
	(1, '2026-01-01 03:20:00+00', 1, 20, '2026-01-01 03:20:01+00', 7, 0, -91, true),
	(1, '2026-01-01 03:30:00+00', 1, 21, '2026-01-01 03:30:01+00', 7, 0, -91, true),
	(1, '2026-01-01 03:40:00+00', 1, 22, '2026-01-01 03:40:01+00', 7, 0, -91, true),
	(1, '2026-01-01 03:50:00+00', 1, 23, '2026-01-01 03:50:01+00', 7, 0, -91, true),
	(1, '2026-01-01 04:00:00+00', 1, 24, '2026-01-01 04:00:01+00', 7, 0, -91, true),
	(1, '2026-01-01 04:10:00+00', 1, 25, '2026-01-01 04:10:01+00', 7, 0, -91, true),
	(1, '2026-01-01 04:20:00+00', 1, 26, '2026-01-01 04:20:01+00', 7, 0, -91, true),
	(1, '2026-01-01 04:30:00+00', 1, 27, '2026-01-01 04:30:01+00', 7, 0, -91, true),
	(1, '2026-01-01 04:40:00+00', 1, 28, '2026-01-01 04:40:01+00', 7, 0, -91, true),
	(1, '2026-01-01 04:50:00+00', 1, 29, '2026-01-01 04:50:01+00', 7, 0, -91, true),
	(2, '2026-01-01 00:00:00+00', 1, 0, '2026-01-01 00:00:01+00', 7, 0, -91, true),
	(2, '2026-01-01 00:10:00+00', 1, 1, '2026-01-01 00:10:01+00', 7, 0, -91, true),
	(2, '2026-01-01 00:20:00+00', 1, 2, '2026-01-01 00:20:01+00', 7, 0, -91, true),
	(2, '2026-01-01 00:30:00+00', 1, 3, '2026-01-01 00:30:01+00', 7, 0, -91, true),
	(2, '2026-01-01 00:40:00+00', 1, 4, '2026-01-01 00:40:01+00', 7, 0, -91, true),
	(2, '2026-01-01 00:50:00+00', 1, 5, '2026-01-01 00:50:01+00', 7, 0, -91, true),
	(2, '2026-01-01 01:00:00+00', 1, 6, '2026-01-01 01:00:01+00', 7, 0, -91, true),
	(2, '2026-01-01 01:10:00+00', 1, 7, '2026-01-01 01:10:01+00', 7, 0, -91, true),
	(2, '2026-01-01 01:20:00+00', 1, 8, '2026-01-01 01:20:01+00', 7, 0, -91, true),
	(2, '2026-01-01 01:30:00+00', 1, 9, '2026-01-01 01:30:01+00', 7, 0, -91, true),
	(2, '2026-01-01 01:40:00+00', 1, 10, '2026-01-01 01:40:01+00', 7, 0, -91, true),
	(2, '2026-01-01 01:50:00+00', 1, 11, '2026-01-01 01:50:01+00', 7, 0, -91, true),
	(2, '2026-01-01 02:00:00+00', 1, 12, '2026-01-01 02:00:01+00', 7, 0, -91, true),
	(2, '2026-01-01 02:10:00+00', 1, 13, '2026-01-01 02:10:01+00', 7, 0, -91, true),
	(2, '2026-01-01 02:20:00+00', 1, 14, '2026-01-01 02:20:01+00', 7, 0, -91, true),
	(2, '2026-01-01 02:30:00+00', 1, 15, '2026-01-01 02:30:01+00', 7, 0, -91, true),
	(2, '2026-01-01 02:40:00+00', 1, 16, '2026-01-01 02:40:01+00', 7, 0, -91, true),
	(2, '2026-01-01 02:50:00+00', 1, 17, '2026-01-01 02:50:01+00', 7, 0, -91, true),
	(2, '2026-01-01 03:00:00+00', 1, 18, '2026-01-01 03:00:01+00', 7, 0, -91, true),
	(2, '2026-01-01 03:10:00+00', 1, 19, '2026-01-01 03:10:01+00', 7, 0, -91, true),
	(2, '2026-01-01 03:20:00+00', 1, 20, '2026-01-01 03:20:01+00', 7, 0, -91, true),
	(2, '2026-01-01 03:30:00+00', 1, 21, '2026-01-01 03:30:01+00', 7, 0, -91, true),
	(2, '2026-01-01 03:40:00+00', 1, 22, '2026-01-01 03:40:01+00', 7, 0, -91, true),
	(2, '2026-01-01 03:50:00+00', 1, 23, '2026-01-01 03:50:01+00', 7, 0, -91, true),
	(2, '2026-01-01 04:00:00+00', 1, 24, '2026-01-01 04:00:01+00', 7, 0, -91, true),
	(2, '2026-01-01 04:10:00+00', 1, 25, '2026-01-01 04:10:01+00', 7, 0, -91, true),
	(2, '2026-01-01 04:20:00+00', 1, 26, '2026-01-01 04:20:01+00', 7, 0, -91, true),
	(2, '2026-01-01 04:30:00+00', 1, 27, '2026-01-01 04:30:01+00', 7, 0, -91, true),
	(2, '2026-01-01 04:40:00+00', 1, 28, '2026-01-01 04:40:01+00', 7, 0, -91, true),
	(2, '2026-01-01 04:50:00+00', 1, 29, '2026-01-01 04:50:01+00', 7, 0, -91, true);


--
-- Data for Name: snapshot; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.snapshot VALUES
	(1, '\x0000001d'),
	(2, '\x0000001d');


--
-- Data for Name: subject; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.subject VALUES
	(1, '\x010203', NULL, NULL, NULL);


--
-- Data for Name: user; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke."user" VALUES
	('kari', '$argon2id$', '"operator"', 'Kari "K" Nordmann, vakt');


--
-- Data for Name: wearer; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.wearer VALUES
	(1, 101, 2, '{"version":1,"collect_s":15,"transmit_s":60,"silence_s":600,"no_fix_s":1800,"accuracy_max_m":100.0,"battery_low":20,"battery_critical":8}', '["lk500001"]'),
	(2, 102, 2, '{"version":1,"collect_s":15,"transmit_s":60,"silence_s":600,"no_fix_s":1800,"accuracy_max_m":100.0,"battery_low":20,"battery_critical":8}', '["lk500002"]');


--
-- Data for Name: wearer_group; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.wearer_group VALUES
	(1, 3),
	(1, 5),
	(2, 3),
	(2, 5);


--
-- Data for Name: zone; Type: TABLE DATA; Schema: lenke; Owner: -
--

INSERT INTO lenke.zone VALUES
	(1, 1, '{"id":1,"version":1,"name":"Sone 1","kind":"exclusion","geometry":{"circle":{"centre":{"lat":59.9138689,"lon":10.7522454},"radius":200.0}},"buffer":150.0,"policy":{"version":1,"confirm_at":0.95,"suspect_at":0.5,"hits":2,"window":3},"schedule":null,"assignment":{"shared":[3]}}'),
	(2, 1, '{"id":2,"version":1,"name":"Sone 2","kind":"inclusion","geometry":{"polygons":[[[[10.7,59.9],[10.72,59.9],[10.72,59.92],[10.7,59.9]]]]},"buffer":150.0,"policy":{"version":1,"confirm_at":0.95,"suspect_at":0.5,"hits":2,"window":3},"schedule":{"time_zone":"Europe/Oslo","windows":[{"weekday":5,"from_min":1320,"to_min":360}]},"assignment":{"personal":1}}');


--
-- Name: quarantine_id_seq; Type: SEQUENCE SET; Schema: lenke; Owner: -
--

SELECT pg_catalog.setval('lenke.quarantine_id_seq', 1, true);


--
-- Name: _sqlx_migrations _sqlx_migrations_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke._sqlx_migrations
    ADD CONSTRAINT _sqlx_migrations_pkey PRIMARY KEY (version);


--
-- Name: activation activation_overlap; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.activation
    ADD CONSTRAINT activation_overlap EXCLUDE USING gist (numrange((device)::numeric, (device)::numeric, '[]'::text) WITH &&, int8range(valid_from, valid_to) WITH &&);


--
-- Name: activation activation_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.activation
    ADD CONSTRAINT activation_pkey PRIMARY KEY (device, valid_from);


--
-- Name: alert_merged alert_merged_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.alert_merged
    ADD CONSTRAINT alert_merged_pkey PRIMARY KEY (id);


--
-- Name: alert alert_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.alert
    ADD CONSTRAINT alert_pkey PRIMARY KEY (id);


--
-- Name: audit_head audit_head_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (seq);


--
-- Name: audit audit_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (seq);


--
-- Name: chain chain_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.chain
    ADD CONSTRAINT chain_pkey PRIMARY KEY (device);


--
-- Name: committed committed_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.committed
    ADD CONSTRAINT committed_pkey PRIMARY KEY (device, epoch);


--
-- Name: condition condition_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.condition
    ADD CONSTRAINT condition_pkey PRIMARY KEY (wearer, id);


--
-- Name: counter counter_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.counter
    ADD CONSTRAINT counter_pkey PRIMARY KEY (name);


--
-- Name: device_last device_last_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.device_last
    ADD CONSTRAINT device_last_pkey PRIMARY KEY (device);


--
-- Name: device device_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.device
    ADD CONSTRAINT device_pkey PRIMARY KEY (id);


--
-- Name: event event_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (device, at, epoch, seq);


--
-- Name: event_20260101 event_20260101_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.event_20260101
    ADD CONSTRAINT event_20260101_pkey PRIMARY KEY (device, at, epoch, seq);


--
-- Name: fix fix_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.fix
    ADD CONSTRAINT fix_pkey PRIMARY KEY (device, at, epoch, seq, idx);


--
-- Name: fix_20260101 fix_20260101_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.fix_20260101
    ADD CONSTRAINT fix_20260101_pkey PRIMARY KEY (device, at, epoch, seq, idx);


--
-- Name: frame frame_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.frame
    ADD CONSTRAINT frame_pkey PRIMARY KEY (device, received_at, epoch, seq);


--
-- Name: frame_20260101 frame_20260101_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.frame_20260101
    ADD CONSTRAINT frame_20260101_pkey PRIMARY KEY (device, received_at, epoch, seq);


--
-- Name: health health_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.health
    ADD CONSTRAINT health_pkey PRIMARY KEY (device, at, epoch, seq);


--
-- Name: health_20260101 health_20260101_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.health_20260101
    ADD CONSTRAINT health_20260101_pkey PRIMARY KEY (device, at, epoch, seq);


--
-- Name: meta meta_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (key);


--
-- Name: quarantine quarantine_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.quarantine
    ADD CONSTRAINT quarantine_pkey PRIMARY KEY (id);


--
-- Name: sighting sighting_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.sighting
    ADD CONSTRAINT sighting_pkey PRIMARY KEY (device, at, epoch, seq, idx);


--
-- Name: sighting_20260101 sighting_20260101_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.sighting_20260101
    ADD CONSTRAINT sighting_20260101_pkey PRIMARY KEY (device, at, epoch, seq, idx);


--
-- Name: snapshot snapshot_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.snapshot
    ADD CONSTRAINT snapshot_pkey PRIMARY KEY (wearer);


--
-- Name: subject subject_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.subject
    ADD CONSTRAINT subject_pkey PRIMARY KEY (wearer);


--
-- Name: user user_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke."user"
    ADD CONSTRAINT user_pkey PRIMARY KEY (name);


--
-- Name: wearer_group wearer_group_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.wearer_group
    ADD CONSTRAINT wearer_group_pkey PRIMARY KEY (wearer, group_id);


--
-- Name: wearer wearer_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.wearer
    ADD CONSTRAINT wearer_pkey PRIMARY KEY (id);


--
-- Name: zone zone_pkey; Type: CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.zone
    ADD CONSTRAINT zone_pkey PRIMARY KEY (id, version);


--
-- Name: activation_wearer; Type: INDEX; Schema: lenke; Owner: -
--

CREATE INDEX activation_wearer ON lenke.activation USING btree (wearer, valid_from);


--
-- Name: alert_state; Type: INDEX; Schema: lenke; Owner: -
--

CREATE INDEX alert_state ON lenke.alert USING btree (state, raised_at, id);


--
-- Name: alert_wearer; Type: INDEX; Schema: lenke; Owner: -
--

CREATE INDEX alert_wearer ON lenke.alert USING btree (wearer, raised_at, id);


--
-- Name: audit_actor; Type: INDEX; Schema: lenke; Owner: -
--

CREATE INDEX audit_actor ON lenke.audit USING btree (actor, seq);


--
-- Name: audit_at; Type: INDEX; Schema: lenke; Owner: -
--

CREATE INDEX audit_at ON lenke.audit USING btree (at, seq);


--
-- Name: audit_object; Type: INDEX; Schema: lenke; Owner: -
--

CREATE INDEX audit_object ON lenke.audit USING btree (object, seq);


--
-- Name: fix_time; Type: INDEX; Schema: lenke; Owner: -
--

CREATE INDEX fix_time ON ONLY lenke.fix USING brin (at) WITH (pages_per_range='32', autosummarize='on');


--
-- Name: fix_20260101_at_idx; Type: INDEX; Schema: lenke; Owner: -
--

CREATE INDEX fix_20260101_at_idx ON lenke.fix_20260101 USING brin (at) WITH (pages_per_range='32', autosummarize='on');


--
-- Name: event_20260101_pkey; Type: INDEX ATTACH; Schema: lenke; Owner: -
--

ALTER INDEX lenke.event_pkey ATTACH PARTITION lenke.event_20260101_pkey;


--
-- Name: fix_20260101_at_idx; Type: INDEX ATTACH; Schema: lenke; Owner: -
--

ALTER INDEX lenke.fix_time ATTACH PARTITION lenke.fix_20260101_at_idx;


--
-- Name: fix_20260101_pkey; Type: INDEX ATTACH; Schema: lenke; Owner: -
--

ALTER INDEX lenke.fix_pkey ATTACH PARTITION lenke.fix_20260101_pkey;


--
-- Name: frame_20260101_pkey; Type: INDEX ATTACH; Schema: lenke; Owner: -
--

ALTER INDEX lenke.frame_pkey ATTACH PARTITION lenke.frame_20260101_pkey;


--
-- Name: health_20260101_pkey; Type: INDEX ATTACH; Schema: lenke; Owner: -
--

ALTER INDEX lenke.health_pkey ATTACH PARTITION lenke.health_20260101_pkey;


--
-- Name: sighting_20260101_pkey; Type: INDEX ATTACH; Schema: lenke; Owner: -
--

ALTER INDEX lenke.sighting_pkey ATTACH PARTITION lenke.sighting_20260101_pkey;


--
-- Name: activation activation_update; Type: TRIGGER; Schema: lenke; Owner: -
--

CREATE TRIGGER activation_update BEFORE UPDATE ON lenke.activation FOR EACH STATEMENT EXECUTE FUNCTION lenke.never_changes('an activation is taken out and put in anew');


--
-- Name: audit audit_change; Type: TRIGGER; Schema: lenke; Owner: -
--

CREATE TRIGGER audit_change BEFORE DELETE OR UPDATE OR TRUNCATE ON lenke.audit FOR EACH STATEMENT EXECUTE FUNCTION lenke.never_changes('the audit log is append-only');


--
-- Name: audit_head audit_head_change; Type: TRIGGER; Schema: lenke; Owner: -
--

CREATE TRIGGER audit_head_change BEFORE DELETE OR UPDATE OR TRUNCATE ON lenke.audit_head FOR EACH STATEMENT EXECUTE FUNCTION lenke.never_changes('a signed head never changes');


--
-- Name: audit_head audit_head_insert; Type: TRIGGER; Schema: lenke; Owner: -
--

CREATE TRIGGER audit_head_insert BEFORE INSERT ON lenke.audit_head FOR EACH ROW EXECUTE FUNCTION lenke.audit_head_in_order();


--
-- Name: zone zone_update; Type: TRIGGER; Schema: lenke; Owner: -
--

CREATE TRIGGER zone_update BEFORE UPDATE ON lenke.zone FOR EACH STATEMENT EXECUTE FUNCTION lenke.never_changes('a zone version never changes');


--
-- Name: activation activation_device_fkey; Type: FK CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.activation
    ADD CONSTRAINT activation_device_fkey FOREIGN KEY (device) REFERENCES lenke.device(id);


--
-- Name: activation activation_wearer_fkey; Type: FK CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.activation
    ADD CONSTRAINT activation_wearer_fkey FOREIGN KEY (wearer) REFERENCES lenke.wearer(id);


--
-- Name: alert_merged alert_merged_alert_fkey; Type: FK CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.alert_merged
    ADD CONSTRAINT alert_merged_alert_fkey FOREIGN KEY (alert) REFERENCES lenke.alert(id);


--
-- Name: condition condition_wearer_fkey; Type: FK CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.condition
    ADD CONSTRAINT condition_wearer_fkey FOREIGN KEY (wearer) REFERENCES lenke.wearer(id);


--
-- Name: subject subject_wearer_fkey; Type: FK CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.subject
    ADD CONSTRAINT subject_wearer_fkey FOREIGN KEY (wearer) REFERENCES lenke.wearer(id);


--
-- Name: wearer_group wearer_group_wearer_fkey; Type: FK CONSTRAINT; Schema: lenke; Owner: -
--

ALTER TABLE ONLY lenke.wearer_group
    ADD CONSTRAINT wearer_group_wearer_fkey FOREIGN KEY (wearer) REFERENCES lenke.wearer(id);


--
-- Name: TABLE audit; Type: ACL; Schema: lenke; Owner: -
--

REVOKE ALL ON TABLE lenke.audit FROM lenke;
GRANT SELECT,INSERT,REFERENCES,TRIGGER ON TABLE lenke.audit TO lenke;


--
-- Name: TABLE audit_head; Type: ACL; Schema: lenke; Owner: -
--

REVOKE ALL ON TABLE lenke.audit_head FROM lenke;
GRANT SELECT,INSERT,REFERENCES,TRIGGER ON TABLE lenke.audit_head TO lenke;


--
-- PostgreSQL database dump complete
--


