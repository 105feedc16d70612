//! What another process takes away is gone here within a second: sessions, pending logins, known browsers, links, grants.

use http::StatusCode;
use vestibule::auth::credentials::LinkKind;
use vestibule::auth::grant;
use vestibule::identity::AccountId;
use vestibule::ports::TokenHash;
use vestibule::session::log::Which;

use crate::harness::{Browser, Gate, Person, Upstream};

/// What a program is told: `passes`, or what it must do first.
async fn verdict(browser: &Browser) -> String {
    let answer = browser.clone().fetch("/api").await;
    if answer.status == StatusCode::OK { "passes".to_owned() } else { answer.header("vestibule-required").to_owned() }
}

async fn out(what: &str, browser: &Browser) {
    Gate::soon(what, || async { verdict(browser).await == "login" }).await;
}

/// Somebody with all that can be had: a session here, a pending login there, a known browser.
struct Owner {
    id: AccountId,
    person: Person,
    pending: Person,
}

async fn owner(gate: &Gate, login: &str) -> Owner {
    let person = gate.signed_in(login).await;
    let mut pending = Person { browser: gate.browser(), ..person.clone() };
    assert_eq!(pending.log_in("/").await.location(), "/.vestibule/verify");
    assert_eq!(verdict(&person.browser).await, "passes");
    Owner { id: gate.id_of(login).await, person, pending }
}

impl Owner {
    async fn device_is_known(&self, gate: &Gate) -> bool {
        let token = TokenHash::of(&self.person.browser.cookies["__Host-vestibule-device"]).unwrap();
        let now = gate.app().parts().clock.now().secure;
        gate.credentials().await.device(&token, now).await.unwrap().is_some()
    }

    /// The right code, too late.
    async fn pending_is_dead(&mut self, gate: &Gate) {
        let code = self.pending.next_code(gate);
        let answer = self.pending.browser.post("/.vestibule/verify", &[("code", &code)]).await;
        assert!(!self.pending.browser.cookies.contains_key("__Host-vestibule"), "{} {:?}", answer.status, answer.headers);
        assert_ne!(verdict(&self.pending.browser).await, "passes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_one_by_one_by_account_and_all_at_once() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let log = gate.open_store(false).await.session_log();
    let mut anna = owner(&gate, "anna@example.com").await;
    let bert = owner(&gate, "bert@example.com").await;
    let (first, mut second) = (anna.person.browser.clone(), anna.pending.clone());
    second.finish_sign_in(&gate).await;
    let token = TokenHash::of(&first.cookies["__Host-vestibule"]).unwrap();
    let parts = gate.app().parts();
    let id = parts.table.look_up(&token, parts.clock.now().secure).unwrap().session.id;
    assert_eq!(log.end(Which::One(id), gate.event("session.end")).await.unwrap(), 1);
    out("one session", &first).await;
    assert_eq!((verdict(&second.browser).await, verdict(&bert.person.browser).await), ("passes".into(), "passes".into()));
    assert!(anna.device_is_known(&gate).await, "only the session was ended");
    anna.person.sign_in(&gate, "/").await;
    assert_eq!(log.end(Which::Of(anna.id), gate.event("session.end")).await.unwrap(), 2);
    out("all of one account", &second.browser).await;
    out("all of one account", &anna.person.browser).await;
    assert_eq!(verdict(&bert.person.browser).await, "passes");
    log.end(Which::All, gate.event("session.end")).await.unwrap();
    out("everybody's", &bert.person.browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_has_nothing_left_even_when_enabled_again() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = owner(&gate, "anna@example.com").await;
    assert!(anna.device_is_known(&gate).await);
    assert!(gate.desk().await.disable(anna.id).await.unwrap());
    out("the session", &anna.person.browser).await;
    anna.pending_is_dead(&gate).await;
    assert!(!anna.device_is_known(&gate).await);
    let refused = anna.pending.log_in("/").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "page one again");
    assert!(gate.desk().await.enable(anna.id).await.unwrap());
    assert_eq!(verdict(&anna.person.browser).await, "login", "an old session does not come back");
    anna.pending_is_dead(&gate).await;
    let mut again = Person { browser: gate.browser(), ..anna.person.clone() };
    again.sign_in(&gate, "/").await;
    assert_eq!(verdict(&again.browser).await, "passes", "but the person does");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_factor_that_was_reset_opens_nothing() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = owner(&gate, "anna@example.com").await;
    let now = gate.app().parts().clock.now().secure;
    let (link, token) = grant::new_link(LinkKind::Enrolment, &vestibule::auth::Settings::default(), now);
    assert!(gate.desk().await.reset_mfa(anna.id, link).await.unwrap());
    out("the session", &anna.person.browser).await;
    anna.pending_is_dead(&gate).await;
    assert!(!anna.device_is_known(&gate).await);
    // A password and the old phone: no way in without the link.
    let mut stranger = Person { browser: gate.browser(), ..anna.person.clone() };
    let entered = stranger.log_in("/").await;
    let page = stranger.browser.get("/.vestibule/setup").await;
    assert!(!page.text().contains("otpauth:"), "{} {}", entered.status, page.text());
    let begun = stranger.browser.post("/.vestibule/setup", &[]).await;
    assert!(!begun.text().contains("otpauth:"), "no secret without a grant");
    // With the link: once, and then it is dead.
    let link = grant::link_path(LinkKind::Enrolment, &token);
    let mut owner = Person { browser: gate.browser(), ..anna.person.clone() };
    assert_eq!(owner.browser.get(&link).await.location(), "/.vestibule/enrol");
    owner.enrol(&gate).await;
    owner.finish_sign_in(&gate).await;
    assert_eq!(verdict(&owner.browser).await, "passes");
    assert_eq!(gate.browser().get(&link).await.status, StatusCode::GONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_account_leaves_no_way_in() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = owner(&gate, "anna@example.com").await;
    let link = gate.invite("bert@example.com", &[]).await;
    let mut bert = Person::new("bert@example.com", gate.browser());
    bert.register(&link).await;
    for id in [anna.id, gate.id_of("bert@example.com").await] {
        assert!(gate.desk().await.remove(id).await.unwrap());
    }
    out("the session", &anna.person.browser).await;
    anna.pending_is_dead(&gate).await;
    assert!(!anna.device_is_known(&gate).await);
    assert_eq!(gate.browser().get(&link).await.status, StatusCode::GONE, "the link of an invitation");
    assert_eq!(bert.log_in("/").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // The same login id again is somebody else.
    let link = gate.invite("anna@example.com", &[]).await;
    assert_eq!(verdict(&anna.person.browser).await, "login");
    anna.pending_is_dead(&gate).await;
    assert_eq!(gate.browser().get(&link).await.location(), "/.vestibule/register");
}

/// Stands in the wizard with a grant, its secret on the page.
async fn in_the_wizard(gate: &Gate, login: &str) -> (Person, String) {
    let link = gate.invite(login, &[]).await;
    let mut person = Person::new(login, gate.browser());
    person.register(&link).await;
    assert_eq!(person.log_in("/").await.location(), "/.vestibule/setup");
    let page = person.browser.post("/.vestibule/setup", &[]).await.text();
    let secret = page.split("secret=").nth(1).unwrap().chars().take_while(char::is_ascii_alphanumeric).collect();
    person.secret = secret;
    (person, link)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_dies_with_what_gave_it() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let store = gate.credentials().await;
    for (turn, login) in ["anna@example.com", "bert@example.com", "carl@example.com"].into_iter().enumerate() {
        let (mut person, link) = in_the_wizard(&gate, login).await;
        let id = gate.id_of(login).await;
        let done = match turn {
            0 => gate.desk().await.disable(id).await,
            1 => gate.desk().await.remove(id).await,
            _ => store.issue_link(id, gate.enrolment_link(), gate.event("user.invite")).await,
        };
        assert!(done.unwrap());
        let code = person.next_code(&gate);
        let enabled = person.browser.post("/.vestibule/setup", &[("code", &code)]).await;
        assert_ne!(enabled.header("location"), "/.vestibule/setup/codes", "{login}: nothing is enabled");
        let begun = person.browser.post("/.vestibule/setup", &[]).await;
        assert!(!begun.text().contains("otpauth:"), "{login}: no other secret either");
        assert_eq!(gate.browser().get(&link).await.status, StatusCode::GONE, "{login}: the link");
        let account = store.account(id).await.unwrap();
        assert!(account.is_none_or(|account| account.mfa.is_none()), "{login}");
    }
    assert_eq!(upstream.count(), 0);
}
