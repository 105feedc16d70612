//! What people do to their own account from inside a session, as their browsers see it.

mod authenticator;
mod codes;
mod pages;
mod password;
mod sessions;

use http::StatusCode;

use crate::harness::wire::{Wire, websocket};
use crate::harness::{Answer, Browser, Gate, Person};

pub const ACCOUNT: &str = "/.vestibule/account";
pub const PASSWORD: &str = "/.vestibule/account/password";
pub const MFA: &str = "/.vestibule/account/mfa";
pub const MFA_ENABLE: &str = "/.vestibule/account/mfa/enable";
pub const CODES: &str = "/.vestibule/account/codes";
pub const CODES_SAVE: &str = "/.vestibule/account/codes/save";
pub const SESSIONS: &str = "/.vestibule/account/sessions";

/// Another password that every rule likes.
pub const NEW_PASSWORD: &str = "Gull-Teapot-47-Lantern";

impl Person {
    /// The form token of a page.
    pub async fn token(&mut self, page: &str) -> String {
        let shown = self.browser.get(page).await;
        assert_eq!(shown.status, StatusCode::OK, "{page}: {}", shown.text());
        // The language switch has a form, too, but no token.
        shown.field("form_token").expect("a form token")
    }

    /// Opens a page and sends its form.
    pub async fn fill_in(&mut self, page: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.token(page).await;
        let all = [&[("form_token", token.as_str())], fields].concat();
        self.browser.post(page, &all).await
    }

    /// *Change password*, with what is typed.
    pub async fn change_password(&mut self, password: &str, code: &str, new: &str) -> Answer {
        let fields = [("password", password), ("code", code), ("new_password", new), ("new_password_again", new)];
        self.fill_in(PASSWORD, &fields).await
    }

    /// Password and code on a page that takes both.
    pub async fn prove(&mut self, page: &str, code: &str) -> Answer {
        let password = self.password.clone();
        self.fill_in(page, &[("password", &password), ("code", code)]).await
    }

    /// The same person, signed in in another browser as well.
    pub async fn elsewhere(&mut self, gate: &Gate) -> Self {
        let mut other = self.in_new_browser(gate);
        other.sign_in(gate, "/").await;
        other
    }

    /// The public id of this browser's session.
    pub fn session_id(&self, gate: &Gate) -> String {
        session_id(gate, &self.browser).expect("a live session")
    }
}

fn session_id(gate: &Gate, browser: &Browser) -> Option<String> {
    let token = vestibule::ports::TokenHash::of(browser.cookies.get("__Host-vestibule")?)?;
    let found = gate.app().parts().table.look_up(&token, gate.now().secure)?;
    Some(found.session.id.to_string())
}

/// An open tunnel that has carried something.
async fn tunnel(browser: &Browser) -> Wire {
    let mut wire = Wire::to(browser).await;
    wire.send(websocket(browser, "/ws")).await;
    assert!(wire.head().await.starts_with("HTTP/1.1 101"));
    speak(&mut wire).await;
    wire
}

async fn speak(wire: &mut Wire) {
    wire.send(b"\x81\x82\0\0\0\0hi").await;
    wire.until("echo").await;
}

/// What the trail says of these actions, oldest first: action and detail.
async fn recorded(gate: &Gate, actions: &[&str]) -> Vec<(String, serde_json::Value)> {
    let records = gate.open_store(false).await.trail().records(0, None, None, 1000).await.unwrap();
    let those = records.into_iter().filter(|record| actions.contains(&record.action.as_str()));
    those.map(|record| (record.action, serde_json::from_str(&record.detail).unwrap())).collect()
}

/// The recovery codes on a page or in a file.
pub fn codes_in(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let mut codes: Vec<String> = words
        .filter(|word| word.len() == 19 && word.split('-').all(|group| group.len() == 4))
        .filter(|word| word.chars().all(|c| c == '-' || c.is_ascii_digit() || c.is_ascii_uppercase()))
        .map(str::to_owned)
        .collect();
    codes.dedup();
    codes
}
