//! Who may see what: every route of ours and the portal's, at every stage of a sign-in, asked in every way.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::Method;

use crate::harness::browser::Kind;
use crate::harness::{Answer, Browser, Front, Gate, Person, Setup, Upstream};

const LINK: &str = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA";

/// Where somebody can stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    Anonymous,
    Setup,
    Codes,
    Verify,
    Locked,
    Inside,
    Admin,
    Passed,
    Ended,
    Disabled,
}

use At::{Admin, Anonymous, Codes, Disabled, Ended, Inside, Locked, Passed, Verify};

impl At {
    /// Nobody, as far as anything is decided.
    fn is_nobody(self) -> bool {
        matches!(self, Anonymous | Ended | Disabled)
    }

    pub fn is_inside(self) -> bool {
        matches!(self, Inside | Admin)
    }
}

/// What a GET by navigation has to bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Brings {
    Status(u16),
    To(&'static str),
}

use Brings::{Status, To};

const LOGIN: Brings = To("/.vestibule/login");
const VERIFY: Brings = To("/.vestibule/verify");
const SETUP: Brings = To("/.vestibule/setup");
const CODES: Brings = To("/.vestibule/setup/codes");
const ACCOUNT: Brings = To("/.vestibule/account");
const OK: Brings = Status(200);

/// The page of somebody who is between the doors.
fn own_page(at: At) -> Brings {
    match at {
        At::Setup => SETUP,
        Codes => CODES,
        Verify | Locked | Passed => VERIFY,
        Inside | Admin => ACCOUNT,
        Anonymous | Ended | Disabled => LOGIN,
    }
}

/// The matrix. What is not in it is 404 for everybody.
fn expected(page: &str, at: At) -> Brings {
    match page {
        "" | "/" if at.is_inside() || at == Passed => ACCOUNT,
        "/login" if at.is_inside() => To("/"),
        "/login" | "/forgot" => OK,
        // Whoever stands at set-up holds the grant, and has a password.
        "/register" if at == At::Setup => To("/.vestibule/login?why=registered"),
        "/setup" | "/enrol" if at == At::Setup => OK,
        "/register" | "/enrol" => Status(403),
        "/register/BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA" | "/enrol/BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA" => {
            Status(410)
        }
        // Nobody here holds a ticket out of a mail.
        "/reset" | "/not-me" => Status(410),
        _ if page.starts_with("/reset/") || page.starts_with("/not-me/") => Status(410),
        "/setup/codes" if at == Codes => OK,
        // No texts are sent here: there is nothing to bind a mobile by, and nothing to recover by.
        "/account/mobile" if at.is_inside() => ACCOUNT,
        "/account/mobile/confirm" if at.is_inside() => To("/.vestibule/account/mobile"),
        "/recover/mail" => Status(410),
        _ if page.starts_with("/recover/") => Status(410),
        "/verify" if matches!(at, Verify | Passed) || at.is_inside() => OK,
        "/verify" | "/recover" if at == Locked => Status(403),
        "/recover" if matches!(at, Verify | Codes) => OK,
        "/recover" if at != At::Setup => To("/.vestibule/login?why=recovery"),
        "/account/mfa/enable" if at.is_inside() => To("/.vestibule/account/mfa"),
        "/account/codes/save" if at.is_inside() => To("/.vestibule/account/codes"),
        page if at.is_inside() && ACCOUNT_PAGES.contains(&page) => OK,
        "/logout" if at.is_inside() || at == Passed => OK,
        "" | "/" | "/logout" => LOGIN,
        // Only a form goes there.
        "/language" => Status(405),
        "/parked" if at.is_inside() => OK,
        "/setup" | "/setup/codes" | "/setup/mobile" | "/verify" | "/recover" | "/parked" => own_page(at),
        page if ACCOUNT_PAGES.contains(&page) => own_page(at),
        "/state" if at.is_inside() => Status(204),
        "/state" => Status(401),
        _ => Status(404),
    }
}

/// What people see of their own account.
const ACCOUNT_PAGES: [&str; 9] = [
    "/account",
    "/account/password",
    "/account/mfa",
    "/account/mfa/enable",
    "/account/codes",
    "/account/codes/save",
    "/account/mobile",
    "/account/mobile/confirm",
    "/account/sessions",
];

/// Every page of ours, and some that are none.
pub fn pages() -> Vec<String> {
    let known = [
        "",
        "/",
        "/login",
        "/handoff",
        "/verify",
        "/register",
        "/enrol",
        "/setup",
        "/setup/codes",
        "/setup/mobile",
        "/recover",
        "/recover/mail",
        "/recover/x",
        "/forgot",
        "/reset",
        "/parked",
        "/language",
        "/not-me",
        "/not-me/x",
        "/logout",
        "/state",
    ];
    let unknown = [
        "/assets/none.css",
        "/reset/x",
        "/setup/",
        "/setup/mobile/x",
        "/account/x",
        "/account/",
        "/account/password/x",
        "/verify/",
        "/login/x",
        "/nothing",
        "/admin",
        "/admin/accounts",
        "/admin/accounts/1",
        "/admin/settings",
        "/admin/audit",
        "/auth",
        "/jwks.json",
        "/%00",
        "/x%2fy",
    ];
    let all = known.iter().chain(&ACCOUNT_PAGES).chain(&unknown).map(|page| (*page).to_owned());
    all.chain([format!("/register/{LINK}"), format!("/enrol/{LINK}")]).collect()
}

/// Everybody, at one gate, and what must never be shown to anyone by a GET.
pub struct Everybody {
    pub gate: Gate,
    pub upstream: Upstream,
    pub at: BTreeMap<At, Browser>,
    secrets: Vec<String>,
}

pub async fn everybody() -> Everybody {
    let upstream = Upstream::start();
    let setup = Setup::new(&[upstream.addr()])
        .section("listen", Front::LISTEN)
        .section("limits", "anonymous_per_client = \"100000/s burst 100000\"\nrequests_per_session = \"100000/s burst 100000\"")
        .section("mfa", "reauth_window = \"1h\"");
    let gate = Gate::start(setup).await;
    gate.without_rates();
    let mut at = BTreeMap::from([(Anonymous, gate.browser())]);
    let mut secrets = vec!["otpauth:".to_owned()];
    let mut keep = |at: &mut BTreeMap<At, Browser>, stage, person: &Person| {
        secrets.push(person.secret.clone());
        secrets.extend(person.recovery.iter().cloned());
        at.insert(stage, person.browser.clone());
    };
    let passed = gate.signed_in("passed@example.com").await;
    gate.hands.advance(Duration::from_secs(3601));
    keep(&mut at, Passed, &passed);
    let inside = gate.signed_in("inside@example.com").await;
    keep(&mut at, Inside, &inside);
    keep(&mut at, Admin, &gate.admin("admin@example.com").await);

    let mut ended = gate.signed_in("ended@example.com").await;
    let before = ended.browser.clone();
    let token = ended.browser.get("/.vestibule/logout").await.field("form_token").unwrap();
    ended.browser.post("/.vestibule/logout", &[("form_token", &token)]).await.location();
    ended.browser = before;
    keep(&mut at, Ended, &ended);

    let mut disabled = gate.signed_in("disabled@example.com").await;
    gate.set_disabled("disabled@example.com", true).await;
    let once = disabled.browser.clone();
    Gate::until("the disabled account is out", || {
        let mut browser = once.clone();
        async move { browser.fetch("/.vestibule/state").await.status == 401 }
    })
    .await;
    disabled.browser = once;
    keep(&mut at, Disabled, &disabled);

    let mut locked = gate.enrolled("locked@example.com").await.in_new_browser(&gate);
    for _ in 0..2 {
        locked.reach_page_two().await;
        for _ in 0..5 {
            locked.enter(&locked.wrong_code(&gate)).await;
        }
    }
    locked.reach_page_two().await;
    keep(&mut at, Locked, &locked);
    let mut verify = gate.enrolled("verify@example.com").await.in_new_browser(&gate);
    verify.reach_page_two().await;
    keep(&mut at, Verify, &verify);
    for (stage, login) in [(At::Setup, "setup@example.com"), (Codes, "codes@example.com")] {
        let link = gate.invite(login, &[]).await;
        let mut person = Person::new(login, gate.browser());
        person.register(&link).await;
        assert_eq!(person.log_in("/start").await.location(), "/.vestibule/setup");
        let page = person.browser.post("/.vestibule/setup", &[]).await;
        person.secret = crate::harness::person::secret_of(&page.text());
        if stage == Codes {
            let code = person.code(&gate);
            assert_eq!(person.browser.post("/.vestibule/setup", &[("code", &code)]).await.location(), "/.vestibule/setup/codes");
        }
        keep(&mut at, stage, &person);
    }
    Everybody { gate, upstream, at, secrets }
}

/// Ways to ask that nobody gets a page of ours by.
const FRAME: &[(&str, &str)] = &[("sec-fetch-dest", "iframe")];
const FOREIGN: &[(&str, &str)] = &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];

impl Everybody {
    /// Asks, and looks for what must not be shown.
    pub async fn ask(&self, at: At, method: Method, path: &str, kind: Kind, headers: &[(&str, &str)]) -> Answer {
        let mut browser = self.at[&at].clone();
        let form = ("content-type", "application/x-www-form-urlencoded");
        let with_form = [headers, &[form]].concat();
        let headers = if method == Method::POST { &with_form } else { headers };
        let answer = browser.send(method.clone(), path, kind, headers, Bytes::new()).await;
        if method != Method::POST {
            let text = answer.text();
            for secret in &self.secrets {
                assert!(!text.contains(secret.as_str()), "{at:?} {method} {path} shows {secret}");
            }
            let dead = at.is_nobody() || at == Passed;
            assert!(dead || !answer.headers.contains_key("set-cookie"), "{at:?} {method} {path}: {:?}", answer.headers);
        }
        answer
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_at_every_stage_by_every_kind_of_get() {
    let all = everybody().await;
    let before = all.upstream.count();
    for (at, page) in all.at.keys().flat_map(|at| pages().into_iter().map(move |page| (*at, page))) {
        let (path, brings) = (format!("/.vestibule{page}"), expected(&page, at));
        for kind in [Kind::Navigation, Kind::Bare] {
            let answer = all.ask(at, Method::GET, &path, kind, &[]).await;
            let hostile = page == "/%00" || page == "/x%2fy";
            match brings {
                _ if hostile => assert_eq!(answer.status, 400, "{at:?} {path}"),
                Status(status) => assert_eq!(answer.status, status, "{at:?} {kind:?} {path}: {}", answer.text()),
                To(to) => assert_eq!((answer.status.as_u16(), way(&answer)), (303, to), "{at:?} {kind:?} {path}"),
            }
        }
        if page == "/state" || page.starts_with("/assets") || page.contains("/%00") || page.contains("%2f") {
            continue;
        }
        let answer = all.ask(at, Method::GET, &path, Kind::Fetch, &[]).await;
        assert_eq!(answer.status, 403, "{at:?} {path} by a script");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{at:?} {path}");
        let answer = all.ask(at, Method::GET, &path, Kind::Navigation, FRAME).await;
        assert_eq!(answer.status, 401, "{at:?} {path} in a frame");
        assert!(!answer.text().contains("<form"), "{at:?} {path}");
    }
    assert_eq!(all.upstream.count(), before, "none of ours reached the upstream");
    nobody_has_moved(&all).await;
}

/// Page one says why where a pending login is over, and a code leads back to the account page; the page is what counts here.
fn way(answer: &Answer) -> &str {
    match answer.header("location") {
        "/.vestibule/login?why=expired" => "/.vestibule/login",
        back if back.starts_with("/.vestibule/verify?to=%2F.vestibule%2Faccount") => "/.vestibule/verify",
        other => other,
    }
}

async fn nobody_has_moved(all: &Everybody) {
    for at in all.at.keys() {
        let answer = all.ask(*at, Method::GET, "/.vestibule/setup", Kind::Navigation, &[]).await;
        match expected("/setup", *at) {
            Status(status) => assert_eq!(answer.status, status, "{at:?} has moved"),
            To(to) => assert_eq!(way(&answer), to, "{at:?} has moved"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_is_taken_from_anywhere_else() {
    let all = everybody().await;
    let before = all.upstream.count();
    let forms = [
        "/login",
        "/verify",
        "/register",
        "/setup",
        "/setup/codes",
        "/setup/mobile",
        "/recover",
        "/recover/mail",
        "/logout",
        "/nothing",
        "/",
    ];
    let forms = [&forms[..], &ACCOUNT_PAGES].concat();
    for (at, page) in all.at.keys().flat_map(|at| forms.iter().map(move |page| (*at, *page))) {
        let path = format!("/.vestibule{page}");
        for (how, kind, headers) in [
            ("foreign", Kind::Navigation, FOREIGN),
            ("framed", Kind::Navigation, FRAME),
            ("fetched", Kind::Fetch, &[]),
            ("bare", Kind::Bare, &[]),
            ("same site", Kind::Navigation, &[("sec-fetch-site", "same-site")]),
            ("null", Kind::Bare, &[("origin", "null")]),
        ] {
            let answer = all.ask(at, Method::POST, &path, kind, headers).await;
            let status = if how == "framed" { 401 } else { 403 };
            assert_eq!(answer.status, status, "{at:?} {how} {path}: {}", answer.text());
            assert!(!answer.headers.contains_key("set-cookie"), "{at:?} {how} {path}");
        }
    }
    assert_eq!(all.upstream.count(), before);
    nobody_has_moved(&all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_at_the_wrong_stage_leads_to_the_right_one_and_does_nothing() {
    let all = everybody().await;
    for (at, page) in all.at.keys().flat_map(|at| {
        [
            "/verify",
            "/setup",
            "/setup/codes",
            "/setup/mobile",
            "/recover",
            "/recover/mail",
            "/register",
            "/account/password",
            "/account/mfa",
            "/account/mfa/enable",
            "/account/codes",
            "/account/codes/save",
            "/account/sessions",
        ]
        .map(|page| (*at, page))
    }) {
        let path = format!("/.vestibule{page}");
        let answer = all.ask(at, Method::POST, &path, Kind::Navigation, &[]).await;
        let mine = matches!((page, at), ("/setup", At::Setup) | ("/setup/codes", Codes));
        let inside = page == "/verify" && (at.is_inside() || at == Passed);
        let again = matches!((page, at), ("/verify", Verify | Locked) | ("/recover", Verify | Codes | Locked));
        // Who has nothing staged has nothing to save, whatever the form.
        let no_token = inside
            || (at.is_inside() && page.starts_with("/account") && page != "/account/codes/save" && page != "/account/mobile");
        match expected(page, at) {
            _ if mine => assert_eq!(answer.status, if at == Codes { 422 } else { 200 }, "{at:?} {path}"),
            _ if no_token => assert_eq!(answer.status, 403, "{at:?} {path}: no form token"),
            _ if again => assert_eq!(answer.status, 422, "{at:?} {path}: no code, nothing counted"),
            Status(status) => assert_eq!(answer.status, status, "{at:?} {path}"),
            To(to) => assert_eq!((answer.status.as_u16(), way(&answer)), (303, to), "{at:?} {path}"),
        }
        if !mine {
            assert!(!answer.text().contains("otpauth:"), "{at:?} {path}");
        }
        assert!(!answer.headers.get_all("set-cookie").iter().any(|cookie| {
            let cookie = cookie.to_str().unwrap();
            cookie.starts_with("__Host-vestibule=") && !cookie.contains("Max-Age=0")
        }));
    }
    nobody_has_moved(&all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_is_inside_reaches_the_portal() {
    let all = everybody().await;
    for at in all.at.keys().copied() {
        for path in ["/", "/x?y=1", "/.vestibulex", "/vestibule"] {
            for (method, kind) in [
                (Method::GET, Kind::Navigation),
                (Method::GET, Kind::Fetch),
                (Method::GET, Kind::Bare),
                (Method::POST, Kind::Navigation),
                (Method::POST, Kind::Fetch),
                (Method::DELETE, Kind::Fetch),
                (Method::HEAD, Kind::Bare),
            ] {
                let before = all.upstream.count();
                let answer = all.ask(at, method.clone(), path, kind, &[]).await;
                let what = format!("{at:?} {method} {kind:?} {path}");
                assert_eq!(all.upstream.count() - before, usize::from(at.is_inside()), "{what}");
                let page = if at == Passed { "verify" } else { "login" };
                if at.is_inside() {
                    assert_eq!(answer.status, 200, "{what}");
                } else if kind == Kind::Navigation {
                    assert!(answer.location().starts_with(&format!("/.vestibule/{page}?to=")), "{what}");
                } else {
                    assert_eq!(answer.status, 401, "{what}");
                    assert_eq!(answer.header("vestibule-required"), if at == Passed { "code" } else { "login" }, "{what}");
                    assert_eq!(answer.header("location"), format!("/.vestibule/{page}"), "{what}");
                    assert_eq!(answer.header("www-authenticate"), "Vestibule", "{what}");
                }
            }
        }
    }
    drop(all.gate);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_portal_gave_is_worth_nothing_at_another() {
    let (upstream, other) = (Upstream::start(), Upstream::start());
    let second = format!(
        "[[portal]]\nurl = \"https://other.example.com\"\nupstreams = [\"http://{}\"]\ngroups = [\"staff\"]",
        other.addr()
    );
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal("groups = [\"staff\"]").more(&second)).await;
    let mut anna = gate.signed_in_with("anna@example.com", &["staff"]).await;
    assert!(anna.is_inside().await);
    let mut there = anna.clone();
    there.browser.host = "other.example.com".to_owned();
    assert!(there.browser.get("/inside").await.location().starts_with("/.vestibule/login?to="));
    for page in ["/account", "/logout", "/verify"] {
        assert_eq!(way(&there.browser.get(&format!("/.vestibule{page}")).await), "/.vestibule/login", "{page}");
    }
    assert_eq!(there.browser.fetch("/.vestibule/state").await.status, 401);
    // A pending login carried over by hand is nobody's there: no page, no form, and no try is counted.
    let mut carried = anna.in_new_browser(&gate);
    carried.reach_page_two().await;
    let mut there = carried.clone();
    there.browser.host = "other.example.com".to_owned();
    let code = carried.next_code(&gate);
    for page in ["/verify", "/setup", "/setup/codes", "/recover"] {
        let path = format!("/.vestibule{page}");
        let login = if page == "/recover" { "/.vestibule/login?why=recovery" } else { "/.vestibule/login" };
        assert_eq!(way(&there.clone().browser.get(&path).await), login, "{page}");
        let posted = there.clone().browser.post(&path, &[("code", &code), ("saved", "on")]).await;
        assert_eq!(way(&posted), login, "{page}");
        assert!(!posted.header("set-cookie").starts_with("__Host-vestibule="), "{page}");
        let recovery = [("code", anna.recovery[0].as_str())];
        assert_eq!(way(&there.clone().browser.post(&path, &recovery).await), login, "{page}");
    }
    assert!(!there.is_inside().await);
    assert_eq!(gate.number("SELECT sum(attempts) FROM pendings").await, 0);
    assert_eq!(carried.enter(&code).await.location(), "/", "at home it is good, and so is the code");
    assert!(carried.is_inside().await);
    assert_eq!((upstream.count(), other.count()), (2, 0));
    // Who is in none of its groups passes both doors and meets a closed third.
    let mut guest = gate.signed_in("guest@example.com").await;
    assert_eq!(guest.browser.get("/inside").await.status, 403);
    assert_eq!(upstream.count(), 2);
}
