//! Somebody in front of a browser: has a password, a phone and perhaps a list of recovery codes.

use std::time::Duration;

use http::StatusCode;
use totp_rs::{Builder, Secret};

use crate::harness::{Answer, Browser, Gate};

/// A password that every rule likes.
pub const PASSWORD: &str = "Correct-Horse-7-Battery";

/// The person.
#[derive(Clone)]
pub struct Person {
    /// The login id.
    pub login: String,
    /// The password.
    pub password: String,
    /// The browser.
    pub browser: Browser,
    /// What the authenticator app holds: base32.
    pub secret: String,
    /// The recovery codes.
    pub recovery: Vec<String>,
}

impl Person {
    /// Somebody new.
    pub fn new(login: &str, browser: Browser) -> Self {
        let password = PASSWORD.to_owned();
        Self { login: login.to_owned(), password, browser, secret: String::new(), recovery: Vec::new() }
    }

    /// The code on the phone now.
    pub fn code(&self, gate: &Gate) -> String {
        code_at(&self.secret, u64::try_from(gate.hands.wall_now().secs()).unwrap())
    }

    /// Waits, by moving the clock, until the phone shows another code.
    pub fn next_code(&self, gate: &Gate) -> String {
        gate.hands.advance(Duration::from_secs(30));
        self.code(gate)
    }

    /// A code that the phone does not show, nor did, nor will soon.
    pub fn wrong_code(&self, gate: &Gate) -> String {
        let now = u64::try_from(gate.hands.wall_now().secs()).unwrap();
        let near: Vec<String> = (0..9).map(|step| code_at(&self.secret, now + step * 30 - 120)).collect();
        (0..1_000_000).map(|code| format!("{code:06}")).find(|code| !near.contains(code)).unwrap()
    }

    /// Opens the invitation and sets the password.
    pub async fn register(&mut self, link: &str) {
        let opened = self.browser.get(link).await;
        assert_eq!(opened.location(), "/.vestibule/register");
        let page = self.browser.get("/.vestibule/register").await;
        assert!(page.text().contains(&self.login), "{}", page.text());
        let password = self.password.clone();
        let done =
            self.browser.post("/.vestibule/register", &[("new_password", &password), ("new_password_again", &password)]).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    }

    /// Page one.
    pub async fn log_in(&mut self, to: &str) -> Answer {
        let (login, password) = (self.login.clone(), self.password.clone());
        self.browser.post("/.vestibule/login", &[("login", &login), ("password", &password), ("to", to)]).await
    }

    /// From page one through the wizard, up to the last code.
    pub async fn enrol(&mut self, gate: &Gate) {
        assert_eq!(self.log_in("/start").await.location(), "/.vestibule/setup");
        self.set_up(gate).await;
    }

    /// The wizard itself.
    pub async fn set_up(&mut self, gate: &Gate) {
        self.set_up_at(|| u64::try_from(gate.hands.wall_now().secs()).unwrap()).await;
    }

    /// The same where another page comes after the recovery codes.
    pub async fn set_up_to(&mut self, gate: &Gate, next: &str) {
        self.set_up_as(|| u64::try_from(gate.hands.wall_now().secs()).unwrap(), next).await;
    }

    /// The same where the phone shows this time.
    pub async fn set_up_at(&mut self, now: impl Fn() -> u64) {
        self.set_up_as(now, "/.vestibule/verify").await;
    }

    async fn set_up_as(&mut self, now: impl Fn() -> u64, after: &str) {
        let page = self.browser.post("/.vestibule/setup", &[]).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        self.secret = secret_of(&page.text());
        let code = code_at(&self.secret, now());
        let enabled = self.browser.post("/.vestibule/setup", &[("code", &code)]).await;
        assert_eq!(enabled.location(), "/.vestibule/setup/codes");
        let file = self.browser.post("/.vestibule/setup/codes", &[("act", "download")]).await;
        assert_eq!(file.status, StatusCode::OK, "{}", file.text());
        self.recovery = file.text().lines().map(str::trim).filter(|line| is_recovery_code(line)).map(str::to_owned).collect();
        assert_eq!(self.recovery.len(), 10, "{}", file.text());
        let next = self.browser.post("/.vestibule/setup/codes", &[("act", "next"), ("saved", "on")]).await;
        assert_eq!(next.location(), after);
    }

    /// The last code: both doors are passed.
    pub async fn finish_sign_in(&mut self, gate: &Gate) -> Answer {
        let code = self.next_code(gate);
        let passed = self.browser.post("/.vestibule/verify", &[("code", &code)]).await;
        assert_eq!(passed.status, StatusCode::SEE_OTHER, "{}", passed.text());
        assert!(self.browser.cookies.contains_key("__Host-vestibule"), "{:?}", passed.headers);
        passed
    }

    /// Both doors, for somebody who is enrolled.
    pub async fn sign_in(&mut self, gate: &Gate, to: &str) -> Answer {
        assert_eq!(self.log_in(to).await.location(), "/.vestibule/verify");
        self.finish_sign_in(gate).await
    }

    /// Enters a fresh code inside the session.
    pub async fn confirm(&mut self, gate: &Gate, to: &str) -> Answer {
        let page = self.browser.get(&format!("/.vestibule/verify?to={to}")).await;
        let token = page.field("form_token").expect("a form token");
        let code = self.next_code(gate);
        self.browser.post("/.vestibule/verify", &[("code", &code), ("to", to), ("form_token", &token)]).await
    }
}

/// The code of a secret at a time.
pub fn code_at(secret: &str, secs: u64) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).with_account_name("test").build().unwrap();
    totp.generate(secs).to_string()
}

/// The secret in the `otpauth://` link of the set-up page.
pub fn secret_of(page: &str) -> String {
    let link = page.split("otpauth://").nth(1).unwrap_or_else(|| panic!("no otpauth link in {page}"));
    let rest = link.split("secret=").nth(1).unwrap();
    rest.chars().take_while(char::is_ascii_alphanumeric).collect()
}

fn is_recovery_code(line: &str) -> bool {
    line.len() == 19 && line.split('-').all(|part| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
