//! What admins look at: the overview, lists, the trail and its files.

use http::StatusCode;
use vestibule::admin::letters::Letters;
use vestibule::admin::{Act, Find, Hand, Matching, Newcomer};
use vestibule::audit::Actor;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_counts_what_happened() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let mut anna = gate.signed_in("anna@example.com").await;
    gate.invite("bert@example.com", &[]).await;
    assert!(anna.is_inside().await);
    let stranger = anna.in_new_browser(&gate);
    stranger.clone().browser.post("/.vestibule/login", &[("login", "anna@example.com"), ("password", "wrong")]).await;
    let office = gate.open_store(false).await.office();
    let today = gate.now().wall.secs().div_euclid(86_400);
    let days = office.days(today - 29).await.unwrap();
    let (good, bad) = days.iter().fold((0, 0), |(good, bad), day| (good + day.sign_ins, bad + day.failures));
    assert_eq!((good, bad), (3, 1), "{days:?}");
    // Both at the portal, and one of them at the admin pages.
    let page = boss.browser.get(HOME).await.text();
    assert!(page.contains("<dt>Live sessions</dt><dd>3</dd>"), "{page}");
    // After its hour the failure stands in the trail, and still counts once.
    gate.hands.advance(HOUR);
    gate.open_store(false).await.session_log().sweep(gate.now().secure).await.unwrap();
    let days = office.days(today - 29).await.unwrap();
    assert_eq!(days.iter().map(|day| day.failures).sum::<u64>(), 1, "{days:?}");
    let census = office.census().await.unwrap();
    assert_eq!((census.all, census.enrolled, census.without_mfa, census.never_signed_in), (3, 2, 1, 1));
    enter(&gate, &mut boss, HOME).await.location();
    let page = boss.browser.get(HOME).await.text();
    assert_eq!(page.matches("<svg viewBox").count(), 3);
    assert_eq!(page.matches("role=\"img\" aria-labelledby=").count(), 3);
    assert!(page.contains("portal.example.com") && page.contains("Answers"), "{page}");
    assert!(page.contains("class=\"share\">50 % "), "what a check took, by half of all: {page}");
    assert!(!page.contains("style="), "the policy forbids inline style");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_says_which_upstream_does_not_answer() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gate = Gate::start(Setup::new(&[nobody]).section("listen", "admin = \"127.0.0.1:0\"")).await;
    gate.without_rates();
    let boss = boss(&gate, "boss@example.com").await;
    let mut anna = gate.signed_in("anna@example.com").await;
    assert_eq!(anna.browser.get("/x").await.status, StatusCode::BAD_GATEWAY);
    Gate::until("it stands on the overview", || {
        let mut boss = boss.clone();
        async move { boss.browser.get(HOME).await.text().contains("Does not answer") }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_accounts_are_searched_and_turned_over() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let store = gate.open_store(false).await;
    let people =
        (0..10_000).map(|n| Newcomer { login: format!("p{n:05}@example.com"), name: format!("Person {n}"), groups: vec![] });
    let now = gate.now();
    let hand = Hand::new(Actor::System, now.wall);
    let letters = Letters { enrolment_window: DAY, mail: false };
    let made = store.office().carry_out(&Act::Invite(people.collect()), &hand, letters, now).await.unwrap();
    assert_eq!(made, vestibule::admin::Outcome::Done(10_000));
    let page = boss.browser.get(&format!("{ACCOUNTS}?page=201")).await.text();
    assert!(page.contains("10001 to 10001 of 10001") || page.contains("10,001 to 10,001 of 10,001"), "{page}");
    let page = boss.browser.get(&format!("{ACCOUNTS}?find=p0999&page=1")).await.text();
    assert!(page.contains("p09990@example.com") && page.contains("p09999@example.com") && !page.contains("p09989@example.com"));
    // What somebody types means itself.
    for nothing in ["%25", "_0", "p0%5C"] {
        assert!(boss.browser.get(&format!("{ACCOUNTS}?find={nothing}")).await.text().contains("Nothing was found"), "{nothing}");
    }
    assert_eq!(boss.browser.get(&format!("{ACCOUNTS}?page=0&show=zzz&find=%00")).await.status, StatusCode::OK);
    assert_eq!(boss.browser.get(&format!("{ACCOUNTS}?page=999999999999&show=zzz")).await.status, StatusCode::OK);
    for (matching, total) in
        [(Matching::NeverSignedIn, 10_000), (Matching::WithoutMfa, 10_000), (Matching::Admins, 1), (Matching::Locked, 0)]
    {
        let found = store.office().find(&Find { matching, limit: 1, ..Find::default() }).await.unwrap();
        assert_eq!(found.total, total, "{matching:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_filter_of_the_accounts_shows_those_that_it_names() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    gate.signed_in("anna@example.com").await;
    // Registered, and not enrolled; invited, and never here; disabled.
    let link = gate.invite("bert@example.com", &[]).await;
    Person::new("bert@example.com", gate.browser()).register(&link).await;
    gate.invite("carl@example.com", &[]).await;
    gate.signed_in("dora@example.com").await;
    gate.set_disabled("dora@example.com", true).await;
    let all = ["anna", "bert", "boss", "carl", "dora"];
    for (show, expected) in [
        ("", &all[..]),
        ("without-mfa", &["bert", "carl"]),
        ("never", &["bert", "carl"]),
        ("disabled", &["dora"]),
        ("admins", &["boss"]),
        ("locked", &[]),
    ] {
        let page = boss.browser.get(&format!("{ACCOUNTS}?show={show}")).await.text();
        let list = page.split("<tbody").nth(1).unwrap_or_default();
        let found: Vec<&str> = all.into_iter().filter(|name| list.contains(&format!("{name}@example.com"))).collect();
        assert_eq!(found, expected, "{show}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_filtered_and_handed_out() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    gate.signed_in("anna@example.com").await;
    send(&mut boss, INVITE, INVITE, &[("people", "=cmd@example.com,=1+1")]).await.location();
    let page = boss.browser.get(&format!("{AUDIT}?login=anna%40example.com")).await.text();
    assert!(page.contains("mfa.enable") && !page.contains("=cmd@example.com"));
    let page = boss.browser.get(&format!("{AUDIT}?action=session.")).await.text();
    assert!(page.contains("session.start") && !page.contains("mfa.enable"));
    let page = boss.browser.get(&format!("{AUDIT}?since=2200-01-01")).await.text();
    assert!(page.contains("Nothing was found"));
    let page = boss.browser.get(&format!("{AUDIT}?until=2020-01-01")).await.text();
    assert!(page.contains("Nothing was found"));
    let day = gate.now().wall.to_string()[..10].to_owned();
    let page = boss.browser.get(&format!("{AUDIT}?since={day}&until={day}")).await.text();
    assert!(page.contains("mfa.enable"), "whole days, both included: {page}");
    let page = boss.browser.get(&format!("{AUDIT}?actor=boss%40example.com")).await.text();
    assert!(page.contains("user.invite") && page.contains("=cmd@example.com") && !page.contains("anna@example.com"), "{page}");
    assert_eq!(boss.browser.get(&format!("{AUDIT}?since=nonsense&until=2026-99-99")).await.status, StatusCode::OK);

    let json = boss.browser.get(&format!("{AUDIT}?format=json&action=user.invite")).await;
    assert_eq!(json.header("content-type"), "application/json");
    assert_eq!(json.header("content-disposition"), "attachment; filename=\"audit.json\"");
    let records: serde_json::Value = serde_json::from_slice(&json.body).unwrap();
    assert_eq!(records[0]["login"], "=cmd@example.com", "JSON is as it is");
    assert_eq!(records[0]["detail"]["new"]["name"], "=1+1");

    let csv = boss.browser.get(&format!("{AUDIT}?format=csv")).await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let mut reader = csv::Reader::from_reader(&csv.body[..]);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert!(rows.len() > 5);
    assert!(rows.iter().any(|row| &row[6] == "'=cmd@example.com"), "quoted");
    for cell in rows.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }
    assert_eq!(boss.browser.get(&format!("{AUDIT}?format=xml")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_all_that_was_found_however_much_that_is() {
    const MANY: usize = 60_000;
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    gate.number(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 60000)
         INSERT INTO audit (seq, at, actor, client, action, account, login, detail, mac)
         SELECT 1000 + n, 1795957380000, 'account:=x', '', 'test.made', '', 'p' || n || '@example.com', '{\"n\":' || n || '}', zeroblob(32)
         FROM n RETURNING 1",
    )
    .await;
    let json = boss.browser.get(&format!("{AUDIT}?format=json&action=test.made")).await;
    assert_eq!(json.header("content-length"), "", "nobody knows beforehand how long it is");
    let records: Vec<serde_json::Value> = serde_json::from_slice(&json.body).unwrap();
    assert_eq!(records.len(), MANY);
    // The newest first, none twice and none left out.
    assert!(records.iter().enumerate().all(|(at, record)| record["detail"]["n"] == MANY - at));
    boss.browser.http2 = true;
    let csv = boss.browser.get(&format!("{AUDIT}?format=csv&action=test.made")).await;
    let mut reader = csv::Reader::from_reader(&csv.body[..]);
    assert_eq!(reader.headers().unwrap().iter().next(), Some("seq"));
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), MANY);
    assert!(rows.iter().enumerate().all(|(at, row)| row[0] == (1000 + MANY - at).to_string() && &row[2] == "account:=x"));
    // Nothing, one page to the record, and a file asked for its head alone.
    for (query, rows) in [("action=none", 0), ("action=test.made&login=p7%40example.com", 1)] {
        let json = boss.browser.get(&format!("{AUDIT}?format=json&{query}")).await;
        assert_eq!(serde_json::from_slice::<Vec<serde_json::Value>>(&json.body).unwrap().len(), rows, "{query}");
        let csv = boss.browser.get(&format!("{AUDIT}?format=csv&{query}")).await;
        assert_eq!(csv.text().lines().count(), 1 + rows, "{query}");
    }
}

/// A trail of 60 MB, which fits into no buffer between us: most of a file of it is still to be made when its first part is read.
async fn with_a_long_trail(gate: &Gate) {
    gate.number(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 60000)
         INSERT INTO audit (seq, at, actor, client, action, account, login, detail, mac)
         SELECT 1000 + n, 1795957380000, 'system', '', 'test.made', '', '', '{\"x\":\"' || hex(zeroblob(500)) || '\"}', zeroblob(32)
         FROM n RETURNING 1",
    )
    .await;
}

/// A file that has been begun: the first part of it has come.
async fn begun(boss: &Person) -> hyper::body::Incoming {
    let uri = format!("{AUDIT}?format=csv&action=test.made");
    let request =
        boss.browser.request(&http::Method::GET, &uri, crate::harness::browser::Kind::Navigation, &[], bytes::Bytes::new());
    let mut body = boss.browser.open(request).await.into_body();
    http_body_util::BodyExt::frame(&mut body).await.unwrap().unwrap();
    body
}

async fn is_broken_off(mut body: hyper::body::Incoming) {
    let mut read = 0;
    let end = loop {
        match http_body_util::BodyExt::frame(&mut body).await {
            Some(Ok(frame)) => read += frame.into_data().map_or(0, |data| data.len()),
            other => break other,
        }
    };
    assert!(matches!(end, Some(Err(_))), "broken off, not ended: {end:?}");
    assert!(read < 40_000_000, "{read}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_ends_with_the_right_to_read_it_and_is_not_taken_for_whole() {
    let (gate, _upstream) = gate().await;
    let boss = boss(&gate, "boss@example.com").await;
    super::boss(&gate, "other@example.com").await;
    with_a_long_trail(&gate).await;
    let body = begun(&boss).await;
    gate.set_disabled("boss@example.com", true).await;
    Gate::soon("the session is over", || async {
        let mut browser = boss.browser.clone();
        browser.get(HOME).await.status == 303
    })
    .await;
    is_broken_off(body).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_ends_with_the_window_and_with_its_time() {
    let upstream = Upstream::start();
    let setup =
        Setup::new(&[upstream.addr()]).section("listen", "admin = \"127.0.0.1:0\"").section("mfa", "reauth_window = \"1h\"");
    let gate = Gate::start(setup).await;
    gate.without_rates();
    let mut boss = boss(&gate, "boss@example.com").await;
    with_a_long_trail(&gate).await;
    // Whoever takes half an hour for it does not mean to read it; the session goes on.
    let body = begun(&boss).await;
    gate.hands.advance(MINUTE * 30);
    is_broken_off(body).await;
    // Not idle, and the hour since the last code is over.
    gate.hands.advance(MINUTE * 15);
    let body = begun(&boss).await;
    gate.hands.advance(MINUTE * 15);
    is_broken_off(body).await;
    assert!(boss.browser.get(HOME).await.location().starts_with("/.vestibule/verify"), "it was the window");
}
