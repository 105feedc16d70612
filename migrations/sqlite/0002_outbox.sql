-- Mail. The body is sealed: kind and payload, never a link; a link is derived from the row's id when it is sent.

-- reset_at: when the password was last set by a mailed link; secure time. language: of the person's pages, for mails.
ALTER TABLE accounts ADD COLUMN reset_at INTEGER;
ALTER TABLE accounts ADD COLUMN language TEXT;

-- account: whom it is about; none where somebody asked for a login id that nobody has looked up yet (asked = 1).
-- claimed: until when a sender holds it. failed_at: given up; the body is then the kind alone.
CREATE TABLE outbox (
    id        BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    body      BLOB    NOT NULL,
    account   BLOB    REFERENCES accounts (id) ON DELETE CASCADE,
    asked     INTEGER NOT NULL CHECK (asked IN (0, 1)),
    created   INTEGER NOT NULL,
    due       INTEGER NOT NULL,
    expires   INTEGER NOT NULL,
    claimed   INTEGER NOT NULL DEFAULT 0,
    tries     INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
    failed_at INTEGER,
    error     TEXT    NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox (due) WHERE failed_at IS NULL;
-- What strangers have asked for is counted before more is taken.
CREATE INDEX outbox_asked ON outbox (asked) WHERE asked = 1 AND failed_at IS NULL;
CREATE INDEX outbox_expires ON outbox (expires);
CREATE INDEX outbox_account ON outbox (account);

-- kind: 1 reset, 2 not me. A used one stays until its end: a mail that is sent twice must not bring it back to life.
-- epoch: the account's when it was made; the end of a reset link, and nothing to the other kind.
CREATE TABLE tickets (
    id      BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    token   BLOB    NOT NULL UNIQUE CHECK (length(token) = 32),
    kind    INTEGER NOT NULL CHECK (kind IN (1, 2)),
    account BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    epoch   INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used    INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX tickets_account ON tickets (account);
CREATE INDEX tickets_expires ON tickets (expires);

CREATE VIEW live_tickets AS
    SELECT x.* FROM tickets x JOIN accounts a ON a.id = x.account
    WHERE x.used = 0 AND (x.kind = 2 OR (a.epoch = x.epoch AND a.disabled = 0 AND a.password IS NOT NULL));
