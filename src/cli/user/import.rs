//! `vestibule user import`: many accounts from a file, all or none, with the password hashes they bring.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::super::desk::Desk;
use super::super::exit::{Failure, Outcome};
use super::super::links::Printed;
use super::super::output::{self, FormatArg};
use super::invite::{Newcomer, Prepared, prepare};
use super::{display_name, group, sorted};
use crate::auth::imported::accept_imported_hash;
use crate::identity::Login;

/// No list of people is larger.
const LARGEST: u64 = 64 << 20;

const FORMATS: &str = "\
Make accounts from a file, all or none, and print an enrolment link for each.

CSV with a heading line, or JSON (an array of objects): login, name, groups, password_hash; only login is needed. In CSV, groups \
are separated by semicolons. Hashes are PHC strings (Argon2) or bcrypt. Whoever brings none gets a registration link.";

/// Make accounts from a file, all or none, and print an enrolment link for each
#[derive(clap::Args, Debug)]
#[command(long_about = FORMATS)]
#[command(
    after_help = "Example:\n  printf 'login,name,groups\\nanna@example.com,Anna Arp,staff;billing\\n' > people.csv\n  vestibule user import people.csv"
)]
pub(in crate::cli) struct Args {
    /// The file; .json is read as JSON, anything else as CSV
    file: PathBuf,
    #[command(flatten)]
    format: FormatArg,
}

/// One person as a file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    login: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    groups: Groups,
    #[serde(default)]
    password_hash: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Groups {
    Listed(Vec<String>),
    Joined(String),
}

impl Default for Groups {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

pub(super) async fn run(desk: &Desk, args: Args) -> Outcome {
    let people = judge(desk, &args.file).await?;
    let printed = make_all(desk, people).await?;
    output::list(args.format.format, &printed, &["login", "link", "expires at"], |one| {
        vec![one.login.clone(), one.link.clone(), one.expires_at.clone()]
    })
}

/// Reads everybody, and complains about every row at once.
async fn judge(desk: &Desk, file: &Path) -> Result<Vec<Newcomer>, Failure> {
    let mut taken: HashSet<Login> = desk.credentials.accounts().await?.into_iter().map(|account| account.login).collect();
    let before = taken.clone();
    let (mut people, mut mistakes) = (Vec::new(), 0_usize);
    for (place, row) in read(file)? {
        match row.and_then(newcomer) {
            Ok(person) if taken.insert(person.login.clone()) => people.push(person),
            Ok(person) => {
                let why = if before.contains(&person.login) { "has an account already" } else { "stands in this file twice" };
                mistakes += 1;
                output::error(&format!("{place}: {} {why}", person.login));
            }
            Err(why) => {
                mistakes += 1;
                output::error(&format!("{place}: {why}"));
            }
        }
    }
    match (mistakes, people.is_empty()) {
        (0, false) => Ok(people),
        (0, true) => Err(Failure::Failed(format!("{} names nobody", file.display()))),
        _ => Err(Failure::Failed("nothing was imported: mend the file and run the command again".to_owned())),
    }
}

fn newcomer(row: Row) -> Result<Newcomer, String> {
    let login = Login::parse(&row.login).map_err(|error| format!("\"{}\": {error}", output::printable(&row.login)))?;
    let listed = match row.groups {
        Groups::Listed(groups) => groups,
        Groups::Joined(text) => text.split(';').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect(),
    };
    let groups =
        listed.iter().map(|name| group(name)).collect::<Result<Vec<_>, _>>().map_err(|error| format!("{login}: {error}"))?;
    let password = row.password_hash.filter(|hash| !hash.is_empty());
    if let Some(hash) = &password {
        accept_imported_hash(hash).map_err(|error| format!("{login}: {error}"))?;
    }
    let name = display_name(&row.name).map_err(|error| format!("{login}: {error}"))?;
    Ok(Newcomer { login, name, groups: sorted(groups), admin: false, password })
}

type Rows = Vec<(String, Result<Row, String>)>;

/// All rows with their places.
fn read(file: &Path) -> Result<Rows, Failure> {
    let name = file.display();
    let cannot = |error: &dyn std::fmt::Display| Failure::Failed(format!("{name} cannot be read: {error}"));
    let size = fs::metadata(file).map_err(|error| cannot(&error))?.len();
    if size > LARGEST {
        return Err(Failure::Failed(format!("{name} is larger than 64 MiB: import it in parts")));
    }
    let text = fs::read_to_string(file).map_err(|error| cannot(&error))?;
    let text = text.trim_start_matches('\u{feff}');
    let json = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if json { read_json(text, &name.to_string()).map_err(|error| cannot(&error)) } else { Ok(read_csv(text, &name.to_string())) }
}

fn read_json(text: &str, name: &str) -> Result<Rows, serde_json::Error> {
    let items: Vec<serde_json::Value> = serde_json::from_str(text)?;
    let row =
        |(at, item)| (format!("{name}: person {}", at + 1), serde_json::from_value(item).map_err(|error| error.to_string()));
    Ok(items.into_iter().enumerate().map(row).collect())
}

fn read_csv(text: &str, name: &str) -> Rows {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headings = match reader.headers() {
        Ok(headings) => headings.clone(),
        Err(error) => return vec![(format!("{name}:1"), Err(error.to_string()))],
    };
    let known = ["login", "name", "groups", "password_hash"];
    let stranger = headings.iter().find(|heading| !known.contains(heading)).map(str::to_owned);
    if let Some(stranger) = stranger.or_else(|| (!headings.iter().any(|heading| heading == "login")).then(String::new)) {
        let why = format!("the first line names the columns (\"{stranger}\" is none): {}; login is needed", known.join(", "));
        return vec![(format!("{name}:1"), Err(why))];
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let line = match &record {
            Ok(record) => record.position().map(csv::Position::line),
            Err(error) => error.position().map(csv::Position::line),
        };
        let row = record.and_then(|record| record.deserialize(Some(&headings))).map_err(|error| error.to_string());
        rows.push((format!("{name}:{}", line.unwrap_or_default()), row));
    }
    rows
}

/// Makes everybody at once, or nobody.
async fn make_all(desk: &Desk, people: Vec<Newcomer>) -> Result<Vec<Printed>, Failure> {
    let now = desk.clock.now();
    let prepared = people.into_iter().map(|person| prepare(desk, person, now, "user.import", false));
    let (new, printed) = prepared.map(|Prepared { new, printed }| (new, printed)).unzip();
    match desk.credentials.create_accounts(new).await? {
        None => Ok(printed),
        Some(login) => Err(Failure::Failed(format!("{login} was given an account just now; nothing was imported"))),
    }
}
