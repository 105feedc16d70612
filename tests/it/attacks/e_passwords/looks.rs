//! What strangers could tell apart: words, headers, cookies, and time.

use std::time::{Duration, Instant};

use http::StatusCode;

use super::{ANNA, WRONG, gate, gate_with, seen, try_password};
use crate::attacks::arena::{Speaks, Way, ways};
use crate::attacks::coming;
use crate::harness::person::PASSWORD;
use crate::harness::{Browser, Front, Gate, Person, PostOffice};

/// Who could be told apart by how long page one thinks: login id and password.
const STRANGERS: [(&str, &str); 4] =
    [("nobody@example.com", WRONG), (ANNA, WRONG), ("guest@example.com", WRONG), ("closed@example.com", PASSWORD)];

#[expect(clippy::disallowed_methods, reason = "how long an answer takes is what is measured here")]
fn stopwatch() -> Instant {
    Instant::now()
}

/// Asks for each in turn, so that a machine that is busy for a while is busy for all; the quickest answers of each, which are
/// those that nothing else has disturbed, and their mean.
async fn timed(gate: &Gate, rounds: usize, kept: usize) -> [Duration; STRANGERS.len()] {
    let mut took: [Vec<Duration>; STRANGERS.len()] = Default::default();
    for _ in 0..rounds {
        for (times, (login, password)) in took.iter_mut().zip(STRANGERS) {
            let mut browser = gate.browser();
            let begun = stopwatch();
            assert_eq!(try_password(&mut browser, login, password).await.status, StatusCode::UNPROCESSABLE_ENTITY);
            times.push(begun.elapsed());
        }
    }
    took.map(|mut times| {
        times.sort();
        times[..kept].iter().sum::<Duration>() / u32::try_from(kept).unwrap()
    })
}

async fn populated() -> Gate {
    let (gate, _) = gate().await;
    gate.without_rates();
    gate.enrolled(ANNA).await;
    gate.enrolled("closed@example.com").await;
    gate.set_disabled("closed@example.com", true).await;
    gate.invite("guest@example.com", &[]).await;
    gate
}

fn alike(times: [Duration; STRANGERS.len()], tolerance: f64) {
    let (least, most) = (times.iter().min().unwrap().as_secs_f64(), times.iter().max().unwrap().as_secs_f64());
    assert!(most - least <= least * tolerance, "{times:?} for {STRANGERS:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn e01_timing_tells_nobody_who_has_an_account() {
    // Without a hash for one of them the difference would be a factor, not a part.
    alike(timed(&populated().await, 40, 6).await, 0.35);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "8000 sign-ins: a few minutes on a machine that has nothing else to do"]
async fn e01_timing_of_two_thousand_each_differs_by_less_than_a_hundredth() {
    alike(timed(&populated().await, 2000, 1000).await, 0.01);
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
