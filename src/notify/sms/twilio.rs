//! Twilio's Messages API: one form POST per text, signed in with the account's id and token (RFC 7617).

use std::fmt;

use async_trait::async_trait;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use crate::notify::mobile::Mobile;
use crate::notify::sms::{Answer, Gateway, Masked, TextError, ask, client};

/// Who texts come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A number or an alphanumeric name: `From`.
    From(String),
    /// A messaging service, `MG…`: `MessagingServiceSid`.
    Service(String),
}

/// An account at Twilio.
#[derive(Clone)]
pub struct Twilio {
    /// `https://api.twilio.com`, or that of a region.
    pub base: Url,
    /// The account's id, `AC…`.
    pub account: String,
    /// Its token.
    pub token: SecretString,
    /// Who texts come from.
    pub sender: Sender,
    /// PEM: the only certificates that may vouch for the server; `None`: those that the system trusts.
    pub authorities: Option<String>,
}

impl fmt::Debug for Twilio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { base, account, sender, .. } = self;
        let mut shown = f.debug_struct("Twilio");
        shown.field("base", &base.as_str()).field("account", account).field("sender", sender).field("token", &Masked).finish()
    }
}

impl Twilio {
    pub(super) fn gateway(self) -> Result<impl Gateway, String> {
        let client = client(self.authorities.as_deref())?;
        let mut address = self.base.clone();
        address.set_path(&format!("/2010-04-01/Accounts/{}/Messages.json", self.account));
        Ok(Ready { client, address, twilio: self })
    }
}

struct Ready {
    client: reqwest::Client,
    address: Url,
    twilio: Twilio,
}

#[async_trait]
impl Gateway for Ready {
    async fn send(&self, to: &Mobile, text: &str) -> Result<(), TextError> {
        let from = match &self.twilio.sender {
            Sender::From(number) => ("From", number.as_str()),
            Sender::Service(id) => ("MessagingServiceSid", id.as_str()),
        };
        let request = self
            .client
            .post(self.address.clone())
            .basic_auth(&self.twilio.account, Some(self.twilio.token.expose_secret()))
            .form(&[("To", to.as_e164()), from, ("Body", text)]);
        judge(&ask(request).await?)
    }
}

/// Errors of Twilio's that are about the number, whatever their status.
const ABOUT_THE_NUMBER: [u32; 7] = [21_211, 21_214, 21_217, 21_408, 21_610, 21_612, 21_614];

/// What an error's body says. Its message repeats the number, so only the code is kept.
#[derive(Default, Deserialize)]
struct Said {
    #[serde(default)]
    code: u32,
}

fn judge(answer: &Answer) -> Result<(), TextError> {
    let status = answer.status;
    if status == 201 {
        return Ok(());
    }
    let code = serde_json::from_str::<Said>(&answer.body).unwrap_or_default().code;
    let cause = format!("Twilio answered {status}, code {code}");
    if status == 400 && ABOUT_THE_NUMBER.contains(&code) { Err(TextError::Refused(cause)) } else { Err(TextError::Away(cause)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Result<(), TextError> {
        judge(&Answer { status, body: body.to_owned() })
    }

    #[test]
    fn only_created_is_sent_and_no_error_repeats_the_number() {
        assert_eq!(answer(201, "{}"), Ok(()));
        let about_the_number = answer(400, r#"{"code": 21211, "message": "The 'To' number +12035550123 is not valid."}"#);
        assert_eq!(about_the_number, Err(TextError::Refused("Twilio answered 400, code 21211".to_owned())));
        for (status, body) in
            [(200, "{}"), (301, ""), (400, r#"{"code": 21606}"#), (401, r#"{"code": 20003}"#), (429, "busy"), (500, "")]
        {
            assert!(matches!(answer(status, body), Err(TextError::Away(_))), "{status}");
        }
    }
}
