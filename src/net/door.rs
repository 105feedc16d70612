//! From an accepted socket to a conversation: caps, PROXY header, handshake, in this order and under one deadline.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use rustls::ServerConfig;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::activity::Activity;
use super::caps::{Caps, Full, Slot};
use super::conn::{Terms, serve};
use super::hand_over::HandOver;
use super::handler::{Connection, Handler, Protocol};
use super::listener::canonical;
use super::socket::{self, Socket};
use super::{Settings, proxy_protocol, tls, worker};

/// What the doors of one worker share.
#[derive(Clone)]
pub(super) struct Hall {
    pub(super) settings: Arc<Settings>,
    pub(super) caps: Arc<Caps>,
    pub(super) terms: Rc<Terms>,
    pub(super) worker: usize,
}

/// A listener's way in, on one worker.
pub(super) struct Door<H> {
    handler: Rc<H>,
    hall: Hall,
    tls: Option<TlsAcceptor>,
    /// To the same door on other workers.
    others: HandOver,
}

/// Why there is no conversation. All of it is the client's doing, so none of it is more than a line for debugging.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("over the cap {}", .0.limit())]
    Full(Full),
    #[error("no valid PROXY header")]
    Unnamed(#[from] proxy_protocol::Error),
    #[error("handshake failed")]
    Handshake(io::Error),
    #[error("too slow")]
    Late,
    #[error("too slow with the handshake")]
    LateHandshake,
    #[error("gone")]
    Gone(#[from] io::Error),
}

impl<H: Handler> Door<H> {
    pub(super) fn new(handler: H, hall: Hall, tls: Option<Arc<ServerConfig>>, others: HandOver) -> Rc<Self> {
        Rc::new(Self { handler: Rc::new(handler), hall, tls: tls.map(TlsAcceptor::from), others })
    }

    /// Takes in a connection, on this worker or on one that has less to do; or closes it at once where there is no room.
    pub(super) fn admit(self: &Rc<Self>, stream: TcpStream, peer: SocketAddr) {
        let slot = self.hall.caps.enter(self.hall.worker).and_then(|mut slot| {
            if !self.hall.settings.must_name_client(peer.ip()) {
                slot.claim(peer.ip())?;
            }
            Ok(slot)
        });
        match slot {
            Ok(slot) if slot.worker() == self.hall.worker => self.take_in(stream, peer, slot),
            Ok(slot) => {
                if let Some((stream, peer, slot)) = self.others.send(stream, peer, slot) {
                    self.take_in(stream, peer, slot);
                }
            }
            Err(full) => Refused::Full(full).count(),
        }
    }

    /// Takes in a connection that is to be served here.
    pub(super) fn take_in(self: &Rc<Self>, stream: TcpStream, peer: SocketAddr, slot: Slot) {
        let named_by_header = self.hall.settings.must_name_client(peer.ip());
        let door = self.clone();
        self.hall.terms.tasks().spawn_local(async move {
            if let Err(refused) = door.converse(stream, peer, slot, named_by_header).await {
                refused.count();
                tracing::debug!(%peer, error = &refused as &dyn std::error::Error, "connection refused");
            }
        });
    }

    async fn converse(&self, stream: TcpStream, peer: SocketAddr, slot: Slot, named_by_header: bool) -> Result<(), Refused> {
        let activity = Activity::new();
        let local = canonical(stream.local_addr()?);
        let mut connection = Connection {
            id: worker::next_id(),
            worker: self.hall.worker,
            peer,
            local,
            sni: None,
            encrypted: self.tls.is_some(),
            protocol: Protocol::Http1,
        };
        // Boxed, so that the task of an established connection has no room for a handshake that is over.
        let shaking = Cell::new(false);
        let welcome = Box::pin(self.welcome(stream, slot, named_by_header, &mut connection, &activity, &shaking));
        let welcomed = match timeout(self.hall.settings.deadlines.handshake, welcome).await {
            Ok(welcomed) => welcomed?,
            Err(_) if shaking.get() => return Err(Refused::LateHandshake),
            Err(_) => return Err(Refused::Late),
        };
        match welcomed {
            Welcomed::Plain(socket) => serve(socket, connection, activity, self.handler.clone(), &self.hall.terms).await,
            Welcomed::Tls(stream) => serve(*stream, connection, activity, self.handler.clone(), &self.hall.terms).await,
        }
        Ok(())
    }

    async fn welcome(
        &self,
        mut stream: TcpStream,
        mut slot: Slot,
        named_by_header: bool,
        connection: &mut Connection,
        activity: &Arc<Activity>,
        shaking: &Cell<bool>,
    ) -> Result<Welcomed, Refused> {
        socket::prepare(&stream, &self.hall.settings.deadlines)?;
        let mut ahead = Bytes::new();
        if named_by_header {
            let origin = proxy_protocol::read(&mut stream).await?;
            if let Some((client, reached)) = origin.addresses {
                (connection.peer, connection.local) = (client, reached);
            }
            slot.claim(connection.peer.ip()).map_err(Refused::Full)?;
            ahead = origin.rest;
        }
        let socket = Socket::new(stream, ahead, &self.hall.settings.deadlines, activity.clone(), slot);
        let Some(tls) = &self.tls else { return Ok(Welcomed::Plain(socket)) };
        shaking.set(true);
        let stream = Box::new(tls.accept(socket).await.map_err(Refused::Handshake)?);
        let (_, session) = stream.get_ref();
        connection.sni = session.server_name().map(str::to_ascii_lowercase);
        if session.alpn_protocol() == Some(tls::H2) {
            connection.protocol = Protocol::Http2;
        }
        handshakes("ok");
        Ok(Welcomed::Tls(stream))
    }
}

/// A client's stream, ready to be spoken on.
enum Welcomed {
    Plain(Socket),
    Tls(Box<TlsStream<Socket>>),
}

impl Refused {
    fn count(&self) {
        match self {
            Self::Full(full) => metrics::counter!("vestibule_rate_limited_total", "limit" => full.limit()).increment(1),
            Self::Unnamed(proxy_protocol::Error::Closed(0) | proxy_protocol::Error::Io(_)) | Self::Gone(_) => {}
            // A PROXY header that never came whole: no handshake had begun.
            Self::Late => metrics::counter!("vestibule_malformed_total").increment(1),
            Self::Unnamed(_) => metrics::counter!("vestibule_malformed_total").increment(1),
            // Whoever connects only to see whether we are there.
            Self::Handshake(error) if error.kind() == io::ErrorKind::UnexpectedEof => handshakes("closed"),
            Self::Handshake(_) => handshakes("failed"),
            Self::LateHandshake => handshakes("timeout"),
        }
    }
}

fn handshakes(result: &'static str) {
    metrics::counter!("vestibule_tls_handshakes_total", "result" => result).increment(1);
}
