//! Inviting one or many: lines of login id, name and groups, typed or in a file. Every mistake is told at once, and nobody is
//! invited until there is none; the lines of a file stand in the form then, to be mended there.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::{StatusCode, Uri};

use super::enter::{Admin, Done, Note, enter};
use super::{ACCOUNTS, AdminState, Here, INVITE};
use crate::admin::act::MOST;
use crate::admin::{Act, Newcomer, Outcome};
use crate::identity::Login;
use crate::language::{Message, say};
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::upload::Upload;
use crate::pages::{Visit, reply};

/// So many mistakes are listed.
const LISTED: usize = 50;

#[derive(Template)]
#[template(path = "admin/invite.html")]
struct InvitePage {
    frame: Frame,
    tab: &'static str,
    login: String,
    note: Option<Message>,
    mail: bool,
    /// What an operator types.
    command: &'static str,
    /// A line as it is meant.
    example: &'static str,
    people: String,
    mistakes: Vec<Message>,
    token: String,
}

/// GET.
pub(super) async fn show(State(state): Here, Extension(visit): Extension<Arc<Visit>>, uri: Uri) -> Result<Response, Response> {
    let admin = enter(&visit, INVITE)?;
    Ok(page(&state, &admin, StatusCode::OK, Note::of(&uri), String::new(), Vec::new()))
}

/// POST.
pub(super) async fn submit(
    State(state): Here,
    Extension(visit): Extension<Arc<Visit>>,
    sent: Upload,
) -> Result<Response, Response> {
    let admin = enter(&visit, INVITE)?;
    admin.may_change(&state, &sent.fields, INVITE, INVITE)?;
    let text = match lines(&sent) {
        Ok(text) => text,
        Err(problem) => return Ok(no_file(&state, &admin, sent.fields.text("people"), problem)),
    };
    let again = |mistakes| page(&state, &admin, StatusCode::UNPROCESSABLE_ENTITY, None, text.to_owned(), mistakes);
    let people = match read(text) {
        Ok(people) => people,
        Err(mistakes) => return Ok(again(mistakes)),
    };
    let mut taken = BTreeSet::new();
    for person in &people {
        let login = Login::parse(&person.login).map_err(|_| Refusal::Fault)?;
        if state.office.account_by_login(&login).await.map_err(Refusal::from)?.is_some() {
            taken.insert(person.login.clone());
        }
    }
    if !taken.is_empty() {
        return Ok(again(told(taken)));
    }
    Ok(match admin.act(&state, Act::Invite(people)).await? {
        Done::Now(Outcome::Taken(taken)) => again(told(taken)),
        done => done.at(ACCOUNTS),
    })
}

/// The lines, from the one place where they are.
fn lines(sent: &Upload) -> Result<&str, Message> {
    let typed = sent.fields.text("people");
    match &sent.file {
        None => Ok(typed),
        // Which of them is meant?
        Some(_) if !typed.trim().is_empty() => Err(say("admin-invite-both")),
        Some(file) => str::from_utf8(file)
            .ok()
            .filter(|text| !text.contains(|c: char| c.is_control() && !c.is_whitespace()))
            .ok_or_else(|| say("admin-invite-not-text")),
    }
}

fn told(taken: BTreeSet<String>) -> Vec<Message> {
    taken.into_iter().take(LISTED).map(|login| say("admin-invite-taken").with("login", login)).collect()
}

fn page(
    state: &AdminState,
    admin: &Admin,
    status: StatusCode,
    note: Option<Message>,
    people: String,
    mistakes: Vec<Message>,
) -> Response {
    let problem = (!mistakes.is_empty()).then(|| Problem::at("people", say("admin-invite-wrong")));
    let page = InvitePage { people, mistakes, ..blank(state, admin, note, problem) };
    reply::html(status, &page)
}

/// Of a file that nothing can be done with; what was typed stays.
fn no_file(state: &AdminState, admin: &Admin, typed: &str, why: Message) -> Response {
    let problem = Problem { field: "file", headline: say("admin-invite-wrong"), text: vec![why] };
    let page = InvitePage { people: typed.to_owned(), ..blank(state, admin, None, Some(problem)) };
    reply::html(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

fn blank(state: &AdminState, admin: &Admin, note: Option<Message>, problem: Option<Problem>) -> InvitePage {
    InvitePage {
        frame: admin.frame(state).with(problem),
        tab: ACCOUNTS,
        login: admin.login.to_string(),
        note,
        mail: state.sends_mail(),
        command: "vestibule user invite",
        example: "anna@example.com,Anna Arp,staff;it",
        people: String::new(),
        mistakes: Vec::new(),
        token: admin.token(state, INVITE),
    }
}

/// All people, or all mistakes (as many as anybody reads).
fn read(text: &str) -> Result<Vec<Newcomer>, Vec<Message>> {
    // Browsers send CR LF, and so do spreadsheets, behind a mark of their own.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let (mut people, mut mistakes, mut known) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (at, record) in reader.records().enumerate() {
        if mistakes.len() == LISTED {
            break;
        }
        let start = record.as_ref().ok().and_then(csv::StringRecord::position).map(csv::Position::byte);
        let wrong = |why: Message| {
            let line = start.map_or(at + 1, |start| line_at(&text, start));
            say("admin-invite-line").with("line", line).with("why", why)
        };
        let Ok(record) = record else {
            mistakes.push(wrong(say("admin-invite-unreadable")));
            continue;
        };
        // The heading that our own list has, and lines with nothing in them.
        let first = record.get(0).unwrap_or_default();
        if (at == 0 && first.eq_ignore_ascii_case("login")) || record.iter().all(str::is_empty) {
            continue;
        }
        match newcomer(&record, first) {
            Ok(person) if !known.insert(person.login.clone()) => mistakes.push(wrong(say("admin-invite-twice"))),
            Ok(person) => people.push(person),
            Err(why) => mistakes.push(wrong(why)),
        }
    }
    if people.len() > MOST {
        mistakes.push(say("admin-invite-too-many").with("number", MOST));
    }
    if people.is_empty() && mistakes.is_empty() {
        mistakes.push(say("admin-invite-nobody"));
    }
    mistakes.truncate(LISTED);
    if mistakes.is_empty() { Ok(people) } else { Err(mistakes) }
}

/// The line of what is read from there on: the reader has yet to pass the empty lines before it.
fn line_at(text: &str, start: u64) -> usize {
    let (before, rest) = usize::try_from(start).ok().and_then(|start| text.split_at_checked(start)).unwrap_or((text, ""));
    let empty = rest.len() - rest.trim_start_matches('\n').len();
    1 + empty + before.matches('\n').count()
}

fn newcomer(record: &csv::StringRecord, login: &str) -> Result<Newcomer, Message> {
    let login = Login::parse(login).map_err(|_| say("admin-invite-no-login"))?;
    let name = record.get(1).unwrap_or_default();
    if name.contains(char::is_control) || name.chars().count() > 200 {
        return Err(say("admin-invite-bad-name"));
    }
    let mut groups = Vec::new();
    // Groups in one cell with semicolons, or in a cell each.
    for group in record.iter().skip(2).flat_map(|cell| cell.split(';')).map(str::trim).filter(|group| !group.is_empty()) {
        if group.contains(',') || group.contains(char::is_control) || group.chars().count() > 100 {
            return Err(say("admin-invite-bad-group"));
        }
        groups.push(group.to_owned());
    }
    groups.sort();
    groups.dedup();
    Ok(Newcomer { login: login.as_str().to_owned(), name: name.to_owned(), groups })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn people_are_read_with_all_mistakes_at_once() {
        let people = read("login,name,groups\r\n Anna@Example.com , Anna Arp, staff;it\n\nbert@example.com\n").unwrap();
        assert_eq!(people.len(), 2);
        assert_eq!((people[0].login.as_str(), people[0].name.as_str()), ("anna@example.com", "Anna Arp"));
        assert_eq!(people[0].groups, ["it", "staff"]);
        assert_eq!((people[1].login.as_str(), people[1].groups.len()), ("bert@example.com", 0));
        let wrong = read("anna\nb@c.de,\"a\u{7}b\"\nc@d.ee,C,\"x,y\"\nd@e.ff\nD@E.FF\n").unwrap_err();
        let told = |wrong: &[Message]| -> Vec<String> {
            wrong.iter().map(|mistake| mistake.in_language(Language::English).into_owned()).collect()
        };
        let lines = |wrong: &[Message]| -> Vec<String> {
            let line = |text: &String| text.trim_start_matches("Line ").split(':').next().unwrap().to_owned();
            told(wrong).iter().map(line).collect()
        };
        assert_eq!(lines(&wrong), ["1", "2", "3", "5"], "{:?}", told(&wrong));
        // However lines end, whatever stands before them, and with empty ones between.
        for end in ["\n", "\r\n", "\r"] {
            let text = "\u{feff}login,name\n\na@b.cc,A\n\n\nbad\n \n\"c@d.ee\",\"C\"\nworse".replace('\n', end);
            let wrong = read(&text).unwrap_err();
            assert_eq!(lines(&wrong), ["6", "9"], "{end:?}: {:?}", told(&wrong));
        }
        assert_eq!(read(&"x\n".repeat(100_000)).unwrap_err().len(), LISTED);
        assert!(read("").is_err() && read(" \n\n").is_err());
    }
}
