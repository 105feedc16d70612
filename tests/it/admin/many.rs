//! Many small forms count like one large one: by all admins together, over a rolling day, whatever is done at the same time.

use vestibule::admin::letters::Letters;
use vestibule::admin::{Act, Hand, Newcomer, Outcome};
use vestibule::audit::Actor;

use super::*;
use crate::harness::PostOffice;

/// So many people, made by an operator; their ids.
async fn people(gate: &Gate, count: usize) -> Vec<String> {
    let people = (0..count).map(|n| Newcomer { login: format!("p{n:03}@example.com"), name: String::new(), groups: vec![] });
    let now = gate.now();
    let hand = Hand::new(Actor::Operator("root".to_owned()), now.wall);
    let letters = Letters { enrolment_window: DAY, mail: false };
    let store = gate.open_store(false).await;
    let made = store.office().carry_out(&Act::Invite(people.collect()), &hand, letters, now).await.unwrap();
    assert_eq!(made, Outcome::Done(count));
    let mut ids = Vec::new();
    for n in 0..count {
        ids.push(gate.id_of(&format!("p{n:03}@example.com")).await.to_string());
    }
    ids
}

/// One deed to these, in one form; what is said.
async fn to_all(boss: &mut Person, deed: &str, ids: &[String]) -> String {
    let names: Vec<String> = ids.iter().map(|id| format!("id-{id}")).collect();
    let mut fields = vec![("deed", deed)];
    fields.extend(names.iter().map(|name| (name.as_str(), "yes")));
    let answer = send(boss, ACCOUNTS, ACCOUNTS, &fields).await;
    answer.location().rsplit('=').next().unwrap().to_owned()
}

async fn disabled(gate: &Gate) -> usize {
    gate.credentials().await.accounts().await.unwrap().iter().filter(|account| account.disabled).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_beyond_twenty_within_a_day_waits_whoever_asks() {
    let (mut gate, _upstream) = gate().await;
    let ids = people(&gate, 60).await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let mut other = super::boss(&gate, "other@example.com").await;
    assert_eq!(to_all(&mut boss, "disable", &ids[..12]).await, "done");
    assert_eq!(to_all(&mut other, "disable", &ids[12..18]).await, "done");
    assert_eq!(to_all(&mut boss, "disable", &ids[18..21]).await, "waits", "21 of all admins together");
    assert_eq!(to_all(&mut boss, "disable", &ids[16..20]).await, "done", "the same account counts once");
    assert_eq!(to_all(&mut other, "disable", &ids[20..21]).await, "waits");
    let page = page_of(&gate, "p021@example.com").await;
    assert_eq!(does(&gate, &mut other, "disable", "p021@example.com").await.location(), format!("{page}?said=waits"));
    assert_eq!(disabled(&gate).await, 20);
    assert_eq!(to_all(&mut other, "open-enrolment", &ids[30..]).await, "waits", "30 in one form, as ever");
    assert_eq!(to_all(&mut other, "remove", &ids[59..]).await, "done", "another kind");
    for shown in [ACCOUNTS, INVITE, page.as_str()] {
        assert!(boss.browser.get(shown).await.text().contains("20 accounts within 24 hours"), "{shown}");
    }
    // It is in the database, not in the process.
    gate.crash_and_restart().await;
    gate.without_rates();
    let mut boss = super::boss(&gate, "third@example.com").await;
    assert_eq!(to_all(&mut boss, "disable", &ids[22..23]).await, "waits");
    // The day rolls: what was done a day ago counts no more, and what was asked then is done, and does not count.
    gate.hands.advance(DAY);
    Gate::until("what waited is done", || async { disabled(&gate).await == 23 }).await;
    enter(&gate, &mut boss, HOME).await.location();
    assert_eq!(to_all(&mut boss, "disable", &ids[30..50]).await, "done");
    assert_eq!(to_all(&mut boss, "disable", &ids[50..51]).await, "waits");
    assert_eq!(disabled(&gate).await, 43);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_sent_at_once_are_judged_one_after_the_other() {
    let (gate, _upstream) = gate().await;
    let ids = people(&gate, 60).await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let token = boss.browser.get(ACCOUNTS).await.field("form_token").unwrap();
    let forms = ids.chunks(5).map(|chunk| {
        let mut browser = boss.browser.clone();
        let names: Vec<String> = chunk.iter().map(|id| format!("id-{id}")).collect();
        let token = token.clone();
        async move {
            let mut fields = vec![("deed", "disable"), ("form_token", token.as_str())];
            fields.extend(names.iter().map(|name| (name.as_str(), "yes")));
            browser.post(ACCOUNTS, &fields).await.location().to_owned()
        }
    });
    let said = futures_util::future::join_all(forms).await;
    assert_eq!(said.iter().filter(|said| said.ends_with("=done")).count(), 4, "{said:?}");
    assert_eq!(said.iter().filter(|said| said.ends_with("=waits")).count(), 8, "{said:?}");
    assert_eq!(disabled(&gate).await, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_count_too_and_all_admins_hear_of_the_ones_that_wait() {
    let (office, upstream) = (PostOffice::open().await, Upstream::start());
    let setup = Setup::new(&[upstream.addr()]).section("mail", &office.section()).section("listen", "admin = \"127.0.0.1:0\"");
    let gate = Gate::start(setup).await;
    gate.without_rates();
    let mut boss = boss(&gate, "boss@example.com").await;
    let lines = |range: std::ops::Range<usize>| range.map(|n| format!("p{n:03}@example.com")).collect::<Vec<_>>().join("\n");
    for (range, said) in [(0..11, "done"), (11..20, "done"), (20..21, "waits")] {
        let answer = send(&mut boss, INVITE, INVITE, &[("people", &lines(range))]).await;
        assert_eq!(answer.location(), format!("{ACCOUNTS}?said={said}"));
    }
    assert_eq!(gate.credentials().await.accounts().await.unwrap().len(), 21, "the boss and twenty");
    let waits = office.find("24 hours").await;
    assert_eq!(waits.to, "boss@example.com");
    let id = boss.browser.get(HOME).await.field("id").expect("the act that waits");
    assert_eq!(send(&mut boss, HOME, DELAYED, &[("id", &id)]).await.location(), format!("{HOME}?said=cancelled"));
}
