//! What strangers could tell apart: words, headers, cookies, and time.

use std::time::Duration;

use http::StatusCode;

use super::{ANNA, WRONG, gate, gate_with, seen, try_password};
use crate::attacks::arena::{Speaks, Way, ways};
use crate::attacks::coming;
use crate::harness::person::PASSWORD;
use crate::harness::process::Served;
use crate::harness::{Browser, Front, Gate, Hands, Person, PostOffice, Setup, Upstream};

/// Who could be told apart by what page one has to do: nobody, somebody, somebody who has no password yet, and somebody who is
/// disabled and has brought the right one.
const KINDS: [(&str, &str); 4] = [("nobody", WRONG), ("active", WRONG), ("guest", WRONG), ("closed", PASSWORD)];
/// More for one login id in a row would be slowed, and then nothing is compared.
const IN_A_ROW: usize = 25;

fn login(kind: &str, round: usize) -> String {
    format!("{kind}{:04}@example.com", round / IN_A_ROW)
}

/// The work of so many sign-ins of each kind, in turn, in ticks of the processor: time on the wall would tell how busy the machine
/// is. All come from addresses of their own.
async fn work(rounds: usize) -> [u64; KINDS.len()] {
    let limits = "anonymous_per_client = \"100000/s burst 100000\"";
    let setup = Setup::new(&[Upstream::start().addr()]).section("listen", Front::LISTEN).section("limits", limits);
    let gate = Gate::start_with(setup, Hands::ago(Duration::from_hours(1))).await;
    for round in (0..rounds).step_by(IN_A_ROW) {
        gate.import(&login("active", round), PASSWORD).await;
        gate.import(&login("closed", round), PASSWORD).await;
        gate.set_disabled(&login("closed", round), true).await;
        gate.invite(&login("guest", round), &[]).await;
    }
    let dir = gate.close().await;
    let served = Served::start(dir.path());
    let mut worked = [0; KINDS.len()];
    for round in 0..rounds {
        for (number, (kind, password)) in KINDS.into_iter().enumerate() {
            let address = format!("10.{number}.{}.{}", round / 250, round % 250);
            let mut browser = served.browser().behind(Front::Proxy).seen_from(&address);
            let before = ticks(&served);
            assert_eq!(try_password(&mut browser, &login(kind, round), password).await.status, StatusCode::UNPROCESSABLE_ENTITY);
            worked[number] += ticks(&served) - before;
        }
    }
    worked
}

/// What the process has used of the processor, in user and kernel mode (proc(5), fields 14 and 15).
fn ticks(served: &Served) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", served.process.pid().as_raw_pid())).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

/// The most is at most so many percent more than the least.
fn alike(worked: [u64; KINDS.len()], percent: u64) {
    let (least, most) = (worked.iter().min().unwrap(), worked.iter().max().unwrap());
    assert!(*least > 0 && (most - least) * 100 <= least * percent, "{worked:?} for {KINDS:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn e01_timing_tells_nobody_who_has_an_account() {
    // Without a hash for one of them the difference would be a factor, not a part. Hundredths are the business of `benches/timing`.
    alike(work(IN_A_ROW).await, 35);
}

#[tokio::test(flavor = "multi_thread")]
async fn e02_page_one_looks_the_same_to_every_stranger() {
    let (gate, _) = gate().await;
    gate.without_rates();
    gate.enrolled("active@example.com").await;
    gate.enrolled("closed@example.com").await;
    gate.set_disabled("closed@example.com", true).await;
    gate.invite("guest1@example.com", &[]).await;
    gate.import("import@example.com", PASSWORD).await;
    for way in ways().filter(|way| way.front != Front::Balancer) {
        let mut stranger = coming(gate.browser(), way);
        let reference = seen(&try_password(&mut stranger, "active@example.com", WRONG).await, "active@example.com");
        assert_eq!(reference.0, 422);
        assert!(!reference.1.iter().any(|(name, _)| name == "set-cookie"));
        for (login, password) in [
            ("nobody@example.com", WRONG),
            ("nobody@example.com", PASSWORD),
            ("closed@example.com", WRONG),
            ("closed@example.com", PASSWORD),
            ("guest1@example.com", WRONG),
            ("guest1@example.com", PASSWORD),
            ("guest1@example.com", ""),
            ("import@example.com", WRONG),
            ("active@example.com", ""),
            ("active@example.com", &PASSWORD.to_lowercase()),
            ("active@example.com", &format!("{PASSWORD} ")),
            ("active@example.com", &format!("{PASSWORD}\0")),
            ("active@example.com", &"x".repeat(1025)),
            ("active@example.com", &"é".repeat(2000)),
            ("activeexample.com1", PASSWORD),
            ("a@b@c@d@example.co", PASSWORD),
            ("active@example.com", &format!("{PASSWORD}{}", "x".repeat(1000))),
        ] {
            let answer = try_password(&mut stranger, login, password).await;
            assert_eq!(seen(&answer, login), reference, "{way:?}: {login} {password}");
        }
        assert!(stranger.cookies.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e02_links_resets_and_codes_look_the_same_to_every_stranger() {
    let office = PostOffice::open().await;
    let (gate, _) = gate_with(|setup| setup.section("mail", &office.section())).await;
    gate.without_rates();
    let anna = gate.enrolled(ANNA).await;
    gate.enrolled("closed@example.com").await;
    let lost = gate.reset_mfa("closed@example.com").await;
    gate.set_disabled("closed@example.com", true).await;
    let spent = gate.invite("guest@example.com", &[]).await;
    let newer = gate.new_link("guest@example.com", vestibule::auth::credentials::LinkKind::Invitation).await;
    gate.set_disabled("guest@example.com", true).await;
    for way in [Way { speaks: Speaks::Http1, front: Front::Direct }, Way { speaks: Speaks::Http2, front: Front::Proxy }] {
        // Whoever asks for a new password is told the same, whether or not there is somebody to send it to.
        let ask = async |login: &'static str| {
            let mut browser = coming(gate.browser(), way);
            seen(&browser.post("/.vestibule/forgot", &[("login", login)]).await, login)
        };
        let reference = ask("dora@example.com").await;
        for login in [ANNA, "closed@example.com", "guest@example.com", "dora@example.net"] {
            let (status, headers, text) = ask(login).await;
            // Login ids of other lengths make longer pages.
            let without_length =
                |all: &[(String, String)]| all.iter().filter(|(name, _)| name != "content-length").cloned().collect::<Vec<_>>();
            assert_eq!(
                (status, without_length(&headers), text),
                (reference.0, without_length(&reference.1), reference.2.clone()),
                "{login}"
            );
        }
        // A dead link says nothing of whose it was.
        let open = async |link: &str| {
            let token = link.rsplit('/').next().unwrap().to_owned();
            seen(&coming(gate.browser(), way).get(link).await, &token)
        };
        let unknown = open(&format!("/.vestibule/register/{}", "B".repeat(43))).await;
        assert_eq!(unknown.0, 410);
        for link in [&spent, &newer, &lost.replace("enrol", "register")] {
            assert_eq!(open(link).await, unknown, "{way:?} {link}");
        }
        // A code that some other browser has used looks like one that was never right, and so does one for another account.
        let mut used = anna.in_new_browser(&gate);
        used.browser = coming(used.browser, way);
        let mut wrong = used.clone();
        let mut other = used.clone();
        for person in [&mut used, &mut wrong, &mut other] {
            person.reach_page_two().await;
        }
        let code = anna.next_code(&gate);
        assert_eq!(other.enter(&code).await.status, StatusCode::SEE_OTHER);
        let answers = [used.enter(&code).await, wrong.enter(&wrong.wrong_code(&gate)).await];
        assert_eq!(seen(&answers[0], "-"), seen(&answers[1], "-"), "{way:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e02_a_stranger_and_a_lapsed_wizard_get_the_same_page() {
    let (gate, _) = gate().await;
    gate.without_rates();
    // Right passwords without a link: imported, and registered in another browser.
    gate.import("import@example.com", PASSWORD).await;
    let link = gate.invite(ANNA, &[]).await;
    Person::new(ANNA, gate.browser()).register(&link).await;
    let ask = async |browser: Browser, login: &str| seen(&try_password(&mut browser.clone(), login, PASSWORD).await, login);
    for way in ways() {
        let one = ask(coming(gate.browser(), way), "import@example.com").await;
        assert_eq!(one.0, 403, "{way:?}");
        assert_eq!(one, ask(coming(gate.browser(), way), ANNA).await, "{way:?}");
    }
}
