//! Settings: offered values only, recorded, and felt by live sessions at once.

use http::StatusCode;
use vestibule::session::log::Setting;

use super::*;

async fn set(boss: &mut Person, setting: &str, value: &str) -> Answer {
    send(boss, SETTINGS, SETTINGS, &[("setting", setting), ("value", value)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shorter_window_bites_at_the_next_request_and_a_longer_one_waits_a_day() {
    let (gate, _upstream) = gate().await;
    let anna = gate.signed_in("anna@example.com").await;
    gate.hands.advance(HOUR * 2);
    let mut boss = boss(&gate, "boss@example.com").await;
    assert!(anna.clone().is_inside().await);
    assert_eq!(set(&mut boss, "reauth-window", "3600").await.location(), format!("{SETTINGS}?said=done"));
    assert_eq!(anna.clone().browser.fetch("/x").await.header("vestibule-required"), "code", "at her very next request");
    assert_eq!(told(&gate, "settings.set").await, serde_json::json!({"key": "reauth-window", "old": null, "new": "1h"}));
    assert!(boss.browser.get(SETTINGS).await.text().contains("<option value=\"3600\" selected>"));

    for longer in ["86400", ""] {
        assert_eq!(set(&mut boss, "reauth-window", longer).await.location(), format!("{SETTINGS}?said=waits"), "{longer}");
    }
    let office = gate.open_store(false).await.office();
    assert_eq!(office.delayed().await.unwrap().len(), 1, "the second took the first one's place");
    assert_eq!(gate.app().parts().window.load(), HOUR);
    gate.hands.advance(DAY);
    Gate::until("the longer window holds", || async { gate.app().parts().window.load() == DAY * 30 }).await;
    assert_eq!(told(&gate, "settings.set").await["new"], serde_json::Value::Null);

    // A later decision, at the operator's desk too, replaces what waits.
    enter(&gate, &mut boss, HOME).await.location();
    set(&mut boss, "reauth-window", "7200").await.location();
    assert_eq!(gate.app().parts().window.load(), HOUR * 2);
    assert!(set(&mut boss, "reauth-window", "86400").await.location().ends_with("said=waits"));
    gate.set_window(Some(HOUR)).await;
    assert!(office.delayed().await.unwrap().is_empty());
    gate.hands.advance(DAY * 2);
    Gate::soon("one hour", || async { gate.app().parts().window.load() == HOUR }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_an_admin_does_is_felt_by_the_very_next_request() {
    let (gate, _upstream) = gate().await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let mut boss = boss(&gate, "boss@example.com").await;
    // Shorter and shorter: each holds when the answer is there, and not a moment later.
    for secs in [1_209_600, 604_800, 259_200, 86_400, 43_200, 28_800, 14_400, 7200, 3600] {
        assert!(set(&mut boss, "reauth-window", &secs.to_string()).await.location().ends_with("said=done"), "{secs}");
        assert_eq!(gate.app().parts().window.load(), SECOND * secs);
    }
    for deed in ["end-sessions", "disable"] {
        assert!(anna.is_inside().await, "before {deed}");
        assert!(does(&gate, &mut boss, deed, "anna@example.com").await.location().ends_with("said=done"), "{deed}");
        assert!(!anna.is_inside().await, "after {deed}");
        if deed == "end-sessions" {
            anna.sign_in(&gate, "/").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_enrolment_and_notices_are_felt() {
    let (gate, _upstream) = gate().await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let mut boss = boss(&gate, "boss@example.com").await;
    assert!(anna.is_inside().await);
    set(&mut boss, "idle", "900").await.location();
    assert_eq!(gate.app().parts().window.idle(), Some(MINUTE * 15));
    gate.hands.advance(MINUTE * 15);
    assert!(!anna.is_inside().await, "she rested for too long");
    enter(&gate, &mut boss, HOME).await.location();

    set(&mut boss, "enrolment-window", "3600").await.location();
    assert_eq!(gate.app().parts().window.enrolment_window(), HOUR);

    let words = "Maintenance <b>tonight</b>\r\nfrom nine.";
    set(&mut boss, "notice-sign-in", words).await.location();
    set(&mut boss, "notice-confirm", "Why? Because.").await.location();
    let mut stranger = gate.browser();
    let page = stranger.get("/.vestibule/login").await.text();
    assert!(page.contains("Maintenance &#60;b&#62;tonight&#60;/b&#62;\nfrom nine."), "{page}");
    anna.sign_in(&gate, "/").await;
    assert!(anna.browser.get("/.vestibule/verify").await.text().contains("Why? Because."));
    assert_eq!(set(&mut boss, "notice-sign-in", " ").await.location(), format!("{SETTINGS}?said=done"));
    assert!(!stranger.get("/.vestibule/login").await.text().contains("Maintenance"));
    let record = told(&gate, "settings.set").await;
    assert_eq!((&record["key"], &record["new"]), (&"notice-sign-in".into(), &serde_json::Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_laxer_rest_or_enrolment_waits_too_and_a_stricter_one_does_not() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let office = gate.open_store(false).await.office();
    let holds = || {
        let window = &gate.app().parts().window;
        (window.idle(), window.enrolment_window())
    };
    // Off, and a week, by the file.
    for (setting, value, said) in [
        ("idle", "86400", "done"),
        ("idle", "3600", "done"),
        ("idle", "14400", "waits"),
        ("idle", "0", "waits"),
        ("idle", "", "waits"),
        ("enrolment-window", "1209600", "waits"),
        ("enrolment-window", "86400", "done"),
        ("enrolment-window", "259200", "waits"),
        ("enrolment-window", "", "waits"),
    ] {
        assert_eq!(set(&mut boss, setting, value).await.location(), format!("{SETTINGS}?said={said}"), "{setting} {value}");
    }
    assert_eq!(holds(), (Some(HOUR), DAY), "the stricter ones hold");
    assert_eq!(office.delayed().await.unwrap().len(), 2, "the last one of each");
    // A stricter one takes the place of what waits.
    assert_eq!(set(&mut boss, "enrolment-window", "3600").await.location(), format!("{SETTINGS}?said=done"));
    assert_eq!(office.delayed().await.unwrap().len(), 1);
    let page = boss.browser.get(SETTINGS).await.text();
    assert_eq!(page.matches("takes effect after 24 hours").count(), 3, "{page}");
    gate.hands.advance(DAY);
    Gate::until("nothing waits", || async { office.delayed().await.unwrap().is_empty() }).await;
    Gate::soon("off, as configured", || async { holds() == (None, HOUR) }).await;
    enter(&gate, &mut boss, HOME).await.location();
    assert_eq!(set(&mut boss, "idle", "0").await.location(), format!("{SETTINGS}?said=done"), "off already");
    // What waits can be taken back.
    assert_eq!(set(&mut boss, "enrolment-window", "86400").await.location(), format!("{SETTINGS}?said=waits"));
    let id = boss.browser.get(HOME).await.field("id").expect("the act that waits");
    assert_eq!(send(&mut boss, HOME, DELAYED, &[("id", &id)]).await.location(), format!("{HOME}?said=cancelled"));
    // An operator's word holds at once.
    for setting in [Setting::Idle(Some(DAY)), Setting::EnrolmentWindow(Some(DAY * 30))] {
        let log = gate.open_store(false).await.session_log();
        log.set(setting, gate.event("settings.set")).await.unwrap();
    }
    Gate::soon("at once", || async { holds() == (Some(DAY), DAY * 30) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_offered_is_taken() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let long = "x".repeat(501);
    for (setting, value) in [
        ("reauth-window", "3599"),
        ("reauth-window", "-1"),
        ("reauth-window", "999999999"),
        ("idle", "1"),
        ("enrolment-window", "x"),
        ("notice-sign-in", &long),
        ("notice-confirm", "a\u{7}b"),
        ("nope", "1"),
    ] {
        assert_eq!(set(&mut boss, setting, value).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{setting} {value}");
    }
    assert!(recorded(&gate, "settings.set").await.is_empty());
    let page = boss.browser.get(SETTINGS).await.text();
    for hours in [1, 2, 4, 8, 12, 24, 72, 168, 336, 720] {
        assert!(page.contains(&format!("<option value=\"{}\"", hours * 3600)), "{hours} h");
    }
}
