//! The way to the mail server: a mail is not lost, not sent twice without need, and nobody waits for it.

use std::time::Duration;

use http::StatusCode;
use vestibule::notify::outbox::{LEASE, Room, Unsent};

use super::{ANNA, forgot, gate, waiting};
use crate::harness::post::Says;
use crate::harness::{Gate, PostOffice, Setup, Upstream};

async fn unsent(gate: &Gate) -> Vec<Unsent> {
    gate.open_store(false).await.outbox().unsent(10).await.unwrap()
}

/// Waits until so many tries have come to nothing.
async fn tried(gate: &Gate, tries: u32) -> Unsent {
    let found = async || unsent(gate).await.into_iter().find(|mail| mail.tries >= tries && !mail.error.is_empty());
    Gate::until("it was tried", || async { found().await.is_some() }).await;
    found().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_server_loses_nothing_and_gets_it_once_when_it_is_back() {
    let mut office = PostOffice::open().await;
    let gate = gate(&office).await;
    let anna = gate.signed_in(ANNA).await;
    office.close().await;
    anna.in_new_browser(&gate).sign_in(&gate, "/").await;
    let failed = tried(&gate, 1).await;
    assert_eq!((failed.kind, failed.login.as_str(), failed.given_up), ("new sign-in", ANNA, false));
    assert!(failed.error.to_ascii_lowercase().contains("connection"), "{}", failed.error);
    // Another one that is put in meanwhile, and a restart of ours.
    forgot(&mut gate.browser(), ANNA).await;
    gate.hands.advance(Duration::from_mins(2));
    tried(&gate, 2).await;
    office.reopen().await;
    assert_eq!(office.arrived().len(), 0);
    gate.hands.advance(Duration::from_mins(4));
    let mails = office.expect(2).await;
    assert!(mails.iter().all(|mail| mail.to == ANNA));
    Gate::until("the outbox is empty", || async { waiting(&gate).await == 0 }).await;
    gate.hands.advance(Duration::from_hours(2));
    forgot(&mut gate.browser(), ANNA).await;
    office.expect(3).await;
    assert!(gate.ops("/metrics").await.1.contains("vestibule_mails_total{result=\"sent\"}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn not_now_is_tried_again_and_carries_the_same_link() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    gate.signed_in(ANNA).await;
    office.says(&[Says::Later, Says::Yes]);
    forgot(&mut gate.browser(), ANNA).await;
    let failed = tried(&gate, 1).await;
    assert!(failed.error.contains("451") || failed.error.contains("not now"), "{}", failed.error);
    assert_eq!((office.tries(), office.arrived().len()), (1, 0));
    gate.hands.advance(Duration::from_secs(45));
    let mail = office.expect(1).await.remove(0);
    assert_eq!(office.tries(), 2);
    let mut browser = gate.browser();
    assert_eq!(browser.get(&mail.link()).await.location(), "/.vestibule/reset");
    Gate::until("it is erased", || async { unsent(&gate).await.is_empty() && waiting(&gate).await == 0 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn never_is_final_and_listed_without_the_link_that_the_server_repeats() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    gate.signed_in(ANNA).await;
    office.says(&[Says::Never]);
    forgot(&mut gate.browser(), ANNA).await;
    Gate::until("it is given up", || async { unsent(&gate).await.iter().any(|mail| mail.given_up) }).await;
    let failed = unsent(&gate).await.remove(0);
    assert_eq!((failed.kind, failed.login.as_str(), failed.tries), ("password reset", ANNA, 1));
    assert!(failed.error.contains("550") && failed.error.contains("refused"), "{}", failed.error);
    assert!(!failed.error.contains("/.vestibule/"), "{}", failed.error);
    gate.hands.advance(Duration::from_hours(2));
    forgot(&mut gate.browser(), ANNA).await;
    office.expect(1).await;
    assert_eq!(office.tries(), 2, "the one that was refused was not tried again");
    // What was given up is forgotten after a week.
    let store = gate.open_store(false).await;
    store.session_log().sweep(gate.now().secure + Duration::from_hours(7 * 24)).await.unwrap();
    assert_eq!(unsent(&gate).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_dies_with_a_mail_in_hand_has_not_lost_it() {
    let mut office = PostOffice::open().await;
    let gate = gate(&office).await;
    let anna = gate.signed_in(ANNA).await;
    office.close().await;
    anna.in_new_browser(&gate).sign_in(&gate, "/").await;
    tried(&gate, 1).await;
    // Another process claims it and dies before it sends.
    let outbox = gate.open_store(false).await.outbox();
    let due = gate.now().secure + Duration::from_mins(1);
    let room = Room { told: 9, asked: 9 };
    let claimed = outbox.claim(due, room).await.unwrap().pop().expect("a mail is due");
    assert_eq!(claimed.to.login, ANNA);
    let meanwhile = outbox.claim(due + LEASE - Duration::from_millis(1), room).await.unwrap();
    assert!(meanwhile.is_empty(), "nobody else has it meanwhile");
    office.reopen().await;
    gate.hands.advance(Duration::from_mins(1) + LEASE + Duration::from_secs(1));
    let mails = office.expect(1).await;
    assert_eq!(mails[0].header("Message-ID"), format!("<{}@example.com>", claimed.id.0.simple()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_in_its_time_is_given_up() {
    let mut office = PostOffice::open().await;
    let gate = gate(&office).await;
    gate.signed_in(ANNA).await;
    office.close().await;
    forgot(&mut gate.browser(), ANNA).await;
    forgot(&mut gate.browser(), "nobody@example.com").await;
    tried(&gate, 1).await;
    gate.hands.advance(Duration::from_mins(31));
    let store = gate.open_store(false).await;
    store.session_log().sweep(gate.now().secure).await.unwrap();
    let listed = unsent(&gate).await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert!(listed[0].given_up && listed[0].login == ANNA);
    assert_eq!(waiting(&gate).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_holds_up_nobody() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    let anna = gate.signed_in(ANNA).await;
    office.says(&[Says::Nothing]);
    forgot(&mut gate.browser(), ANNA).await;
    let mut other = anna.in_new_browser(&gate);
    other.sign_in(&gate, "/").await;
    assert!(other.is_inside().await);
    assert_eq!(office.arrived().len(), 0);
    let stopping = tokio::time::timeout(Duration::from_secs(9), gate.close());
    stopping.await.expect("nor does it hold up the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_to_a_server_that_is_not_who_it_should_be() {
    let (stranger, stripped) = (PostOffice::open().await, PostOffice::without_starttls().await);
    for (office, section) in [(&stranger, stranger.section_without_ca()), (&stripped, stripped.section())] {
        let upstream = Upstream::start();
        let gate = Gate::start(Setup::new(&[upstream.addr()]).section("mail", &section)).await;
        gate.signed_in(ANNA).await;
        forgot(&mut gate.browser(), ANNA).await;
        let failed = tried(&gate, 1).await;
        assert!(!failed.given_up && !failed.error.is_empty(), "{failed:?}");
        assert_eq!(office.tries(), 0, "neither password nor mail was sent: {}", failed.error);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_comes_and_goes_with_a_reload() {
    let (office, upstream) = (PostOffice::open().await, Upstream::start());
    let gate = Gate::start(Setup::new(&[upstream.addr()])).await;
    gate.signed_in(ANNA).await;
    gate.rewrite(&Setup::new(&[upstream.addr()]).section("mail", &office.section()));
    Gate::until("the page has a form", || async {
        gate.browser().get("/.vestibule/forgot").await.text().contains("name=\"login\"")
    })
    .await;
    assert_eq!(forgot(&mut gate.browser(), ANNA).await.status, StatusCode::OK);
    office.expect(1).await;
}
