//! What would happen to a request, and why: asked of the same code that decides, so that the answer cannot be another one.

use std::fmt::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, Uri, Version, header};
use uuid::Uuid;

use crate::access::policy::Judgement;
use crate::access::target::Via;
use crate::access::{Decision, Permit, Target};
use crate::app::settings::{self, SettingsError};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::config::values::duration_text;
use crate::ports::TokenHash;
use crate::proxy;
use crate::session::health::Health;
use crate::session::log::{AccountRow, SessionRow};
use crate::session::record::{AccountCell, Session};
use crate::session::table::Found;
use crate::session::window::{AdminWindow, Configured};

/// A question.
pub struct Question<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The method.
    pub method: Method,
    /// The address as a client would send it: not normalised by anybody before it gets here.
    pub url: &'a str,
    /// From where.
    pub from: Option<IpAddr>,
    /// Who is signed in, and how long ago the last code was.
    pub session: Option<(AccountRow, Duration)>,
    /// What an admin has set, or else what is configured.
    pub window: Duration,
}

/// An answer: labelled lines, ready to print.
pub struct Explanation {
    lines: Vec<(&'static str, String)>,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|(label, text)| writeln!(f, "{label:<10} {text}"))
    }
}

impl Explanation {
    fn line(&mut self, label: &'static str, text: impl Into<String>) {
        self.lines.push((label, text.into()));
    }
}

/// A moment far from the start of time, so that ages can be subtracted.
const NOW: Timestamp = Timestamp::from_secs(4_000_000_000);

/// Answers.
pub fn explain(question: &Question<'_>) -> Result<Explanation, SettingsError> {
    let mut out = Explanation { lines: Vec::new() };
    let portals = settings::portals(question.config);
    let reading = Arc::new(Health::new(NOW, Duration::MAX));
    let holds = Configured { window: question.window, ..settings::configured(question.config) };
    let policy = settings::policy(question.config, &Arc::new(AdminWindow::new(holds)), reading)?;
    let Some((uri, headers)) = request(question.url) else {
        out.line("decision", "refuse: 400, before anything is decided");
        out.line("because", "this is no address that HTTP can carry: write https://HOST/PATH");
        return Ok(out);
    };
    let sni = headers.get(header::HOST).and_then(|host| host.to_str().ok()).map(host_of);
    let via = Via { sni: sni.as_deref(), port: question.config.listen.https.port() };
    let target = match Target::parse(&question.method, &uri, Version::HTTP_11, &headers, via, &portals) {
        Ok(target) => target,
        Err(error) => {
            out.line(
                "decision",
                format!("refuse: {}, before anything is decided", crate::gateway::check::refusal_of(error).status.as_u16()),
            );
            out.line("because", error.to_string());
            return Ok(out);
        }
    };
    out.line("request", format!("{} {}{}", target.method, target.portal.origin, target.path_and_query()));
    out.line("portal", &*target.portal.name);
    if target.is_ours() || target.portal.is_pages() {
        out.line("decision", "page: answered by the gate itself, never forwarded");
        return Ok(out);
    }
    let client = question.from.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let found = question.session.as_ref().map(|(account, age)| found(account, *age, &target));
    let judgement = policy.decide(target, found.as_ref(), client, NOW);
    tell(&mut out, question, judgement, client);
    Ok(out)
}

fn tell(out: &mut Explanation, question: &Question<'_>, judgement: Judgement, client: IpAddr) {
    let Judgement { decision, rule, window } = judgement;
    let target = match &decision {
        Decision::Forward(permit) => permit.target(),
        Decision::Login(target) | Decision::Confirm(target) | Decision::Away(target) | Decision::Deny(target, _) => target,
    };
    let index = target.portal.index;
    out.line("rule", rule_text(question.config, index, rule));
    out.line("window", window_text(question.window, window));
    match &decision {
        Decision::Forward(permit) => {
            let whose = if permit.session().is_some() { "with who is signed in" } else { "without saying who is there" };
            out.line("decision", format!("forward, {whose}"));
            changes(out, permit, client);
        }
        Decision::Login(_) => {
            out.line("decision", "login: a page is led to /.vestibule/login, anything else gets 401 Vestibule-Required: login");
        }
        Decision::Confirm(_) => {
            out.line("decision", "confirm: a page is led to /.vestibule/verify, anything else gets 401 Vestibule-Required: code");
        }
        Decision::Away(_) => {
            out.line("decision", "away: 503, while the store is away for longer than store.outage_grace");
        }
        Decision::Deny(_, cause) => {
            out.line("decision", "deny: 403");
            out.line(
                "because",
                match cause.word() {
                    "group" => "the account is in none of the groups that are asked for",
                    "network" => "the address is in none of the networks of the rule (see --from)",
                    _ => "the rule says deny",
                },
            );
        }
    }
}

fn rule_text(config: &Config, portal: usize, rule: Option<u32>) -> String {
    let rules = config.portals.get(portal).map(|portal| portal.rules.as_slice()).unwrap_or_default();
    let found = rule.and_then(|number| Some((number, rules.get(usize::try_from(number.checked_sub(1)?).ok()?)?)));
    let Some((number, rule)) = found else { return "none matches: a session with a fresh code".to_owned() };
    let mut text = format!("number {number}: path {}, require {}", rule.path, format!("{:?}", rule.require).to_lowercase());
    let mut list = |name: &str, values: Vec<String>| {
        if !values.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(text, ", {name} {}", values.join(" "));
        }
    };
    list("methods", rule.methods.iter().map(ToString::to_string).collect());
    list("groups", rule.groups.clone());
    list("networks", rule.networks.iter().map(ToString::to_string).collect());
    list("reauth", rule.reauth.map(duration_text).into_iter().collect());
    text
}

fn window_text(admin: Duration, effective: Duration) -> String {
    let text = duration_text(effective);
    if effective < admin { format!("{text} (the rule's; otherwise {})", duration_text(admin)) } else { text }
}

fn changes(out: &mut Explanation, permit: &Permit, client: IpAddr) {
    for (name, value) in proxy::told(permit, client, HeaderValue::from_static("(a new id)")) {
        out.line("header +", format!("{name}: {value}"));
    }
    out.line("header -", "the same names from the client in every spelling, our cookies, hop-by-hop headers, request trailers");
}

/// The request line's target and the `Host` that a client would send for it.
fn request(url: &str) -> Option<(Uri, HeaderMap)> {
    let rest = url.strip_prefix("https://")?;
    let split = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(split)?;
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    // A fragment is cut off here as it is when a request comes: see `access::canon`.
    let uri = Uri::try_from(path).ok()?;
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, HeaderValue::from_str(host).ok()?);
    Some((uri, headers))
}

fn host_of(host: &str) -> String {
    crate::access::host::canonical_host(host).unwrap_or_default()
}

/// A session of this account for this portal, as the table would hold it.
fn found(account: &AccountRow, age: Duration, target: &Target) -> Found {
    let code_at = NOW - age;
    let row = SessionRow {
        id: Uuid::nil(),
        token: TokenHash([0; 32]),
        previous: None,
        account: account.id,
        portal: target.portal.name.to_string(),
        epoch: account.epoch,
        created: code_at,
        code_at,
        code_step: 0,
        last_seen: NOW,
        expires: NOW + Duration::from_hours(24),
        client: IpAddr::V4(Ipv4Addr::LOCALHOST),
        agent: String::new(),
        shared: false,
        parent: None,
    };
    let session = Session::new(&row, Arc::new(AccountCell::new(account.clone())), Arc::clone(&target.portal.name));
    Found { session: Arc::new(session), code_at }
}
