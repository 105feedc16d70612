//! An upstream that keeps the exact bytes it received and answers what a test tells it to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// The head, byte for byte, up to and with the empty line.
    pub head: String,
    /// The body, with chunks taken apart.
    pub body: Vec<u8>,
}

impl Received {
    /// The request line.
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// All values of a header, by exact name without regard to case.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let fields = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        fields.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect()
    }
}

type Script = dyn Fn(&Received, &mut TcpStream) -> bool + Send + Sync;

/// The upstream.
pub struct Upstream {
    addr: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    connections: Arc<Mutex<Vec<Heard>>>,
}

/// One connection from the gate.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Everything that came on it, byte for byte.
    pub bytes: Vec<u8>,
    /// Whether it has ended.
    pub ended: bool,
    stream: Option<Arc<TcpStream>>,
}

/// Keeps what is read.
struct Tee {
    stream: TcpStream,
    keep: Arc<Mutex<Vec<Heard>>>,
    at: usize,
}

impl std::io::Read for Tee {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.stream.read(into)?;
        self.keep.lock().unwrap()[self.at].bytes.extend_from_slice(&into[..read]);
        Ok(read)
    }
}

impl Drop for Tee {
    fn drop(&mut self) {
        let heard = &mut self.keep.lock().unwrap()[self.at];
        (heard.ended, heard.stream) = (true, None);
    }
}

impl Upstream {
    /// Answers everything with a small page.
    pub fn start() -> Self {
        Self::answering(|received| format!("<title>portal</title>{}", received.line()))
    }

    /// Answers with 200 and this text.
    pub fn answering(text: impl Fn(&Received) -> String + Send + Sync + 'static) -> Self {
        Self::scripted(move |received, stream| {
            let body = text(received);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n", body.len());
            let body = if received.line().starts_with("HEAD ") { String::new() } else { body };
            stream.write_all((head + &body).as_bytes()).is_ok()
        })
    }

    /// Does with the connection what the script says; `false` closes it.
    pub fn scripted(script: impl Fn(&Received, &mut TcpStream) -> bool + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let connections: Arc<Mutex<Vec<Heard>>> = Arc::default();
        let (keep, script): (_, Arc<Script>) = (Arc::clone(&received), Arc::new(script));
        let heard = Arc::clone(&connections);
        // Ends with the test's process; a connection ends when the gate closes it.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (keep, script) = (Arc::clone(&keep), Arc::clone(&script));
                let at = {
                    let mut all = heard.lock().unwrap();
                    all.push(Heard { stream: stream.try_clone().ok().map(Arc::new), ..Heard::default() });
                    all.len() - 1
                };
                let tee = Tee { stream: stream.try_clone().unwrap(), keep: Arc::clone(&heard), at };
                std::thread::spawn(move || serve(&stream, tee, &keep, &script));
            }
        });
        Self { addr, received, connections }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What came so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// The last request.
    pub fn last(&self) -> Received {
        self.received().pop().expect("a request came")
    }

    /// All connections so far, in the order in which they were opened.
    pub fn connections(&self) -> Vec<Heard> {
        self.connections.lock().unwrap().clone()
    }

    /// How many of them are open.
    pub fn open(&self) -> usize {
        self.connections.lock().unwrap().iter().filter(|heard| !heard.ended).count()
    }

    /// Closes all connections.
    pub fn hang_up(&self) {
        for stream in self.connections().into_iter().filter_map(|heard| heard.stream) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }

    /// How many came.
    pub fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }
}

fn serve(stream: &TcpStream, tee: Tee, keep: &Mutex<Vec<Received>>, script: &Arc<Script>) {
    let mut reader = BufReader::new(tee);
    let mut writer = stream.try_clone().unwrap();
    while let Some(received) = read_request(&mut reader) {
        keep.lock().unwrap().push(received.clone());
        if !script(&received, &mut writer) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
            return;
        }
    }
}

fn read_request(reader: &mut BufReader<Tee>) -> Option<Received> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut head).ok()? == 0 {
            return None;
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut received = Received { head, body: Vec::new() };
    let length = received.all("content-length").first().map(|length| length.parse::<usize>().unwrap());
    if let Some(length) = length {
        received.body.resize(length, 0);
        reader.read_exact(&mut received.body).ok()?;
    } else if received.all("transfer-encoding").first() == Some(&"chunked") {
        while let Some(chunk @ 1..) = read_chunk_size(reader) {
            let mut bytes = vec![0; chunk + 2];
            reader.read_exact(&mut bytes).ok()?;
            received.body.extend_from_slice(&bytes[..chunk]);
        }
        // The trailer section, kept with the head: whatever stands in it must be seen.
        let mut trailer = Vec::new();
        while !trailer.ends_with(b"\r\n") || trailer.len() > 2 {
            trailer.clear();
            if reader.read_until(b'\n', &mut trailer).ok()? == 0 {
                return None;
            }
            received.head.push_str(&String::from_utf8_lossy(&trailer));
        }
    }
    Some(received)
}

fn read_chunk_size(reader: &mut BufReader<Tee>) -> Option<usize> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    usize::from_str_radix(line.trim(), 16).ok()
}
