//! A mail as it is sent: text and HTML, in the operator's name. Links are put in here, at the last moment, and lead to the
//! configured address of a portal, never to what some request claimed.

use askama::Template;

use crate::language::Language;
use crate::notify::mail::Mail;
use crate::notify::outbox::Claimed;
use crate::notify::words::{self, Content};
use crate::ports::Token;

/// A portal, as far as mails show it: where their links lead, and in whose name they are sent.
#[derive(Clone, Debug)]
pub struct Place {
    /// The portal's name.
    pub portal: String,
    /// Scheme, host and port.
    pub origin: String,
    /// Who may enter; empty: anybody.
    pub groups: Vec<String>,
    /// The operator's name there.
    pub name: String,
    /// Whom to ask; may be empty.
    pub help: String,
    /// The accent colour with white text on it: `#rrggbb`.
    pub accent: String,
}

/// A mail, but for the address it goes to.
pub(super) struct Letter {
    /// What stands before the sender's address.
    pub name: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    place: &'a Place,
    language: Language,
    content: &'a Content,
    greeting: &'a str,
    href: &'a str,
    sign_in: &'a str,
    foot: &'a str,
}

/// Writes it. `None`: there is no portal. An error says what is wrong with the template, and nothing of the mail.
pub(super) fn write(places: &[Place], claimed: &Claimed) -> Result<Option<Letter>, askama::Error> {
    let Some(place) = place(places, claimed) else { return Ok(None) };
    let (language, brand) = (claimed.to.language, place.name.as_str());
    let content = words::content(language, &claimed.mail, brand, claimed.link.as_ref().map(|(_, until)| *until));
    let link = claimed.link.as_ref().map(|(token, _)| format!("{}{}", place.origin, path(&claimed.mail, token)));
    let href = link.unwrap_or_default();
    let (greeting, foot) = (words::greeting(language, &claimed.to.name), words::foot(language, brand));
    let sign_in = words::sign_in_at(language, &format!("{}/.vestibule/", place.origin));
    let text = plain(language, place, &content, [&greeting, &href, &sign_in, &foot]);
    let html =
        Html { place, language, content: &content, greeting: &greeting, href: &href, sign_in: &sign_in, foot: &foot }.render()?;
    Ok(Some(Letter { name: brand.to_owned(), subject: content.subject, text, html }))
}

/// The portal where it happened, or the first that this person may enter.
fn place<'a>(places: &'a [Place], claimed: &Claimed) -> Option<&'a Place> {
    let name = match &claimed.mail {
        Mail::Forgot { portal, .. } => Some(portal),
        Mail::Notice { scene, .. } | Mail::Recover { scene, .. } => scene.portal.as_ref(),
        Mail::Invitation { .. } => None,
    };
    let named = places.iter().find(|place| name == Some(&place.portal));
    let open = |place: &&Place| place.groups.is_empty() || place.groups.iter().any(|group| claimed.to.groups.contains(group));
    named.or_else(|| places.iter().find(open)).or(places.first())
}

fn path(mail: &Mail, token: &Token) -> String {
    let page = match mail {
        Mail::Invitation { enrol: false, .. } => "register",
        Mail::Invitation { enrol: true, .. } => "enrol",
        Mail::Forgot { .. } => "reset",
        Mail::Recover { .. } => "recover",
        Mail::Notice { .. } => "not-me",
    };
    format!("/.vestibule/{page}/{}", token.reveal())
}

fn plain(language: Language, place: &Place, content: &Content, [greeting, href, sign_in, foot]: [&str; 4]) -> String {
    let fact = |name: &str, value: &str| words::fact(language, name, value);
    let mut parts = vec![greeting.to_owned()];
    parts.push(content.lead.clone());
    if !content.facts.is_empty() {
        parts.push(content.facts.iter().map(|(name, value)| fact(name, value)).collect::<Vec<_>>().join("\n"));
    }
    if let Some((label, text)) = &content.link {
        parts.push(format!("{}\n{href}", fact(label, "")));
        parts.push(text.clone());
    }
    parts.extend(content.next.iter().cloned());
    parts.push(sign_in.to_owned());
    // Two hyphens and a blank: what follows is a signature (RFC 3676, section 4.3).
    let help = if place.help.is_empty() { String::new() } else { format!("{}\n", place.help) };
    parts.push(format!("-- \n{}\n{help}{foot}\n", place.name));
    parts.join("\n\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;
    use crate::clock::Timestamp;
    use crate::identity::AccountId;
    use crate::notify::mail::{MailId, Notice, Posting, Scene};
    use crate::notify::outbox::Addressee;

    fn places() -> Vec<Place> {
        let place = |name: &str, groups: &[&str]| Place {
            portal: name.to_owned(),
            origin: format!("https://{name}.example.com"),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            name: format!("<b>Brand & Sons {name}</b>"),
            help: "Call 555".to_owned(),
            accent: "#1f6feb".to_owned(),
        };
        vec![place("one", &["staff"]), place("two", &[])]
    }

    fn claimed(mail: Mail, groups: &[&str]) -> Claimed {
        let now = Timestamp::from_secs(1_795_957_380);
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        Claimed {
            id: MailId(Uuid::from_u128(1)),
            mail,
            to: Addressee { login: "a@b.c".to_owned(), name: "<i>Anna".to_owned(), groups, language: Language::German },
            link: Some((Token::of_bytes(&[7; 32]), now + Duration::from_mins(30))),
            created: now,
            tries: 1,
            asked: false,
            until: now,
        }
    }

    #[test]
    fn a_link_leads_to_the_portal_where_it_was_asked_for_or_to_one_that_lets_the_person_in() {
        let forgot = |portal: &str| Posting::forgot("a@b.c", portal, Timestamp::from_secs(0)).mail;
        let text = |mail, groups: &[&str]| write(&places(), &claimed(mail, groups)).unwrap().unwrap().text;
        assert!(text(forgot("one"), &[]).contains("https://one.example.com/.vestibule/reset/"));
        let invitation = Mail::Invitation { account: AccountId(Uuid::nil()), enrol: false };
        assert!(text(invitation.clone(), &["staff"]).contains("https://one.example.com/.vestibule/register/"));
        assert!(text(invitation, &[]).contains("https://two.example.com/.vestibule/register/"));
        assert!(text(forgot("gone"), &[]).contains("https://two.example.com/.vestibule/reset/"));
    }

    #[test]
    fn what_people_are_called_is_text_and_not_markup() {
        let scene = Scene { at: 0, client: None, agent: String::new(), portal: None };
        let mail = Mail::Notice { account: AccountId(Uuid::nil()), what: Notice::RecoveryUsed, scene, waits_until: None };
        let letter = write(&places(), &claimed(mail, &[])).unwrap().unwrap();
        assert!(!letter.html.contains("<b>Brand") && !letter.html.contains("<i>Anna"), "{}", letter.html);
        assert!(letter.html.contains("href=\"https://two.example.com/.vestibule/not-me/"));
        assert!(letter.html.contains("lang=\"de\""), "in the language of the person");
    }

    #[test]
    fn a_lock_offers_no_link_of_its_own() {
        let scene = Scene { at: 0, client: None, agent: String::new(), portal: None };
        let mail = Mail::Notice { account: AccountId(Uuid::nil()), what: Notice::Locked, scene, waits_until: None };
        let letter = write(&places(), &Claimed { link: None, ..claimed(mail, &[]) }).unwrap().unwrap();
        assert!(!letter.text.contains("not-me") && !letter.html.contains("not-me"));
    }
}
