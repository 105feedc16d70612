//! A mail server for tests: speaks SMTP with STARTTLS and AUTH PLAIN on a port of its own, answers as it is told, and keeps what
//! it was given.

use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::harness::{Gate, write_private};

/// What the server says to a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// 250
    Yes,
    /// 451
    Later,
    /// 550, and repeats what it was sent.
    Never,
    /// Nothing, not even hello.
    Nothing,
}

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// The address in MAIL FROM.
    pub from: String,
    /// The address in RCPT TO.
    pub to: String,
    /// User and password, separated by a blank.
    pub login: String,
    /// Whether it came over TLS.
    pub encrypted: bool,
    /// All of it, dots unstuffed.
    pub source: String,
}

impl Arrived {
    /// A header's value as written, or nothing.
    pub fn header(&self, name: &str) -> String {
        let head = self.source.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        let line = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_default().to_owned()
    }

    /// The decoded text of the part of this type.
    pub fn part(&self, kind: &str) -> String {
        let (_, part) = self.source.split_once(&format!("Content-Type: {kind}")).unwrap_or_else(|| panic!("{}", self.source));
        let (head, body) = part.split_once("\r\n\r\n").unwrap();
        let body = body.split("\r\n--").next().unwrap();
        let bytes = if head.contains("base64") {
            data_encoding::BASE64_MIME.decode(body.trim().as_bytes()).unwrap()
        } else if head.contains("quoted-printable") {
            unquoted(body)
        } else {
            body.as_bytes().to_vec()
        };
        String::from_utf8(bytes).unwrap()
    }

    /// The path of the link to one of our pages in its text.
    pub fn link(&self) -> String {
        self.links().pop().unwrap_or_else(|| panic!("no link in {}", self.part("text/plain")))
    }

    /// The same, perhaps none.
    pub fn links(&self) -> Vec<String> {
        let text = self.part("text/plain");
        let words = text.split_whitespace().filter_map(|word| word.strip_prefix("https://portal.example.com"));
        words.filter(|path| path.len() > 50).map(str::to_owned).collect()
    }
}

fn unquoted(body: &str) -> Vec<u8> {
    let body = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = body.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let hex = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    bytes
}

struct Shared {
    arrived: Mutex<Vec<Arrived>>,
    says: Mutex<VecDeque<Says>>,
    tries: Mutex<usize>,
    /// Whose mails it never answers.
    silent_about: Mutex<BTreeSet<String>>,
    starttls: bool,
    acceptor: TlsAcceptor,
}

/// The server.
pub struct PostOffice {
    addr: SocketAddr,
    dir: tempfile::TempDir,
    shared: Arc<Shared>,
    task: Option<JoinHandle<()>>,
}

impl PostOffice {
    /// On a port of its own.
    pub async fn open() -> Self {
        Self::with(true).await
    }

    /// One that does not offer STARTTLS, or from whose offer somebody has cut it out.
    pub async fn without_starttls() -> Self {
        Self::with(false).await
    }

    async fn with(starttls: bool) -> Self {
        let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let dir = tempfile::tempdir().unwrap();
        write_private(&dir.path().join("ca.pem"), &certified.cert.pem());
        write_private(&dir.path().join("password"), "Canary-Of-The-Mail-Server\n");
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let tls = tls.with_no_client_auth().with_single_cert(vec![certified.cert.der().clone()], key).unwrap();
        let shared = Shared {
            arrived: Mutex::default(),
            says: Mutex::default(),
            tries: Mutex::default(),
            silent_about: Mutex::default(),
            starttls,
            acceptor: TlsAcceptor::from(Arc::new(tls)),
        };
        let mut office = Self { addr: "127.0.0.1:0".parse().unwrap(), dir, shared: Arc::new(shared), task: None };
        office.reopen().await;
        office
    }

    /// Opens again, on the same port.
    pub async fn reopen(&mut self) {
        let listener = TcpListener::bind(self.addr).await.unwrap();
        self.addr = listener.local_addr().unwrap();
        let shared = self.shared.clone();
        self.task = Some(tokio::spawn(async move {
            // Dropped with the task: who is being served when it closes, is cut off.
            let mut served = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                served.spawn(serve(stream, shared.clone()));
            }
        }));
    }

    /// Closes: connections are refused.
    pub async fn close(&mut self) {
        let task = self.task.take().unwrap();
        task.abort();
        let _ = task.await;
    }

    /// What it says to the next mails; to all after them: yes.
    pub fn says(&self, answers: &[Says]) {
        self.shared.says.lock().unwrap().extend(answers);
    }

    /// Says nothing more where somebody names this address.
    pub fn is_silent_about(&self, login: &str) {
        self.shared.silent_about.lock().unwrap().insert(login.to_owned());
    }

    /// What it has accepted.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.shared.arrived.lock().unwrap().clone()
    }

    /// How many mails it was offered.
    pub fn tries(&self) -> usize {
        *self.shared.tries.lock().unwrap()
    }

    /// Waits for this many mails in all, and gives them.
    pub async fn expect(&self, number: usize) -> Vec<Arrived> {
        Gate::until(&format!("{number} mails arrive"), || async { self.arrived().len() >= number }).await;
        assert_eq!(self.arrived().len(), number, "{:#?}", self.arrived());
        self.arrived()
    }

    /// Waits for the first mail with this in its subject.
    pub async fn find(&self, subject: &str) -> Arrived {
        let find = || self.arrived().into_iter().find(|mail| mail.header("Subject").contains(subject));
        Gate::until(&format!("a mail about {subject}"), || async { find().is_some() }).await;
        find().unwrap()
    }

    /// Lines for `[mail]`.
    pub fn section(&self) -> String {
        let dir = self.dir.path().display();
        format!("{}ca_file = \"{dir}/ca.pem\"\n", self.section_without_ca())
    }

    /// The same for somebody who does not trust this server's certificate.
    pub fn section_without_ca(&self) -> String {
        let (addr, dir) = (self.addr, self.dir.path().display());
        format!("smtp = \"smtp+starttls://gate@{addr}\"\npassword_file = \"{dir}/password\"\nfrom = \"portal@example.com\"\n")
    }
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    if shared.says.lock().unwrap().front() == Some(&Says::Nothing) {
        shared.says.lock().unwrap().pop_front();
        std::future::pending::<()>().await;
    }
    let Some(stream) = talk(stream, &shared, false).await else { return };
    if let Ok(stream) = shared.acceptor.accept(stream).await {
        talk(stream, &shared, true).await;
    }
}

/// Talks until the end, or until the client wants TLS.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(stream: S, shared: &Shared, encrypted: bool) -> Option<S> {
    let mut stream = BufReader::new(stream);
    if !encrypted {
        stream.write_all(b"220 office\r\n").await.ok()?;
    }
    let mut mail = Arrived { from: String::new(), to: String::new(), login: String::new(), encrypted, source: String::new() };
    loop {
        let line = line(&mut stream).await?;
        let (verb, rest) = line.split_at(line.find([' ', ':']).unwrap_or(line.len()));
        let answer = match verb.to_ascii_uppercase().as_str() {
            "EHLO" if encrypted => "250-office\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n",
            "EHLO" if shared.starttls => "250-office\r\n250 STARTTLS\r\n",
            "EHLO" => "250-office\r\n250 AUTH PLAIN\r\n",
            "STARTTLS" => {
                stream.write_all(b"220 go\r\n").await.ok()?;
                return Some(stream.into_inner());
            }
            "AUTH" => {
                let sent = data_encoding::BASE64.decode(rest.trim().strip_prefix("PLAIN ")?.as_bytes()).ok()?;
                String::from_utf8(sent).ok()?.replace('\0', " ").trim().clone_into(&mut mail.login);
                if mail.login == "gate Canary-Of-The-Mail-Server" { "235 welcome\r\n" } else { "535 who are you\r\n" }
            }
            "MAIL" => {
                mail.from = address(rest);
                "250 ok\r\n"
            }
            "RCPT" => {
                mail.to = address(rest);
                if shared.silent_about.lock().unwrap().contains(&mail.to) {
                    std::future::pending::<()>().await;
                }
                "250 ok\r\n"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.ok()?;
                mail.source = data(&mut stream).await?;
                &judged(shared, &mail)
            }
            "QUIT" => {
                let _ = stream.write_all(b"221 bye\r\n").await;
                return None;
            }
            _ => "500 what\r\n",
        };
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}

fn judged(shared: &Shared, mail: &Arrived) -> String {
    *shared.tries.lock().unwrap() += 1;
    let says = shared.says.lock().unwrap().pop_front().unwrap_or(Says::Yes);
    match says {
        Says::Yes | Says::Nothing => {
            shared.arrived.lock().unwrap().push(mail.clone());
            "250 thanks\r\n".to_owned()
        }
        Says::Later => "451 not now\r\n".to_owned(),
        // As some filters do.
        Says::Never => format!("550 refused because of https://portal.example.com{}\r\n", mail.link()),
    }
}

async fn line<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut line = String::new();
    if stream.read_line(&mut line).await.ok()? == 0 { None } else { Some(line.trim_end().to_owned()) }
}

async fn data<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut all = String::new();
    loop {
        match line(stream).await?.as_str() {
            "." => return Some(all),
            line => all.push_str(line.strip_prefix('.').unwrap_or(line)),
        }
        all.push_str("\r\n");
    }
}

fn address(rest: &str) -> String {
    rest.split('<').nth(1).and_then(|rest| rest.split('>').next()).unwrap_or_default().to_owned()
}
