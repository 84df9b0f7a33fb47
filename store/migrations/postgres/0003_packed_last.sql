-- A device's last state in one piece, which is what it is read as: a console asks for all devices at once, and most of what
-- a row costs is its columns. The columns stay what is written and what people may ask.
--
--   device, wearer (8 bytes each) | epoch, seq (4 each, less 2^31) | heard_at (8)
--   | 0, or 1: fix_at (8), lat, lon (4 each), accuracy, speed, course (2 each, less 2^15), satellites, time source (1 each)
--   | 0, or 1: percent (1), millivolts (2, less 2^15), charging (1), 0, or 1: empty_at (8)
ALTER TABLE device_last ADD COLUMN packed bytea NOT NULL GENERATED ALWAYS AS (
    int8send(device) || int8send(wearer) || int4send((epoch - 2147483648)::integer)
    || int4send((seq - 2147483648)::integer) || timestamptz_send(heard_at)
    || CASE WHEN fix_at IS NULL THEN '\x00'::bytea ELSE
        '\x01'::bytea || timestamptz_send(fix_at) || int4send(lat_e7) || int4send(lon_e7)
        || int2send((accuracy_dm - 32768)::smallint) || int2send((speed_cm_s - 32768)::smallint)
        || int2send((course_cdeg - 32768)::smallint)
        || substring(int2send(satellites) FROM 2) || substring(int2send(time_source) FROM 2) END
    || CASE WHEN percent IS NULL THEN '\x00'::bytea ELSE
        '\x01'::bytea || substring(int2send(percent) FROM 2) || int2send((millivolts - 32768)::smallint)
        || boolsend(charging)
        || CASE WHEN empty_at IS NULL THEN '\x00'::bytea ELSE '\x01'::bytea || timestamptz_send(empty_at) END END
) STORED;
