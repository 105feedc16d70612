//! The recovery mobile from end to end, with a gateway and a mail server beside the gate.

mod caps;
mod change;
mod enrol;
mod half_way;
mod recover;
mod twilio;

use crate::harness::{Answer, Browser, Gate, Person, PostOffice, Setup, SmsGateway, Upstream};

pub const ANNA: &str = "anna@example.com";
pub const NUMBER: &str = "+1 203-555-0123";
pub const E164: &str = "+12035550123";
pub const SETUP_MOBILE: &str = "/.vestibule/setup/mobile";
pub const MOBILE: &str = "/.vestibule/account/mobile";
pub const CONFIRM: &str = "/.vestibule/account/mobile/confirm";
pub const RECOVER: &str = "/.vestibule/recover";

/// What stands around a test.
pub struct Town {
    pub gate: Gate,
    pub sms: SmsGateway,
    pub office: PostOffice,
}

pub async fn town() -> Town {
    town_with(|setup| setup).await
}

pub async fn town_with(change: impl FnOnce(Setup) -> Setup) -> Town {
    let (sms, office) = (SmsGateway::open().await, PostOffice::open().await);
    let section = sms.section();
    town_of(sms, office, &section, change).await
}

/// With these lines for `[sms]`.
async fn town_of(sms: SmsGateway, office: PostOffice, section: &str, change: impl FnOnce(Setup) -> Setup) -> Town {
    let setup = Setup::new(&[Upstream::start().addr()]).section("sms", section).section("mail", &office.section());
    let gate = Gate::start(change(setup)).await;
    gate.without_rates();
    Town { gate, sms, office }
}

impl Town {
    /// Somebody who stands at the wizard's page for a mobile.
    pub async fn at_mobile(&self, login: &str) -> Person {
        let link = self.gate.invite(login, &[]).await;
        let mut person = Person::new(login, self.gate.browser());
        person.register(&link).await;
        assert_eq!(person.log_in("/start").await.location(), "/.vestibule/setup");
        person.set_up_to(&self.gate, SETUP_MOBILE).await;
        person
    }

    /// Somebody who has bound this number in the wizard, and is inside.
    pub async fn with_mobile(&self, login: &str, number: &str) -> Person {
        let mut person = self.at_mobile(login).await;
        let before = self.sms.arrived().len();
        assert_eq!(number_is(&mut person.browser, number).await.status, 200);
        let code = self.sms.expect(before + 1).await.code();
        assert_eq!(code_is(&mut person.browser, &code).await.location(), "/.vestibule/verify");
        person.finish_sign_in(&self.gate).await;
        person
    }

    /// In a browser that has never been here: password, and both are asked for.
    pub async fn asks(&self, person: &Person) -> (Person, Answer) {
        let mut lost = person.in_new_browser(&self.gate);
        lost.reach_page_two().await;
        let asked = lost.browser.post(RECOVER, &[("act", "text")]).await;
        (lost, asked)
    }

    pub async fn records(&self, action: &str) -> usize {
        let records = self.gate.open_store(false).await.trail().records(0, None, None, 10_000).await.unwrap();
        records.iter().filter(|record| record.action == action).count()
    }
}

pub async fn number_is(browser: &mut Browser, number: &str) -> Answer {
    browser.post(SETUP_MOBILE, &[("mobile", number)]).await
}

pub async fn code_is(browser: &mut Browser, code: &str) -> Answer {
    browser.post(SETUP_MOBILE, &[("code", code)]).await
}

pub async fn texted(browser: &mut Browser, code: &str) -> Answer {
    browser.post(RECOVER, &[("act", "texted"), ("code", code)]).await
}

/// Opens a mailed link in a browser of its own, and presses the button.
pub async fn press_in_mail(gate: &Gate, link: &str) -> Answer {
    let mut mailbox = gate.browser();
    assert_eq!(mailbox.get(link).await.location(), "/.vestibule/recover/mail");
    assert_eq!(mailbox.get("/.vestibule/recover/mail").await.status, 200);
    mailbox.post("/.vestibule/recover/mail", &[]).await
}

/// Another code than this one.
pub fn other(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}
