//! `explain` says word for word what the gate would do: one case for each decision, and raw addresses as a client may send them.

use crate::harness::process::{result, run};
use crate::harness::{Gate, Setup};

const RULES: &str = "rule = [
    { path = \"/billing/**\", reauth = \"1h\" },
    { path = \"/open/**\", methods = [\"GET\"], require = \"nothing\" },
    { path = \"/secret/**\", require = \"deny\" },
    { path = \"/staff/**\", groups = [\"staff\"] },
    { path = \"/office/**\", networks = [\"10.0.0.0/8\"] },
]";

const ANNA: [&str; 2] = ["--user", "anna@example.com"];
const BERT: [&str; 2] = ["--user", "bert@example.com"];
const PORTAL: &str = "portal     portal.example.com\n";
const NO_RULE: &str = "rule       none matches: a session with a fresh code\nwindow     30d\n";
const BILLING: &str =
    "rule       number 1: path /billing/**, require code, reauth 1h\nwindow     1h (the rule's; otherwise 30d)\n";
const LOGIN: &str = "decision   login: a page is led to /.vestibule/login, anything else gets 401 Vestibule-Required: login\n";
const CONFIRM: &str =
    "decision   confirm: a page is led to /.vestibule/verify, anything else gets 401 Vestibule-Required: code\n";
const TAKEN_OUT: &str =
    "header -   the same names from the client in every spelling, our cookies, hop-by-hop headers, request trailers\n";

fn forwarded(client: &str) -> String {
    format!(
        "header +   host: portal.example.com
header +   x-forwarded-for: {client}
header +   forwarded: for={client};host=\"portal.example.com\";proto=https
header +   x-forwarded-host: portal.example.com
header +   x-forwarded-proto: https
header +   x-request-id: (a new id)
"
    )
}

fn refused(status: u16, why: &str) -> String {
    format!("decision   refuse: {status}, before anything is decided\nbecause    {why}\n")
}

/// The options, the method, the rest of the address after the host, and what is said.
fn cases() -> Vec<(Vec<&'static str>, &'static str, &'static str, String)> {
    let request = |line: &str| format!("request    {line}\n{PORTAL}");
    let at = |options: &[&'static [&'static str]]| options.concat();
    vec![
        (
            at(&[&ANNA, &["--code-age", "59m", "--from", "10.1.2.3"]]),
            "GET",
            "/billing/./pay?x=1",
            format!(
                "{}{BILLING}decision   forward, with who is signed in\n{}header +   x-forwarded-user: anna@example.com
header +   x-forwarded-email: anna@example.com
header +   x-forwarded-groups: staff
header +   x-forwarded-preferred-username: Anna Arp
{TAKEN_OUT}",
                request("GET https://portal.example.com/billing/pay?x=1"),
                forwarded("10.1.2.3")
            ),
        ),
        (
            at(&[&ANNA, &["--code-age", "1h"]]),
            "POST",
            "/billing/pay",
            format!("{}{BILLING}{CONFIRM}", request("POST https://portal.example.com/billing/pay")),
        ),
        (vec![], "GET", "/start", format!("{}{NO_RULE}{LOGIN}", request("GET https://portal.example.com/start"))),
        (
            vec![],
            "GET",
            "/open/a",
            format!(
                "{}rule       number 2: path /open/**, require nothing, methods GET\nwindow     30d
decision   forward, without saying who is there\n{}{TAKEN_OUT}",
                request("GET https://portal.example.com/open/a"),
                forwarded("127.0.0.1")
            ),
        ),
        (vec![], "POST", "/open/a", format!("{}{NO_RULE}{LOGIN}", request("POST https://portal.example.com/open/a"))),
        (
            ANNA.to_vec(),
            "GET",
            "/secret/x",
            format!(
                "{}rule       number 3: path /secret/**, require deny\nwindow     30d
decision   deny: 403\nbecause    the rule says deny\n",
                request("GET https://portal.example.com/secret/x")
            ),
        ),
        (
            BERT.to_vec(),
            "GET",
            "/staff/x",
            format!(
                "{}rule       number 4: path /staff/**, require code, groups staff\nwindow     30d
decision   deny: 403\nbecause    the account is in none of the groups that are asked for\n",
                request("GET https://portal.example.com/staff/x")
            ),
        ),
        (
            at(&[&ANNA, &["--from", "192.0.2.1"]]),
            "GET",
            "/office/x",
            format!(
                "{}rule       number 5: path /office/**, require code, networks 10.0.0.0/8\nwindow     30d
decision   deny: 403\nbecause    the address is in none of the networks of the rule (see --from)\n",
                request("GET https://portal.example.com/office/x")
            ),
        ),
        (vec![], "GET", "//billing", format!("{}{BILLING}{LOGIN}", request("GET https://portal.example.com/billing"))),
        (
            vec![],
            "GET",
            "/%2Evestibule/login",
            format!(
                "{}decision   page: answered by the gate itself, never forwarded\n",
                request("GET https://portal.example.com/.vestibule/login")
            ),
        ),
        (vec![], "GET", "/open%2fa", refused(400, "the path has an encoded slash")),
        (vec![], "GET", "/open/..;/secret/x", refused(400, "the path has a semicolon, and path_params is off for this portal")),
        (vec![], "GET", "/open/%2e%2e/x", refused(400, "the path has dot segments that are encoded or lead above the root")),
        (vec![], "GET", "/../x", refused(400, "the path has dot segments that are encoded or lead above the root")),
        // As a request with one is taken: what follows it was never there.
        (vec![], "GET", "/x#y", format!("{}{NO_RULE}{LOGIN}", request("GET https://portal.example.com/x"))),
        (vec![], "TRACE", "/x", refused(405, "this method is not forwarded")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_decision_and_why() {
    let dir = Gate::start(Setup::new(&[([127, 0, 0, 1], 9).into()]).portal(RULES)).await.close().await;
    result(dir.path(), &["user", "invite", "anna@example.com", "--name", "Anna Arp", "--group", "staff"]);
    result(dir.path(), &["user", "invite", "bert@example.com"]);
    for (options, method, path, said) in cases() {
        let url = format!("https://portal.example.com{path}");
        let args = [&["explain"], options.as_slice(), &[method, &url]].concat();
        assert_eq!(result(dir.path(), &args), said, "{args:?}");
    }
    let unknown = result(dir.path(), &["explain", "GET", "https://evil.example/x"]);
    assert_eq!(unknown, refused(421, "no portal of this gate has that name"));
    let elsewhere = result(dir.path(), &["explain", "GET", "https://portal.example.com:8444/x"]);
    assert_eq!(elsewhere, refused(421, "the request names a port at which its portal is not"));
    let plain = result(dir.path(), &["explain", "GET", "http://portal.example.com/x"]);
    assert_eq!(plain, refused(400, "this is no address that HTTP can carry: write https://HOST/PATH"));

    // What an admin has set counts here too; nobody is looked up who is not named.
    result(dir.path(), &["settings", "set", "reauth-window", "2h"]);
    let aged = ["explain", "--user", "anna@example.com", "--code-age", "2h", "GET", "https://portal.example.com/x"];
    let said = result(dir.path(), &aged);
    assert!(said.contains("window     2h\n") && said.ends_with(CONFIRM), "{said}");
    for (args, code) in [
        (["explain", "--user", "nobody@example.com", "GET", "https://portal.example.com/x"], 1),
        (["explain", "--code-age", "2h", "GET", "https://portal.example.com/x"], 2),
        (["explain", "--from", "here", "GET", "https://portal.example.com/x"], 2),
    ] {
        assert_eq!(run(dir.path(), &args).status.code(), Some(code), "{args:?}");
    }
}
