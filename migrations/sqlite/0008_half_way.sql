-- half_way: a recovery factor was accepted, and no authenticator has been enabled since. Only another recovery factor, or an
-- operator's link, goes on.
ALTER TABLE accounts ADD COLUMN half_way INTEGER NOT NULL DEFAULT 0 CHECK (half_way IN (0, 1));
-- Of those from before: a mobile is bound only by somebody enrolled, and outlives nothing but a recovery.
UPDATE accounts SET half_way = 1 WHERE secret IS NULL AND id IN (SELECT account FROM mobiles);
