-- Who protected persons are. The role that owns this schema owns nothing else, and nobody else may look in.
REVOKE ALL ON SCHEMA lenke_victim FROM PUBLIC;

CREATE TABLE person (
    wearer bigint NOT NULL PRIMARY KEY,
    sealed bytea NOT NULL -- under the person's own key, which is in no database
);
