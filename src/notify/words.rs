//! What mails say. Short sentences, "you", what happened and what to do next, never blame.

use crate::clock::Timestamp;
use crate::notify::browser;
use crate::notify::mail::{Mail, Notice, Scene};

/// The text of one mail, without greeting and foot.
pub(super) struct Content {
    /// The subject line.
    pub subject: String,
    /// What happened, in sentences.
    pub lead: Vec<String>,
    /// When, where, with what.
    pub facts: Vec<(&'static str, String)>,
    /// What the link does, on its button; and what to know about it.
    pub link: Option<(&'static str, String)>,
    /// What to do next.
    pub next: Vec<String>,
}

/// "Hello Anna Arp,"
pub(super) fn greeting(name: &str) -> String {
    if name.is_empty() { "Hello,".to_owned() } else { format!("Hello {name},") }
}

/// The last line but one.
pub(super) fn sign_in_at(address: &str) -> String {
    format!("You sign in at {address}")
}

/// Why somebody gets this at all.
pub(super) fn foot(brand: &str) -> String {
    format!("{brand} sent this message by itself, because it concerns your account. Nobody reads answers to it.")
}

/// All that a mail says. `until`: the end of its link.
pub(super) fn content(mail: &Mail, brand: &str, until: Option<Timestamp>) -> Content {
    let until = until.map(moment).unwrap_or_default();
    match mail {
        Mail::Invitation { enrol: false, .. } => Content {
            subject: format!("Your invitation to {brand}"),
            lead: vec![format!("You have been invited to {brand}. Choose a password to finish your registration.")],
            facts: Vec::new(),
            link: Some(("Finish registration", format!("The link works until {until}, until you have set everything up."))),
            next: vec!["When you first sign in you set up an authenticator app, so have your phone at hand.".to_owned()],
        },
        Mail::Invitation { enrol: true, .. } => Content {
            subject: format!("Set up your authenticator app for {brand}"),
            lead: vec![format!("{brand} asks for a code from an authenticator app. This link lets you set one up.")],
            facts: Vec::new(),
            link: Some(("Set up the app", format!("The link works once, until {until}. You need your password, too."))),
            next: vec!["Open it in the browser you want to sign in with, and have your phone at hand.".to_owned()],
        },
        Mail::Forgot { .. } => Content {
            subject: format!("Set a new password for {brand}"),
            lead: vec!["Somebody asked for a new password for your account. If that was you, open this link.".to_owned()],
            facts: Vec::new(),
            link: Some(("Set a new password", format!("The link works once, until {until}."))),
            next: vec!["If it was not you, do nothing. Your password stays as it is.".to_owned()],
        },
        Mail::Notice { what, scene, .. } => Content { facts: facts(scene), ..notice(*what, brand, &until) },
    }
}

fn notice(what: Notice, brand: &str, until: &str) -> Content {
    let (subject, lead) = match what {
        Notice::NewSignIn => (
            format!("New sign-in to {brand}"),
            "Somebody signed in to your account, with your password and a code, in a browser that you have not used before.",
        ),
        Notice::PasswordChanged => {
            (format!("Your password for {brand} was changed"), "The password of your account was changed.")
        }
        Notice::AuthenticatorReplaced => (
            format!("Another authenticator app for {brand}"),
            "Another authenticator app was set up for your account. The one before no longer works.",
        ),
        Notice::AuthenticatorReset => (
            format!("Your authenticator app for {brand} was removed"),
            "The people who run it have removed the authenticator app from your account, so that a new one can be set up.",
        ),
        Notice::RecoveryUsed => (
            format!("Recovery of your account at {brand}"),
            "A recovery code was used for your account. Your authenticator app and all other recovery codes no longer work.",
        ),
        Notice::MobileChanged => {
            (format!("Another recovery mobile for {brand}"), "The recovery mobile of your account was changed.")
        }
        Notice::Locked => (
            format!("Your account at {brand} is locked for new browsers"),
            "There were too many wrong codes for your account from browsers that you have not used before. New browsers cannot sign in for now.",
        ),
    };
    let next = if what == Notice::Locked {
        vec![
            "Browsers in which you have signed in before still work.".to_owned(),
            "Whoever tried knows your password. If that was not you, choose another one, and ask the people who run it to unlock your account.".to_owned(),
        ]
    } else {
        vec!["If that was you, there is nothing to do.".to_owned()]
    };
    let link = what.can_be_disowned().then(|| {
        let text = format!(
            "If it was not you, open the link and freeze your account: then nobody is in, and nobody gets in, until the people who run it have let you in again. The link works once, until {until}."
        );
        ("This was not me", text)
    });
    Content { subject, lead: vec![lead.to_owned()], facts: Vec::new(), link, next }
}

fn facts(scene: &Scene) -> Vec<(&'static str, String)> {
    let mut facts = vec![("When", moment(Timestamp::from_millis(scene.at)))];
    if let Some(client) = scene.client {
        facts.push(("Network address", client.to_string()));
        facts.push(("Browser", browser_words(&scene.agent)));
    }
    facts
}

fn browser_words(agent: &str) -> String {
    match browser::told_by(agent) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "not known".to_owned(),
    }
}

/// "29 November 2026, 14:03 UTC"
fn moment(time: Timestamp) -> String {
    jiff::Timestamp::from_second(time.secs())
        .map_or_else(|_| time.to_string(), |time| time.strftime("%-d %B %Y, %H:%M UTC").to_string())
}
