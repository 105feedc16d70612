//! An SMS gateway for tests, on loopback: keeps what it is sent, and answers as it is told. It speaks two ways: as a webhook, and as
//! Twilio does.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use base64::Engine as _;

use crate::harness::{Gate, write_private};

/// The account at Twilio, and its token.
const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const TOKEN: &str = "right-token";

/// A text as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The number.
    pub to: String,
    /// What it says.
    pub text: String,
}

impl Text {
    /// The code in it.
    pub fn code(&self) -> String {
        let last = self.text.lines().last().unwrap();
        let code = last.strip_prefix("@portal.example.com #").unwrap_or_else(|| panic!("no code in {}", self.text));
        assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
        code.to_owned()
    }
}

#[derive(Default)]
struct Shared {
    arrived: Mutex<Vec<Text>>,
    /// Status codes of the next answers; 0: none ever.
    says: Mutex<VecDeque<u16>>,
    asked: Mutex<usize>,
    /// The fields of what came as it comes to Twilio.
    forms: Mutex<Vec<Vec<(String, String)>>>,
}

/// The gateway.
pub struct SmsGateway {
    addr: SocketAddr,
    shared: Arc<Shared>,
    /// Where the token lies.
    dir: tempfile::TempDir,
}

impl SmsGateway {
    /// On a port of its own.
    pub async fn open() -> Self {
        let shared = Arc::new(Shared::default());
        let app = Router::new()
            .route("/send", post(take))
            .route("/2010-04-01/Accounts/{account}/Messages.json", post(take_as_twilio))
            .with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { addr, shared, dir: tempfile::tempdir().unwrap() }
    }

    /// Lines for `[sms]`.
    pub fn section(&self) -> String {
        let body = r#"{\"to\": {to}, \"text\": {text}}"#;
        format!("provider = \"webhook\"\ncountries = [\"1\", \"44\"]\nurl = \"http://{}/send\"\nbody = \"{body}\"\n", self.addr)
    }

    /// Lines for `[sms]` that make it Twilio; `from`: who texts come from.
    pub fn as_twilio(&self, from: &str) -> String {
        let token = self.dir.path().join("token");
        write_private(&token, TOKEN);
        format!(
            "provider = \"twilio\"\ncountries = [\"1\", \"44\"]\naccount = \"{ACCOUNT}\"\ntoken_file = \"{}\"\nfrom = \"{from}\"\n\
             api = \"http://{}\"\n",
            token.display(),
            self.addr
        )
    }

    /// The fields of each text that came as it comes to Twilio, in their order.
    pub fn forms(&self) -> Vec<Vec<(String, String)>> {
        self.shared.forms.lock().unwrap().clone()
    }

    /// What it says to the next texts; 0: nothing. To all after them: 200.
    pub fn says(&self, answers: &[u16]) {
        self.shared.says.lock().unwrap().extend(answers);
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        *self.shared.asked.lock().unwrap()
    }

    /// What it has taken.
    pub fn arrived(&self) -> Vec<Text> {
        self.shared.arrived.lock().unwrap().clone()
    }

    /// Waits for this many texts in all, and gives the last.
    pub async fn expect(&self, number: usize) -> Text {
        Gate::until(&format!("{number} texts arrive"), || async { self.arrived().len() >= number }).await;
        assert_eq!(self.arrived().len(), number, "{:#?}", self.arrived());
        self.arrived().pop().unwrap()
    }
}

/// Takes what Twilio would: from whoever has the token, to the account's own address.
async fn take_as_twilio(
    State(shared): State<Arc<Shared>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: String,
) -> StatusCode {
    *shared.asked.lock().unwrap() += 1;
    let known = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{ACCOUNT}:{TOKEN}")));
    if account != ACCOUNT || headers.get(header::AUTHORIZATION).is_none_or(|sent| *sent != known) {
        return StatusCode::UNAUTHORIZED;
    }
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let text = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap();
    shared.arrived.lock().unwrap().push(Text { to: text("To"), text: text("Body") });
    shared.forms.lock().unwrap().push(fields);
    StatusCode::CREATED
}

async fn take(State(shared): State<Arc<Shared>>, body: String) -> StatusCode {
    *shared.asked.lock().unwrap() += 1;
    let says = shared.says.lock().unwrap().pop_front().unwrap_or(200);
    if says == 0 {
        std::future::pending::<()>().await;
    }
    if says == 200 {
        let sent: serde_json::Value = serde_json::from_str(&body).unwrap();
        let text = |name: &str| sent[name].as_str().unwrap().to_owned();
        shared.arrived.lock().unwrap().push(Text { to: text("to"), text: text("text") });
    }
    StatusCode::from_u16(says).unwrap()
}
