//! Slots for our own pages: how many are made at once, and how many of them one client or session may have. So none,
//! whatever it does, keeps the others from theirs.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::limit;

/// One client or session has at most this part of all slots.
const SHARE: usize = 8;
/// So many more wait for their share, and for so long: a client can be a whole office.
const WAITING: usize = 256;
const WAIT: Duration = Duration::from_secs(5);

/// Slots. Clones share them.
#[derive(Clone)]
pub struct Slots {
    all: Arc<Semaphore>,
    share: usize,
    wait: Duration,
    /// Only those with a request in here, so it is bounded by the connections there may be.
    shares: Arc<Mutex<HashMap<Whose, Share>>>,
}

/// Whose requests share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whose {
    /// A stranger's: an address, or the /64 around it.
    Client(IpAddr),
    /// Of somebody who is inside.
    Session(Uuid),
}

struct Share {
    permits: Arc<Semaphore>,
    /// Requests that wait or have a slot.
    requests: usize,
}

/// The right to have a page made.
pub struct Slot {
    _all: OwnedSemaphorePermit,
    _share: Option<(OwnedSemaphorePermit, Place)>,
}

/// Counts a request of a client for as long as it lives.
struct Place {
    shares: Arc<Mutex<HashMap<Whose, Share>>>,
    whose: Whose,
}

impl Whose {
    /// This address's.
    pub fn client(address: IpAddr) -> Self {
        Self::Client(limit::narrow(address))
    }
}

impl Slots {
    /// So many.
    pub fn new(all: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), share: (all / SHARE).max(1), wait: WAIT, shares: Arc::default() }
    }

    /// A slot, perhaps after a short wait for the share. `whose`: none if it is exempt. `None`: there is none.
    pub async fn take(&self, whose: Option<Whose>) -> Option<Slot> {
        let share = match whose {
            Some(whose) => {
                let (permits, place) = self.enter(whose)?;
                let permit = tokio::time::timeout(self.wait, permits.acquire_owned()).await.ok()?.ok()?;
                Some((permit, place))
            }
            None => None,
        };
        let all = Arc::clone(&self.all).try_acquire_owned().ok()?;
        Some(Slot { _all: all, _share: share })
    }

    fn enter(&self, whose: Whose) -> Option<(Arc<Semaphore>, Place)> {
        let mut shares = lock(&self.shares);
        let fresh = || Share { permits: Arc::new(Semaphore::new(self.share)), requests: 0 };
        let share = shares.entry(whose).or_insert_with(fresh);
        if share.requests >= self.share + WAITING {
            return None;
        }
        share.requests += 1;
        Some((Arc::clone(&share.permits), Place { shares: Arc::clone(&self.shares), whose }))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut shares = lock(&self.shares);
        if let Some(share) = shares.get_mut(&self.whose) {
            share.requests = share.requests.saturating_sub(1);
            if share.requests == 0 {
                shares.remove(&self.whose);
            }
        }
    }
}

fn lock(shares: &Mutex<HashMap<Whose, Share>>) -> MutexGuard<'_, HashMap<Whose, Share>> {
    // Nothing in here can be left half done.
    shares.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> Whose {
        Whose::client(text.parse().unwrap())
    }

    #[tokio::test]
    async fn one_client_has_its_share_and_no_more() {
        let slots = Slots::new(16);
        let _one = slots.take(Some(client("2001:db8::1"))).await.unwrap();
        let two = slots.take(Some(client("2001:db8::2"))).await.unwrap();
        let mut third = Box::pin(slots.take(Some(client("2001:db8::3"))));
        assert!(futures_util::poll!(&mut third).is_pending(), "the same /64");
        let _other = slots.take(Some(client("192.0.2.1"))).await.unwrap();
        drop(two);
        assert!(third.await.is_some());
    }

    #[tokio::test]
    async fn all_together_have_all_of_them_and_the_exempt_no_share() {
        let slots = Slots::new(16);
        let mut held = Vec::new();
        for _ in 0..8 {
            held.push(slots.take(None).await.unwrap());
        }
        for number in 0..8 {
            held.push(slots.take(Some(client(&format!("192.0.2.{number}")))).await.unwrap());
        }
        assert!(slots.take(None).await.is_none() && slots.take(Some(client("192.0.2.9"))).await.is_none());
        held.pop();
        assert!(slots.take(Some(client("192.0.2.9"))).await.is_some());
    }

    #[tokio::test]
    async fn waiting_ends_is_bounded_and_leaves_nothing() {
        let slots = Slots { wait: Duration::from_millis(50), ..Slots::new(8) };
        let held = slots.take(Some(client("192.0.2.1"))).await.unwrap();
        let mut waiting: Vec<_> = (0..WAITING).map(|_| Box::pin(slots.take(Some(client("192.0.2.1"))))).collect();
        for one in &mut waiting {
            assert!(futures_util::poll!(one).is_pending());
        }
        let mut beyond = Box::pin(slots.take(Some(client("192.0.2.1"))));
        assert!(matches!(futures_util::poll!(&mut beyond), std::task::Poll::Ready(None)), "not even a wait");
        assert!(waiting.pop().unwrap().await.is_none(), "at most so long");
        drop((held, waiting));
        assert!(lock(&slots.shares).is_empty());
    }
}
