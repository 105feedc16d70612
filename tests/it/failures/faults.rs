//! Makes the store fail at exactly one place of one act, and sees whether the act left anything behind.
//!
//! Triggers that the gate knows nothing of count the rows that an act writes. From the n-th on each is refused as by a full disk, or
//! goes through and keeps its transaction from being committed.

use std::collections::BTreeMap;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};

use super::Away;
use crate::canaries;
use crate::harness::{Answer, Browser, Gate};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The file is gone.
    Away,
    /// Somebody else has it locked, for longer than anybody waits.
    Locked,
    /// The disk is full from this row on.
    Full(i64),
    /// From this row on nothing can be committed.
    Uncommitted(i64),
}

/// Kept out of comparisons: what only counts (an attempt counts as wrong before it is compared, so that no failure gives one back
/// that was used), the clock's mark, and what the gate does by itself in the meantime.
const COUNTS: [&str; 5] = ["attempts", "buckets", "change_marks", "failures", "meta"];
/// The same among columns.
const COUNTED: [(&str, &str); 7] = [
    ("pendings", "attempts"),
    ("sessions", "attempts"),
    ("sessions", "last_seen"),
    ("outbox", "claimed"),
    ("outbox", "due"),
    ("outbox", "error"),
    ("outbox", "tries"),
];
const OURS: [&str; 3] = ["sabotage", "brim", "dangling"];

/// An act as a browser sends it: a path, and fields that may have to be made anew for each press.
pub struct Act<'a> {
    name: &'a str,
    path: String,
    fields: Box<dyn Fn() -> Vec<(&'static str, String)> + 'a>,
    /// Tables that a press which failed may have changed, because the act is more than one transaction; why, says whoever adds one.
    but: &'a [&'a str],
    /// Pressed once more after it was done, it does something again.
    repeats: bool,
}

impl<'a> Act<'a> {
    pub fn new(name: &'a str, path: &str, fields: &[(&'static str, &str)]) -> Self {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { name, path: path.to_owned(), fields: Box::new(move || fields.clone()), but: &[], repeats: false }
    }

    /// With one more field, made anew for each press.
    pub fn with(self, name: &'static str, value: impl Fn() -> String + 'a) -> Self {
        let before = self.fields;
        let fields = Box::new(move || {
            let mut all = before();
            all.push((name, value()));
            all
        });
        Self { fields, ..self }
    }

    pub fn but(self, tables: &'a [&'a str]) -> Self {
        Self { but: tables, ..self }
    }

    pub fn repeats(self) -> Self {
        Self { repeats: true, ..self }
    }

    async fn press(&self, browser: &mut Browser) -> Answer {
        let fields = (self.fields)();
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post(&self.path, &fields).await
    }
}

/// Every row of every table, but what only counts.
type Dump = BTreeMap<String, Vec<String>>;

/// Stands beside the gate and breaks its store.
pub struct Saboteur<'a> {
    gate: &'a Gate,
    conn: SqliteConnection,
    columns: BTreeMap<String, Vec<String>>,
}

impl<'a> Saboteur<'a> {
    pub async fn beside(gate: &'a Gate) -> Self {
        canaries::log();
        let mut conn = SqliteConnectOptions::new().filename(gate.dir().join("vestibule.db")).connect().await.unwrap();
        let mut columns = BTreeMap::new();
        let tables: Vec<String> =
            sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'").fetch_all(&mut conn).await.unwrap();
        for table in tables.into_iter().filter(|table| !table.starts_with("sqlite_") && !table.starts_with("_sqlx")) {
            let query = "SELECT name FROM pragma_table_info(?1)";
            let names: Vec<String> = sqlx::query_scalar(query).bind(&table).fetch_all(&mut conn).await.unwrap();
            columns.insert(table, names);
        }
        // A table whose highest number is taken answers as a full disk does; what is dangling is noticed at the commit.
        conn.execute(
            "CREATE TABLE sabotage (seen INTEGER, full INTEGER, broken INTEGER); INSERT INTO sabotage VALUES (0, 0, 0);
             CREATE TABLE brim (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO brim VALUES (9223372036854775807);
             CREATE TABLE dangling (id BLOB REFERENCES accounts (id) DEFERRABLE INITIALLY DEFERRED);",
        )
        .await
        .unwrap();
        for table in columns.keys() {
            for act in acts_on(table) {
                let trigger = format!(
                    "CREATE TRIGGER \"{table} {act}\" BEFORE {act} ON {table} WHEN (SELECT full + broken FROM sabotage) > 0 BEGIN
                     UPDATE sabotage SET seen = seen + 1;
                     INSERT INTO brim SELECT NULL FROM sabotage WHERE full > 0 AND seen >= full;
                     INSERT INTO dangling SELECT x'00' FROM sabotage WHERE broken > 0 AND seen >= broken; END"
                );
                conn.execute(AssertSqlSafe(trigger)).await.unwrap();
            }
        }
        Self { gate, conn, columns }
    }

    /// Presses until it is done, through every failure there is; the answer to the press that did it.
    pub async fn survives(&mut self, browser: &mut Browser, act: Act<'_>, done: impl Fn(&Answer) -> bool) -> Answer {
        self.quiet().await;
        for fault in [Fault::Away, Fault::Locked] {
            self.fails(browser, &act, fault, &done).await;
        }
        let before = browser.clone();
        let answer = self.at_each_row(browser, &act, &done).await;
        if !act.repeats {
            self.quiet().await;
            let after = self.dump(&[]).await;
            act.press(&mut before.clone()).await;
            self.quiet().await;
            assert_same(&after, &self.dump(&[]).await, &format!("{}: pressed again", act.name));
        }
        answer
    }

    /// Fails at the first row it writes, at the second, and so on, until there is none left to fail at.
    async fn at_each_row(&mut self, browser: &mut Browser, act: &Act<'_>, done: &impl Fn(&Answer) -> bool) -> Answer {
        for row in 1..200 {
            let before = self.dump(act.but).await;
            self.arm(row, 0).await;
            let answer = act.press(browser).await;
            self.arm(0, 0).await;
            if done(&answer) {
                assert!(row > 1, "{}: wrote nothing, so nothing was shown", act.name);
                return answer;
            }
            self.says_so(act, Fault::Full(row), &answer, &before).await;
            self.fails(browser, act, Fault::Uncommitted(row), done).await;
        }
        panic!("{}: it never ends", act.name)
    }

    /// One press while that is wrong.
    async fn fails(&mut self, browser: &mut Browser, act: &Act<'_>, fault: Fault, done: &impl Fn(&Answer) -> bool) {
        let before = self.dump(act.but).await;
        let answer = match fault {
            Fault::Away => {
                let away = Away::take(self.gate);
                let answer = act.press(browser).await;
                drop(away);
                // Who follows the store may have found it away, too, and believes nobody until it has read again.
                super::becomes_ready(self.gate).await;
                answer
            }
            Fault::Locked => {
                self.conn.execute("BEGIN IMMEDIATE").await.unwrap();
                let answer = act.press(browser).await;
                self.conn.execute("ROLLBACK").await.unwrap();
                answer
            }
            Fault::Full(row) | Fault::Uncommitted(row) => {
                if matches!(fault, Fault::Full(_)) {
                    self.arm(row, 0).await;
                } else {
                    self.arm(0, row).await;
                }
                let answer = act.press(browser).await;
                self.arm(0, 0).await;
                answer
            }
        };
        assert!(!done(&answer), "{}: {fault:?} did not fail: {answer:?}", act.name);
        self.says_so(act, fault, &answer, &before).await;
    }

    /// A page with a number that leads to the cause, and everything as it was.
    async fn says_so(&mut self, act: &Act<'_>, fault: Fault, answer: &Answer, before: &Dump) {
        let (name, text, id) = (act.name, answer.text(), answer.header("x-request-id"));
        let away = if matches!(fault, Fault::Uncommitted(_)) { &[503, 500][..] } else { &[503][..] };
        assert!(away.contains(&answer.status.as_u16()), "{name}: {fault:?}: {} {text}", answer.status);
        assert!(!id.is_empty() && text.contains(id), "{name}: {fault:?}: no number to ask with in {text}");
        let next = ["try again", "Try again", "go back and send it again", "Go back in a minute"];
        assert!(next.iter().any(|next| text.contains(next)), "{name}: {fault:?}: nothing to do next in {text}");
        assert!(!answer.headers.contains_key("set-cookie"), "{name}: {fault:?}: {:?}", answer.headers);
        // Records of requests are written a moment after the answer.
        let told = || {
            canaries::log().text().lines().any(|line| line.contains(id) && (line.contains("cause=") || line.contains("error=")))
        };
        Gate::until(&format!("{name}: {fault:?}: a cause in the log under {id}"), || async { told() }).await;
        assert_same(before, &self.dump(act.but).await, &format!("{name}: {fault:?}"));
        // Other tests see to limits; here one thing is pressed more often than people do.
        self.conn.execute("DELETE FROM buckets").await.unwrap();
    }

    /// Fails from this row on, until told otherwise; 0: at none.
    pub async fn full_from(&mut self, row: i64) {
        self.arm(row, 0).await;
    }

    async fn arm(&mut self, full: i64, broken: i64) {
        let arm = "UPDATE sabotage SET seen = 0, full = ?1, broken = ?2";
        sqlx::query(arm).bind(full).bind(broken).execute(&mut self.conn).await.unwrap();
    }

    /// Waits until no mail is on its way: the sender writes, too.
    pub async fn quiet(&mut self) {
        let waiting = "SELECT count(*) FROM outbox WHERE failed_at IS NULL";
        for _ in 0..1000 {
            let left: i64 = sqlx::query_scalar(waiting).fetch_one(&mut self.conn).await.unwrap();
            if left == 0 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("mails are never sent");
    }

    async fn dump(&mut self, but: &[&str]) -> Dump {
        let mut all = Dump::new();
        for (table, columns) in &self.columns {
            if COUNTS.contains(&table.as_str()) || OURS.contains(&table.as_str()) || but.contains(&table.as_str()) {
                continue;
            }
            let kept = columns.iter().filter(|column| !COUNTED.contains(&(table.as_str(), column.as_str())));
            let row: Vec<String> = kept.map(|column| format!("'{column}=' || quote({column})")).collect();
            let query = format!("SELECT {} FROM {table} ORDER BY 1", row.join(" || ' ' || "));
            let rows = sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(&mut self.conn).await.unwrap();
            all.insert(table.clone(), rows);
        }
        all
    }
}

/// What is counted as a row that an act writes: not what the gate does in the background.
fn acts_on(table: &str) -> &'static [&'static str] {
    match table {
        "meta" | "change_marks" => &[],
        "buckets" => &["INSERT", "UPDATE"],
        "outbox" | "changes" | "failures" => &["INSERT"],
        "sessions" => &["INSERT", "UPDATE OF token, old_token, account, epoch, code_at, code_step, attempts", "DELETE"],
        _ => &["INSERT", "UPDATE", "DELETE"],
    }
}

#[track_caller]
fn assert_same(before: &Dump, after: &Dump, what: &str) {
    for (table, rows) in after {
        let new: Vec<_> = rows.iter().filter(|row| !before[table].contains(row)).collect();
        let lost: Vec<_> = before[table].iter().filter(|row| !rows.contains(row)).collect();
        assert!(new.is_empty() && lost.is_empty(), "{what}: {table} has changed:\nnew {new:#?}\nlost {lost:#?}");
    }
}
