//! The program as a process: how it starts, ends, dies and comes back, and what other commands do beside it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use rustix::process::Signal;
use serde_json::Value;

use crate::harness::browser::Kind;
use crate::harness::clock::Hands;
use crate::harness::person::code_at;
use crate::harness::process::{Process, Served, command, json, now, result, run};
use crate::harness::{Browser, Gate, Person, Setup, Upstream};

/// People who were enrolled (and perhaps signed in) so long ago, and the folder of that gate.
async fn before(setup: Setup, span: Duration, logins: &[&str], signed_in: bool) -> (tempfile::TempDir, Vec<Person>) {
    let gate = Gate::start_with(setup, Hands::ago(span)).await;
    let mut people = Vec::new();
    for login in logins {
        if signed_in {
            people.push(gate.signed_in(login).await);
            continue;
        }
        let link = gate.invite(login, &[]).await;
        let mut person = Person::new(login, gate.browser());
        person.register(&link).await;
        person.enrol(&gate).await;
        people.push(person);
    }
    (gate.close().await, people)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_again_and_again_it_takes_no_code_twice_and_loses_no_session() {
    const ROUNDS: usize = 10;
    let upstream = Upstream::start();
    let logins: Vec<String> = (0..ROUNDS).map(|number| format!("p{number}@example.com")).collect();
    let logins: Vec<&str> = logins.iter().map(String::as_str).collect();
    let setup = Setup::new(&[upstream.addr()]).section("limits", "failures_per_client = \"10000/s burst 10000\"");
    let (dir, people) = before(setup, Duration::from_hours(1), &logins, false).await;
    // Every cookie that was ever given out, and the code that it was given for.
    let mut given: Vec<(String, String, Browser)> = Vec::new();
    for (round, person) in people.iter().enumerate() {
        let mut served = Served::start(dir.path());
        let mut doors = Vec::new();
        for _ in 0..4 {
            let mut person = Person { browser: served.browser(), ..person.clone() };
            assert_eq!(person.log_in("/").await.location(), "/.vestibule/verify");
            doors.push(person.browser);
        }
        // The same two codes at four doors, and the power goes somewhere between.
        let at = now();
        let codes = [code_at(&person.secret, at), code_at(&person.secret, at + 30)];
        let entering: Vec<_> = doors
            .into_iter()
            .zip(codes.iter().cycle().cloned())
            .map(|(mut browser, code)| {
                tokio::spawn(async move {
                    browser.try_post("/.vestibule/verify", &[("code", &code)]).await;
                    (code, browser)
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(3 * u64::try_from(round * round).unwrap())).await;
        served.process.kill();
        for entered in entering {
            let (code, browser) = entered.await.unwrap();
            if browser.cookies.contains_key("__Host-vestibule") {
                given.push((person.login.clone(), code, browser));
            }
        }
    }
    let served = Served::start(dir.path());
    let different: BTreeSet<_> = given.iter().map(|(login, code, _)| (login, code)).collect();
    assert_eq!(different.len(), given.len(), "a code was taken twice");
    assert!(!given.is_empty(), "or nobody ever got in, and this shows nothing");
    for (login, _, browser) in &given {
        let answer = served.same(browser).get("/x").await;
        assert_eq!(answer.status, StatusCode::OK, "whoever was told to be in is in: {login}");
    }
    assert!(result(dir.path(), &["audit", "verify"]).contains("the audit trail is whole"));
    let sessions = json(dir.path(), &["session", "list", "--format", "json"]);
    let trail = json(dir.path(), &["audit", "--format", "json"]);
    let of = |list: &Value, login: &str, action: Option<&str>| {
        let lines = list.as_array().unwrap().iter();
        lines.filter(|line| line["login"] == login && action.is_none_or(|action| line["action"] == action)).count()
    };
    for person in &people {
        let made = of(&sessions, &person.login, None);
        assert!(made <= 2, "two codes make at most two sessions: {made}");
        assert_eq!(made, of(&trail, &person.login, Some("session.start")), "each stands in the trail");
    }
    assert!(sessions.as_array().unwrap().len() >= given.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_is_exit_69_and_says_what() {
    let upstream = Upstream::start();
    let (dir, _) = before(Setup::new(&[upstream.addr()]), Duration::ZERO, &[], false).await;
    let served = Served::start(dir.path());
    let second = run(dir.path(), &["serve"]);
    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(69), "{said}");
    assert!(said.contains("error: another `serve` is running on this database"), "{said}");

    let (other, _) = before(Setup::new(&[upstream.addr()]), Duration::ZERO, &[], false).await;
    for (variable, taken) in [("VESTIBULE__LISTEN__HTTPS", served.https), ("VESTIBULE__LISTEN__OPS", served.ops_addr())] {
        let output = command(other.path(), &["serve"]).env(variable, taken.to_string()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(69), "{said}");
        assert!(said.contains("error: cannot listen: ") && said.contains(&taken.to_string()), "{said}");
        assert_eq!((said.matches("listen:").count(), said.matches(&taken.to_string()).count()), (1, 1), "said once: {said}");
    }
    drop(served);
    Served::start(dir.path());
}

/// An upstream that answers when it is told to.
fn waiting() -> (Upstream, mpsc::Sender<()>) {
    let (go, told) = mpsc::channel();
    let told = Mutex::new(told);
    let upstream = Upstream::scripted(move |_, stream| {
        let _ = told.lock().unwrap().recv();
        std::io::Write::write_all(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone").is_ok()
    });
    (upstream, go)
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_lets_the_running_request_finish_and_a_second_one_does_not() {
    for twice in [false, true] {
        let (upstream, go) = waiting();
        let upstream = Arc::new(upstream);
        let setup = Setup::new(&[upstream.addr()]).section("listen", "drain = \"1m\"").section("log", "access = true");
        let (dir, mut people) = before(setup, Duration::from_mins(5), &["anna@example.com"], true).await;
        let mut served = Served::start(dir.path());
        let browser = served.same(&people.remove(0).browser);
        let request = browser.request(&Method::GET, "/running", Kind::Navigation, &[], Bytes::new());
        let running = tokio::spawn(async move { browser.attempt(request).await.map(|answer| answer.text()) });
        Gate::until("the request is on its way", || async { upstream.count() == 1 }).await;
        served.process.signal(Signal::TERM);
        served.process.log.find("stopping: what runs may finish");
        let refused = async || tokio::net::TcpStream::connect(served.https).await.is_err();
        Gate::until("nobody new is let in", refused).await;
        assert!(served.process.runs() && !running.is_finished());
        if twice {
            served.process.signal(Signal::TERM);
        } else {
            go.send(()).unwrap();
        }
        assert_eq!(served.process.code(), 0);
        match running.await.unwrap() {
            Ok(text) => assert!(!twice && text == "done", "{text}"),
            Err(error) => assert!(twice, "the running request was cut: {error}"),
        }
        if !twice {
            // The last record is written too, and the log is merged into the database.
            served.process.log.find("\"path\":\"/running\"");
        }
        assert!(!dir.path().join("vestibule.db-wal").exists(), "the file alone is the whole database");
        served.process.log.find("the gate is closed");
        for line in served.process.log.all() {
            assert!(!line.contains("ERROR"), "a clean end: {line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_the_log_may_go_away_and_the_gate_serves_reloads_and_stops_as_before() {
    let upstream = Upstream::start();
    let setup = Setup::new(&[upstream.addr()]).section("log", "access = true");
    let (dir, mut people) = before(setup, Duration::from_mins(5), &["anna@example.com"], true).await;
    let mut served = Served::unheard(dir.path());
    let mut anna = served.same(&people.remove(0).browser);
    // Each of these has something to tell the log: a record, a reload, the end.
    assert_eq!(anna.get("/first").await.status, StatusCode::OK);
    served.process.signal(Signal::HUP);
    let reloaded = async || served.metric("vestibule_reloads_total{result=\"done\"}").await.is_some_and(|count| count > 0.0);
    Gate::until("it has reloaded", reloaded).await;
    assert_eq!(anna.get("/second").await.status, StatusCode::OK);
    served.process.signal(Signal::TERM);
    assert_eq!(served.process.code(), 0);
    assert!(!dir.path().join("vestibule.db-wal").exists(), "a clean end");
}

/// Runs a command beside the gate; then, within a second, this holds.
async fn bites<F: Future<Output = bool>>(dir: &Path, args: &[&str], holds: impl Fn() -> F) {
    assert!(!holds().await, "{args:?}: or this shows nothing");
    result(dir, args);
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(1), waiting).await.unwrap_or_else(|_| panic!("{args:?} did not bite in time"));
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_beside_a_running_gate_bite_within_a_second() {
    let upstream = Upstream::start();
    let logins = ["anna@example.com", "bert@example.com", "carl@example.com"];
    let (dir, people) = before(Setup::new(&[upstream.addr()]), Duration::from_mins(90), &logins, true).await;
    let served = Served::start(dir.path());
    let [anna, bert, carl] = [0, 1, 2].map(|number: usize| served.same(&people[number].browser));
    let required = async |browser: &Browser| {
        let answer = browser.clone().fetch("/x").await;
        answer.header("vestibule-required").to_owned()
    };
    bites(dir.path(), &["settings", "set", "reauth-window", "1h"], || async { required(&anna).await == "code" }).await;
    assert_eq!(required(&bert).await, "code", "for everybody");
    bites(dir.path(), &["settings", "unset", "reauth-window"], || async { required(&anna).await.is_empty() }).await;
    bites(dir.path(), &["user", "disable", "anna@example.com"], || async { required(&anna).await == "login" }).await;
    let sessions = json(dir.path(), &["session", "list", "--user", "bert@example.com", "--format", "json"]);
    let id = sessions[0]["id"].as_str().unwrap();
    bites(dir.path(), &["session", "end", id], || async { required(&bert).await == "login" }).await;
    assert_eq!(required(&carl).await, "", "and nobody else");
    bites(dir.path(), &["session", "end", "--all"], || async { required(&carl).await == "login" }).await;
}

#[test]
fn the_demo_prints_two_lines_and_leaves_nothing_behind() {
    let temporary = tempfile::tempdir().unwrap();
    let mut demo = command(temporary.path(), &["demo", "--port", "0"]);
    demo.env("TMPDIR", temporary.path());
    let mut demo = Process::spawn(demo);
    let registration = demo.out.find("Registration: ");
    demo.log.find("Ctrl-C ends the demo");
    let lines = demo.out.all();
    assert_eq!(lines.len(), 2, "{lines:?}");
    let portal = lines[0].strip_prefix("Portal: https://localhost:").unwrap().trim_end_matches('/');
    std::net::TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], portal.parse().unwrap()))).unwrap();
    let token = registration
        .strip_prefix(&format!("Registration: https://localhost:{portal}/.vestibule/register/"))
        .unwrap_or_else(|| panic!("{registration}"));
    assert_eq!(token.len(), 43);
    assert_eq!(demo.log.count(token), 0, "the link stands in no log");
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 1);
    demo.signal(Signal::INT);
    assert_eq!(demo.code(), 0);
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0, "its folder is gone");
    assert_eq!(demo.out.all().len(), 2);

    let kept = temporary.path().join("kept");
    for _ in 0..2 {
        let mut demo = Process::start(temporary.path(), &["demo", "--port", "0", "--data", "kept"]);
        demo.out.find("Registration: https://");
        demo.log.find("Ctrl-C ends the demo");
        demo.signal(Signal::TERM);
        assert_eq!(demo.code(), 0);
        assert!(kept.join("vestibule.db").exists());
    }
    // Nobody waits 30 days to see what happens then.
    for window in ["59s", "31d", "soon"] {
        let refused = run(temporary.path(), &["demo", "--port", "0", "--window", window]);
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains("from 1m to 30d"), "{said}");
    }
    let mut demo = Process::start(temporary.path(), &["demo", "--port", "0", "--data", "kept", "--window", "2m"]);
    demo.log.find("2m after each code");
    demo.log.find("Ctrl-C ends the demo");
    demo.signal(Signal::TERM);
    assert_eq!(demo.code(), 0);

    // A second one in the same folder finds it taken, before it touches anything.
    let mut demo = Process::start(temporary.path(), &["demo", "--port", "0", "--data", "kept"]);
    demo.log.find("Ctrl-C ends the demo");
    let configuration = || std::fs::read(kept.join("vestibule.toml")).unwrap();
    let before = configuration();
    let second = run(temporary.path(), &["demo", "--port", "0", "--data", "kept"]);
    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!((second.status.code(), second.stdout.len()), (Some(69), 0), "{said}");
    assert!(said.contains("a demo is running on kept already"), "{said}");
    assert_eq!(configuration(), before);
    demo.signal(Signal::TERM);
    assert_eq!(demo.code(), 0);

    let trail = json(&kept, &["audit", "--format", "json"]);
    assert_eq!(trail.as_array().unwrap().len(), 4, "the same database each time, and not by who was refused: {trail:#}");

    // A new database is no older copy of the one before, whatever that one has left there: its first link lives.
    std::fs::remove_file(kept.join("vestibule.db")).unwrap();
    let mut demo = Process::start(temporary.path(), &["demo", "--port", "0", "--data", "kept"]);
    demo.log.find("Ctrl-C ends the demo");
    demo.signal(Signal::TERM);
    assert_eq!(demo.code(), 0);
    let trail = json(&kept, &["audit", "--format", "json"]);
    assert_eq!(trail.as_array().unwrap().len(), 1, "{trail:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_init_wrote_serves() {
    let upstream = Upstream::start();
    let dir = tempfile::tempdir().unwrap();
    let portal = format!("http://{}", upstream.addr());
    let host = ["--host", crate::harness::HOST, "--yes"];
    let args = [&["init", "--portal", &portal, "--admin", "ada@example.com"], host.as_slice()].concat();
    let link = result(dir.path(), &args);
    let wal = dir.path().join("vestibule.db-wal");
    assert!(!wal.exists(), "a copy of vestibule.db alone is enough");
    std::fs::copy(dir.path().join("certs/portal.pem"), dir.path().join("cert.pem")).unwrap();
    let mut serve = command(dir.path(), &["serve"]);
    serve.env("VESTIBULE__LISTEN__HTTPS", "127.0.0.1:0").env("VESTIBULE__LISTEN__OPS", "127.0.0.1:0");
    let served = Served::with(dir.path(), serve);
    let (status, told) = served.ops("/readyz").await;
    assert_eq!((status, told.as_str()), (200, "{\"ready\":true,\"problems\":[]}\n"));
    let link = url::Url::parse(link.trim()).unwrap();
    assert_eq!(link.host_str(), Some(crate::harness::HOST));
    let mut browser = served.browser();
    // What people type there has a port, and so has the origin of its forms.
    browser.host = format!("{}:8443", crate::harness::HOST);
    let mut ada = Person::new("ada@example.com", browser);
    ada.register(link.path()).await;
    assert_eq!(ada.log_in("/").await.location(), "/.vestibule/setup");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_unlock_for_recovery_page_two_asks_new_browsers_for_a_recovery_code() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()]).section("mfa", "unlock = \"recovery\"")).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let mut elsewhere = Person { browser: gate.browser(), ..anna.clone() };
    gate.without_rates();
    for _ in 0..2 {
        let mut thief = anna.in_new_browser(&gate);
        thief.reach_page_two().await;
        for _ in 0..5 {
            let wrong = thief.wrong_code(&gate);
            thief.enter(&wrong).await;
        }
    }
    assert!(gate.account("anna@example.com").await.locked_at.is_some());
    let told = gate.command(&["user", "unlock", "anna@example.com"]);
    assert!(String::from_utf8(told.stderr).unwrap().contains("a browser not used before needs a recovery code"));
    assert_eq!(elsewhere.log_in("/").await.location(), "/.vestibule/verify");
    assert_eq!(elsewhere.browser.get("/.vestibule/verify").await.location(), "/.vestibule/recover");
    let page = elsewhere.browser.get("/.vestibule/recover").await.text();
    assert!(page.contains("use a recovery code: a code from the app is not enough here"), "{page}");
    assert!(!page.contains("Enter a code from the app"), "no way that leads nowhere");
    let code = elsewhere.next_code(&gate);
    let refused = elsewhere.browser.post("/.vestibule/verify", &[("code", &code)]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text().contains("Please use a recovery code."), "{}", refused.text());
    anna.sign_in(&gate, "/").await;
    let recovery = elsewhere.recovery[0].clone();
    let recovered = elsewhere.browser.post("/.vestibule/recover", &[("code", &recovery)]).await;
    assert_eq!(recovered.location(), "/.vestibule/setup");
    elsewhere.set_up(&gate).await;
    elsewhere.finish_sign_in(&gate).await;
    let mut third = Person { browser: gate.browser(), ..elsewhere };
    third.sign_in(&gate, "/").await;
}
