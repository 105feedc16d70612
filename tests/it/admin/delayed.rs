//! Acts that wait a day: who can take them back, when they take effect, and when they fall.

use super::*;

async fn waiting(gate: &Gate) -> usize {
    gate.open_store(false).await.office().delayed().await.unwrap().len()
}

async fn settled(gate: &Gate) {
    Gate::until("nothing waits", || async { waiting(gate).await == 0 }).await;
}

/// Makes somebody an admin, as far as it goes today.
async fn promote(gate: &Gate, boss: &mut Person, login: &str) {
    let answer = does(gate, boss, "promote", login).await;
    assert!(answer.location().ends_with("?said=waits"), "{}", answer.location());
    assert!(!gate.account(login).await.admin);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_is_made_after_a_day_even_across_a_restart() {
    let (mut gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    gate.enrolled("anna@example.com").await;
    promote(&gate, &mut boss, "anna@example.com").await;
    let overview = boss.browser.get(HOME).await.text();
    assert!(overview.contains("Make an admin") && overview.contains("anna@example.com"), "{overview}");
    let asked = told(&gate, "admin.delay").await;
    assert_eq!(asked["act"]["deed"], "promote");
    gate.hands.advance(DAY.saturating_sub(MINUTE));
    gate.crash_and_restart().await;
    Gate::until("the gate keeps house", || async { gate.ops("/healthz").await.0 == 200 }).await;
    assert!(!gate.account("anna@example.com").await.admin, "a minute before");
    assert_eq!(waiting(&gate).await, 1);
    gate.hands.advance(MINUTE);
    settled(&gate).await;
    assert!(gate.account("anna@example.com").await.admin);
    let record = recorded(&gate, "user.promote").await.remove(0);
    assert_eq!(record.actor, "account:boss@example.com");
    let detail: serde_json::Value = serde_json::from_str(&record.detail).unwrap();
    assert_eq!((&detail["old"], &detail["new"], &detail["delayed"]), (&false.into(), &true.into(), &asked["delayed"]));
    assert_eq!(recorded(&gate, "admin.carry-out").await.len(), 1, "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn any_admin_cancels_what_another_asked_for() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let mut other = super::boss(&gate, "other@example.com").await;
    promote_newcomer(&gate, &mut boss).await;
    let page = other.browser.get(HOME).await;
    let id = page.field("id").expect("the act that waits");
    let cancelled = send(&mut other, HOME, DELAYED, &[("id", &id)]).await;
    assert_eq!(cancelled.location(), format!("{HOME}?said=cancelled"));
    assert_eq!(waiting(&gate).await, 0);
    let token = other.browser.get(SETTINGS).await.field("form_token").unwrap();
    assert_eq!(other.browser.post(DELAYED, &[("id", &id), ("form_token", &token)]).await.status, 403, "a token of another form");
    gate.hands.advance(DAY * 2);
    assert!(!gate.account("anna@example.com").await.admin);
    let record = recorded(&gate, "admin.cancel").await.remove(0);
    assert_eq!(record.actor, "account:other@example.com");
    assert!(record.detail.contains("\"asked_by\":\"boss@example.com\""), "{}", record.detail);
}

/// Who it is about leaves that to others, as long as there are others. One who asks to be rid of all others at once meets them.
#[tokio::test(flavor = "multi_thread")]
async fn who_it_is_about_cancels_it_where_nobody_else_could() {
    let (gate, _upstream) = gate().await;
    let mut thief = boss(&gate, "thief@example.com").await;
    let mut first = boss(&gate, "first@example.com").await;
    let mut second = boss(&gate, "second@example.com").await;
    let ids = [gate.id_of("first@example.com").await, gate.id_of("second@example.com").await];
    let [one, two] = ids.map(|id| format!("id-{}", id.0));
    let ask = [("deed", "disable"), (one.as_str(), "yes")];
    assert_eq!(send(&mut thief, ACCOUNTS, ACCOUNTS, &ask).await.location(), format!("{ACCOUNTS}?said=waits"));
    let id = first.browser.get(HOME).await.field("id").expect("the act that waits");
    assert_eq!(send(&mut first, HOME, DELAYED, &[("id", &id)]).await.location(), format!("{HOME}?said=own"));
    assert_eq!(send(&mut second, HOME, DELAYED, &[("id", &id)]).await.location(), format!("{HOME}?said=cancelled"));
    let ask = [&ask[..], &[(two.as_str(), "yes")]].concat();
    assert_eq!(send(&mut thief, ACCOUNTS, ACCOUNTS, &ask).await.location(), format!("{ACCOUNTS}?said=waits"));
    let id = first.browser.get(HOME).await.field("id").expect("the act that waits");
    assert_eq!(send(&mut first, HOME, DELAYED, &[("id", &id)]).await.location(), format!("{HOME}?said=cancelled"));
    gate.hands.advance(DAY);
    settled(&gate).await;
    assert!(!gate.account("first@example.com").await.disabled && !gate.account("second@example.com").await.disabled);
}

async fn promote_newcomer(gate: &Gate, boss: &mut Person) {
    gate.enrolled("anna@example.com").await;
    promote(gate, boss, "anna@example.com").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_falls_with_whoever_asked() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let mut thief = super::boss(&gate, "thief@example.com").await;
    promote_newcomer(&gate, &mut thief).await;
    // By the operator, at once: unmaking an admin on the pages would wait a day itself.
    gate.set_disabled("thief@example.com", true).await;
    settled(&gate).await;
    gate.set_disabled("thief@example.com", false).await;
    gate.hands.advance(DAY);
    assert_eq!(enter(&gate, &mut boss, HOME).await.location(), HOME);
    assert!(!gate.account("anna@example.com").await.admin);
    assert!(recorded(&gate, "admin.cancel").await[0].detail.contains("no longer an admin"));
    assert!(recorded(&gate, "admin.carry-out").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_on_more_than_twenty_wait_and_on_twenty_do_not() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let people = (0..21).fold(String::new(), |all, n| all + &format!("p{n:02}@example.com,Person\n"));
    assert_eq!(send(&mut boss, INVITE, INVITE, &[("people", &people)]).await.location(), format!("{ACCOUNTS}?said=waits"));
    assert_eq!(gate.credentials().await.accounts().await.unwrap().len(), 1);
    gate.hands.advance(DAY);
    settled(&gate).await;
    assert_eq!(gate.credentials().await.accounts().await.unwrap().len(), 22);
    assert_eq!(enter(&gate, &mut boss, HOME).await.location(), HOME);

    let found = format!("{ACCOUNTS}?find=p0");
    let all = send(&mut boss, &found, &found, &[("deed", "disable"), ("all", "yes")]).await;
    assert_eq!(all.location(), format!("{found}&said=done"), "ten of them");
    assert!(gate.account("p09@example.com").await.disabled && !gate.account("p10@example.com").await.disabled);
    let found = format!("{ACCOUNTS}?find=person");
    let all = send(&mut boss, &found, &found, &[("deed", "disable"), ("all", "yes")]).await;
    assert!(all.location().ends_with("said=waits"));
    assert!(!gate.account("p10@example.com").await.disabled);
    gate.hands.advance(DAY);
    settled(&gate).await;
    assert!(gate.account("p20@example.com").await.disabled);
    assert_eq!(recorded(&gate, "user.disable").await.len(), 21, "those who were disabled are passed over");
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_ones_only_and_nobody_is_nobody() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    send(&mut boss, INVITE, INVITE, &[("people", "a@example.com\nb@example.com\nc@example.com")]).await.location();
    let one = format!("id-{}", gate.id_of("a@example.com").await);
    let two = format!("id-{}", gate.id_of("c@example.com").await);
    let answer = send(&mut boss, ACCOUNTS, ACCOUNTS, &[("deed", "remove"), (&one, "yes"), (&two, "yes")]).await;
    assert_eq!(answer.location(), format!("{ACCOUNTS}?said=done"));
    let left: Vec<_> = gate.credentials().await.accounts().await.unwrap().into_iter().map(|a| a.login.to_string()).collect();
    assert_eq!(left, ["b@example.com", "boss@example.com"]);
    let answer = send(&mut boss, ACCOUNTS, ACCOUNTS, &[("deed", "remove"), ("id-x", "yes")]).await;
    assert_eq!(answer.location(), format!("{ACCOUNTS}?said=nobody"));
    assert_eq!(send(&mut boss, ACCOUNTS, ACCOUNTS, &[("deed", "explode"), (&one, "yes")]).await.status, 400);
}
