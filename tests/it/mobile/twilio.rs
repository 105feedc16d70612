//! Texts by way of Twilio, from the page that asks for one to what its API is sent.

use super::{ANNA, E164, NUMBER, Town, code_is, number_is, town_of};
use crate::harness::{PostOffice, SmsGateway};

const SERVICE: &str = "MG0123456789abcdef0123456789abcdef";

async fn town_from(from: &str) -> Town {
    let sms = SmsGateway::open().await;
    let section = sms.as_twilio(from);
    town_of(sms, PostOffice::open().await, &section, |setup| setup).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_comes_from_the_service_or_from_the_number_that_was_configured() {
    for (from, name) in [(SERVICE, "MessagingServiceSid"), ("+12035550100", "From"), ("Example", "From"), ("MG support", "From")]
    {
        let town = town_from(from).await;
        let mut anna = town.at_mobile(ANNA).await;
        let asked = number_is(&mut anna.browser, NUMBER).await;
        assert_eq!(asked.status, 200, "{from}: {}", asked.text());
        let text = town.sms.expect(1).await;
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(town.sms.forms(), [[field("To", E164), field(name, from), field("Body", &text.text)]]);
        assert_eq!(code_is(&mut anna.browser, &text.code()).await.location(), "/.vestibule/verify");
    }
}
