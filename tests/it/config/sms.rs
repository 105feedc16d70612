//! `[sms]`: what must not be used, each with the complaint that its author reads, and what may.

use super::workshop::{PORTAL, Workshop};

fn workshop() -> Workshop {
    let workshop = Workshop::new();
    workshop.write("token", "secret-token\n", 0o600);
    workshop.write("open", "secret-token\n", 0o644);
    workshop.write("two", "one\ntwo\n", 0o600);
    workshop.write("headers", "Authorization: Bearer secret-key\n\nX-Account: 7\n", 0o600);
    workshop.write("bent", "Authorization\n", 0o600);
    workshop
}

/// A file whose `[sms]` begins in line 1.
fn file(sms: &str) -> String {
    format!("[sms]\n{sms}\n{PORTAL}")
}

const TWILIO: &str = "provider = \"twilio\"\ncountries = [\"1\"]\naccount = \"AC00000000000000000000000000000000\"\n\
    token_file = \"token\"\nfrom = \"+12035550100\"\n";
const WEBHOOK: &str = "provider = \"webhook\"\ncountries = [\"1\"]\nurl = \"https://sms.example.com/send\"\n";

/// Lines, and what each complaint has to say, in its order.
const CASES: &[(&str, &[&str])] = &[
    (
        "provider = \"nexmo\"",
        &["2: sms.provider = \"nexmo\" is not one of the words known here: give \"off\" or \"twilio\" or \"webhook\" or \"log\""],
    ),
    (
        "provider = \"twilio\"",
        &[
            "sms.countries names no country: write countries = [\"1\", \"44\"]",
            "2: sms.provider = \"twilio\" needs account: write account = \"AC…\"",
            "2: sms.provider = \"twilio\" needs from: write from = \"+12035550100\"",
            "2: sms.provider = \"twilio\" needs token_file: name the file with the account's auth token",
        ],
    ),
    (
        "countries = [\"0\", \"999\", \"+44\", \"UK\", \"1 \"]",
        &["\"0\" is no calling code", "\"1 \" is", "\"999\" is", "\"UK\" is"],
    ),
    ("daily_limit = 0", &["2: sms.daily_limit = 0 is too small"]),
    ("account = \"AC1\"", &["2: sms.account = \"AC1\" is nothing that this provider has"]),
    (
        "provider = \"log\"\ncountries = [\"1\"]",
        &["2: sms.provider = \"log\" writes codes that open accounts into the log: use twilio or webhook"],
    ),
    (
        "provider = \"webhook\"\ncountries = [\"1\"]\nurl = \"http://sms.example.com/{to}/{text}\"",
        &["4: sms.url = \"http://sms.example.com/{to}/{text}\" sends codes unencrypted to another machine: write https://"],
    ),
    (
        "provider = \"webhook\"\ncountries = [\"1\"]\nurl = \"https://{to}.example.com/{text}\"",
        &["4: sms.url = \"https://{to}.example.com/{text}\" has a gap in its host"],
    ),
    (
        "provider = \"webhook\"\ncountries = [\"1\"]\nurl = \"https://sms.example.com/{number}\"",
        &[
            "4: sms.url = \"https://sms.example.com/{number}\" has a gap {number} that nothing belongs into: the gaps are {to} and {text}",
        ],
    ),
    (
        "provider = \"webhook\"\ncountries = [\"1\"]\nurl = \"ftp://x/{to}{text}\"",
        &["4: sms.url = \"ftp://x/{to}{text}\" is reached by something else"],
    ),
];

/// What is added to a good `[sms]`, and the one complaint.
const ADDED: &[(&str, &str, &str)] = &[
    (TWILIO, "url = \"https://x\"", "7: sms.url = \"https://x\" is nothing that this provider has: take it out"),
    (TWILIO, "api = \"http://api.twilio.example\"", "sends codes unencrypted to another machine: write https://"),
    (
        WEBHOOK,
        "body = '{\"to\": {to}}'",
        "5: sms.body = \"{\"to\": {to}}\" and url leave out {text}: write {text} where it belongs",
    ),
    (WEBHOOK, "body = '{\"to\": \"{to}\", \"m\": {text}}'", "has quotes around {to}, which brings its own in JSON"),
    (WEBHOOK, "body = '{to} {text}'\nheaders = [\"X\"]", "6: sms.headers: \"X\" is no header: write \"Name: value\""),
    (WEBHOOK, "body = '{to} {text}'\nheaders = [\"Host: x\"]", "\"Host: x\" is a header that is made here"),
    (WEBHOOK, "body = '{to} {text}'\nheaders_file = \"open\"", "can be read by others (mode 0644): run chmod 600"),
    (WEBHOOK, "body = '{to} {text}'\nheaders_file = \"bent\"", "is no header: write \"Name: value\""),
    (
        WEBHOOK,
        "body = '{to} {text}'\nmethod = \"DELETE\"",
        "is not one of the words known here: give \"POST\" or \"PUT\" or \"GET\"",
    ),
    (WEBHOOK, "body = '{to} {text}'\nca_file = \"token\"", "holds no certificate: give a PEM file"),
    (WEBHOOK, "body = '{to} {text}'\ntoken_file = \"token\"", "is nothing that this provider has"),
];

#[test]
fn every_mistake_has_its_complaint() {
    let workshop = workshop();
    for (lines, expected) in CASES {
        let complaints = workshop.complaints(&file(lines), &[]);
        assert_eq!(complaints.len(), expected.len(), "{lines}\n{complaints:#?}");
        for (complaint, expected) in complaints.iter().zip(*expected) {
            assert!(complaint.contains(expected), "{lines}\n{complaint}\n{expected}");
        }
    }
    for (good, line, expected) in ADDED {
        let complaints = workshop.complaints(&file(&format!("{good}{line}")), &[]);
        assert!(complaints.len() == 1 && complaints[0].contains(expected), "{line}\n{complaints:#?}\n{expected}");
    }
    for (key, value) in [("account", "AC12"), ("from", "+1 (203)"), ("from", ""), ("token_file", "open"), ("token_file", "two")] {
        let text: String = TWILIO.split_inclusive('\n').filter(|line| !line.starts_with(key)).collect();
        let complaints = workshop.complaints(&file(&format!("{text}{key} = \"{value}\"")), &[]);
        assert_eq!(complaints.len(), 1, "{key} = {value}\n{complaints:#?}");
        assert!(!complaints[0].contains("secret-token"), "{complaints:?}");
    }
}

#[test]
fn what_is_right_is_taken_and_no_secret_is_shown() {
    let workshop = workshop();
    let none = workshop.load(&file("provider = \"off\""), &[]).unwrap();
    assert!(none.config.sms.is_none());
    let webhook = format!("{WEBHOOK}body = '{{\"to\": {{to}}, \"m\": {{text}}}}'\nheaders_file = \"headers\"\nsuccess = \"ok\"");
    let service = TWILIO.replace("+12035550100", "MG00000000000000000000000000000000");
    for sms in [TWILIO.to_owned(), service, webhook] {
        let loaded = workshop.load(&file(&sms), &[]).unwrap();
        let sms = loaded.config.sms.as_ref().unwrap();
        assert_eq!((sms.countries.shown().as_str(), sms.daily_limit), ("+1", 500));
        assert!(sms.provider.gateway().is_ok());
        let shown = format!("{sms:?}");
        assert!(!shown.contains("secret"), "{shown}");
    }
    let log = format!("[listen]\nhttps = \"127.0.0.1:8443\"\n{}", file("provider = \"log\"\ncountries = [\"1\"]"));
    assert!(workshop.load(&log, &[]).unwrap().config.sms.is_some());
}
