-- What an admin has set in words, beside the numbers in `settings`.
CREATE TABLE texts (
    name TEXT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL CHECK (text <> '')
) STRICT, WITHOUT ROWID;

-- Acts of admins that wait a day before they take effect. `epoch` is the asking admin's when it was asked: whatever has happened
-- to that account since (disabled, recovered, another password), the act falls. `due` is secure time, `asked` wall time.
CREATE TABLE delayed_acts (
    id     BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    act    TEXT    NOT NULL CHECK (json_valid(act)),
    admin  BLOB    NOT NULL CHECK (length(admin) = 16),
    login  TEXT    NOT NULL,
    epoch  INTEGER NOT NULL,
    client TEXT    NOT NULL,
    asked  INTEGER NOT NULL,
    due    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX delayed_acts_due ON delayed_acts (due);

-- For what the admin pages count and look for.
CREATE INDEX audit_action ON audit (action, at);
CREATE INDEX audit_at ON audit (at);
