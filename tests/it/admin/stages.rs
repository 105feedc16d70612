//! Who may see and do what on the admin origin: every route of it, at every stage of a sign-in there, asked in every way.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Method;

use super::*;
use crate::harness::Browser;
use crate::harness::browser::Kind;

/// Where somebody can stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum At {
    Anonymous,
    /// A session of a portal, of an admin, shown here under every name.
    Portal,
    /// Password accepted here, code not yet.
    Pending,
    /// Inside here, and no admin.
    Other,
    /// An admin whose code is older than a quarter of an hour.
    Stale,
    /// An admin whose window has passed.
    Passed,
    /// An admin with a code of this moment.
    Fresh,
    /// Was one, and has signed out.
    Ended,
    /// Was one, and is disabled.
    Disabled,
    /// Was one, and is inside still.
    Demoted,
}

use At::{Anonymous, Demoted, Disabled, Ended, Fresh, Other, Passed, Pending, Portal, Stale};

impl At {
    fn has_session(self) -> bool {
        matches!(self, Other | Stale | Passed | Fresh | Demoted)
    }

    fn is_admin(self) -> bool {
        matches!(self, Stale | Passed | Fresh)
    }

    /// Between the window and a new code nothing but the code counts.
    fn looks(self) -> bool {
        matches!(self, Stale | Fresh)
    }
}

/// What a request by navigation brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Brings {
    Status(u16),
    /// 303 to this page, whatever its query.
    To(&'static str),
}

use Brings::{Status, To};

const OK: Brings = Status(200);
const LOGIN: Brings = To("/.vestibule/login");
const VERIFY: Brings = To("/.vestibule/verify");
const ACCOUNT: &str = "/.vestibule/admin/accounts/00000000-0000-0000-0000-000000000001";

/// Routes, and whether they can be read and sent to.
const ROUTES: &[(&str, bool, bool)] = &[
    ("/", true, false),
    ("/.vestibule", true, false),
    ("/.vestibule/", true, false),
    ("/.vestibule/account", true, false),
    ("/.vestibule/setup", true, false),
    ("/.vestibule/setup/codes", true, false),
    ("/.vestibule/recover", true, false),
    ("/.vestibule/login", true, true),
    ("/.vestibule/verify", true, true),
    ("/.vestibule/logout", true, true),
    ("/.vestibule/language", false, true),
    (HOME, true, false),
    (ACCOUNTS, true, true),
    (INVITE, true, true),
    (ACCOUNT, true, true),
    (SETTINGS, true, true),
    (AUDIT, true, false),
    ("/.vestibule/admin/audit?format=csv", true, false),
    ("/.vestibule/admin/audit?format=json", true, false),
    (DELAYED, false, true),
];

/// What the portals have, and nobody else.
const ELSEWHERE: &[&str] = &[
    "/x",
    "/index.html",
    "/.vestibule/register",
    "/.vestibule/register/BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA",
    "/.vestibule/enrol",
    "/.vestibule/enrol/BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA",
    "/.vestibule/forgot",
    "/.vestibule/reset",
    "/.vestibule/not-me",
    "/.vestibule/recover/mail",
    "/.vestibule/setup/mobile",
    "/.vestibule/parked",
    "/.vestibule/state",
    "/.vestibule/account/password",
    "/.vestibule/account/mfa",
    "/.vestibule/account/codes",
    "/.vestibule/account/mobile",
    "/.vestibule/account/sessions",
    "/.vestibule/assets/none.css",
    "/.vestibule/admin/",
    "/.vestibule/admin/x",
    "/.vestibule/admin/accounts/x/y",
    "/.vestibule/admin/settings/",
    "/.vestibule/adminx",
    "/healthz",
    "/metrics",
];

fn is_admin_page(path: &str) -> bool {
    path.starts_with(HOME)
}

/// The matrix of reading.
fn read(path: &str, at: At) -> Brings {
    match path {
        "/" | "/.vestibule" | "/.vestibule/" | "/.vestibule/account" => To(HOME),
        "/.vestibule/setup" | "/.vestibule/setup/codes" | "/.vestibule/recover" => Status(403),
        // From there on to the overview.
        "/.vestibule/login" if at.has_session() && at != Passed => To("/"),
        "/.vestibule/login" => OK,
        "/.vestibule/verify" if at == Pending || at.has_session() => OK,
        "/.vestibule/logout" if at.has_session() => OK,
        "/.vestibule/verify" | "/.vestibule/logout" => LOGIN,
        path if is_admin_page(path) && !at.has_session() => LOGIN,
        path if is_admin_page(path) && !at.is_admin() => Status(403),
        path if is_admin_page(path) && !at.looks() => VERIFY,
        // Nobody has this id.
        ACCOUNT => Status(404),
        path if is_admin_page(path) => OK,
        _ => Status(404),
    }
}

/// The matrix of sending a form with nothing in it, not even a token.
fn sent(path: &str, at: At) -> Brings {
    match path {
        "/.vestibule/login" => Status(422),
        "/.vestibule/verify" if at == Pending => Status(422),
        "/.vestibule/verify" | "/.vestibule/logout" if at.has_session() => Status(403),
        "/.vestibule/verify" | "/.vestibule/logout" => LOGIN,
        "/.vestibule/language" => Status(400),
        path if is_admin_page(path) && !at.has_session() => LOGIN,
        path if is_admin_page(path) && !at.is_admin() => Status(403),
        path if is_admin_page(path) && !at.looks() => VERIFY,
        path if is_admin_page(path) => Status(403),
        _ => Status(404),
    }
}

/// Everybody, at one gate, and what nobody is shown who is no admin.
struct Everybody {
    gate: Gate,
    upstream: Upstream,
    at: BTreeMap<At, Browser>,
    secrets: Vec<String>,
}

async fn everybody() -> Everybody {
    let upstream = Upstream::start();
    let setup = Setup::new(&[upstream.addr()])
        .section("listen", "admin = \"127.0.0.1:0\"")
        .section("limits", "anonymous_per_client = \"100000/s burst 100000\"\nrequests_per_session = \"100000/s burst 100000\"");
    let gate = Gate::start(setup).await;
    gate.without_rates();
    let mut at = BTreeMap::new();
    let mut secrets = vec!["otpauth:".to_owned()];
    // Twelve hours ago, and used ever since.
    let passed = boss(&gate, "passed@example.com").await;
    let start = gate.now().secure;
    for half in 1..24 {
        gate.move_to(start + MINUTE * 30 * half);
        passed.clone().browser.get(HOME).await;
    }
    gate.move_to(start + HOUR * 12 - MINUTE * 16);
    passed.clone().browser.get(HOME).await;
    let stale = boss(&gate, "stale@example.com").await;
    gate.move_to(start + HOUR * 12);
    at.insert(Passed, passed.browser.clone());
    at.insert(Stale, stale.browser.clone());

    let fresh = boss(&gate, "fresh@example.com").await;
    at.insert(Fresh, fresh.browser.clone());
    let anna = gate.enrolled("anna@example.com").await;
    let mut other = at_admin(&gate, &anna);
    enter(&gate, &mut other, HOME).await.location();
    at.insert(Other, other.browser);

    let portal = gate.admin("portal@example.com").await;
    let mut here = at_admin(&gate, &portal);
    let mut anonymous = here.browser.clone();
    anonymous.cookies.clear();
    at.insert(Anonymous, anonymous);
    for (name, value) in &portal.browser.cookies {
        here.browser.cookies.insert(name.clone(), value.clone());
        if let Some(rest) = name.strip_prefix("__Host-vestibule") {
            here.browser.cookies.insert(format!("{SESSION}{rest}"), value.clone());
        }
    }
    at.insert(Portal, here.browser);
    let mut pending = at_admin(&gate, &portal);
    pending.log_in(HOME).await.location();
    at.insert(Pending, pending.browser.clone());

    let mut ended = boss(&gate, "ended@example.com").await;
    let before = ended.browser.clone();
    let token = ended.browser.get("/.vestibule/logout").await.field("form_token").unwrap();
    ended.browser.post("/.vestibule/logout", &[("form_token", &token)]).await.location();
    at.insert(Ended, before);
    let disabled = boss(&gate, "disabled@example.com").await;
    gate.set_disabled("disabled@example.com", true).await;
    at.insert(Disabled, disabled.browser.clone());
    let mut demoted = boss(&gate, "demoted@example.com").await;
    demote(&gate, "demoted@example.com").await;
    Gate::soon("they are no admins any more", || {
        let (mut demoted, mut disabled) = (demoted.browser.clone(), disabled.browser.clone());
        async move { demoted.get(HOME).await.status == 403 && disabled.get(HOME).await.status == 303 }
    })
    .await;
    demoted.browser.get("/.vestibule/logout").await;
    at.insert(Demoted, demoted.browser.clone());
    for person in [&fresh, &stale, &passed, &anna, &portal, &ended, &disabled, &demoted] {
        secrets.push(person.secret.clone());
        secrets.extend(person.recovery.iter().cloned());
    }
    Everybody { gate, upstream, at, secrets }
}

/// At once, as an operator could by hand.
async fn demote(gate: &Gate, login: &str) {
    assert!(gate.desk().await.does(vestibule::admin::Deed::Demote, gate.id_of(login).await).await.unwrap());
}

const FRAME: &[(&str, &str)] = &[("sec-fetch-dest", "iframe")];
const FOREIGN: &[(&str, &str)] = &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

impl Everybody {
    async fn ask(&self, at: At, method: Method, path: &str, kind: Kind, headers: &[(&str, &str)]) -> Answer {
        let mut browser = self.at[&at].clone();
        let with_form = [headers, &[FORM]].concat();
        let headers = if method == Method::POST { &with_form } else { headers };
        let answer = browser.send(method.clone(), path, kind, headers, Bytes::new()).await;
        let text = answer.text();
        for secret in &self.secrets {
            assert!(!text.contains(secret.as_str()), "{at:?} {method} {path} shows {secret}");
        }
        // Who else is here is for admins to see.
        if !at.looks() && at != Pending {
            assert!(!text.contains("anna@example.com") || at == Other, "{at:?} {method} {path}: {text}");
            assert!(!text.contains("fresh@example.com"), "{at:?} {method} {path}: {text}");
        }
        assert!(
            !answer.headers.get_all("set-cookie").iter().any(|cookie| {
                let cookie = cookie.to_str().unwrap();
                cookie.starts_with(&format!("{SESSION}=")) && !cookie.contains("Max-Age=0")
            }),
            "{at:?} {method} {path} makes a session"
        );
        answer
    }

    /// What could have been done by any of this.
    async fn traces(&self) -> (i64, i64, i64, i64) {
        (
            self.gate.number("SELECT count(*) FROM audit").await,
            self.gate.number("SELECT count(*) FROM accounts").await,
            self.gate.number("SELECT count(*) FROM settings").await + self.gate.number("SELECT count(*) FROM delayed_acts").await,
            self.gate.number("SELECT count(*) FROM sessions").await,
        )
    }
}

/// What was not as it has to be; all of it is told in the end.
#[derive(Default)]
struct Wrong(Vec<String>);

impl Wrong {
    fn check(&mut self, answer: &Answer, brings: Brings, what: &str) {
        let way = answer.header("location").split('?').next().unwrap();
        let (status, way) = match brings {
            Status(status) => (status, None),
            To(to) => (303, (way != to).then_some(way)),
        };
        if answer.status != status || way.is_some() {
            self.0.push(format!("{what}: {brings:?} was expected, not {} {way:?}", answer.status));
        }
    }

    #[track_caller]
    fn tell(self) {
        assert!(self.0.is_empty(), "{}", self.0.join("\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_the_admin_origin_at_every_stage_is_read() {
    let all = everybody().await;
    let (before, mut wrong) = (all.traces().await, Wrong::default());
    for at in all.at.keys().copied() {
        for (path, reads, _) in ROUTES.iter().copied() {
            for kind in [Kind::Navigation, Kind::Bare] {
                let answer = all.ask(at, Method::GET, path, kind, &[]).await;
                let brings = if reads { read(path, at) } else { Status(405) };
                wrong.check(&answer, brings, &format!("{at:?} {kind:?} GET {path}"));
                assert_eq!(answer.header("cache-control"), "no-store", "{at:?} {path}");
            }
            let head = all.ask(at, Method::HEAD, path, Kind::Navigation, &[]).await;
            let brings = if reads { read(path, at) } else { Status(405) };
            wrong.check(&head, brings, &format!("{at:?} HEAD {path}"));
            let by_script = all.ask(at, Method::GET, path, Kind::Fetch, &[]).await;
            wrong.check(&by_script, Status(403), &format!("{at:?} {path} by a script"));
            let framed = all.ask(at, Method::GET, path, Kind::Navigation, FRAME).await;
            wrong.check(&framed, Status(401), &format!("{at:?} {path} in a frame"));
            assert!(!framed.text().contains("<form"), "{at:?} {path}");
        }
        for path in ELSEWHERE {
            let answer = all.ask(at, Method::GET, path, Kind::Navigation, &[]).await;
            wrong.check(&answer, Status(404), &format!("{at:?} GET {path}"));
        }
    }
    wrong.tell();
    assert_eq!(all.traces().await, before, "looking changes nothing");
    assert_eq!(all.upstream.count(), 0, "nothing here leads to a portal");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_the_admin_origin_at_every_stage_is_sent_a_form() {
    let all = everybody().await;
    let (before, mut wrong) = (all.traces().await, Wrong::default());
    for at in all.at.keys().copied() {
        for (path, _, sends) in ROUTES.iter().copied() {
            let answer = all.ask(at, Method::POST, path, Kind::Navigation, &[]).await;
            wrong.check(&answer, if sends { sent(path, at) } else { Status(405) }, &format!("{at:?} POST {path}"));
            for (how, kind, headers, status) in [
                ("foreign", Kind::Navigation, FOREIGN, 403),
                ("framed", Kind::Navigation, FRAME, 401),
                ("fetched", Kind::Fetch, &[], 403),
                ("bare", Kind::Bare, &[], 403),
                ("same site", Kind::Navigation, &[("sec-fetch-site", "same-site")], 403),
                ("null", Kind::Bare, &[("origin", "null")], 403),
            ] {
                let answer = all.ask(at, Method::POST, path, kind, headers).await;
                wrong.check(&answer, Status(status), &format!("{at:?} {how} {path}"));
                assert!(!answer.headers.contains_key("set-cookie"), "{at:?} {how} {path}");
            }
            for method in [Method::PUT, Method::DELETE, Method::PATCH] {
                let answer = all.ask(at, method.clone(), path, Kind::Navigation, &[]).await;
                wrong.check(&answer, Status(405), &format!("{at:?} {method} {path}"));
            }
        }
        for path in ELSEWHERE {
            let answer = all.ask(at, Method::POST, path, Kind::Navigation, &[]).await;
            let there = path.starts_with("/.vestibule/assets/");
            wrong.check(&answer, Status(if there { 405 } else { 404 }), &format!("{at:?} POST {path}"));
        }
    }
    wrong.tell();
    assert_eq!(all.traces().await, before, "nothing was done");
    assert_eq!(all.upstream.count(), 0);
}

/// With everything a form has to bring but the right to send it.
#[tokio::test(flavor = "multi_thread")]
async fn a_whole_form_is_taken_from_a_fresh_admin_alone() {
    let all = everybody().await;
    let anna = page_of(&all.gate, "anna@example.com").await;
    let id = format!("id-{}", all.gate.id_of("anna@example.com").await);
    let forms: [(&str, &[(&str, &str)]); 5] = [
        (&anna, &[("deed", "disable")]),
        (ACCOUNTS, &[("deed", "disable"), (&id, "yes")]),
        (INVITE, &[("people", "new@example.com")]),
        (SETTINGS, &[("setting", "idle"), ("value", "900")]),
        (DELAYED, &[("id", "00000000-0000-0000-0000-000000000001")]),
    ];
    let before = all.traces().await;
    for at in all.at.keys().copied().filter(|at| *at != Fresh) {
        for (path, fields) in forms {
            // A token of one's own where one has a page to take it from, and of a fresh admin's page in any case.
            let on = if path == DELAYED { SETTINGS } else { path };
            let own = all.at[&at].clone().get(on).await.field("form_token");
            let borrowed = all.at[&Fresh].clone().get(on).await.field("form_token").unwrap();
            let own_is_good = own.is_some() && path != DELAYED;
            for token in own.into_iter().chain([borrowed]) {
                let mut browser = all.at[&at].clone();
                let fields = [&[("form_token", token.as_str())], fields].concat();
                let answer = browser.post(path, &fields).await;
                let what = format!("{at:?} POST {path}");
                let away = answer.status == 303 && !answer.location().contains("said=");
                assert!(away || answer.status == 403, "{what}: {} {}", answer.status, answer.text());
                if at == Stale && own_is_good && away {
                    assert!(answer.location().starts_with("/.vestibule/verify?to="), "{what}: {}", answer.location());
                }
            }
        }
    }
    assert_eq!(all.traces().await, before, "nothing was done");
    let mut fresh = Person::new("fresh@example.com", all.at[&Fresh].clone());
    for (path, fields) in forms.into_iter().take(4) {
        let said = send(&mut fresh, path, path, fields).await;
        assert!(said.location().contains("said="), "{path}: {}", said.location());
    }
    assert!(all.gate.account("anna@example.com").await.disabled && all.traces().await != before);
}
