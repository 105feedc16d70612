-- The recovery mobile: the number sealed for its account, and from when on a text to it opens a recovery.
CREATE TABLE mobiles (
    account     BLOB    NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    number      BLOB    NOT NULL,
    since       INTEGER NOT NULL,
    usable_from INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A texted code, as a keyed hash over account, holder, number and code. holder: the pending login or session that asked for it.
-- purpose: 1 proves a number, which waits here sealed; 2 recovers. One live code for each holder and purpose.
CREATE TABLE texted_codes (
    holder  BLOB    NOT NULL CHECK (length(holder) IN (16, 32)),
    purpose INTEGER NOT NULL CHECK (purpose IN (1, 2)),
    account BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    number  BLOB,
    hash    BLOB    NOT NULL CHECK (length(hash) = 32),
    tries   INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
    expires INTEGER NOT NULL,
    PRIMARY KEY (holder, purpose),
    CHECK ((purpose = 1) = (number IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX texted_codes_account ON texted_codes (account);
CREATE INDEX texted_codes_expires ON texted_codes (expires);

-- A recovery by text, in one pending login: the mail whose link belongs to it, and which of the two were shown.
CREATE TABLE text_recoveries (
    pending BLOB    NOT NULL PRIMARY KEY REFERENCES pendings (token) ON DELETE CASCADE,
    mail    BLOB    NOT NULL UNIQUE CHECK (length(mail) = 16),
    link    BLOB    NOT NULL UNIQUE CHECK (length(link) = 32),
    mailed  INTEGER NOT NULL DEFAULT 0 CHECK (mailed IN (0, 1)),
    texted  INTEGER NOT NULL DEFAULT 0 CHECK (texted IN (0, 1))
) STRICT, WITHOUT ROWID;

-- A recovery by text that was proved once and has to wait. epoch: the account's, which moves with whatever ends the wait.
CREATE TABLE recovery_waits (
    account BLOB    NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    epoch   INTEGER NOT NULL,
    ripe    INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX recovery_waits_expires ON recovery_waits (expires);
