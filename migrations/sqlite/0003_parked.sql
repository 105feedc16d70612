-- Requests that wait until their person has entered a code. They die with their session (a lapsed one is kept for a while), and
-- when the account's epoch moves.
-- state: 1 waits, 2 has a ticket, 3 is being sent (whatever became of that), 4 the portal answered, 5 discarded.
-- place: a MAC of portal, host and target; browser: the hash of the cookie. Head and body are sealed.
CREATE TABLE parked (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account      BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    epoch        INTEGER NOT NULL,
    session      BLOB    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    browser      BLOB    NOT NULL CHECK (length(browser) = 32),
    portal       TEXT    NOT NULL,
    place        BLOB    NOT NULL CHECK (length(place) = 32),
    head         BLOB    NOT NULL,
    body         BLOB,
    size         INTEGER NOT NULL CHECK (size >= 0),
    state        INTEGER NOT NULL DEFAULT 1 CHECK (state BETWEEN 1 AND 5),
    ticket       BLOB    UNIQUE CHECK (length(ticket) = 32),
    ticket_until INTEGER,
    status       INTEGER,
    settled      INTEGER,
    created      INTEGER NOT NULL,
    expires      INTEGER NOT NULL,
    CHECK ((ticket IS NULL) = (ticket_until IS NULL) AND (ticket IS NULL OR state = 2)),
    CHECK ((state >= 3) = (settled IS NOT NULL)),
    CHECK (state >= 3 OR body IS NOT NULL),
    CHECK (state < 4 OR body IS NULL)
) STRICT;
CREATE INDEX parked_account ON parked (account, expires);
CREATE INDEX parked_session ON parked (session);
CREATE INDEX parked_expires ON parked (expires);

CREATE VIEW live_parked AS
    SELECT x.* FROM parked x JOIN accounts a ON a.id = x.account AND a.epoch = x.epoch AND a.disabled = 0;
