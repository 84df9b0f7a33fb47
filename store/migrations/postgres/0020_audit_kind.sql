-- Search of the audit log by what was done, newest first.
CREATE INDEX audit_action ON audit (action COLLATE "C", seq);
