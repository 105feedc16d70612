//! Listening sockets: one per worker on the same address, and an accept loop that no error ends.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::time::Duration;

use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// Connections that the kernel keeps for each worker until it accepts them.
const BACKLOG: i32 = 4096;
const SHORTEST_WAIT: Duration = Duration::from_millis(5);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Binds `count` sockets to one address, between which the kernel then spreads connections. Port 0 is resolved by the
/// first. `[::]` takes IPv4 too.
///
/// # Errors
/// Those of the system, with the address in the text; an address in use by another process is one, although
/// `SO_REUSEPORT` would let two processes of one user share it unnoticed.
pub(super) fn bind(address: SocketAddr, count: usize) -> io::Result<Vec<StdListener>> {
    bind_all(address, count).map_err(|error| io::Error::new(error.kind(), format!("{address}: {error}")))
}

fn bind_all(address: SocketAddr, count: usize) -> io::Result<Vec<StdListener>> {
    if address.port() != 0 {
        drop(socket(address, false)?);
    }
    let mut listeners = Vec::with_capacity(count);
    let mut address = address;
    for _ in 0..count {
        let socket = socket(address, true)?;
        socket.listen(BACKLOG)?;
        let listener = StdListener::from(socket);
        address = listener.local_addr()?;
        listeners.push(listener);
    }
    Ok(listeners)
}

fn socket(address: SocketAddr, shared: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(shared)?;
    socket.set_nonblocking(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    socket.bind(&address.into())?;
    Ok(socket)
}

/// Accepts until `stop` is raised. Addresses are given without IPv4-mapped forms.
pub(super) async fn accept(listener: TcpListener, stop: &CancellationToken, mut admit: impl FnMut(TcpStream, SocketAddr)) {
    let mut wait = Wait::default();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                wait = Wait::default();
                admit(stream, canonical(peer));
            }
            Err(error) if concerns_one_connection(&error) => {
                tracing::debug!(%error, "a connection was gone before it was accepted");
            }
            Err(error) => {
                if wait.is_first() {
                    tracing::error!(%error, "cannot accept connections; trying again until it works");
                }
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(wait.next()) => {}
                }
            }
        }
    }
}

/// The same address, an IPv4-mapped one as IPv4: lists and caps must not be evaded by the other spelling.
pub(super) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// Whether an error of accept is about a connection that is gone, so that the next one may well do. Anything else, and
/// first of all running out of descriptors or memory, would come again at once.
fn concerns_one_connection(error: &io::Error) -> bool {
    let gone = [
        Errno::CONNABORTED,
        Errno::CONNRESET,
        Errno::INTR,
        Errno::PROTO,
        Errno::PERM,
        Errno::TIMEDOUT,
        Errno::HOSTUNREACH,
        Errno::NETUNREACH,
    ];
    Errno::from_io_error(error).is_some_and(|errno| gone.contains(&errno))
}

/// Waits between failures: 5 ms doubling to 1 s.
#[derive(Default)]
struct Wait(Option<Duration>);

impl Wait {
    fn is_first(&self) -> bool {
        self.0.is_none()
    }

    fn next(&mut self) -> Duration {
        let wait = self.0.map_or(SHORTEST_WAIT, |last| (last * 2).min(LONGEST_WAIT));
        self.0 = Some(wait);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_second() {
        let mut wait = Wait::default();
        assert!(wait.is_first());
        let waits: Vec<u128> = (0..10).map(|_| wait.next().as_millis()).collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
        assert!(!wait.is_first());
    }

    #[test]
    fn only_lost_connections_are_passed_over() {
        let says = |errno: Errno| concerns_one_connection(&io::Error::from(errno));
        assert!(says(Errno::CONNABORTED));
        for errno in [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM, Errno::BADF] {
            assert!(!says(errno), "{errno:?}");
        }
    }

    #[test]
    fn workers_share_a_port_but_processes_do_not() {
        let mine = bind("127.0.0.1:0".parse().unwrap(), 3).unwrap();
        let address = mine[0].local_addr().unwrap();
        assert!(mine.iter().all(|listener| listener.local_addr().unwrap() == address));
        let error = bind(address, 1).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        assert!(error.to_string().contains(&address.to_string()), "{error}");
        drop(mine);
        bind(address, 1).unwrap();
    }

    #[test]
    fn the_unspecified_ipv6_address_takes_ipv4_too() {
        let Ok(listeners) = bind("[::]:0".parse().unwrap(), 1) else { return };
        let port = listeners[0].local_addr().unwrap().port();
        std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    }
}
