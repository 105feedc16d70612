//! The caps of a day, as whoever asks page by page meets them: so many texts for an account, so many for a number, and answers that
//! do not say which of them it was, or that there is a mobile at all.

use std::collections::BTreeSet;
use std::time::Duration;

use http::StatusCode;

use super::recover::shape;
use super::{ANNA, NUMBER, RECOVER, number_is, town, town_with};

const DAY: u64 = 24;
/// The hours of two days in which somebody who tries in each of them is listened to: half of ten at once (three, and after a while
/// two), the others over the day.
const ASKED: [u64; 14] = [0, 0, 0, 1, 1, 5, 10, 15, 20, 24, 29, 34, 39, 44];
/// The hours in which a text is sent then: three of five at once, and one in twelve hours.
const SENT: [u64; 6] = [0, 0, 0, 15, 24, 39];

/// The most of these within any day; they are hours.
fn most_within_a_day(at: &[u64]) -> usize {
    at.iter().map(|from| at.iter().filter(|hour| (*from..*from + DAY).contains(hour)).count()).max().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_may_ask_ten_times_a_day_and_its_number_gets_five_with_one_answer_for_all() {
    let town = town_with(|setup| setup.section("limits", "exempt = [\"127.0.0.0/8\"]")).await;
    let with = town.with_mobile(ANNA, NUMBER).await;
    let mut without = town.at_mobile("without@example.com").await;
    without.finish_sign_in(&town.gate).await;
    // What binding the number has cost is over.
    town.gate.hands.advance(Duration::from_hours(2 * DAY));
    let (before, mut asked, mut shapes) = (town.sms.asked(), Vec::new(), Vec::new());
    for hour in 0..2 * DAY {
        let mut answers = Vec::new();
        for person in [&with, &without] {
            let (mut lost, first) = town.asks(person).await;
            let mut mine = vec![shape(&first)];
            // Once more and once more: other pages of the same sign-in, and the page itself.
            for _ in 0..3 {
                mine.push(shape(&lost.browser.post(RECOVER, &[("act", "text")]).await));
            }
            mine.push(shape(&lost.browser.get(RECOVER).await));
            answers.push(mine);
        }
        assert_eq!(answers[0], answers[1], "in hour {hour} the answers tell who has a mobile");
        let taken = answers[0][..4].iter().filter(|(status, ..)| *status == StatusCode::OK).count();
        assert!(answers[0][..4].iter().all(|(status, ..)| [StatusCode::OK, StatusCode::TOO_MANY_REQUESTS].contains(status)));
        asked.extend(std::iter::repeat_n(hour, taken));
        let due = SENT.iter().filter(|at| **at <= hour).count();
        town.sms.expect(before + due).await;
        shapes.extend(answers.swap_remove(0).into_iter().take(4));
        town.gate.hands.advance(Duration::from_hours(1));
    }
    assert_eq!(asked, ASKED);
    assert!(most_within_a_day(&ASKED) <= 10 && most_within_a_day(&SENT) <= 5, "what is promised");
    assert!(town.sms.arrived().iter().all(|text| text.to == super::E164));
    // A refusal in hour 40 is the one of hour 0, but for how long to wait, and so is a page.
    for status in [StatusCode::OK, StatusCode::TOO_MANY_REQUESTS] {
        let mut such = BTreeSet::new();
        for (_, headers, text) in shapes.iter().filter(|(got, ..)| *got == status) {
            let headers: Vec<_> = headers.iter().filter(|header| !header.starts_with("content-length")).collect();
            such.insert(format!("{headers:?} {}", timeless(text)));
        }
        assert_eq!(such.len(), 1, "{status}: {such:#?}");
    }
}

/// Without the numbers of minutes and hours.
fn timeless(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let is_span = |word: &str| ["minute", "hour", "second"].iter().any(|unit| word.starts_with(unit));
    let counted = |at: usize| words[at].parse::<u64>().is_ok() && words.get(at + 1).is_some_and(|next| is_span(next));
    (0..words.len()).filter(|at| !counted(*at) && !is_span(words[*at])).map(|at| words[at]).collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_gets_five_a_day_whoever_wants_to_bind_it() {
    let town = town().await;
    let (mut sent, mut refusals) = (Vec::new(), Vec::new());
    for hour in (0..2 * DAY).step_by(4) {
        // Somebody new each time, and several in the first hour.
        for at in 0..if hour == 0 { 5 } else { 1 } {
            let mut person = town.at_mobile(&format!("p{hour}x{at}@example.com")).await;
            let answer = number_is(&mut person.browser, NUMBER).await;
            match answer.status {
                StatusCode::OK => sent.push(hour),
                StatusCode::UNPROCESSABLE_ENTITY => refusals.push(answer.text().replace(&person.login, "LOGIN")),
                other => panic!("{other} in hour {hour}: {}", answer.text()),
            }
        }
        assert_eq!(town.sms.asked(), sent.len(), "the gateway is asked for what the page says was sent");
        town.gate.hands.advance(Duration::from_hours(4));
    }
    assert_eq!(sent.iter().filter(|hour| **hour == 0).count(), 3, "three at once");
    assert!((4..=5).contains(&most_within_a_day(&sent)), "{sent:?}");
    assert!(sent.len() > 5 && !refusals.is_empty(), "{sent:?}");
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "{refusals:#?}");
}
