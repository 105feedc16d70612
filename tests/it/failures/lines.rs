//! A mail server and an SMS gateway that are away, each in its own way: who asks gets the same answer in the same time, whoever they
//! are; nothing is lost, and nothing is counted that was not sent.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::StatusCode;

use super::{ANNA, RECOVER, SETUP, SETUP_MOBILE, Town, VERIFY};
use crate::harness::{Answer, Gate, Person, PostOffice, Setup, SmsGateway, Upstream};

/// How a line breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// It does not.
    Through,
    /// Closed as soon as it is open.
    Closed,
    /// What comes is in no language.
    Rubbish,
    /// A mail server that breaks in the middle of the TLS handshake.
    BrokenTls,
    /// A gateway's answer that ends too early.
    Cut,
    /// A gateway that has no time.
    TooMany,
    /// A gateway with a fault of its own.
    Fault,
}

/// A line to somebody, and what is wrong with it.
struct Line {
    addr: SocketAddr,
    way: Arc<Mutex<Way>>,
    /// What was let through: a client may keep it for later.
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Line {
    fn to(real: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (addr, way) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Way::Through)));
        let (now, open) = (Arc::clone(&way), Arc::new(Mutex::new(Vec::new())));
        let kept = Arc::clone(&open);
        // Ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let way = *now.lock().unwrap();
                kept.lock().unwrap().extend(stream.try_clone());
                std::thread::spawn(move || carry(&stream, real, way));
            }
        });
        Self { addr, way, open }
    }

    fn is(&self, way: Way) {
        *self.way.lock().unwrap() = way;
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn carry(stream: &TcpStream, real: SocketAddr, way: Way) -> Option<()> {
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    match way {
        Way::Through => return carry_through(stream, real),
        Way::Closed => {}
        Way::Rubbish => {
            writer.write_all(b"\x00\xff\x13\x37 rubbish\n\n\r\n\r\n").ok()?;
            let _ = reader.read(&mut [0; 1024]);
        }
        Way::BrokenTls => {
            writer.write_all(b"220 office\r\n").ok()?;
            let mut line = String::new();
            while reader.read_line(&mut line).ok()? > 0 && !line.starts_with("STARTTLS") {
                writer.write_all(b"250-office\r\n250 STARTTLS\r\n").ok()?;
                line.clear();
            }
            writer.write_all(b"220 go\r\n").ok()?;
            let _ = reader.read(&mut [0; 16]);
            writer.write_all(b"\x16\x03\x03\x00\x05nope").ok()?;
        }
        Way::Cut | Way::TooMany | Way::Fault => {
            let _ = reader.read(&mut [0; 4096]);
            let answer = match way {
                Way::Cut => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"o",
                Way::TooMany => "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                _ => "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            };
            writer.write_all(answer.as_bytes()).ok()?;
        }
    }
    stream.shutdown(Shutdown::Both).ok()
}

fn carry_through(stream: &TcpStream, real: SocketAddr) -> Option<()> {
    let other = TcpStream::connect(real).ok()?;
    let (mut from, mut to) = (stream.try_clone().ok()?, other.try_clone().ok()?);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    let (mut from, mut to) = (other, stream.try_clone().ok()?);
    let _ = std::io::copy(&mut from, &mut to);
    stream.shutdown(Shutdown::Both).ok()
}

/// The address in a section of the config.
fn address(section: &str) -> SocketAddr {
    let start = section.find("127.0.0.1:").unwrap();
    let rest = &section[start..];
    rest[..rest.find(['"', '/']).unwrap()].parse().unwrap()
}

/// An answer without what differs in any two.
fn shape(answer: &Answer, login: &str) -> (StatusCode, String) {
    (answer.status, answer.text().replace(login, ""))
}

/// The answer, which must not take longer than that.
fn within<'a>(
    time: Duration,
    what: &'static str,
    answer: impl Future<Output = Answer> + 'a,
) -> Pin<Box<dyn Future<Output = Answer> + 'a>> {
    let answer = Box::pin(answer);
    Box::pin(
        async move { tokio::time::timeout(time, answer).await.unwrap_or_else(|_| panic!("{what} takes longer than {time:?}")) },
    )
}

async fn mailless_answers(way: Way) {
    let office = PostOffice::open().await;
    let line = Line::to(address(&office.section()));
    let section = office.section().replace(&address(&office.section()).to_string(), &line.addr.to_string());
    let upstream = Upstream::start();
    let setup = Setup::new(&[upstream.addr()]).section("mail", &section).section("listen", "admin = \"127.0.0.1:0\"");
    let gate = Gate::start(setup).await;
    gate.without_rates();
    let (anna, bert) = (gate.signed_in(ANNA).await, gate.signed_in("bert@example.com").await);
    let mut boss = gate.admin("boss@example.com").await.in_new_browser(&gate);
    line.is(way);

    let soon = Duration::from_secs(5);
    let forgot = async |login: &str| within(soon, "forgot", gate.browser().post("/.vestibule/forgot", &[("login", login)])).await;
    let (known, unknown) = (forgot(ANNA).await, forgot("nobody@example.com").await);
    assert_eq!(shape(&known, ANNA), shape(&unknown, "nobody@example.com"), "{way:?}");
    let mut elsewhere = anna.in_new_browser(&gate);
    within(soon, "sign in", async { elsewhere.sign_in(&gate, "/").await }).await;
    // Not Anna: a recovery ends what was mailed before.
    let mut lost = bert.in_new_browser(&gate);
    lost.reach_page_two().await;
    let recovered = within(soon, "recover", lost.browser.post(RECOVER, &[("code", &bert.recovery[0])])).await;
    assert_eq!(recovered.location(), SETUP, "{way:?}");

    // The first of them was tried and is put off; the page for admins says so.
    let store = gate.open_store(false).await.outbox();
    Gate::until("it is tried", || async { store.unsent(10).await.unwrap().iter().any(|mail| !mail.error.is_empty()) }).await;
    boss.browser.addr = gate.app().admin_addr().unwrap();
    "localhost".clone_into(&mut boss.browser.host);
    boss.browser.port = boss.browser.addr.port();
    assert_eq!(boss.log_in("/.vestibule/admin").await.location(), VERIFY);
    let code = boss.next_code(&gate);
    boss.browser.post(VERIFY, &[("code", &code)]).await.location();
    let shown = boss.browser.get("/.vestibule/admin").await.text();
    let failed = store.unsent(10).await.unwrap().into_iter().find(|mail| !mail.error.is_empty()).unwrap();
    assert!(!failed.given_up && shown.contains(&failed.login) && shown.contains(failed.kind), "{way:?}: {failed:?} in {shown}");
    assert!(office.arrived().is_empty());

    line.is(Way::Through);
    let subjects = ["Set a new password", "sign-in", "was recovered"];
    // The admin has signed in, too, and hears of it.
    let arrived = || office.arrived().into_iter().filter(|mail| mail.to == ANNA || mail.to == bert.login).collect::<Vec<_>>();
    let missing = || {
        let arrived = arrived();
        subjects.iter().any(|subject| !arrived.iter().any(|mail| mail.header("Subject").contains(subject)))
    };
    // One that was on its way when the line came back is put off once more.
    for _ in 0..8 {
        gate.hands.advance(Duration::from_mins(2));
        let arriving = async {
            while missing() {
                tokio::task::yield_now().await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(3), arriving).await.is_ok() {
            break;
        }
    }
    let subjects_of = || office.arrived().iter().map(|mail| mail.header("Subject")).collect::<Vec<_>>();
    assert!(!missing(), "{way:?}: {:?} {:?}", subjects_of(), store.unsent(10).await);
    assert_eq!(arrived().len(), subjects.len(), "{way:?}: each once: {:?}", subjects_of());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_hangs_up() {
    mailless_answers(Way::Closed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_talks_rubbish() {
    mailless_answers(Way::Rubbish).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_whose_tls_breaks_in_the_middle() {
    mailless_answers(Way::BrokenTls).await;
}

/// A town whose gateway is behind a line that may break.
async fn town() -> (Town, Line) {
    let (sms, office) = (SmsGateway::open().await, PostOffice::open().await);
    let real = address(&sms.section());
    let line = Line::to(real);
    let section = sms.section().replace(&real.to_string(), &line.addr.to_string());
    let setup = Setup::new(&[Upstream::start().addr()]).section("mail", &office.section()).section("sms", &section);
    let gate = Gate::start(setup).await;
    gate.without_rates();
    (Town { gate, sms, office }, line)
}

const WAYS: [Way; 5] = [Way::Closed, Way::Rubbish, Way::Cut, Way::TooMany, Way::Fault];

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_away_costs_no_try_where_the_number_is_bound() {
    let (town, line) = town().await;
    let invitation = town.gate.invite(ANNA, &[]).await;
    let mut anna = Person::new(ANNA, town.gate.browser());
    anna.register(&invitation).await;
    anna.log_in("/").await.location();
    anna.set_up_to(&town.gate, SETUP_MOBILE).await;
    let number = [("mobile", "+1 203-555-0123")];
    // More often than one may ask at once: none of it counts.
    for way in WAYS {
        line.is(way);
        let answer = within(Duration::from_secs(12), "number", anna.browser.post(SETUP_MOBILE, &number)).await;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{way:?}: {}", answer.text());
        assert!(answer.text().contains("We could not send the text."), "{way:?}: {}", answer.text());
    }
    line.is(Way::Through);
    assert_eq!(anna.browser.post(SETUP_MOBILE, &number).await.status, StatusCode::OK);
    let code = town.sms.expect(1).await.code();
    assert_eq!(anna.browser.post(SETUP_MOBILE, &[("code", &code)]).await.location(), VERIFY);
    anna.finish_sign_in(&town.gate).await;

    // Inside, the code is spent before the gateway is asked; the number stays, and the next code does it.
    let page = "/.vestibule/account/mobile";
    let change = async |anna: &mut Person| {
        let token = anna.browser.get(page).await.field("form_token").unwrap();
        let (code, password) = (anna.next_code(&town.gate), anna.password.clone());
        let fields = [
            ("form_token", token.as_str()),
            ("act", "change"),
            ("password", &password),
            ("mobile", "+44 7400 123456"),
            ("code", &code),
        ];
        within(Duration::from_secs(12), "change", anna.browser.post(page, &fields)).await
    };
    for way in WAYS {
        line.is(way);
        let answer = change(&mut anna).await;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{way:?}: {}", answer.text());
        assert!(answer.text().contains("with a new code from your app"), "{way:?}: {}", answer.text());
    }
    assert_eq!(town.gate.number("SELECT count(*) FROM texted_codes").await, 0);
    line.is(Way::Through);
    assert_eq!(change(&mut anna).await.status, StatusCode::OK);
    assert!(anna.browser.get("/.vestibule/account").await.text().contains("Ends in 23"), "the old one until the code comes back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_away_tells_nobody_who_has_a_mobile() {
    let (town, line) = town().await;
    let with = town.with_mobile(ANNA).await;
    let invitation = town.gate.invite("without@example.com", &[]).await;
    let mut without = Person::new("without@example.com", town.gate.browser());
    without.register(&invitation).await;
    without.log_in("/").await.location();
    without.set_up_to(&town.gate, SETUP_MOBILE).await;
    without.finish_sign_in(&town.gate).await;
    let sent = town.sms.asked();
    for way in WAYS {
        line.is(way);
        // Full buckets again.
        town.gate.hands.advance(Duration::from_hours(24));
        let mut told = Vec::new();
        for person in [&with, &without] {
            let mut lost = person.in_new_browser(&town.gate);
            lost.reach_page_two().await;
            let mut answers = Vec::new();
            for _ in 0..5 {
                let asked = within(Duration::from_secs(5), "ask", lost.browser.post(RECOVER, &[("act", "text")])).await;
                answers.push((asked.status, if asked.status == 200 { asked.text() } else { String::new() }));
            }
            told.push(answers);
        }
        assert_eq!(told[0], told[1], "{way:?}");
        assert_eq!(told[0].last().unwrap().0, StatusCode::TOO_MANY_REQUESTS, "{way:?}: and it has an end");
    }
    assert_eq!(town.sms.asked(), sent);
    // Nobody has begun anything, and none of it counts for the number.
    assert_eq!(town.gate.number("SELECT count(*) FROM text_recoveries").await, 0);
    line.is(Way::Through);
    town.gate.hands.advance(Duration::from_hours(1));
    let mut lost = with.in_new_browser(&town.gate);
    lost.reach_page_two().await;
    assert_eq!(lost.browser.post(RECOVER, &[("act", "text")]).await.status, StatusCode::OK);
    town.sms.expect(sent + 1).await;
}
