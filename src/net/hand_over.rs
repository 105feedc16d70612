//! Connections that come to one worker and are served by another: the kernel deals them by chance, and where there are few of them
//! one core would serve most while the others rest.

use std::net::{SocketAddr, TcpStream as StdStream};

use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::caps::Slot;

/// A connection on its way to the worker that its slot names. There are never more of them than there are slots.
struct Arrival {
    stream: StdStream,
    peer: SocketAddr,
    slot: Slot,
}

/// Where the doors of one listener, on all workers, hand connections to each other.
#[derive(Clone)]
pub(super) struct HandOver(Vec<UnboundedSender<Arrival>>);

/// What is handed to one worker.
pub(super) struct Arrivals(UnboundedReceiver<Arrival>);

impl HandOver {
    /// Between so many workers, and what is handed to each of them, in their order.
    pub(super) fn between(workers: usize) -> (Self, impl Iterator<Item = Arrivals>) {
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..workers).map(|_| unbounded_channel()).unzip();
        (Self(senders), receivers.into_iter().map(Arrivals))
    }

    /// Hands it to the worker of its slot, or back if that one takes none any more.
    pub(super) fn send(&self, stream: TcpStream, peer: SocketAddr, slot: Slot) -> Option<(TcpStream, SocketAddr, Slot)> {
        let Some(worker) = self.0.get(slot.worker()) else { return Some((stream, peer, slot)) };
        // One that cannot be taken off this worker's poll is closed: the system says so of none.
        let stream = stream.into_std().ok()?;
        worker.send(Arrival { stream, peer, slot }).err().and_then(|back| back.0.settle())
    }
}

impl Arrival {
    /// On the worker that is to serve it.
    fn settle(self) -> Option<(TcpStream, SocketAddr, Slot)> {
        let stream = TcpStream::from_std(self.stream);
        let stream = stream.inspect_err(|error| tracing::warn!(%error, "a connection was lost between two workers")).ok()?;
        Some((stream, self.peer, self.slot))
    }
}

impl Arrivals {
    /// Takes in what is handed over, until `stop` has come, and then what was handed over by that time: it has been accepted.
    pub(super) async fn receive(&mut self, stop: impl Future<Output = ()>, mut take_in: impl FnMut(TcpStream, SocketAddr, Slot)) {
        let mut stop = std::pin::pin!(stop);
        let mut stopped = false;
        loop {
            let arrival = tokio::select! {
                arrival = self.0.recv() => arrival,
                () = &mut stop, if !stopped => {
                    stopped = true;
                    self.0.close();
                    continue;
                }
            };
            let Some(arrival) = arrival else { return };
            if let Some((stream, peer, slot)) = arrival.settle() {
                take_in(stream, peer, slot);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::net::Settings;
    use crate::net::caps::Caps;

    /// A connection that has come to worker 0 and is dealt to worker 1, and its other end.
    async fn dealt(caps: &Arc<Caps>) -> (TcpStream, SocketAddr, Slot, TcpStream) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        let slot = caps.enter(0).unwrap();
        assert_eq!(slot.worker(), 1);
        (stream, peer, slot, client)
    }

    /// Two workers, the first of which has a connection already.
    fn caps() -> (Arc<Caps>, Slot) {
        let caps = Caps::new(&Settings { workers: 2, ..Settings::default() });
        let first = caps.enter(0).unwrap();
        (caps, first)
    }

    #[tokio::test]
    async fn what_was_handed_over_before_the_end_is_taken_in_after_it() {
        let ((caps, _first), (others, mut arrivals)) = (caps(), HandOver::between(2));
        let (stream, peer, slot, _client) = dealt(&caps).await;
        assert!(others.send(stream, peer, slot).is_none());
        let mut taken = Vec::new();
        arrivals.nth(1).unwrap().receive(std::future::ready(()), |_, peer, _| taken.push(peer)).await;
        assert_eq!(taken, [peer]);
    }

    #[tokio::test]
    async fn whoever_takes_none_any_more_has_it_sent_back_whole() {
        let ((caps, _first), (others, mut arrivals)) = (caps(), HandOver::between(2));
        arrivals.nth(1).unwrap().receive(std::future::ready(()), |_, _, _| panic!("nothing was sent")).await;
        let (stream, peer, slot, client) = dealt(&caps).await;
        let (stream, back, slot) = others.send(stream, peer, slot).expect("it comes back");
        assert_eq!(back, peer);
        client.try_write(b"x").unwrap();
        stream.readable().await.unwrap();
        assert_eq!(stream.try_read(&mut [0; 2]).unwrap(), 1);
        assert_eq!(caps.open(), 2);
        drop(slot);
        assert_eq!(caps.open(), 1);
    }
}
