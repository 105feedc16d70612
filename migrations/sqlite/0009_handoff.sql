-- Where our own pages have a host of their own: the session at a portal that was handed on from the one there, and ends with it.
ALTER TABLE sessions ADD COLUMN parent BLOB REFERENCES sessions (id) ON DELETE CASCADE;
CREATE UNIQUE INDEX sessions_parent ON sessions (parent, portal) WHERE parent IS NOT NULL;

-- Tickets by which a portal's host learns who has signed in. Each dies with its session, when it is taken, or after moments.
-- browser: the hash of the cookie that the portal's host has given to the one browser that may bring the ticket.
CREATE TABLE handoffs (
    token     BLOB    NOT NULL PRIMARY KEY CHECK (length(token) = 32),
    browser   BLOB    NOT NULL CHECK (length(browser) = 32),
    session   BLOB    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    account   BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    portal    TEXT    NOT NULL,
    code_at   INTEGER NOT NULL,
    code_step INTEGER NOT NULL,
    expires   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX handoffs_session ON handoffs (session, expires);
CREATE INDEX handoffs_account ON handoffs (account);
CREATE INDEX handoffs_expires ON handoffs (expires);
