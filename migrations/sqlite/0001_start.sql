-- Times are milliseconds since 1970, ids 16 bytes, hashes and MACs 32 bytes.
-- `epoch` on a row is the account's when the row was made; the live_* views are the one place that compares the two.

-- "VEST": tells our database from any other SQLite file.
PRAGMA application_id = 1447383892;

CREATE TABLE accounts (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    login        TEXT    NOT NULL UNIQUE CHECK (login <> ''),
    name         TEXT    NOT NULL,
    member_of    TEXT    NOT NULL CHECK (json_type(member_of) = 'array'),
    admin        INTEGER NOT NULL CHECK (admin IN (0, 1)),
    disabled     INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    epoch        INTEGER NOT NULL DEFAULT 1 CHECK (epoch > 0),
    password     TEXT,
    secret       BLOB,
    last_step    INTEGER NOT NULL DEFAULT 0 CHECK (last_step >= 0),
    enrolled_at  INTEGER,
    codes_saved  INTEGER NOT NULL DEFAULT 0 CHECK (codes_saved IN (0, 1)),
    locked_at    INTEGER,
    recovery_due INTEGER NOT NULL DEFAULT 0 CHECK (recovery_due IN (0, 1)),
    created      INTEGER NOT NULL,
    last_sign_in INTEGER,
    CHECK ((secret IS NULL) = (enrolled_at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_codes (
    account BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    hash    BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;

-- kind: 1 invitation, 2 enrolment, 3 recovery
CREATE TABLE links (
    id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    token   BLOB    NOT NULL UNIQUE CHECK (length(token) = 32),
    kind    INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),
    account BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    epoch   INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX links_account ON links (account);
CREATE INDEX links_expires ON links (expires);

CREATE TABLE devices (
    id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    token   BLOB    NOT NULL UNIQUE CHECK (length(token) = 32),
    account BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    epoch   INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX devices_account ON devices (account);
CREATE INDEX devices_expires ON devices (expires);

-- stage: 1 setup, 2 codes, 3 verify. A grant or device that died leaves its id here; whoever uses it looks whether it lives.
CREATE TABLE pendings (
    token         BLOB    NOT NULL PRIMARY KEY CHECK (length(token) = 32),
    account       BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    epoch         INTEGER NOT NULL,
    portal        TEXT    NOT NULL,
    stage         INTEGER NOT NULL CHECK (stage IN (1, 2, 3)),
    goes_to       TEXT    NOT NULL,
    link          BLOB    CHECK (length(link) = 16),
    device        BLOB    CHECK (length(device) = 16),
    client        TEXT    NOT NULL,
    attempts      INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    staged_secret BLOB,
    staged_codes  BLOB,
    handed_out    INTEGER NOT NULL DEFAULT 0 CHECK (handed_out IN (0, 1)),
    enabled_step  INTEGER,
    created       INTEGER NOT NULL,
    expires       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX pendings_account ON pendings (account, created);
CREATE INDEX pendings_expires ON pendings (expires);

-- scope: 0 counts in its pending login only, 1 in the budget of unknown browsers, 2 in that of one known browser.
-- Outlives its pending login: that is what keeps a budget when somebody starts over.
CREATE TABLE attempts (
    id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    pending BLOB    NOT NULL CHECK (length(pending) = 32),
    scope   INTEGER NOT NULL CHECK (scope IN (0, 1, 2)),
    device  BLOB    CHECK (length(device) = 16),
    settled INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0, 1)),
    at      INTEGER NOT NULL,
    CHECK ((scope = 2) = (device IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_budget ON attempts (account, scope, at);
CREATE INDEX attempts_at ON attempts (at);

CREATE TABLE sessions (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    token      BLOB    NOT NULL UNIQUE CHECK (length(token) = 32),
    old_token  BLOB    CHECK (length(old_token) = 32),
    old_until  INTEGER,
    old_code   INTEGER,
    account    BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    portal     TEXT    NOT NULL,
    epoch      INTEGER NOT NULL,
    created    INTEGER NOT NULL,
    code_at    INTEGER NOT NULL,
    code_step  INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    expires    INTEGER NOT NULL,
    client     TEXT    NOT NULL,
    agent      TEXT    NOT NULL,
    shared     INTEGER NOT NULL CHECK (shared IN (0, 1)),
    attempts   INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    CHECK ((old_token IS NULL) = (old_until IS NULL) AND (old_token IS NULL) = (old_code IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_account ON sessions (account);
CREATE INDEX sessions_expires ON sessions (expires);

-- tat: the theoretical arrival time of GCRA.
CREATE TABLE buckets (
    key BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    tat INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX buckets_tat ON buckets (tat);

-- Failures of strangers, counted per hour until they become one audit record each.
CREATE TABLE failures (
    hour    INTEGER NOT NULL,
    action  TEXT    NOT NULL,
    account TEXT    NOT NULL,
    login   TEXT    NOT NULL,
    actor   TEXT    NOT NULL,
    client  TEXT    NOT NULL,
    count   INTEGER NOT NULL CHECK (count > 0),
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    PRIMARY KEY (hour, action, account, login)
) STRICT, WITHOUT ROWID;

-- kind: 1 session, 2 account, 3 settings. AUTOINCREMENT: no number comes twice, also after the newest rows were forgotten.
CREATE TABLE changes (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    kind    INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),
    subject BLOB    CHECK (length(subject) = 16),
    CHECK ((kind = 3) = (subject IS NULL))
) STRICT;

-- How far the feed had come at which time: by this, not by a wall clock, it is known which changes are old.
CREATE TABLE change_marks (
    seq INTEGER NOT NULL PRIMARY KEY,
    at  INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
    name   TEXT    NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY CHECK (seq > 0),
    at      INTEGER NOT NULL,
    actor   TEXT    NOT NULL,
    client  TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    account TEXT    NOT NULL,
    login   TEXT    NOT NULL,
    detail  TEXT    NOT NULL CHECK (json_type(detail) = 'object'),
    mac     BLOB    NOT NULL CHECK (length(mac) = 32)
) STRICT;
CREATE INDEX audit_login ON audit (login, seq);

-- audit_head: number and chain value of the newest record, sealed with a MAC. high_water: secure time, milliseconds.
CREATE TABLE meta (
    name   TEXT    NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL,
    bytes  BLOB
) STRICT, WITHOUT ROWID;
INSERT INTO meta (name, number) VALUES ('high_water', 0);

CREATE VIEW live_links AS
    SELECT x.* FROM links x JOIN accounts a ON a.id = x.account AND a.epoch = x.epoch AND a.disabled = 0;
CREATE VIEW live_devices AS
    SELECT x.* FROM devices x JOIN accounts a ON a.id = x.account AND a.epoch = x.epoch AND a.disabled = 0;
CREATE VIEW live_pendings AS
    SELECT x.* FROM pendings x JOIN accounts a ON a.id = x.account AND a.epoch = x.epoch AND a.disabled = 0;
CREATE VIEW live_sessions AS
    SELECT x.* FROM sessions x JOIN accounts a ON a.id = x.account AND a.epoch = x.epoch AND a.disabled = 0;
