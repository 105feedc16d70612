//! What a password alone leads to, searched: every sequence of acts by somebody who knows a password, has an account of their
//! own and every cookie that comes with it, but neither link nor phone of the one whose password it is.

use http::{Method, StatusCode};

use crate::harness::browser::Kind;
use crate::harness::person::PASSWORD;
use crate::harness::{Answer, Browser, Gate, Person, Upstream};

const VICTIM: &str = "victim@example.com";
const THIEF: &str = "mallory@example.com";
/// How long the sequences are.
const DEPTH: usize = 3;

/// What the thief can do.
#[derive(Clone, Copy, Debug)]
enum Act {
    LogIn,
    LogInAsThief,
    OpenOwnLink,
    ShowSecret,
    EnableWithOwnCode,
    ShowRecoveryCodes,
    SayThatTheyAreSaved,
    SetPassword,
    Recover,
    EnterCode,
}

const ACTS: [Act; 10] = [
    Act::LogIn,
    Act::LogInAsThief,
    Act::OpenOwnLink,
    Act::ShowSecret,
    Act::EnableWithOwnCode,
    Act::ShowRecoveryCodes,
    Act::SayThatTheyAreSaved,
    Act::SetPassword,
    Act::Recover,
    Act::EnterCode,
];

struct Search {
    gate: Gate,
    /// The link of the thief's own invitation, with a password set and never enrolled.
    own_link: String,
    /// Of another account of the thief's, which is enrolled.
    own_recovery: String,
    own_code: String,
    /// What belongs to the victim.
    secrets: Vec<String>,
}

impl Search {
    async fn act(&self, act: Act, browser: &mut Browser) -> Answer {
        let log_in = |login| [("login", login), ("password", PASSWORD), ("to", "/")];
        let code = [("code", self.own_code.as_str())];
        match act {
            Act::LogIn => browser.post("/.vestibule/login", &log_in(VICTIM)).await,
            Act::LogInAsThief => browser.post("/.vestibule/login", &log_in(THIEF)).await,
            Act::OpenOwnLink => browser.get(&self.own_link).await,
            Act::ShowSecret => browser.post("/.vestibule/setup", &[]).await,
            Act::EnableWithOwnCode => browser.post("/.vestibule/setup", &code).await,
            Act::ShowRecoveryCodes => browser.post("/.vestibule/setup/codes", &[("act", "show")]).await,
            Act::SayThatTheyAreSaved => browser.post("/.vestibule/setup/codes", &[("act", "next"), ("saved", "on")]).await,
            Act::SetPassword => {
                let other = "Mallory-Horse-9-Battery";
                browser.post("/.vestibule/register", &[("new_password", other), ("new_password_again", other)]).await
            }
            Act::Recover => browser.post("/.vestibule/recover", &[("code", &self.own_recovery)]).await,
            Act::EnterCode => browser.post("/.vestibule/verify", &code).await,
        }
    }

    /// All sequences from here, depth first; what a browser holds is copied, so that each begins where its start has led.
    async fn walk(&self, browser: &Browser, done: &mut Vec<Act>, tried: &mut usize) {
        if done.len() == DEPTH {
            return;
        }
        for act in ACTS {
            let mut browser = browser.clone();
            let answer = self.act(act, &mut browser).await;
            done.push(act);
            *tried += 1;
            self.judge(&answer, &browser, done).await;
            Box::pin(self.walk(&browser, done, tried)).await;
            done.pop();
        }
    }

    async fn judge(&self, answer: &Answer, browser: &Browser, done: &[Act]) {
        let text = answer.text();
        assert!(!self.secrets.iter().any(|secret| text.contains(secret.as_str())), "{done:?} shows a secret of the victim");
        // A secret may be shown to the thief for an account of the thief's own, and that page says whose.
        let shown = text.contains("otpauth:") || text.contains("recovery-code");
        assert!(!shown || text.contains(THIEF) && !text.contains(VICTIM), "{done:?}: {text}");
        assert!(!browser.cookies.contains_key("__Host-vestibule"), "{done:?} signed in");
        assert!(answer.status != StatusCode::INTERNAL_SERVER_ERROR, "{done:?}");
    }
}

async fn search(victim_is_enrolled: bool) {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    gate.without_rates();
    gate.adjust(|settings| settings.codes.unknown = vec![(std::time::Duration::from_hours(24), 1_000_000)]);
    let victim = if victim_is_enrolled {
        gate.signed_in(VICTIM).await
    } else {
        let link = gate.invite(VICTIM, &[]).await;
        let mut victim = Person::new(VICTIM, gate.browser());
        victim.register(&link).await;
        victim
    };
    let own_link = gate.invite(THIEF, &[]).await;
    Person::new(THIEF, gate.browser()).register(&own_link).await;
    let accomplice = gate.signed_in("accomplice@example.com").await;
    let own_code = accomplice.code(&gate);
    let secrets = victim.recovery.iter().chain([&victim.secret]).filter(|secret| !secret.is_empty()).cloned().collect();
    let before = gate.account(VICTIM).await;
    let search = Search { own_link, own_recovery: accomplice.recovery[0].clone(), own_code, secrets, gate };
    // The thief's browser is one that knows the accomplice, and has that one's dead session too.
    let mut start = accomplice.browser.clone();
    start.cookies.remove("__Host-vestibule");
    let mut tried = 0;
    search.walk(&start, &mut Vec::new(), &mut tried).await;
    assert_eq!(tried, 10 + 100 + 1000);

    let after = search.gate.account(VICTIM).await;
    assert_eq!(after.password, before.password);
    assert_eq!(after.mfa.map(|mfa| mfa.sealed_secret), before.mfa.map(|mfa| mfa.sealed_secret));
    assert_eq!((after.epoch, after.codes_saved), (before.epoch, before.codes_saved));
    assert_eq!(upstream.count(), 0);
    if victim_is_enrolled {
        let mut victim = victim;
        assert!(victim.is_inside().await, "the owner's session does not know about any of this");
        let mut new = victim.in_new_browser(&search.gate);
        new.to_page_two().await;
        let accepted = new.browser.post("/.vestibule/recover", &[("code", &victim.recovery[3])]).await;
        assert_eq!(accepted.location(), "/.vestibule/setup", "and the recovery codes are still good");
    } else {
        let answer = start.send(Method::GET, "/.vestibule/setup", Kind::Navigation, &[], bytes::Bytes::new()).await;
        assert_ne!(answer.status, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_an_account_that_is_not_enrolled() {
    search(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_an_account_that_is_enrolled() {
    search(true).await;
}
