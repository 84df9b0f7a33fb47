-- Positions of each hour, device and wearer, kept by TimescaleDB as they come: who looks at the whole fleet's days does not
-- count every position again. Hours that are not kept yet are counted when asked. Plain PostgreSQL counts always.
DO $hours$
BEGIN
    IF (SELECT value FROM meta WHERE key = 'store.layout') = 'timescale'
       AND current_setting('timescaledb.license', true) = 'timescale' THEN
        EXECUTE $$CREATE MATERIALIZED VIEW fix_hour WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
            SELECT time_bucket('1 hour', at) AS hour, wearer, device, count(*) AS fixes,
                   count(*) FILTER (WHERE late) AS late
            FROM fix GROUP BY 1, 2, 3 WITH NO DATA$$;
        -- However late a backlog comes: only hours that changed are counted again.
        PERFORM add_continuous_aggregate_policy('fix_hour', start_offset => NULL, end_offset => interval '2 hours',
                                                schedule_interval => interval '30 minutes');
    END IF;
END $hours$;
