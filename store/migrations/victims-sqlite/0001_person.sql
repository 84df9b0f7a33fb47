-- Who protected persons are, in a file of its own.
CREATE TABLE person (
    wearer INTEGER NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL -- under the person's own key, which is in no database
) STRICT;
