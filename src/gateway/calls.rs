//! Calls to the store on behalf of a request that is to be kept, in lanes: what strangers ask for, with cookies that they may have
//! made up, takes no room from people whose session is known; and what has begun is brought to its end.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::gateway::refuse;
use crate::gateway::slots::{Slots, Whose};
use crate::park::ParkError;

/// How many calls of people whose session is known may wait for an answer.
const KNOWN: usize = 64;
/// How many look-ups for browsers that hold a cookie which only we can have made.
const EXPECTED: usize = 32;
/// How many look-ups for anybody else; one client has a part of them.
const STRANGERS: usize = 32;

/// The lanes.
pub(super) struct Calls {
    control: Handle,
    known: Arc<Semaphore>,
    expected: Slots,
    strangers: Slots,
}

impl Calls {
    /// To be carried out on `control`.
    pub(super) fn new(control: Handle) -> Self {
        let [expected, strangers] = [EXPECTED, STRANGERS].map(Slots::new);
        Self { control, known: Arc::new(Semaphore::new(KNOWN)), expected, strangers }
    }

    /// For somebody whose session is known. `None`: no answer, or too many at once.
    pub(super) async fn known<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, ParkError>> + Send + 'static,
    ) -> Option<T> {
        let slot = Arc::clone(&self.known).try_acquire_owned();
        let slot = slot.inspect_err(|_| tracing::warn!("too many forms at once")).ok()?;
        self.holding(slot, work).await
    }

    /// For somebody of whom nothing is known but perhaps that the browser was here before (`expected`).
    pub(super) async fn stranger<T: Send + 'static>(
        &self,
        client: IpAddr,
        expected: bool,
        work: impl Future<Output = Result<T, ParkError>> + Send + 'static,
    ) -> Option<T> {
        let lane = if expected { &self.expected } else { &self.strangers };
        let slot = lane.take(Some(Whose::client(client))).await?;
        self.holding(slot, work).await
    }

    /// The place is free again when the work is done: whoever goes away earlier has not ended it.
    async fn holding<T: Send + 'static>(
        &self,
        slot: impl Send + 'static,
        work: impl Future<Output = Result<T, ParkError>> + Send + 'static,
    ) -> Option<T> {
        let work = async move {
            let _slot = slot;
            work.await
        };
        self.to_the_end(work).await
    }

    /// On the control runtime, whatever becomes of whoever asked, and however many others there are: for what follows from
    /// something that was done already.
    pub(super) async fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, ParkError>> + Send + 'static,
    ) -> Option<T> {
        match self.control.spawn(work).await {
            Ok(Ok(done)) => Some(done),
            Ok(Err(error)) => {
                tracing::warn!(%error, "parked requests cannot be reached");
                None
            }
            Err(error) => {
                refuse::died("a call for a parked request", &error);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use futures_util::poll;
    use tokio::sync::oneshot;

    use super::*;

    fn client(number: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, number])
    }

    #[tokio::test]
    async fn a_flood_of_strangers_takes_no_room_from_people_who_are_known() {
        let calls = Calls::new(Handle::current());
        let mut flood: Vec<_> =
            (0..=255).map(|number| Box::pin(calls.stranger::<()>(client(number), false, pending()))).collect();
        for one in &mut flood {
            let _ = poll!(one);
        }
        assert_eq!(calls.stranger(client(7), false, async { Ok(()) }).await, None, "strangers have taken all that is theirs");
        assert_eq!(calls.stranger(client(7), true, async { Ok(1) }).await, Some(1), "a browser that was here before");
        assert_eq!(calls.known(async { Ok(2) }).await, Some(2));
    }

    #[tokio::test]
    async fn whoever_goes_away_leaves_the_place_taken_until_the_work_is_done() {
        let calls = Calls::new(Handle::current());
        let mut ends = Vec::new();
        for number in 0..=255 {
            // As many as there is room for, of each kind, and each of them leaves at once.
            for lane in 0..3 {
                let (go, wait) = oneshot::channel::<()>();
                let work = async move {
                    let _ = wait.await;
                    Ok(())
                };
                let mut asking: std::pin::Pin<Box<dyn Future<Output = Option<()>>>> = match lane {
                    0 => Box::pin(calls.known(work)),
                    _ => Box::pin(calls.stranger(client(number), lane == 1, work)),
                };
                if poll!(&mut asking).is_pending() {
                    ends.push(go);
                }
                // Or the runtime would let this one task do no more.
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(ends.len(), KNOWN + EXPECTED + STRANGERS);
        for refused in [calls.known(async { Ok(()) }).await, calls.stranger(client(7), true, async { Ok(()) }).await] {
            assert_eq!(refused, None, "the work goes on, and so does its place");
        }
        drop(ends);
        while calls.known(async { Ok(()) }).await.is_none() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn what_has_begun_is_brought_to_its_end_without_room_and_without_whoever_asked() {
        let calls = Calls::new(Handle::current());
        let mut all: Vec<_> = (0..KNOWN).map(|_| Box::pin(calls.known::<()>(pending()))).collect();
        for one in &mut all {
            assert!(poll!(one).is_pending());
        }
        assert_eq!(calls.known(async { Ok(()) }).await, None, "no room");
        let ((go, wait), (done, told)) = (oneshot::channel::<()>(), oneshot::channel::<()>());
        let mut settling = Box::pin(calls.to_the_end(async move {
            let _ = wait.await;
            let _ = done.send(());
            Ok(())
        }));
        assert!(poll!(&mut settling).is_pending());
        drop(settling);
        go.send(()).unwrap();
        told.await.expect("the client is gone, and it was done all the same");
    }
}
