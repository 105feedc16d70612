//! A button that is pressed again after it has done its work, and windows that a page of the portal opens: nobody ends elsewhere
//! than where they were going.

use http::StatusCode;

use crate::harness::{Answer, Browser, Gate, Person, Upstream};

const ANNA: &str = "anna@example.com";
const POPUP: &str = "/.vestibule/verify?popup=1";
const POPUP_DONE: &str = "/.vestibule/verify?popup=done";

async fn gate() -> Gate {
    let gate = Gate::before(&Upstream::start()).await;
    gate.without_rates();
    gate
}

/// What the form on page two sends.
async fn press(browser: &mut Browser, page: &Answer, code: &str) -> Answer {
    let to = page.field("to").expect("page two says where it leads");
    browser.post("/.vestibule/verify", &[("to", &to), ("code", code)]).await
}

/// Page two on its way to a place, and the code for it.
async fn at_page_two(gate: &Gate, anna: &Person) -> (Person, Answer, String) {
    let mut person = anna.in_new_browser(gate);
    assert_eq!(person.log_in("/tickets?page=2").await.location(), "/.vestibule/verify");
    let page = person.browser.get("/.vestibule/verify").await;
    let code = person.next_code(gate);
    (person, page, code)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_press_of_page_two_leads_where_the_first_did() {
    let gate = gate().await;
    let anna = gate.signed_in(ANNA).await;
    let (mut person, page, code) = at_page_two(&gate, &anna).await;
    let before = person.browser.clone();
    assert_eq!(press(&mut person.browser, &page, &code).await.location(), "/tickets?page=2");

    // It was sent before the first answer came, and follows with the cookies of that.
    let mut late = before.clone();
    let login = press(&mut late, &page, &code).await.location().to_owned();
    assert_eq!(login, "/.vestibule/login?why=expired&to=%2Ftickets%3Fpage%3D2");
    assert_eq!(person.browser.get(&login).await.location(), "/tickets?page=2");
    // Or with those of a browser that has come back to the page.
    assert_eq!(press(&mut person.browser, &page, &code).await.location(), "/tickets?page=2");
    assert!(person.is_inside().await);
    // Nobody is led in by that, or away.
    let mut nobody = gate.browser();
    assert_eq!(press(&mut nobody, &page, &code).await.location(), "/.vestibule/login?to=%2Ftickets%3Fpage%3D2");
    for bad in ["https://evil.example/", "//evil.example", "/.vestibule/account", "/.vestibule/verify?popup=1"] {
        let answer = person.browser.post("/.vestibule/verify", &[("to", bad), ("code", &code)]).await;
        assert_eq!(answer.location(), "/", "{bad}");
    }
    assert!(person.is_inside().await, "and no code was counted");
    assert_eq!(gate.number("SELECT count(*) FROM attempts").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_took_too_long_still_gets_there() {
    let gate = gate().await;
    let anna = gate.signed_in(ANNA).await;
    let (mut person, page, _) = at_page_two(&gate, &anna).await;
    gate.hands.advance(std::time::Duration::from_mins(10));
    let code = person.next_code(&gate);
    let login = press(&mut person.browser, &page, &code).await.location().to_owned();
    assert_eq!(login, "/.vestibule/login?why=expired&to=%2Ftickets%3Fpage%3D2");
    let page = person.browser.get(&login).await;
    let to = page.field("to").unwrap();
    assert_eq!(person.sign_in(&gate, &to).await.location(), "/tickets?page=2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_popup_without_a_session_signs_in_and_then_tells_its_opener() {
    let gate = gate().await;
    let anna = gate.signed_in(ANNA).await;
    let mut popup = anna.in_new_browser(&gate);
    let login = popup.browser.get(POPUP).await.location().to_owned();
    let page = popup.browser.get(&login).await;
    assert!(page.text().contains("in the window that you came from"), "{}", page.text());
    let to = page.field("to").unwrap();
    // A mistake on the way changes nothing of that.
    let again = popup.browser.post("/.vestibule/login", &[("login", ANNA), ("password", "wrong"), ("to", &to)]).await;
    assert_eq!((again.status, again.field("to").unwrap()), (StatusCode::UNPROCESSABLE_ENTITY, to.clone()));
    assert_eq!(popup.sign_in(&gate, &to).await.location(), POPUP_DONE);
    let done = popup.browser.get(POPUP_DONE).await;
    assert!(done.text().contains("data-announce=\"confirmed\"") && done.text().contains("Close this window"), "{}", done.text());
    // Somebody who signed in meanwhile is there at once.
    assert_eq!(
        popup.browser.get(&page.field("to").map(|to| format!("/.vestibule/login?to={to}")).unwrap()).await.location(),
        POPUP_DONE
    );
    // It is shown to nobody who is not inside.
    assert!(gate.browser().get(POPUP_DONE).await.location().starts_with("/.vestibule/login"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_presses_of_one_confirm_end_nothing() {
    let gate = gate().await;
    let anna = gate.signed_in(ANNA).await;
    let mut first = anna.clone();
    let page = first.browser.get("/.vestibule/verify?to=/there").await;
    let (token, code) = (page.field("form_token").unwrap(), first.next_code(&gate));
    let presses = (0..50).map(|_| {
        let (mut browser, code, token) = (first.browser.clone(), code.clone(), token.clone());
        tokio::spawn(async move {
            let fields = [("code", code.as_str()), ("to", "/there"), ("form_token", token.as_str())];
            let answer = browser.post("/.vestibule/verify", &fields).await;
            assert_eq!(answer.location(), "/there");
            let renewed = answer.headers.get_all("set-cookie").iter().any(|cookie| {
                let cookie = cookie.to_str().unwrap();
                cookie.starts_with("__Host-vestibule=") && !cookie.contains("Max-Age=0")
            });
            (renewed, browser)
        })
    });
    let mut renewed = Vec::new();
    for press in presses.collect::<Vec<_>>() {
        let (new, browser) = press.await.unwrap();
        assert!(browser.cookies.contains_key("__Host-vestibule"), "the cookie is taken from nobody");
        renewed.extend(new.then_some(browser));
    }
    assert_eq!(renewed.len(), 1, "one code, one success");
    gate.hands.advance(std::time::Duration::from_mins(1));
    let mut anna = Person { browser: renewed.remove(0), ..anna };
    assert!(anna.is_inside().await);
}
