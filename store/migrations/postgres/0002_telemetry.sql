-- Telemetry: TimescaleDB's hypertables, or PostgreSQL's own range partitions, as the program found out before it began
-- (it sets `lenke.layout`). `at` is the device's time; frames, as they came, are ordered by arrival. No foreign keys: a batch is
-- checked where it is decoded.
DO $layout$
DECLARE
    timescale CONSTANT boolean := current_setting('lenke.layout') = 'timescale';
    parts CONSTANT text := CASE WHEN timescale THEN '' ELSE 'PARTITION BY RANGE (at)' END;
    arrivals CONSTANT text := replace(parts, '(at)', '(received_at)');
BEGIN
    EXECUTE $$CREATE TABLE fix (
        device      bigint NOT NULL,
        at          timestamptz NOT NULL,
        epoch       bigint NOT NULL,
        seq         bigint NOT NULL,
        received_at timestamptz NOT NULL,
        wearer      bigint NOT NULL,
        lat_e7      integer NOT NULL,
        lon_e7      integer NOT NULL,
        idx         integer NOT NULL,
        accuracy_dm integer NOT NULL,
        speed_cm_s  integer NOT NULL,
        course_cdeg integer NOT NULL,
        satellites  smallint NOT NULL,
        time_source smallint NOT NULL,
        late        boolean NOT NULL,
        PRIMARY KEY (device, at, epoch, seq, idx)
    ) $$ || parts;
    EXECUTE $$CREATE TABLE sighting (
        device        bigint NOT NULL,
        at            timestamptz NOT NULL,
        epoch         bigint NOT NULL,
        seq           bigint NOT NULL,
        received_at   timestamptz NOT NULL,
        heard         bigint NOT NULL,
        idx           integer NOT NULL,
        rssi_dbm      smallint NOT NULL,
        authenticated boolean NOT NULL,
        PRIMARY KEY (device, at, epoch, seq, idx)
    ) $$ || parts;
    EXECUTE $$CREATE TABLE event (
        device      bigint NOT NULL,
        at          timestamptz NOT NULL,
        epoch       bigint NOT NULL,
        seq         bigint NOT NULL,
        received_at timestamptz NOT NULL,
        value       integer NOT NULL,
        lat_e7      integer,
        lon_e7      integer,
        kind        smallint NOT NULL,
        time_source smallint NOT NULL,
        PRIMARY KEY (device, at, epoch, seq)
    ) $$ || parts;
    EXECUTE $$CREATE TABLE health (
        device         bigint NOT NULL,
        at             timestamptz NOT NULL,
        epoch          bigint NOT NULL,
        seq            bigint NOT NULL,
        received_at    timestamptz NOT NULL,
        empty_at       timestamptz,
        plan_version   bigint NOT NULL,
        unacknowledged bigint NOT NULL,
        firmware       bigint NOT NULL,
        millivolts     integer NOT NULL,
        percent        smallint NOT NULL,
        signal_dbm     smallint NOT NULL,
        temperature_c  smallint NOT NULL,
        charging       boolean NOT NULL,
        strap_latched  boolean NOT NULL,
        case_latched   boolean NOT NULL,
        PRIMARY KEY (device, at, epoch, seq)
    ) $$ || parts;
    EXECUTE $$CREATE TABLE frame (
        device      bigint NOT NULL,
        received_at timestamptz NOT NULL,
        epoch       bigint NOT NULL,
        seq         bigint NOT NULL,
        lane        smallint NOT NULL,
        bytes       bytea NOT NULL,
        PRIMARY KEY (device, received_at, epoch, seq)
    ) $$ || arrivals;
    IF timescale THEN
        PERFORM create_hypertable(name::regclass, column_name::name, chunk_time_interval => interval '1 day',
                                  create_default_indexes => false)
        FROM (VALUES ('fix', 'at'), ('sighting', 'at'), ('event', 'at'), ('health', 'at'), ('frame', 'received_at'))
            AS hypertable (name, column_name);
    END IF;
    IF timescale AND current_setting('timescaledb.license', true) = 'timescale' THEN
        -- After a week chunks become columns: by device, in the order of time, with the extent of each batch of rows.
        EXECUTE $$ALTER TABLE fix SET (timescaledb.enable_columnstore, timescaledb.segmentby = 'device',
            timescaledb.orderby = 'at, epoch, seq, idx',
            timescaledb.sparse_index = 'minmax(lat_e7), minmax(lon_e7)')$$;
        EXECUTE $$ALTER TABLE sighting SET (timescaledb.enable_columnstore, timescaledb.segmentby = 'device',
            timescaledb.orderby = 'at, epoch, seq, idx')$$;
        EXECUTE $$ALTER TABLE event SET (timescaledb.enable_columnstore, timescaledb.segmentby = 'device',
            timescaledb.orderby = 'at, epoch, seq')$$;
        EXECUTE $$ALTER TABLE health SET (timescaledb.enable_columnstore, timescaledb.segmentby = 'device',
            timescaledb.orderby = 'at, epoch, seq')$$;
        EXECUTE $$ALTER TABLE frame SET (timescaledb.enable_columnstore, timescaledb.segmentby = 'device',
            timescaledb.orderby = 'received_at, epoch, seq')$$;
        CALL add_columnstore_policy('fix', after => interval '7 days');
        CALL add_columnstore_policy('sighting', after => interval '7 days');
        CALL add_columnstore_policy('event', after => interval '7 days');
        CALL add_columnstore_policy('health', after => interval '7 days');
        CALL add_columnstore_policy('frame', after => interval '7 days');
    END IF;
    -- Place and time: rows come nearly in the order of time.
    CREATE INDEX fix_time ON fix USING brin (at) WITH (pages_per_range = 32, autosummarize = on);
    INSERT INTO meta (key, value) VALUES ('store.layout', current_setting('lenke.layout'));
END $layout$;

-- Adds the partition of [starts, ends) to `parent`; false if there is one. It is made beside the table and attached,
-- which lets readers and writers go on.
CREATE FUNCTION add_partition(parent text, starts timestamptz, ends timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
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
