-- What a session is being shown after password and code: 1 the secret of a new authenticator, 2 new recovery codes. Sealed for
-- that session, and gone with it.
CREATE TABLE staged (
    session    BLOB    NOT NULL PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    purpose    INTEGER NOT NULL CHECK (purpose IN (1, 2)),
    sealed     BLOB    NOT NULL,
    handed_out INTEGER NOT NULL DEFAULT 0 CHECK (handed_out IN (0, 1)),
    expires    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX staged_expires ON staged (expires);

-- For the list of known browsers. `created` moves with each full sign-in, `known_since` does not.
ALTER TABLE devices ADD COLUMN known_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN agent TEXT NOT NULL DEFAULT '';
UPDATE devices SET known_since = created;
