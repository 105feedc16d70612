-- To whom admins have done what on their pages, at once: beyond so many accounts within a day the next ones wait, in however many
-- small forms they come. `at` is secure time. No reference: accounts that were removed count.
CREATE TABLE acts_done (
    kind    TEXT    NOT NULL CHECK (kind <> ''),
    account BLOB    NOT NULL CHECK (length(account) = 16),
    at      INTEGER NOT NULL,
    PRIMARY KEY (kind, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX acts_done_at ON acts_done (at);

-- For files of the trail, which are read a page after the other: all records of an action in their order.
CREATE INDEX audit_action_seq ON audit (action);
