//! What mails say, in the language of the person: which messages make up which mail.

use jiff::tz::TimeZone;

use crate::clock::Timestamp;
use crate::language::{Language, Message, say};
use crate::notify::browser;
use crate::notify::mail::{Mail, Notice, Scene};

/// The text of one mail, without greeting and foot.
pub(super) struct Content {
    /// The subject line.
    pub subject: String,
    /// What happened.
    pub lead: String,
    /// When, where, with what: name and value.
    pub facts: Vec<(String, String)>,
    /// What the link does, on its button; and what to know about it.
    pub link: Option<(String, String)>,
    /// What to do next.
    pub next: Vec<String>,
}

/// One mail's messages, before anybody knows in which language.
struct Outline {
    /// The subject; its `.text` is the lead.
    subject: Message,
    link: Option<Message>,
    next: Vec<Message>,
}

/// "Hello Anna Arp,"
pub(super) fn greeting(language: Language, name: &str) -> String {
    let message = if name.is_empty() { say("mail-hello") } else { say("mail-hello-name").with("name", name) };
    message.in_language(language).into_owned()
}

/// "When: 29 November 2026", as this language sets its colons; without a value only the name.
pub(super) fn fact(language: Language, name: &str, value: &str) -> String {
    say("mail-fact").with("name", name).with("value", value).in_language(language).trim_end().to_owned()
}

/// Where to sign in.
pub(super) fn sign_in_at(language: Language, address: &str) -> String {
    say("mail-sign-in-at").with("address", address).in_language(language).into_owned()
}

/// Why somebody gets this at all.
pub(super) fn foot(language: Language, brand: &str) -> String {
    say("mail-foot").with("brand", brand).in_language(language).into_owned()
}

/// All that a mail says. `until`: the end of its link.
pub(super) fn content(language: Language, mail: &Mail, brand: &str, until: Option<Timestamp>) -> Content {
    let Outline { subject, link, next } = outline(mail, brand, until);
    let said = |message: &Message| message.in_language(language).into_owned();
    let facts = match mail {
        Mail::Notice { scene, waits_until, .. } => facts(scene, *waits_until),
        Mail::Recover { scene, .. } => facts(scene, None),
        Mail::Invitation { .. } | Mail::Forgot { .. } => Vec::new(),
    };
    Content {
        lead: said(&subject.clone().text()),
        subject: said(&subject),
        facts: facts.iter().map(|(name, value)| (said(name), value.in_language(language).into_owned())).collect(),
        link: link.map(|link| (said(&link), said(&link.clone().text()))),
        next: next.iter().map(said).collect(),
    }
}

fn outline(mail: &Mail, brand: &str, until: Option<Timestamp>) -> Outline {
    let moment = || until.map(moment);
    match mail {
        Mail::Invitation { enrol: false, .. } => Outline {
            subject: say("mail-invitation").with("brand", brand),
            link: moment().map(|until| say("mail-invitation-link").with("until", until)),
            next: vec![say("mail-invitation-next")],
        },
        Mail::Invitation { enrol: true, .. } => Outline {
            subject: say("mail-enrolment").with("brand", brand),
            link: moment().map(|until| say("mail-enrolment-link").with("until", until)),
            next: vec![say("mail-enrolment-next")],
        },
        Mail::Forgot { .. } => Outline {
            subject: say("mail-reset").with("brand", brand),
            link: moment().map(|until| say("mail-reset-link").with("until", until)),
            next: vec![say("mail-reset-next")],
        },
        Mail::Recover { .. } => Outline {
            subject: say("mobile-mail").with("brand", brand),
            link: moment().map(|until| say("mobile-mail-link").with("until", until)),
            next: vec![say("mobile-mail-next"), say("mobile-mail-not-me")],
        },
        Mail::Notice { what, .. } => Outline {
            subject: notice(*what, brand),
            link: moment().filter(|_| what.can_be_disowned()).map(|until| say("mail-not-me").with("until", until)),
            next: match what {
                Notice::Locked => vec![say("mail-locked-known"), say("mail-locked-next")],
                Notice::ActWaits => vec![say("mail-act-waits-next")],
                _ => vec![say("mail-it-was-me")],
            },
        },
    }
}

fn notice(what: Notice, brand: &str) -> Message {
    match what {
        Notice::NewSignIn => say("mail-new-sign-in").with("brand", brand),
        Notice::PasswordChanged => say("mail-password-changed").with("brand", brand),
        Notice::AuthenticatorReplaced => say("mail-authenticator-replaced").with("brand", brand),
        Notice::CodesRenewed => say("mail-codes-renewed").with("brand", brand),
        Notice::AuthenticatorReset => say("mail-authenticator-reset").with("brand", brand),
        Notice::RecoveryUsed => say("mail-recovery-used").with("brand", brand),
        Notice::RecoveryWaits => say("mobile-mail-waits").with("brand", brand),
        Notice::MobileChanged => say("mail-mobile-changed").with("brand", brand),
        Notice::Locked => say("mail-locked").with("brand", brand),
        Notice::ActWaits => say("mail-act-waits").with("brand", brand),
    }
}

/// A fact's value: words of ours, or a text as it is.
enum Fact {
    Said(Message),
    Text(String),
}

impl Fact {
    fn in_language(&self, language: Language) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Said(message) => message.in_language(language),
            Self::Text(text) => text.into(),
        }
    }
}

fn facts(scene: &Scene, waits_until: Option<i64>) -> Vec<(Message, Fact)> {
    let mut facts = vec![(say("mail-when"), Fact::Said(moment(Timestamp::from_millis(scene.at))))];
    if let Some(until) = waits_until {
        facts.push((say("mail-waits-until"), Fact::Said(moment(Timestamp::from_millis(until)))));
    }
    if let Some(client) = scene.client {
        facts.push((say("mail-where"), Fact::Text(client.to_string())));
        if !scene.agent.is_empty() {
            facts.push((say("mail-browser"), browser_words(&scene.agent)));
        }
    }
    facts
}

fn browser_words(agent: &str) -> Fact {
    match browser::told_by(agent) {
        (Some(browser), Some(system)) => Fact::Said(say("mail-browser-on").with("browser", browser).with("system", system)),
        (Some(name), None) | (None, Some(name)) => Fact::Text(name.to_owned()),
        (None, None) => Fact::Said(say("mail-browser-unknown")),
    }
}

/// "29 November 2026, 14:03 UTC"
pub fn moment(time: Timestamp) -> Message {
    let civil = jiff::Timestamp::from_second(time.secs()).unwrap_or_default().to_zoned(TimeZone::UTC);
    let part = |number: i16| u64::try_from(number).unwrap_or_default();
    let date = say("date")
        .with("day", part(civil.day().into()))
        .with("month", part(civil.month().into()))
        .with("year", part(civil.year()));
    say("moment").with("date", date).with("time", civil.strftime("%H:%M").to_string())
}
