-- What a device says of its zones and of what it is doing.
ALTER TABLE health ADD COLUMN zones_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE health ADD COLUMN state INTEGER;
