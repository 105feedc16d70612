//! Who hears of what admins do: people by a mail with the link that no admin sees, all admins by one about what waits.

use super::*;
use crate::harness::{Arrived, PostOffice};

async fn gate_with_mail() -> (PostOffice, Gate, Upstream) {
    let (office, upstream) = (PostOffice::open().await, Upstream::start());
    let setup = Setup::new(&[upstream.addr()]).section("mail", &office.section()).section("listen", "admin = \"127.0.0.1:0\"");
    let gate = Gate::start(setup).await;
    gate.without_rates();
    (office, gate, upstream)
}

/// The mails to somebody, once there are so many of all. (The first is to the boss, about a sign-in from a new browser.)
async fn to(office: &PostOffice, count: usize, login: &str) -> Vec<Arrived> {
    office.expect(count).await.into_iter().filter(|mail| mail.to == login).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_invited_gets_the_link_and_no_page_shows_it() {
    let (office, gate, _upstream) = gate_with_mail().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let answer = send(&mut boss, INVITE, INVITE, &[("people", "anna@example.com,Anna Arp,")]).await;
    assert!(answer.location().contains("said=done"), "{}", answer.location());
    let mail = to(&office, 2, "anna@example.com").await.remove(0);
    let link = mail.link();
    assert!(link.starts_with("/.vestibule/register/"), "{link}");
    let token = link.rsplit('/').next().unwrap().to_owned();
    for page in [HOME, ACCOUNTS, AUDIT, &page_of(&gate, "anna@example.com").await] {
        assert!(!boss.browser.get(page).await.text().contains(&token), "{page}");
    }
    assert_eq!(gate.browser().get(&link).await.location(), "/.vestibule/register", "and it works");
}

#[tokio::test(flavor = "multi_thread")]
async fn opened_enrolment_is_mailed_and_told() {
    let (office, gate, _upstream) = gate_with_mail().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    gate.enrolled("anna@example.com").await;
    does(&gate, &mut boss, "open-enrolment", "anna@example.com").await;
    let mails = to(&office, 3, "anna@example.com").await;
    let links: Vec<String> = mails.iter().map(Arrived::link).collect();
    assert!(links.iter().any(|link| link.starts_with("/.vestibule/enrol/")), "{links:?}");
    assert!(links.iter().any(|link| link.starts_with("/.vestibule/not-me/")), "{links:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_admins_hear_of_what_waits_and_of_nothing_else() {
    let (office, gate, _upstream) = gate_with_mail().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    gate.admin("other@example.com").await;
    gate.enrolled("anna@example.com").await;
    assert!(does(&gate, &mut boss, "promote", "anna@example.com").await.location().ends_with("?said=waits"));
    let mut mails = office.expect(3).await;
    mails.retain(|mail| !mail.part("text/plain").contains("signed in to your account"));
    let mut people: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    people.sort_unstable();
    assert_eq!(people, ["boss@example.com", "other@example.com"]);
    for mail in &mails {
        let text = mail.part("text/plain");
        assert!(
            text.contains("takes effect in 24 hours")
                && text.contains("Waits until: ")
                && text.contains("can cancel it")
                && !text.contains("/.vestibule/not-me"),
            "{text}"
        );
    }
}
