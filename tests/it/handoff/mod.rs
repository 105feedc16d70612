//! Our pages at a host of their own: signed in there once, in at every portal, each by a ticket that only its own browser can
//! bring, once.

mod hosts;
mod tickets;
mod way;
mod windows;

use http::StatusCode;

use crate::harness::{Answer, Browser, Gate, HOST, Person, Setup, Upstream};

/// The host of our pages.
pub const PAGES: &str = "login.example.com";
/// The second portal.
pub const OTHER: &str = "other.example.com";
pub const SESSION: &str = "__Host-vestibule";
pub const HANDOFF: &str = "__Host-vestibule-handoff";
pub const ROUTE: &str = "/.vestibule/handoff";
pub const ANNA: &str = "anna@example.com";

/// A gate with a host for our pages in front of two portals.
pub async fn gate(upstream: &Upstream, other: &Upstream, change: impl FnOnce(Setup) -> Setup) -> Gate {
    let more =
        format!("[[portal]]\nurl = \"https://{OTHER}\"\nupstreams = [\"http://{}\"]\ngroups = [\"staff\"]\n", other.addr());
    let setup = Setup::new(&[upstream.addr()]).section("pages", &format!("url = \"https://{PAGES}\"")).more(&more);
    let gate = Gate::start(change(setup)).await;
    gate.without_rates();
    gate
}

/// The same, as most tests want it.
pub async fn plain() -> (Upstream, Upstream, Gate) {
    let (upstream, other) = (Upstream::start(), Upstream::start());
    let gate = gate(&upstream, &other, |setup| setup.portal("groups = [\"staff\"]\nlogout_paths = [\"/logout\"]")).await;
    (upstream, other, gate)
}

/// One browser, by the hosts that it visits: cookies stay at theirs.
#[derive(Clone)]
pub struct Traveller {
    /// At the host of our pages.
    pub person: Person,
    pub portal: Browser,
    pub other: Browser,
}

impl Traveller {
    /// Somebody who has registered, enrolled and signed in at the host of our pages, and was at no portal yet.
    pub async fn signed_in(gate: &Gate, login: &str, http2: bool) -> Self {
        let mut new = Self::new(gate, login, http2);
        let link = gate.invite(login, &["staff"]).await;
        new.person.register(&link).await;
        new.person.enrol(gate).await;
        assert_eq!(new.person.finish_sign_in(gate).await.location(), "/", "there is no portal to go to yet");
        new
    }

    fn new(gate: &Gate, login: &str, http2: bool) -> Self {
        let at = |host: &str| {
            let mut browser = gate.browser();
            (browser.host, browser.http2) = (host.to_owned(), http2);
            browser
        };
        Self { person: Person::new(login, at(PAGES)), portal: at(HOST), other: at(OTHER) }
    }

    /// The same person in a browser that has never been anywhere.
    pub fn elsewhere(&self, gate: &Gate) -> Self {
        let new = Self::new(gate, &self.person.login, self.portal.http2);
        Self { person: Person { browser: new.person.browser, ..self.person.clone() }, ..new }
    }

    /// In at the first portal.
    pub async fn enter(&mut self, path: &str) -> Answer {
        enter(&mut self.person.browser, &mut self.portal, path).await
    }
}

/// From a page of a portal to the address at the host of our pages.
pub async fn errand(portal: &mut Browser, path: &str) -> String {
    let asked = portal.get(path).await;
    let ours = asked.location().to_owned();
    assert!(ours.starts_with("/.vestibule/login") || ours.starts_with("/.vestibule/verify"), "{ours}");
    sent(portal, &ours).await
}

/// The same from the page of ours that the portal's host leads to.
pub async fn sent(portal: &mut Browser, ours: &str) -> String {
    let away = portal.get(ours).await;
    let place = away.location().strip_prefix(&format!("https://{PAGES}")).expect("the host of our pages").to_owned();
    assert!(place.starts_with(&format!("{ROUTE}?errand=")), "{place}");
    assert!(portal.cookies.contains_key(HANDOFF));
    place
}

/// What the host of our pages gives: the fields of the form, and where it goes.
pub async fn ticket(pages: &mut Browser, place: &str) -> Brought {
    let page = pages.get(place).await;
    assert_eq!(page.status, StatusCode::OK, "{} {}", page.header("location"), page.text());
    assert_eq!(page.header("referrer-policy"), "strict-origin", "its origin is seen at the other host");
    let text = page.text();
    let action = text.split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    Brought { action, ticket: page.field("ticket").unwrap(), errand: page.field("errand").unwrap() }
}

/// A form on its way between the hosts.
#[derive(Clone, Debug)]
pub struct Brought {
    pub action: String,
    pub ticket: String,
    pub errand: String,
}

impl Brought {
    /// As a browser brings it.
    pub async fn to(&self, portal: &mut Browser) -> Answer {
        self.with(portal, &[("origin", &format!("https://{PAGES}")), ("sec-fetch-site", "same-site")]).await
    }

    /// With other words about where it comes from.
    pub async fn with(&self, portal: &mut Browser, headers: &[(&str, &str)]) -> Answer {
        portal.post_with(ROUTE, &[("ticket", &self.ticket), ("errand", &self.errand)], headers).await
    }
}

/// The whole way for somebody who is signed in at the host of our pages: the answer to the ticket.
pub async fn enter(pages: &mut Browser, portal: &mut Browser, path: &str) -> Answer {
    let place = errand(portal, path).await;
    let brought = ticket(pages, &place).await;
    assert_eq!(brought.action, format!("https://{}{ROUTE}", portal.host));
    let answer = brought.to(portal).await;
    assert!(portal.cookies.contains_key(SESSION), "{:?}", answer.headers);
    answer
}

/// Whether it was refused or sent for another ticket, and in any case let nobody in.
#[track_caller]
pub fn lets_nobody_in(answer: &Answer, what: &str) {
    let cookies = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
    assert!(!cookies.into_iter().any(|line| line.starts_with("__Host-vestibule=")), "{what}: {:?}", answer.headers);
    let again =
        answer.status == StatusCode::SEE_OTHER && answer.header("location").starts_with(&format!("https://{PAGES}{ROUTE}?"));
    assert!(again || answer.status == StatusCode::FORBIDDEN, "{what}: {} {}", answer.status, answer.header("location"));
}
