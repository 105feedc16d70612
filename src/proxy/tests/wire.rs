//! Raw bytes over TCP: nothing between a test and what is really sent.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// One end of a connection.
pub(super) struct Wire {
    stream: TcpStream,
    kept: Vec<u8>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        Self { stream, kept: Vec::new() }
    }

    pub(super) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Writes what may not be wanted any more.
    pub(super) async fn try_write(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok()
    }

    /// All that comes until the other end closes or resets.
    pub(super) async fn rest(&mut self) -> String {
        while self.more().await {}
        self.take(self.kept.len())
    }

    /// All that comes until and with these bytes.
    pub(super) async fn until(&mut self, end: &str) -> String {
        loop {
            if let Some(at) = self.kept.windows(end.len()).position(|bytes| bytes == end.as_bytes()) {
                return self.take(at + end.len());
            }
            assert!(self.more().await, "closed before {end:?}: {:?}", String::from_utf8_lossy(&self.kept));
        }
    }

    /// One request, whole, as it was sent.
    pub(super) async fn request(&mut self) -> String {
        let mut request = self.until("\r\n\r\n").await;
        if let Some(length) = header(&request, "content-length") {
            let length: usize = length.parse().unwrap();
            while self.kept.len() < length {
                assert!(self.more().await, "closed in the middle of a body");
            }
            request.push_str(&self.take(length));
        } else if header(&request, "transfer-encoding").is_some() {
            request.push_str(&self.until("0\r\n\r\n").await);
        }
        request
    }

    /// So many bytes, which are thrown away.
    pub(super) async fn skip(&mut self, mut bytes: usize) {
        let mut space = vec![0; 64 << 10];
        let kept = self.kept.len().min(bytes);
        self.take(kept);
        bytes -= kept;
        while bytes > 0 {
            let up_to = space.len().min(bytes);
            let read = self.stream.read(&mut space[..up_to]).await.unwrap();
            assert!(read > 0, "closed with {bytes} to come");
            bytes -= read;
        }
    }

    /// Reads once more; false at the end.
    pub(super) async fn more(&mut self) -> bool {
        matches!(self.stream.read_buf(&mut self.kept).await, Ok(1..))
    }

    fn take(&mut self, bytes: usize) -> String {
        String::from_utf8_lossy(&self.kept.drain(..bytes).collect::<Vec<_>>()).into_owned()
    }
}

/// The value of a header in a raw head.
pub(super) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.split("\r\n").take_while(|line| !line.is_empty());
    let mut fields = lines.filter_map(|line| line.split_once(':'));
    fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// An upstream that does nothing by itself.
pub(super) struct Upstream {
    listener: TcpListener,
    pub(super) url: String,
}

impl Upstream {
    pub(super) async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self { listener, url }
    }

    pub(super) async fn accept(&self) -> Wire {
        Wire::new(self.listener.accept().await.unwrap().0)
    }

    /// Whether nobody is at the door.
    pub(super) async fn is_left_alone(&self) -> bool {
        super::stage::settle().await;
        tokio::select! {
            biased;
            _ = self.listener.accept() => false,
            () = super::stage::settle() => true,
        }
    }

    /// Takes one request on a connection of its own and answers it.
    pub(super) async fn answer(&self, response: &str) -> (Wire, String) {
        let mut wire = self.accept().await;
        let request = wire.request().await;
        wire.write(response).await;
        (wire, request)
    }
}

pub(super) const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
