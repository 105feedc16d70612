//! Nothing secret leaves: a whole life of an account, and then a search for every secret of it in whatever the gate has said,
//! sent, counted or stored.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use http::{Method, StatusCode};
use vestibule::app::settings;
use vestibule::config;
use vestibule::gateway::live::Live;
use vestibule::session::window::Configured;
use vestibule::telemetry::access_log::AccessLog;

use crate::harness::browser::Kind;
use crate::harness::{Answer, Gate, Person, PostOffice, Setup, SmsGateway, Upstream};

const ANNA: &str = "anna-canary@example.com";
const PASSWORD: &str = "Canary-Horse-77-Yellow";
const TYPED_WRONG: &str = "Canary-Wrong-78-Purple";

/// A log that can be read again.
#[derive(Clone, Default)]
pub struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    /// What it says so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The log of this process, more of it than is written by default. All gates of the test binary write into it.
pub fn log() -> Kept {
    static LOG: OnceLock<Kept> = OnceLock::new();
    let keep = || {
        let kept = Kept::default();
        let out = kept.clone();
        let filter = tracing_subscriber::EnvFilter::new("info,vestibule=trace");
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(move || out.clone()).with_ansi(false).finish();
        tracing::subscriber::set_global_default(log).expect("no other test keeps the log");
        kept
    };
    LOG.get_or_init(keep).clone()
}

/// Lets the gate write its access records where the test can read them.
fn keep_access_log(gate: &Gate, json: bool) -> Kept {
    let (kept, parts) = (Kept::default(), gate.app().parts());
    let access_log = AccessLog::start(json, 1, Box::new(kept.clone())).unwrap();
    let before = parts.live.load_full();
    let brands = parts.brands.load_full();
    let live: Live =
        settings::live(&gate.config(), &parts.window, parts.follower.reading(), &brands, &access_log, Some(&before)).unwrap();
    parts.live.store(Arc::new(live));
    kept
}

/// Everything that must be nowhere, by name.
#[derive(Default)]
struct Canaries {
    /// Found by themselves, wherever they stand.
    texts: Vec<(String, String)>,
    /// Six digits: found where they stand alone.
    codes: Vec<String>,
    /// Of phones: found wherever they stand.
    numbers: Vec<String>,
    bytes: Vec<(String, Vec<u8>)>,
}

impl Canaries {
    fn text(&mut self, name: &str, value: &str) {
        assert!(value.len() >= 16, "{name} is too short to be looked for: {value}");
        if !self.texts.iter().any(|(_, known)| known == value) {
            self.texts.push((name.to_owned(), value.to_owned()));
        }
    }

    fn cookies(&mut self, person: &Person) {
        for (name, value) in &person.browser.cookies {
            self.text(name, value);
        }
    }

    fn factors(&mut self, person: &Person) {
        self.text("TOTP secret", &person.secret);
        self.bytes.push(("TOTP secret".to_owned(), data_encoding::BASE32_NOPAD.decode(person.secret.as_bytes()).unwrap()));
        for code in &person.recovery {
            self.text("recovery code", code);
            self.text("recovery code without hyphens", &code.replace('-', ""));
        }
    }

    /// What of all this stands in there.
    fn found_in(&self, place: &str, bytes: &[u8]) -> Vec<String> {
        let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
        let mut found: Vec<String> = self
            .texts
            .iter()
            .filter(|(_, value)| text.contains(&value.to_ascii_lowercase()))
            .map(|(name, _)| name.clone())
            .collect();
        found.extend(self.codes.iter().filter(|code| stands_alone(&text, code)).map(|code| format!("code {code}")));
        found
            .extend(self.numbers.iter().filter(|number| text.contains(number.as_str())).map(|number| format!("number {number}")));
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        found.extend(self.bytes.iter().filter(|(_, needle)| holds(needle)).map(|(name, _)| format!("{name} as bytes")));
        found.iter().map(|what| format!("{what} in {place}")).collect()
    }
}

/// Whether these digits stand there with neither a letter nor a digit, nor a point, beside them.
fn stands_alone(text: &str, code: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '.' || c == '-');
    text.match_indices(code).any(|(at, _)| !part(text[..at].chars().next_back()) && !part(text[at + code.len()..].chars().next()))
}

/// The life. What it says on pages is kept where no secret is owed to the person.
async fn live(gate: &Gate, canaries: &mut Canaries) -> (Person, Vec<Answer>) {
    let mut pages = Vec::new();
    let link = gate.invite(ANNA, &["billing"]).await;
    canaries.text("invitation", link.rsplit('/').next().unwrap());
    canaries.text("password", PASSWORD);
    canaries.text("password typed wrong", TYPED_WRONG);
    let mut anna = Person::new(ANNA, gate.browser());
    PASSWORD.clone_into(&mut anna.password);
    // The link in wrong hands: fetched, posted to, framed, at the wrong page, with something after it, at the wrong host.
    pages.push(anna.browser.fetch(&link).await);
    pages.push(anna.browser.post(&link, &[("new_password", PASSWORD)]).await);
    pages.push(anna.browser.get(&link.replace("register", "enrol")).await);
    pages.push(anna.browser.get(&format!("{link}/%2e%2e?{link}")).await);
    pages.push(anna.browser.get(&format!("{link}%00")).await);
    pages.push(anna.browser.send(Method::GET, &link, Kind::Bare, &[("host", "elsewhere.example.com")], "".into()).await);
    pages.push(anna.browser.get(&link.replace("/.vestibule/", "/%2eVestibule/")).await);
    pages.push(anna.browser.get(&link.replace("/.vestibule/", "/%2e%76%65stibule/%00/")).await);
    anna.browser.get(&link).await.location();
    canaries.cookies(&anna);
    let weak = [("new_password", TYPED_WRONG), ("new_password_again", PASSWORD)];
    pages.push(anna.browser.post("/.vestibule/register", &weak).await);
    anna.register(&link).await;
    for (login, password) in [(ANNA, TYPED_WRONG), (TYPED_WRONG, PASSWORD), ("nobody@example.com", TYPED_WRONG)] {
        let answer = anna.browser.post("/.vestibule/login", &[("login", login), ("password", password)]).await;
        if login != TYPED_WRONG {
            pages.push(answer);
        }
    }
    anna.log_in("/start").await.location();
    canaries.cookies(&anna);
    anna.set_up_to(gate, "/.vestibule/setup/mobile").await;
    canaries.codes.push(anna.code(gate));
    canaries.factors(&anna);
    let wrong = anna.wrong_code(gate);
    pages.push(anna.enter(&wrong).await);
    anna.finish_sign_in(gate).await;
    canaries.codes.push(anna.code(gate));
    canaries.cookies(&anna);
    (anna, pages)
}

/// A forgotten password, a mailed link in wrong hands and in the right ones, and what mails tell of all that.
async fn read_mail(office: &PostOffice, anna: &mut Person, canaries: &mut Canaries) -> Vec<Answer> {
    const NEW: &str = "Canary-Horse-79-Orange";
    let mut pages = vec![anna.browser.post("/.vestibule/forgot", &[("login", ANNA)]).await];
    // What is typed as a login id is shown again, and nowhere else.
    anna.browser.post("/.vestibule/forgot", &[("login", TYPED_WRONG)]).await;
    let link = office.find("new password").await.link();
    canaries.text("reset link", link.rsplit('/').next().unwrap());
    canaries.text("new password", NEW);
    canaries.text("password of the mail server", "Canary-Of-The-Mail-Server");
    pages.push(anna.browser.fetch(&link).await);
    pages.push(anna.browser.post(&link, &[("new_password", NEW)]).await);
    pages.push(anna.browser.get(&link.replace("reset", "not-me")).await);
    pages.push(anna.browser.get(&format!("{link}/%2e%2e?{link}")).await);
    anna.browser.get(&link).await.location();
    canaries.cookies(anna);
    pages.push(anna.browser.post("/.vestibule/reset", &[("new_password", NEW), ("new_password_again", PASSWORD)]).await);
    pages.push(anna.browser.post("/.vestibule/reset", &[("new_password", NEW), ("new_password_again", NEW)]).await);
    pages.push(anna.browser.get(&link).await);
    office.find("was changed").await;
    for mail in office.arrived() {
        for link in mail.links() {
            canaries.text("link in a mail", link.rsplit('/').next().unwrap());
            pages.push(anna.browser.fetch(&link).await);
        }
    }
    pages
}

/// A recovery mobile, and a recovery by text. What comes from people's phones is in no answer but the form they typed it into.
async fn read_texts(gate: &Gate, office: &PostOffice, sms: &SmsGateway, canaries: &mut Canaries) -> Vec<Answer> {
    const BERT: &str = "bert-canary@example.com";
    const SETUP: &str = "/.vestibule/setup/mobile";
    let link = gate.invite(BERT, &[]).await;
    let mut bert = Person::new(BERT, gate.browser());
    bert.register(&link).await;
    bert.log_in("/start").await.location();
    bert.set_up_to(gate, SETUP).await;
    let mut pages = vec![bert.browser.post(SETUP, &[("mobile", "+1 203-555-0177")]).await];
    let code = sms.expect(1).await.code();
    pages.push(bert.browser.post(SETUP, &[("code", "000000")]).await);
    pages.push(bert.browser.post(SETUP, &[("code", &code)]).await);
    canaries.codes.push(code);
    bert.finish_sign_in(gate).await;
    pages.push(bert.browser.get("/.vestibule/account/mobile").await);
    let mut lost = bert.in_new_browser(gate);
    lost.reach_page_two().await;
    pages.push(lost.browser.post("/.vestibule/recover", &[("act", "text")]).await);
    let code = sms.expect(2).await.code();
    let mail = office.find("Recover your account").await;
    canaries.text("recovery link", mail.link().rsplit('/').next().unwrap());
    pages.push(lost.browser.fetch(&mail.link()).await);
    pages.push(lost.browser.get(&mail.link()).await);
    pages.push(lost.browser.post("/.vestibule/recover/mail", &[]).await);
    pages.push(lost.browser.post("/.vestibule/recover", &[("act", "texted"), ("code", &code)]).await);
    canaries.codes.push(code);
    canaries.cookies(&lost);
    canaries.numbers = ["+12035550177", "203-555-0177", "2035550177"].map(str::to_owned).to_vec();
    pages
}

/// Secrets in addresses and headers where none belong, on the way to the portal and back.
async fn use_the_portal(gate: &Gate, anna: &mut Person, canaries: &mut Canaries) -> Vec<Answer> {
    let mut pages = Vec::new();
    let referer = format!("https://portal.example.com/.vestibule/register/{}", canaries.texts[0].1);
    let all = [("referer", referer.as_str())];
    for kind in [Kind::Navigation, Kind::Fetch, Kind::Bare] {
        pages.push(anna.browser.send(Method::GET, "/x", kind, &all, "".into()).await);
    }
    // What she wrote while no code was fresh; it waits to the end.
    let window = &gate.app().parts().window;
    let long = window.load();
    window.configure(Configured::window(Duration::from_secs(1)));
    gate.hands.advance(Duration::from_secs(2));
    let (written, place) = ("Canary-Parked-Body-99", "Canary-Parked-Query-98");
    canaries.text("parked body", written);
    canaries.text("parked query", place);
    let held = anna.browser.post(&format!("/save?q={place}"), &[("text", written)]).await;
    assert!(held.header("set-cookie").starts_with("__Host-vestibule-park="), "{}", held.text());
    canaries.cookies(anna);
    window.configure(Configured::window(long));
    pages.push(anna.browser.get("/.vestibule/parked").await);
    anna.confirm(gate, "/x").await.location();
    canaries.codes.push(anna.code(gate));
    canaries.cookies(anna);
    let token = anna.browser.get("/.vestibule/verify").await.field("form_token").unwrap();
    for code in [anna.wrong_code(gate), anna.code(gate), anna.recovery[9].clone(), PASSWORD.to_owned()] {
        pages.push(anna.browser.post("/.vestibule/verify", &[("code", &code), ("form_token", &token)]).await);
    }
    pages.push(anna.browser.post("/.vestibule/logout", &[("form_token", &token)]).await);
    // Secrets typed into fields where they do not belong.
    let mut other = anna.in_new_browser(gate);
    other.reach_page_two().await;
    canaries.cookies(&other);
    for code in [PASSWORD, &anna.secret, &anna.recovery[8]] {
        pages.push(other.enter(code).await);
        pages.push(other.browser.post("/.vestibule/recover", &[("code", &format!("x{code}"))]).await);
    }
    // Recovery, and a life with another phone.
    let mut lost = anna.in_new_browser(gate);
    lost.reach_page_two().await;
    lost.browser.post("/.vestibule/recover", &[("code", &anna.recovery[0])]).await.location();
    canaries.cookies(&lost);
    lost.set_up_to(gate, "/.vestibule/setup/mobile").await;
    canaries.factors(&lost);
    lost.finish_sign_in(gate).await;
    canaries.cookies(&lost);
    canaries.codes.push(lost.code(gate));
    lost.browser.get("/after").await;
    let link = gate.reset_mfa(ANNA).await;
    canaries.text("enrolment link", link.rsplit('/').next().unwrap());
    lost.browser.get(&link).await.location();
    canaries.cookies(&lost);
    pages
}

async fn search(json: bool) {
    let upstream = Upstream::start();
    let log = log();
    let office = PostOffice::open().await;
    let sms = SmsGateway::open().await;
    let setup = Setup::new(&[upstream.addr()]).section("log", "access = true").section("mail", &office.section());
    let setup = setup.section("sms", &sms.section());
    let gate = Gate::start(setup).await;
    gate.without_rates();
    let access = keep_access_log(&gate, json);
    let mut canaries = Canaries::default();
    let (mut anna, mut pages) = live(&gate, &mut canaries).await;
    pages.extend(read_texts(&gate, &office, &sms, &mut canaries).await);
    pages.extend(use_the_portal(&gate, &mut anna, &mut canaries).await);
    pages.extend(read_mail(&office, &mut anna, &mut canaries).await);
    // The trail tells of failures once their hour has passed.
    gate.hands.advance(Duration::from_hours(2));
    assert!(canaries.texts.len() > 30 && canaries.codes.len() == 6 && canaries.numbers.len() == 3);

    let mut found = Vec::new();
    for (number, page) in pages.iter().enumerate() {
        assert_ne!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
        found.extend(canaries.found_in(&format!("answer {number}: {}", page.text()), &page.body));
        for (name, value) in page.headers.iter().filter(|(name, _)| *name != "set-cookie") {
            found.extend(canaries.found_in(&format!("{name} of answer {number}"), value.as_bytes()));
        }
    }
    for (number, received) in upstream.received().iter().enumerate() {
        let bytes = [received.head.as_bytes(), &received.body].concat();
        found.extend(canaries.found_in(&format!("upstream request {number}: {}", received.head), &bytes));
    }
    let shown = config::load(&gate.config_file(), std::iter::empty()).unwrap().show();
    let key = std::fs::read_to_string(gate.dir().join("vestibule.key")).unwrap();
    for line in key.lines().filter(|line| line.len() >= 32) {
        canaries.text("master key", line);
    }
    found.extend(canaries.found_in("config show", shown.as_bytes()));
    let metrics = gate.ops("/metrics").await.1;
    found.extend(canaries.found_in("metrics", metrics.as_bytes()));
    found.extend(canaries.found_in("readyz", gate.ops("/readyz").await.1.as_bytes()));
    let records = gate.open_store(false).await.trail().records(0, None, None, 10_000).await.unwrap();
    let trail = records.iter().map(|record| format!("{record:?}")).collect::<Vec<_>>().join("\n");
    found.extend(canaries.found_in("the audit trail", without_macs(&trail).as_bytes()));

    Gate::until("all access records are written", || {
        let access = access.clone();
        async move { access.text().contains("/after") }
    })
    .await;
    let access_text = without_times(&access.text(), json);
    found.extend(canaries.found_in("the access log", access_text.as_bytes()));
    found.extend(canaries.found_in("the log", log.text().as_bytes()));
    // In what is stored, codes of six digits could stand by chance and mean nothing.
    let stored = Canaries { codes: Vec::new(), ..canaries };
    let mut size = 0;
    for entry in std::fs::read_dir(gate.dir()).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if name.starts_with("vestibule.db") {
            let bytes = std::fs::read(entry.path()).unwrap();
            size += bytes.len();
            found.extend(stored.found_in(&name, &bytes));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));

    // The search itself finds what is there.
    assert!(size > 100_000, "the database was read: {size}");
    assert!(trail.contains("session.start") && trail.contains("recovery.accept") && trail.contains(ANNA), "{trail}");
    assert!(
        access_text.contains("/.vestibule/reset/:token") && access_text.contains("/.vestibule/not-me/:token"),
        "{access_text}"
    );
    assert!(
        trail.contains("mobile.change") && trail.contains("text and mail") && access_text.contains("/.vestibule/recover/:token")
    );
    assert!(trail.contains("password.reset") && office.arrived().len() > 3, "{trail}");
    assert!(access_text.contains("/.vestibule/register/:token") && access_text.contains("/after"), "{access_text}");
    assert!(metrics.contains("vestibule_logins_total") && shown.contains("master_key_file"));
    assert!(upstream.count() >= 4 && log.text().contains("the gate is open"));
    assert_eq!(stored.found_in("here", format!("x{}y", stored.texts[3].1).as_bytes()).len(), 1);
}

/// Chain values are random and printed as numbers.
fn without_macs(trail: &str) -> String {
    trail.lines().map(|line| line.split(", mac:").next().unwrap().to_owned() + "\n").collect()
}

/// Durations have digits of their own.
fn without_times(access: &str, json: bool) -> String {
    let cut = |line: &str| if json { line.split("\"check_us\"").next().unwrap().to_owned() } else { line.to_owned() };
    access.lines().map(|line| cut(line) + "\n").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_life_is_anywhere() {
    search(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_where_logs_are_text() {
    search(false).await;
}
