//! Mails side by side: none waits for another one's trouble, none goes out twice, and when a mail of one's own comes tells nothing
//! about whether somebody else has an account.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio_util::sync::CancellationToken;
use vestibule::admin::letters::Letters;
use vestibule::admin::{Act, Hand, Newcomer, Outcome};
use vestibule::app::settings;
use vestibule::audit::Actor;
use vestibule::notify::mail::Posting;
use vestibule::notify::outbox::{LEASE, Room};
use vestibule::notify::sender::Sender;
use vestibule::store::Store;

use super::{ANNA, forgot, gate, waiting};
use crate::harness::{Gate, PostOffice, Setup, Upstream};

const ROOM: Room = Room { told: 4, asked: 16 };

/// Invites so many people, each with a letter.
async fn invite(gate: &Gate, count: usize) {
    invite_from(gate, 0, count).await;
}

async fn invite_from(gate: &Gate, first: usize, count: usize) {
    let people =
        (first..first + count).map(|n| Newcomer { login: format!("p{n:03}@example.com"), name: String::new(), groups: vec![] });
    let now = gate.now();
    let hand = Hand::new(Actor::Operator("root".to_owned()), now.wall);
    let letters = Letters { enrolment_window: Duration::from_hours(24), mail: true };
    let office = gate.open_store(false).await.office();
    let made = office.carry_out(&Act::Invite(people.collect()), &hand, letters, now).await.unwrap();
    assert_eq!(made, Outcome::Done(count));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_at_one_mail_holds_up_no_other() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    gate.signed_in(ANNA).await;
    let bert = gate.signed_in("bert@example.com").await;
    office.is_silent_about(ANNA);
    forgot(&mut gate.browser(), ANNA).await;
    forgot(&mut gate.browser(), "bert@example.com").await;
    assert_eq!(office.expect(1).await[0].to, "bert@example.com", "asked for behind one that hangs");
    bert.in_new_browser(&gate).sign_in(&gate, "/").await;
    invite(&gate, 12).await;
    Gate::until("all others are through", || async { office.arrived().len() == 14 }).await;
    assert!(office.arrived().iter().all(|mail| mail.to != ANNA));
    assert_eq!(waiting(&gate).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_senders_on_one_outbox_send_each_mail_once() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    let (stop, mut others) = (CancellationToken::new(), Vec::new());
    for _ in 0..2 {
        let post = Arc::new(ArcSwapOption::new(settings::post(&gate.config())));
        let sender = Sender { outbox: gate.open_store(false).await.outbox(), clock: gate.app().parts().clock.clone(), post };
        others.push(tokio::spawn(sender.run(stop.clone())));
    }
    invite(&gate, 60).await;
    Gate::until("all are through", || async { waiting(&gate).await == 0 }).await;
    stop.cancel();
    for other in others {
        other.await.unwrap();
    }
    let mut to: BTreeMap<String, usize> = BTreeMap::new();
    for mail in office.arrived() {
        *to.entry(mail.to).or_default() += 1;
    }
    assert_eq!(to.len(), 60);
    assert!(to.values().all(|count| *count == 1), "{to:?}");
}

/// A gate that has no mail server, so that nothing is taken out of its outbox but by the test; and its store.
async fn quiet() -> (Gate, Store) {
    let gate = Gate::start(Setup::new(&[Upstream::start().addr()])).await;
    gate.without_rates();
    let store = gate.open_store(false).await;
    (gate, store)
}

async fn ask_for(gate: &Gate, store: &Store, login: &str) {
    assert!(store.tickets().post(Posting::forgot(login, "portal", gate.now().secure)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_are_looked_up_at_a_time_whoever_they_are_for() {
    let (gate, store) = quiet().await;
    for n in 0..3 {
        gate.signed_in(&format!("known{n}@example.com")).await;
    }
    gate.invite("invited@example.com", &[]).await;
    gate.signed_in("frozen@example.com").await;
    gate.set_disabled("frozen@example.com", true).await;
    let outbox = store.outbox();
    let unseen = "SELECT count(*) FROM outbox WHERE asked = 1 AND account IS NULL";
    for login in ["known0", "stranger", "known1", "invited", "known2", "frozen", "nobody"] {
        ask_for(&gate, &store, &format!("{login}@example.com")).await;
    }
    let now = gate.now().secure;
    // Nothing goes out that was not looked up, and that takes one place in the turn, whoever it is for.
    assert!(outbox.claim(now, ROOM).await.unwrap().is_empty());
    let mut found = Vec::new();
    for (looked, left) in [(3, 4), (3, 1), (1, 0), (0, 0)] {
        assert_eq!((outbox.look_up(now, 3).await.unwrap(), gate.number(unseen).await), (looked, left));
        let claimed = outbox.claim(now, ROOM).await.unwrap();
        assert!(claimed.iter().all(|mail| mail.asked));
        found.extend(claimed.into_iter().map(|mail| mail.to.login));
    }
    found.sort();
    assert_eq!(found, ["known0@example.com", "known1@example.com", "known2@example.com"]);
    assert_eq!(outbox.waiting().await.unwrap(), 3, "what is for nobody is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_one_senders_and_no_other_gives_the_mail_back() {
    let (gate, store) = quiet().await;
    invite(&gate, 1).await;
    let (outbox, other, now) = (store.outbox(), gate.open_store(false).await.outbox(), gate.now().secure);
    let claimed = outbox.claim(now, ROOM).await.unwrap().remove(0);
    assert!(other.claim(now, ROOM).await.unwrap().is_empty());
    let later = now + LEASE;
    let again = other.claim(later, ROOM).await.unwrap().remove(0);
    assert_eq!((again.id, again.tries), (claimed.id, 2));
    // Whoever comes back from the dead does not take it from whoever has it now.
    outbox.put_off(&claimed, later, "late").await.unwrap();
    assert!(outbox.claim(later, ROOM).await.unwrap().is_empty());
    other.put_off(&again, later, "later").await.unwrap();
    assert_eq!(outbox.claim(later, ROOM).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_on_the_way_takes_no_room() {
    let (gate, store) = quiet().await;
    invite(&gate, 59).await;
    gate.hands.advance(Duration::from_secs(1));
    invite_from(&gate, 59, 1).await;
    let (outbox, now) = (store.outbox(), gate.now().secure);
    // All but the last are disabled: their links are dead.
    for n in 0..59 {
        gate.set_disabled(&format!("p{n:03}@example.com"), true).await;
    }
    let claimed = outbox.claim(now, Room { told: 1, asked: 0 }).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].to.login, "p059@example.com");
    assert_eq!(outbox.waiting().await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_links_of_one_person_the_newest_goes_out() {
    let (gate, store) = quiet().await;
    gate.signed_in(ANNA).await;
    for _ in 0..3 {
        ask_for(&gate, &store, ANNA).await;
    }
    let (outbox, now) = (store.outbox(), gate.now().secure);
    assert_eq!(outbox.look_up(now, 16).await.unwrap(), 3);
    let claimed = outbox.claim(now, ROOM).await.unwrap();
    assert_eq!(claimed.len(), 1, "{claimed:?}");
    let (token, _) = claimed[0].link.clone().expect("a link");
    assert!(store.tickets().ticket_by_token(&token.hash(), now).await.unwrap().is_some(), "and it works");
}
