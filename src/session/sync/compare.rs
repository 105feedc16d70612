//! The comparison of the table with the store: finds what the feed has missed, if it ever does, and costs little where it has not.
//!
//! Nothing that is found in the store is put into the table from here: an older copy in its place would bring sessions back. What
//! differs is read anew, with all the care that goes with that.

use uuid::Uuid;

use super::pace::Pace;
use super::{Follower, READ_WITHIN, SNAPSHOT_WITHIN, within};
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::ports::StoreError;

/// What seems to differ because it changed meanwhile is looked at one by one; more than this is no coincidence.
const DOUBTS: usize = 1000;

impl Follower {
    /// Reads everything anew if the table is not what the store holds. Looking is many times cheaper than reading; and beside a
    /// feed that moves, nobody waits for either.
    pub(super) async fn compare(&self, now: Timestamp) -> Result<(), StoreError> {
        let breaks = self.lineage.breaks();
        self.lineage.hold(self.clock.now()).await?;
        if self.lineage.breaks() != breaks || self.differs(now).await? {
            return within(SNAPSHOT_WITHIN, self.read_anew()).await;
        }
        let _held = self.progress.lock().await;
        self.window.set(within(READ_WITHIN, self.log.settings()).await?);
        Ok(())
    }

    /// Whether the store holds anything else than the table, beside what the feed has yet to tell.
    async fn differs(&self, now: Timestamp) -> Result<bool, StoreError> {
        let (mut after, mut doubts, mut pace) = (None, Vec::new(), Pace::steady());
        self.table.next_round();
        loop {
            let part = within(READ_WITHIN, self.log.outlines(after, now)).await?;
            let Some(last) = part.last() else { break };
            after = Some(last.id);
            doubts.extend(part.iter().filter(|told| !self.table.agrees(told)).map(|told| told.id));
            if doubts.len() > DOUBTS {
                return Ok(true);
            }
            pace.part_done().await;
        }
        doubts.extend(self.table.untold());
        let (mut after, mut accounts) = (None, Vec::new());
        loop {
            let part = within(READ_WITHIN, self.log.accounts(after)).await?;
            let Some(last) = part.last() else { break };
            after = Some(last.id);
            accounts.extend(part.iter().filter(|account| !self.table.agrees_on(account)).map(|account| account.id));
            pace.part_done().await;
        }
        if doubts.len() + accounts.len() > DOUBTS {
            return Ok(true);
        }
        self.doubts_stand(&doubts, &accounts, now).await
    }

    /// Looks again once the feed has told what there was to tell, one by one.
    async fn doubts_stand(&self, sessions: &[Uuid], accounts: &[AccountId], now: Timestamp) -> Result<bool, StoreError> {
        if sessions.is_empty() && accounts.is_empty() {
            return Ok(false);
        }
        self.catch_up().await?;
        for id in sessions {
            let _held = self.progress.lock().await;
            let agrees = match within(READ_WITHIN, self.log.session(*id, now)).await? {
                // One that has expired since the comparison began is gone here already.
                Some((row, _)) => row.expires <= self.clock.now().secure || self.table.agrees(&row.outline()),
                None => !self.table.has(*id),
            };
            if !agrees {
                return Ok(true);
            }
        }
        for id in accounts {
            let _held = self.progress.lock().await;
            let found = within(READ_WITHIN, self.log.account_sessions(*id, now)).await?;
            if found.is_some_and(|(account, _)| !self.table.agrees_on(&account)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
