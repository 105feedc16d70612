//! An SMS gateway for tests, on loopback: keeps what it is sent, and answers as it is told.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;

use crate::harness::Gate;

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
}

/// The gateway.
pub struct SmsGateway {
    addr: SocketAddr,
    shared: Arc<Shared>,
}

impl SmsGateway {
    /// On a port of its own.
    pub async fn open() -> Self {
        let shared = Arc::new(Shared::default());
        let app = Router::new().route("/send", post(take)).with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { addr, shared }
    }

    /// Lines for `[sms]`.
    pub fn section(&self) -> String {
        let body = r#"{\"to\": {to}, \"text\": {text}}"#;
        format!("provider = \"webhook\"\ncountries = [\"1\", \"44\"]\nurl = \"http://{}/send\"\nbody = \"{body}\"\n", self.addr)
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
