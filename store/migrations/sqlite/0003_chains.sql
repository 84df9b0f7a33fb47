-- How far the hash chain of a device's frames has been followed, written with the frames.
CREATE TABLE chain (
    device INTEGER NOT NULL PRIMARY KEY,
    state  BLOB NOT NULL
) STRICT;
