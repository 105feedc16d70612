//! People who are invited by a file: read like the lines that are typed, bounded like them, and nobody is invited by half of one.

use bytes::Bytes;
use http::{Method, StatusCode};

use super::*;
use crate::harness::browser::Kind;

const BOUNDARY: &str = "----WebKitFormBoundary7MA4YWxkTrZu0gW";

/// A part as browsers write it.
fn part(disposition: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

/// The form with a file, as a browser sends it.
fn form(token: &str, people: &str, name: &str, file: &[u8]) -> Vec<u8> {
    let named = format!("name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/csv");
    let parts = [part("name=\"form_token\"", token.as_bytes()), part("name=\"people\"", people.as_bytes()), part(&named, file)];
    [parts.concat(), format!("--{BOUNDARY}--\r\n").into_bytes()].concat()
}

async fn post(boss: &mut Person, body: Vec<u8>) -> Answer {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let headers = [("content-type", kind.as_str())];
    boss.browser.send(Method::POST, INVITE, Kind::Navigation, &headers, Bytes::from(body)).await
}

/// Chooses a file on the page, and sends it.
async fn choose(boss: &mut Person, people: &str, name: &str, file: &[u8]) -> Answer {
    let token = boss.browser.get(INVITE).await.field("form_token").unwrap();
    post(boss, form(&token, people, name, file)).await
}

async fn accounts(gate: &Gate) -> usize {
    gate.credentials().await.accounts().await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_invites_like_the_lines_do() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let page = boss.browser.get(INVITE).await.text();
    assert!(page.contains("enctype=\"multipart/form-data\"") && page.contains("type=\"file\""), "{page}");
    // As spreadsheets write it: a mark in front, a heading, other line ends, quotes.
    let file = "\u{feff}login,name,groups\r\nanna@example.com,\"Arp, Anna\",staff;it\r\nbert at example.com,Bért,\r\n";
    let wrong = choose(&mut boss, "", "people.csv", file.as_bytes()).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = wrong.text();
    assert!(text.contains("Line 3") && text.contains("anna@example.com,&#34;Arp, Anna&#34;"), "to be mended there: {text}");
    assert_eq!(accounts(&gate).await, 1);

    let file = file.replace("bert at ", "bert@");
    assert_eq!(choose(&mut boss, " \r\n", "people.csv", file.as_bytes()).await.location(), format!("{ACCOUNTS}?said=done"));
    let anna = gate.account("anna@example.com").await;
    assert_eq!((anna.name.as_str(), anna.groups.len()), ("Arp, Anna", 2));
    assert_eq!(gate.account("bert@example.com").await.name, "B\u{e9}rt");
    // Nothing chosen: the lines count.
    assert_eq!(choose(&mut boss, "cleo@example.com", "", b"").await.location(), format!("{ACCOUNTS}?said=done"));
    assert_eq!(accounts(&gate).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_list_is_told_so_and_invites_nobody() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let both = choose(&mut boss, "dora@example.com", "people.csv", b"emil@example.com").await;
    assert_eq!(both.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(both.text().contains("Use one of them") && both.text().contains("dora@example.com"), "{}", both.text());
    for (what, file) in [
        ("Latin-1", &b"anna@example.com,Ren\xe9"[..]),
        ("UTF-16", b"\xff\xfea\0@\0b\0"),
        ("a program", b"\x7fELF\x02\x01\x01\0"),
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0"),
        ("zeros", b"anna@example.com\0,Anna"),
    ] {
        let answer = choose(&mut boss, "", "people.csv", file).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
        let text = answer.text();
        assert!(
            text.contains("is not text in UTF-8") && text.contains("aria-describedby=\"file-hint file-why\""),
            "{what}: {text}"
        );
    }
    let empty = choose(&mut boss, "", "people.csv", b"").await;
    assert!(empty.status == StatusCode::UNPROCESSABLE_ENTITY && empty.text().contains("Nobody is named"), "{}", empty.text());
    let script = choose(&mut boss, "", "<script>.csv", b"</textarea><script>alert(1)</script>").await;
    assert!(script.status == StatusCode::UNPROCESSABLE_ENTITY && !script.text().contains("<script>alert"), "{}", script.text());
    let crowd: Vec<String> = (0..501).map(|n| format!("p{n}@example.com\n")).collect();
    let many = choose(&mut boss, "", "people.csv", crowd.concat().as_bytes()).await;
    assert!(many.status == StatusCode::UNPROCESSABLE_ENTITY && many.text().contains("At most 500"), "{}", many.text());
    assert_eq!(accounts(&gate).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_or_no_form_or_of_somebody_else_is_refused() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let large = choose(&mut boss, "", "people.csv", &b"anna@example.com,Anna\n".repeat(13_000)).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE, "as for the lines: 256 KiB in all");
    let token = boss.browser.get(INVITE).await.field("form_token").unwrap();
    let good = form(&token, "", "people.csv", b"anna@example.com");
    for (what, bad) in [
        ("cut off", good[..good.len() - 10].to_vec()),
        ("two files", [part("name=\"file\"; filename=\"a\"", b"x"), good.clone()].concat()),
        ("two tokens", [part("name=\"form_token\"", b"x"), good.clone()].concat()),
        ("no parts", b"people=anna%40example.com".to_vec()),
    ] {
        assert_eq!(post(&mut boss, bad).await.status, StatusCode::BAD_REQUEST, "{what}");
    }
    assert_eq!(post(&mut boss, form("", "", "people.csv", b"anna@example.com")).await.status, StatusCode::FORBIDDEN, "no token");
    let mut foreign = boss.clone();
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let headers = [("content-type", kind.as_str()), ("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    let answer = foreign.browser.send(Method::POST, INVITE, Kind::Navigation, &headers, Bytes::from(good.clone())).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "from elsewhere");
    // No other form takes files.
    let headers = [("content-type", kind.as_str())];
    let answer = boss.browser.send(Method::POST, SETTINGS, Kind::Navigation, &headers, Bytes::from(good.clone())).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(accounts(&gate).await, 1);
    assert_eq!(post(&mut boss, good).await.location(), format!("{ACCOUNTS}?said=done"), "the good one is one");
}
