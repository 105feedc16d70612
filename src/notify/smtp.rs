//! Handing a mail to the operator's mail server (RFC 5321): TLS from the start or by STARTTLS, verified either way, and never
//! without it unless the server is this machine or the operator insists.

use std::fmt;
use std::str::FromStr as _;
use std::time::{Duration, SystemTime};

use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Message};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::timeout;

use crate::clock::Timestamp;
use crate::notify::letter::Letter;
use crate::notify::mail::MailId;

/// How long a server may take until it is ready for a mail.
const TO_CONNECT: Duration = Duration::from_secs(10);
/// How long it may take to accept one.
const TO_SEND: Duration = Duration::from_secs(30);
/// Answers about who we are, not about the mail (RFC 4954, section 6): the operator mends them, and the mail goes out then.
const ABOUT_US: [&str; 4] = ["530", "534", "535", "538"];
/// What is kept of an error.
const MAX_ERROR: usize = 200;
/// No word of an error that is shown is longer; a link or a token in what a server repeats is.
const MAX_WORD: usize = 40;

/// How a connection is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (`smtps://`).
    Tls,
    /// TLS by STARTTLS, and nothing is sent before it (`smtp+starttls://`).
    StartTls,
    /// None (`smtp://`).
    None,
}

/// A mail server and what we are to it.
#[derive(Clone)]
pub struct Server {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is kept private.
    pub security: Security,
    /// User and password.
    pub login: Option<(String, SecretString)>,
    /// The address that mails come from.
    pub from: Sender,
    /// PEM: the only certificates that may vouch for the server; `None`: those that the system trusts.
    pub authorities: Option<String>,
}

/// The address that mails come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(Address);

impl Sender {
    /// A bare address. `None`: it is none.
    pub fn parse(text: &str) -> Option<Self> {
        Address::from_str(text).ok().filter(|address| address.to_string().is_ascii()).map(Self)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Whether this text holds at least one certificate, and nothing that is a broken one.
pub fn holds_certificates(pem: &str) -> bool {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let mut roots = rustls::RootCertStore::empty();
    found.is_ok_and(|found| !found.is_empty() && found.into_iter().all(|one| roots.add(one).is_ok()))
}

/// Why a mail was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendError {
    /// The server is out of reach, does not let us in, or does not answer: nothing about this mail.
    Away(String),
    /// It does not take this mail now.
    Later(String),
    /// It never will.
    Never(String),
}

impl Server {
    /// Connects as for a mail, and leaves: what is wrong, if something is.
    pub async fn try_out(&self, hello: &str) -> Result<(), String> {
        match timeout(TO_CONNECT, self.connect(hello)).await {
            Ok(Ok(mut connection)) => {
                connection.abort().await;
                Ok(())
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(format!("it was not ready within {} s", TO_CONNECT.as_secs())),
        }
    }

    /// Hands one mail over. `hello`: the name we give ourselves. `name`: what stands before the sender's address.
    pub(super) async fn send(&self, hello: &str, name: &str, parcel: Parcel<'_>) -> Result<(), SendError> {
        let message = self.message(name, parcel).map_err(SendError::Never)?;
        let mut connection = match timeout(TO_CONNECT, self.connect(hello)).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(SendError::Away(error)),
            Err(_) => return Err(SendError::Away(format!("it was not ready within {} s", TO_CONNECT.as_secs()))),
        };
        let sent = timeout(TO_SEND, connection.send(message.envelope(), &message.formatted())).await;
        // Said goodbye to or not: what was accepted is accepted.
        let _ = timeout(Duration::from_secs(1), connection.abort()).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(judge(&error)),
            Err(_) => Err(SendError::Away(format!("it did not take the mail within {} s", TO_SEND.as_secs()))),
        }
    }

    async fn connect(&self, hello: &str) -> Result<AsyncSmtpConnection, String> {
        let said = |error: lettre::transport::smtp::Error| shown(&error.to_string());
        let hello = ClientId::Domain(hello.to_owned());
        let at = (self.host.as_str(), self.port);
        let patience = Some(TO_CONNECT);
        let at_once = if self.security == Security::Tls { Some(self.tls()?) } else { None };
        let mut connection = AsyncSmtpConnection::connect_tokio1(at, patience, &hello, at_once, None).await.map_err(said)?;
        if self.security == Security::StartTls {
            connection.starttls(self.tls()?, &hello).await.map_err(said)?;
        }
        if let Some((user, password)) = &self.login {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await.map_err(said)?;
        }
        Ok(connection)
    }

    fn tls(&self) -> Result<TlsParameters, String> {
        let mut builder = TlsParameters::builder(self.host.clone());
        if let Some(authorities) = &self.authorities {
            let roots = Certificate::from_pem(authorities.as_bytes()).map_err(|error| shown(&error.to_string()))?;
            builder = builder.certificate_store(CertificateStore::None).add_root_certificate(roots);
        }
        builder.build().map_err(|error| shown(&error.to_string()))
    }

    /// Every header is made by a type that encodes it: no name and no login id can begin a line.
    fn message(&self, name: &str, parcel: Parcel<'_>) -> Result<Message, String> {
        let to = Address::from_str(parcel.to).map_err(|error| format!("the login id is no address for mail: {error}"))?;
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(parcel.now.millis()).unwrap_or(0));
        let Letter { subject, text, html } = parcel.letter;
        Message::builder()
            .from(Mailbox::new(Some(name.to_owned()), self.from.0.clone()))
            .to(Mailbox::new(None, to))
            .subject(subject)
            .date(at)
            // The same every time it is tried: whoever gets it twice can tell.
            .message_id(Some(format!("<{}@{}>", parcel.id.0.simple(), self.from.0.domain())))
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(text, html))
            .map_err(|error| shown(&error.to_string()))
    }
}

/// A mail ready to go.
pub(super) struct Parcel<'a> {
    pub id: MailId,
    pub to: &'a str,
    pub letter: Letter,
    /// Wall time.
    pub now: Timestamp,
}

/// RFC 3834, section 5: so that no holiday answer comes back.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn judge(error: &lettre::transport::smtp::Error) -> SendError {
    let text = shown(&error.to_string());
    let about_us = error.status().is_some_and(|code| ABOUT_US.contains(&code.to_string().as_str()));
    if about_us || !(error.is_permanent() || error.is_client() || error.is_transient()) {
        SendError::Away(text)
    } else if error.is_transient() {
        SendError::Later(text)
    } else {
        SendError::Never(text)
    }
}

/// An error as it may be stored and shown: short, one line, and without words that could be a link or a token. Servers repeat
/// parts of what they refuse.
fn shown(text: &str) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    let harmless =
        |word: &str| if word.chars().count() > MAX_WORD || word.contains("/.vestibule") { "…" } else { word }.to_owned();
    let words: Vec<String> = clean.split_whitespace().map(harmless).collect();
    words.join(" ").chars().take(MAX_ERROR).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn message(name: &str, to: &str, subject: &str) -> Result<String, String> {
        let server = Server {
            host: "localhost".to_owned(),
            port: 25,
            security: Security::None,
            login: None,
            from: Sender::parse("portal@example.com").unwrap(),
            authorities: None,
        };
        let letter = Letter { subject: subject.to_owned(), text: ".\n.x\nBcc: y@z".to_owned(), html: "<p>x".to_owned() };
        let id = MailId(Uuid::from_u128(7));
        let parcel = Parcel { id, to, letter, now: Timestamp::from_secs(1_795_957_380) };
        server.message(name, parcel).map(|message| String::from_utf8(message.formatted()).unwrap())
    }

    #[test]
    fn nothing_that_somebody_is_called_begins_a_header() {
        for evil in ["x\r\nBcc: evil@example.com", "x\nBcc: evil@example.com", "x\rBcc: evil@example.com", "\u{2028}Bcc: x"] {
            let text = message(evil, "anna@example.com", evil).unwrap();
            let head = text.split("\r\n\r\n").next().unwrap();
            assert!(!head.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc")), "{head}");
        }
        for evil in ["a@b.c\r\nRCPT TO:<evil@example.com>", "a@b.c>\r\nDATA", "a b@c.d", "a@b c"] {
            assert!(message("x", evil, "x").is_err(), "{evil}");
        }
    }

    #[test]
    fn a_mail_says_who_sent_it_when_and_that_nobody_reads_answers() {
        let text = message("Müller & Söhne", "anna@example.com", "Für dich").unwrap();
        for line in [
            "To: anna@example.com",
            "Auto-Submitted: auto-generated",
            "Message-ID: <00000000000000000000000000000007@example.com>",
            "Date: Sun, 29 Nov 2026",
        ] {
            assert!(text.lines().any(|found| found.starts_with(line)), "{line} in {text}");
        }
        assert!(text.contains("<portal@example.com>") && text.contains("multipart/alternative") && !text.contains("List-"));
        assert!(text.is_ascii(), "{text}");
    }

    #[test]
    fn an_error_that_is_shown_repeats_no_link() {
        let token = "A".repeat(43);
        for text in [
            format!("554 refused https://portal.example.com/.vestibule/reset/{token} in body"),
            format!("554 refused\r\n{token}\0x"),
            "x ".repeat(5000),
        ] {
            let shown = shown(&text);
            assert!(!shown.contains(&token) && !shown.contains('\n') && shown.chars().count() <= MAX_ERROR, "{shown}");
        }
    }
}
