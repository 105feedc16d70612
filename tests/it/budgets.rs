//! Budgets of codes and the lock: what whoever knows the password can try, and what it never does to the owner.

use std::time::Duration;

use http::StatusCode;

use crate::harness::{Answer, Gate, Person, Setup, Upstream};

const ANNA: &str = "anna@example.com";
const DAY: Duration = Duration::from_hours(24);

async fn trusting(upstream: &Upstream) -> Gate {
    let gate = Gate::start(
        Setup::new(&[upstream.addr()])
            .section("listen", "trusted_proxies = [\"127.0.0.1/32\"]")
            .section("limits", "anonymous_per_client = \"100000/s burst 100000\""),
    )
    .await;
    gate.without_rates();
    gate
}

/// What became of a code that somebody entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It was compared.
    Wrong,
    /// It was compared, and that was the last of this pending login.
    Last,
    /// The page that says that the account is locked.
    Locked,
}

fn outcome(answer: &Answer) -> Outcome {
    match answer.status.as_u16() {
        422 => Outcome::Wrong,
        303 => {
            assert_eq!(answer.header("location"), "/.vestibule/login?why=expired");
            Outcome::Last
        }
        403 => {
            assert!(answer.text().contains("Your account is locked in this browser"), "{}", answer.text());
            Outcome::Locked
        }
        other => panic!("{other}: {}", answer.text()),
    }
}

/// A thief with the password: each time in a new browser, at a new address.
struct Thief {
    owner: Person,
    visits: u32,
}

impl Thief {
    fn new(owner: &Person) -> Self {
        Self { owner: owner.clone(), visits: 0 }
    }

    /// Signs in and tries so many codes; says what became of each.
    async fn try_codes(&mut self, gate: &Gate, codes: u32) -> Vec<Outcome> {
        self.visits += 1;
        let address = format!("198.51.100.{}", self.visits);
        let mut there = self.owner.from_address(gate, &address);
        there.to_page_two().await;
        let mut all = Vec::new();
        for _ in 0..codes {
            all.push(outcome(&there.enter(&there.wrong_code(gate)).await));
        }
        all
    }
}

fn compared(outcomes: &[Outcome]) -> usize {
    outcomes.iter().filter(|outcome| **outcome != Outcome::Locked).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_browsers_have_ten_codes_a_day_whatever_comes_between() {
    let upstream = Upstream::start();
    let gate = trusting(&upstream).await;
    let mut anna = gate.signed_in(ANNA).await;
    let mut thief = Thief::new(&anna);
    let mut all = Vec::new();
    for _ in 0..3 {
        all.extend(thief.try_codes(&gate, 3).await);
        // The owner comes and goes meanwhile: that refills nothing.
        anna.sign_in(&gate, "/").await;
        anna.confirm(&gate, "/").await.location();
        let mut new = anna.from_address(&gate, "192.0.2.1");
        new.sign_in(&gate, "/").await;
        gate.hands.advance(Duration::from_hours(2));
    }
    assert_eq!(all, [Outcome::Wrong; 9]);
    assert_eq!(thief.try_codes(&gate, 1).await, [Outcome::Locked], "the tenth locks");
    assert!(gate.account(ANNA).await.locked_at.is_some());
    assert_eq!(gate.account(ANNA).await.state(), "locked");

    // Locked for strangers: the right code and a recovery code too.
    let mut stranger = anna.from_address(&gate, "203.0.113.9");
    stranger.to_page_two().await;
    let code = stranger.next_code(&gate);
    assert_eq!(outcome(&stranger.enter(&code).await), Outcome::Locked);
    for page in ["/.vestibule/verify", "/.vestibule/recover"] {
        let shown = stranger.browser.get(page).await;
        assert_eq!(shown.status, StatusCode::FORBIDDEN, "{page}");
        assert!(shown.text().contains("vestibule user unlock"), "{page}");
    }
    let recovery = [("code", anna.recovery[0].as_str())];
    assert_eq!(outcome(&stranger.browser.post("/.vestibule/recover", &recovery).await), Outcome::Locked);
    gate.hands.advance(2 * DAY);
    assert_eq!(thief.try_codes(&gate, 1).await, [Outcome::Locked], "time alone unlocks nothing");

    // Open for the owner's browsers, with the code that the stranger could not spend.
    assert!(anna.is_inside().await);
    anna.confirm(&gate, "/").await.location();
    anna.browser.cookies.retain(|name, _| name == "__Host-vestibule-device");
    anna.sign_in(&gate, "/").await;
    assert!(anna.is_inside().await);

    gate.unlock(ANNA).await;
    let mut back = anna.from_address(&gate, "203.0.113.10");
    back.sign_in(&gate, "/").await;
    assert!(back.is_inside().await, "after `unlock` password and code are enough");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_browsers_have_thirty_codes_a_month() {
    let upstream = Upstream::start();
    let gate = trusting(&upstream).await;
    let mut anna = gate.signed_in(ANNA).await;
    let mut thief = Thief::new(&anna);
    for day in 0..3 {
        let mut today = thief.try_codes(&gate, 4).await;
        today.extend(thief.try_codes(&gate, 5).await);
        assert_eq!(compared(&today), 9, "day {day}: never ten in a day");
        gate.hands.advance(DAY + Duration::from_secs(60));
        anna.sign_in(&gate, "/").await;
    }
    assert_eq!(thief.try_codes(&gate, 3).await, [Outcome::Wrong, Outcome::Wrong, Outcome::Locked], "the 30th");
    gate.hands.advance(10 * DAY);
    assert_eq!(thief.try_codes(&gate, 1).await, [Outcome::Locked]);
    assert!(anna.is_inside().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_are_compared_in_parallel() {
    let upstream = Upstream::start();
    let gate = trusting(&upstream).await;
    let anna = gate.signed_in(ANNA).await;
    let mut browsers = Vec::new();
    for number in 0..6 {
        let mut there = anna.from_address(&gate, &format!("198.51.100.{number}"));
        there.to_page_two().await;
        browsers.push(there);
    }
    let wrong = anna.wrong_code(&gate);
    let tasks = (0..48).map(|number| {
        let (mut there, wrong) = (browsers[number % 6].clone(), wrong.clone());
        tokio::spawn(async move { there.enter(&wrong).await })
    });
    let mut answers = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        answers.push(task.await.unwrap());
    }
    // A shown try is a compared one; whoever came too late for the pending login is told that it has gone.
    let shown = answers.iter().filter(|answer| outcome(answer) == Outcome::Wrong).count();
    assert!(shown <= 10, "{shown} answers said that a code was compared");
    assert!(gate.account(ANNA).await.locked_at.is_some());
    let mut thief = Thief::new(&anna);
    assert_eq!(thief.try_codes(&gate, 1).await, [Outcome::Locked]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_browser_has_ten_of_its_own_and_then_counts_as_unknown() {
    let upstream = Upstream::start();
    let gate = trusting(&upstream).await;
    let mut anna = gate.signed_in(ANNA).await;
    let mut second = anna.in_new_browser(&gate);
    second.sign_in(&gate, "/").await;
    let mut all = Vec::new();
    for _ in 0..2 {
        anna.to_page_two().await;
        for _ in 0..5 {
            all.push(outcome(&anna.enter(&anna.wrong_code(&gate)).await));
        }
    }
    assert_eq!(compared(&all), 10);
    assert!(gate.account(ANNA).await.locked_at.is_none(), "its own tries lock nobody");
    // Beyond that it draws on what unknown browsers have.
    let mut thief = Thief::new(&anna);
    assert_eq!(compared(&thief.try_codes(&gate, 5).await), 5);
    anna.to_page_two().await;
    let mut beyond = Vec::new();
    for _ in 0..4 {
        beyond.push(outcome(&anna.enter(&anna.wrong_code(&gate)).await));
    }
    assert_eq!(beyond, [Outcome::Wrong; 4]);
    assert_eq!(thief.try_codes(&gate, 1).await, [Outcome::Locked], "five and four and this one");
    anna.to_page_two().await;
    let code = anna.next_code(&gate);
    assert_eq!(outcome(&anna.enter(&code).await), Outcome::Locked, "it counts as unknown now");
    // The other known browser has a budget of its own.
    second.sign_in(&gate, "/").await;
    assert!(second.is_inside().await);
    gate.hands.advance(DAY);
    anna.to_page_two().await;
    let code = anna.next_code(&gate);
    assert_eq!(anna.enter(&code).await.location(), "/", "a day later it is known again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lock_and_its_budget_outlive_a_crash_and_touch_no_session() {
    let upstream = Upstream::start();
    let mut gate = trusting(&upstream).await;
    let anna = gate.signed_in(ANNA).await;
    let mut thief = Thief::new(&anna);
    assert_eq!(compared(&thief.try_codes(&gate, 5).await), 5);
    let cookies = anna.browser.cookies.clone();
    gate.crash_and_restart().await;
    gate.without_rates();
    let mut anna = anna.in_new_browser(&gate);
    anna.browser.cookies = cookies;
    let outcomes = thief.try_codes(&gate, 5).await;
    assert_eq!(outcomes.last(), Some(&Outcome::Locked), "five before, five after: {outcomes:?}");
    assert!(anna.is_inside().await);
    anna.confirm(&gate, "/").await.location();
    assert!(anna.is_inside().await, "a live session confirms while the account is locked");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_count_and_what_cannot_be_taken_back() {
    let upstream = Upstream::start();
    let gate = trusting(&upstream).await;
    let anna = gate.signed_in(ANNA).await;
    let mut thief = Thief::new(&anna);
    assert_eq!(compared(&thief.try_codes(&gate, 5).await), 5);
    // Signing out of a pending login after a wrong code gives nothing back.
    for number in 0..4 {
        let mut there = anna.from_address(&gate, &format!("203.0.113.{number}"));
        there.to_page_two().await;
        assert_eq!(outcome(&there.enter(&there.wrong_code(&gate)).await), Outcome::Wrong, "{number}");
        assert_eq!(there.enter("malformed").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        there.browser.post("/.vestibule/logout", &[]).await.location();
    }
    // A wrong recovery code draws on the same budget.
    let mut there = anna.from_address(&gate, "203.0.113.77");
    there.to_page_two().await;
    let last = there.browser.post("/.vestibule/recover", &[("code", "0000-0000-0000-0000")]).await;
    assert_eq!(outcome(&last), Outcome::Locked, "the tenth");
}
