//! Texts: the port to whatever delivers them, and the gateways there are. A text is sent at most once: a code that comes twice
//! confuses, and one that does not come is asked for again.

mod twilio;
mod webhook;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

pub use self::twilio::{Sender, Twilio};
pub use self::webhook::{Template, TemplateError, Webhook};
use crate::notify::mobile::Mobile;

/// How long a gateway may take for one text, connecting included.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// No more of a gateway's answer is read.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Why a text was not sent. Neither number nor text stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextError {
    /// The gateway is out of reach, too busy, or does not let us in: the same text may go through later.
    Away(String),
    /// It will not send to this number.
    Refused(String),
}

impl TextError {
    /// For the log.
    pub fn cause(&self) -> &str {
        match self {
            Self::Away(cause) | Self::Refused(cause) => cause,
        }
    }
}

/// The port. An implementation sends one text to one number, once, within [`PATIENCE`]; `Ok` means that the gateway has taken it.
/// It follows no redirect and takes no address from anywhere but the configuration.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// Sends it.
    async fn send(&self, to: &Mobile, text: &str) -> Result<(), TextError>;
}

/// Which gateway, as configured.
#[derive(Clone, Debug)]
pub enum Provider {
    /// Twilio's Messages API.
    Twilio(Twilio),
    /// Any gateway that is one HTTP request away.
    Webhook(Webhook),
    /// The log of this process: for trying things out alone.
    Log,
}

impl Provider {
    /// Ready to send. The error is the operator's to mend.
    pub fn gateway(&self) -> Result<Box<dyn Gateway>, String> {
        Ok(match self {
            Self::Twilio(twilio) => Box::new(twilio.clone().gateway()?),
            Self::Webhook(webhook) => Box::new(webhook.clone().gateway()?),
            Self::Log => Box::new(Logged),
        })
    }
}

/// Writes texts to the log.
struct Logged;

#[async_trait]
impl Gateway for Logged {
    async fn send(&self, to: &Mobile, text: &str) -> Result<(), TextError> {
        tracing::warn!(to = ?to, text, "sms.provider = \"log\": this text went nowhere");
        Ok(())
    }
}

/// The client that gateways are asked with: no redirects, no proxy of the environment, no waiting for ever.
fn client(authorities: Option<&str>) -> Result<reqwest::Client, String> {
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(PATIENCE)
        .timeout(PATIENCE)
        .user_agent("vestibule")
        .pool_max_idle_per_host(1);
    if let Some(pem) = authorities {
        let found = reqwest::Certificate::from_pem_bundle(pem.as_bytes()).map_err(|error| error.to_string())?;
        builder = builder.tls_certs_only(found);
    }
    builder.build().map_err(|error| chain(&error))
}

/// A gateway's answer: its status and as much of its body as is looked at.
struct Answer {
    status: u16,
    body: String,
}

async fn ask(request: reqwest::RequestBuilder) -> Result<Answer, TextError> {
    // Without the address: a webhook's may have a secret, the number and the text in it.
    let away = |error: reqwest::Error| TextError::Away(chain(&error.without_url()));
    let mut response = request.send().await.map_err(away)?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(away)? {
        let room = LONGEST_ANSWER.saturating_sub(body.len());
        body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() >= room {
            break;
        }
    }
    Ok(Answer { status, body: String::from_utf8_lossy(&body).into_owned() })
}

/// An error and what is behind it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text.chars().take(300).collect()
}

/// Shows that there is a secret, not which.
struct Masked;

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
