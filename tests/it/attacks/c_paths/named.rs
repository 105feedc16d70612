//! C17 to C20: who somebody is, and what a configuration may name.

use http::StatusCode;
use vestibule::identity::Login;

use super::Ends::{AsksFirst, Open, Shut};
use super::{arena, each_ends_as_it_must};
use crate::attacks::arena::{Arena, Speaks, ways};
use crate::attacks::ask::{get, told};
use crate::config::workshop::{PORTAL, Workshop};
use crate::harness::person::PASSWORD;
use crate::harness::{Front, Gate, HOST, Setup, Upstream};

#[tokio::test(flavor = "multi_thread")]
async fn c17_a_login_id_has_one_form() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal("groups = [\"staff\"]")).await;
    let anna = gate.signed_in_with("anna@example.com", &["staff"]).await;
    gate.without_rates();
    // Their own account, however they type it; and so never a second one.
    for typed in [
        "ANNA@EXAMPLE.COM",
        " anna@example.com\t",
        "anna@example.com.",
        "\u{ff41}nna\u{ff20}example.com",
        "anna@e\u{2093}ample.com",
    ] {
        let mut browser = gate.browser();
        let answer = browser.post("/.vestibule/login", &[("login", typed), ("password", PASSWORD)]).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/.vestibule/verify"), "{typed:?}");
        assert_eq!(Login::parse(typed).unwrap().as_str(), "anna@example.com");
    }
    // Nobody, with the right password too.
    for typed in [
        "anna@example.com@example.com",
        "root@evil.example@example.com",
        "anna@example.com,root@example.com",
        "\u{430}nna@example.com",
        "anna@ex\u{430}mple.com",
        "anna@example.com\0",
        "anna\0@example.com",
        "anna @example.com",
        "anna\u{200b}@example.com",
        "anna\u{ad}@example.com",
        "anna\u{e0041}@example.com",
        "anna\u{fe0f}@example.com",
        "anna\u{34f}@example.com",
        "\"anna\"@example.com",
        "<anna@example.com>",
        "anna@example.com\r\nX: y",
        "anna\u{fe6b}root@example.com",
        "anna%40example.com",
        "anna+root@example.com",
        "..anna@example.com",
        "anna",
        "@",
        "",
    ] {
        let mut browser = gate.browser();
        let answer = browser.post("/.vestibule/login", &[("login", typed), ("password", PASSWORD)]).await;
        assert!(answer.status != StatusCode::SEE_OTHER && answer.status.as_u16() < 500, "{typed:?}: {}", answer.status);
        assert!(!browser.cookies.contains_key("__Host-vestibule-pending"), "{typed:?}");
        assert_ne!(Login::parse(typed).ok().map(|login| login.to_string()).as_deref(), Some("anna@example.com"), "{typed:?}");
    }
    assert_eq!(upstream.count(), 0);
    let mut innocent = anna.browser.clone();
    assert_eq!(innocent.fetch("/x").await.status, StatusCode::OK);
    assert_eq!(told(&upstream, "x-forwarded-user"), [("x-forwarded-user".to_owned(), "anna@example.com".to_owned())]);
}

#[test]
fn c18_one_host_has_one_portal() {
    let portal = |url: &str, hosts: &str| {
        format!("[[portal]]\nurl = \"{url}\"\nhosts = [{hosts}]\ngroups = [\"g\"]\nupstreams = [\"unix:/a\"]\n")
    };
    let first = portal("https://portal.example.com", "\"b\u{fc}cher.example\", \"2001:db8::7\"");
    for (second, key, host) in [
        (portal("https://portal.example.com", ""), "url", "portal.example.com"),
        (portal("https://PORTAL.example.com:8443", ""), "url", "portal.example.com"),
        (portal("https://other.example", "\"Portal.Example.COM\""), "hosts", "portal.example.com"),
        (portal("https://other.example", "\"xn--bcher-kva.example\""), "hosts", "xn--bcher-kva.example"),
        (portal("https://b\u{fc}cher.example", ""), "url", "xn--bcher-kva.example"),
        (portal("https://other.example", "\"[2001:DB8:0::7]\""), "hosts", "[2001:db8::7]"),
        (portal("https://[2001:db8::7]:8443", ""), "url", "[2001:db8::7]"),
    ] {
        let said = Workshop::new().complaints(&format!("{first}{second}"), &[]);
        let expected =
            format!("portal[2].{key} names the host {host}, which portal[1] has already: give every host to one portal");
        assert!(said.len() == 1 && said[0].contains(&expected), "{second}: {said:?}");
    }
    for dot in ["\"portal.example.com.\"", "\"portal.example.com:443\"", "\"*.example.com\"", "\"\"", "\" \"", "\"0x7f.1\""] {
        let said = Workshop::new().complaints(&format!("{PORTAL}hosts = [{dot}]\n"), &[]);
        assert!(said.len() == 1 && said[0].contains("portal[1].hosts"), "{dot}: {said:?}");
    }
}

/// What is text is text: nothing that a client, or whoever sets up the gate, writes is ever filled in.
#[tokio::test(flavor = "multi_thread")]
async fn c18_nothing_that_looks_like_a_placeholder_is_one() {
    let table = [
        ("/inside/$HOME/$(id)", AsksFirst("/inside/$HOME/$(id)")),
        ("/inside/%24%7BHOME%7D", AsksFirst("/inside/%24%7BHOME%7D")),
        ("/inside/%7Benv.HOME%7D?x=%7B%7B.Req%7D%7D", AsksFirst("/inside/%7Benv.HOME%7D?x=%7B%7B.Req%7D%7D")),
        ("/open/%60id%60", Open("/open/%60id%60")),
        ("/admin/$1", Shut),
        ("/open/*", Open("/open/*")),
        ("/**", AsksFirst("/**")),
        ("/*/open/a", AsksFirst("/*/open/a")),
    ];
    each_ends_as_it_must(&arena().await, &table).await;
    let arena = Arena::open().await;
    for way in ways() {
        let value = "{http.request.host} ${VESTIBULE__MFA__ISSUER} %{REMOTE_USER}e `id` {{.User}} $remote_user";
        assert_eq!(get("/inside").signed_in(&arena).with("X-Own", value).send(&arena, way).await, 200);
        assert_eq!(told(&arena.upstream, "X-Own"), [("x-own".to_owned(), value.to_owned())], "{way:?}");
        if way.speaks == Speaks::Http1 && way.front == Front::Direct {
            assert_eq!(told(&arena.upstream, "Host")[0].1, HOST);
        }
        arena.innocent(&format!("{way:?}")).await;
    }
    // Nor in the file: what no path can be is refused, and what is one is taken letter by letter.
    for path in ["/`id`", "/{user}", "/${HOME}", "/a|b"] {
        let text = format!("{PORTAL}[[portal.rule]]\npath = '{path}'\n");
        let said = Workshop::new().complaints(&text, &[("HOME", "/x"), ("user", "root")]);
        assert!(said.len() == 1 && said[0].contains("portal[1].rule[1].path"), "{path}: {said:?}");
    }
    let literal =
        Workshop::new().load(&format!("{PORTAL}[[portal.rule]]\npath = '/$HOME/**'\ngroups = ['$USER']\n"), &[("HOME", "/x")]);
    let rule = literal.unwrap().config.portals.remove(0).rules.remove(0);
    assert_eq!((rule.path.as_str(), rule.groups), ("/$HOME/**", vec!["$USER".to_owned()]));
}

/// Groups are declared nowhere: accounts have them. So an unknown one cannot be told from one that nobody is in yet, and lets
/// nobody in; whatever can be told is refused at the start, with file, key, what is wrong and what would be right.
#[tokio::test(flavor = "multi_thread")]
async fn c19_what_a_rule_names_and_nobody_knows_lets_nobody_in() {
    for (line, said) in [
        (
            "groups = [\"\"]",
            "portal[1].rule[1].groups: \"\" is an empty group name, and nobody is in it: give a name, or take it out",
        ),
        ("groups = [\" staff\"]", "portal[1].rule[1].groups: \" staff\" is no group name: write it without commas"),
        ("groups = [\"a,b\"]", "portal[1].rule[1].groups: \"a,b\" is no group name: write it without commas"),
        ("groups = [\"staff\", \"\"]", "portal[1].rule[1].groups: \"\" is an empty group name"),
        ("groups = \"staff\"", "portal[1].rule[1].groups is a text: give a list of texts"),
        ("group = [\"staff\"]", "portal[1].rule[1].group is an unknown key: did you mean groups?"),
        ("networks = [\"\"]", "portal[1].rule[1].networks: \"\" is no network: give an address"),
        ("networks = [\"office\"]", "portal[1].rule[1].networks: \"office\" is no network: give an address"),
        ("network = [\"10.0.0.0/8\"]", "portal[1].rule[1].network is an unknown key: did you mean networks?"),
        ("methods = [\"\"]", "portal[1].rule[1].methods: \"\" is no method: give methods like GET"),
        ("require = \"\"", "portal[1].rule[1].require = \"\" is not one of the words known here: give \"nothing\" or \"code\""),
        ("require = \"none\"", "portal[1].rule[1].require = \"none\" is not one of the words known here"),
        ("require = \"Deny\"", "portal[1].rule[1].require = \"Deny\" is not one of the words known here"),
        ("require = true", "portal[1].rule[1].require is true or false: give a text in quotes"),
        ("reauth = \"\"", "portal[1].rule[1].reauth = \"\" is no duration"),
        ("allow = [\"anna\"]", "portal[1].rule[1].allow is an unknown key"),
        ("flags = [\"beta\"]", "portal[1].rule[1].flags is an unknown key"),
    ] {
        let found = Workshop::new().complaints(&format!("{PORTAL}[[portal.rule]]\npath = \"/a/**\"\n{line}\n"), &[]);
        assert!(found.len() == 1 && found[0].starts_with(&format!("vestibule.toml:6: {said}")), "{line}: {found:?}");
    }
    for (line, said) in [
        ("groups = [\"\"]", "portal[1].groups: \"\" is an empty group name"),
        ("hosts = [\"\"]", "portal[1].hosts: \"\" is"),
        ("login_paths = [\"\"]", "portal[1].login_paths: \"\" does not begin with /"),
        ("logout_paths = [\"\"]", "portal[1].logout_paths: \"\" does not begin with /"),
        ("rules = []", "portal[1].rules is an unknown key"),
    ] {
        let found = Workshop::new().complaints(&format!("{PORTAL}{line}\n"), &[]);
        assert!(found.len() == 1 && found[0].contains(said), "{line}: {found:?}");
    }
    let workshop = Workshop::new();
    let text = format!("{PORTAL}groups = [\"staff\"]\n[[portal.rule]]\npath = \"/**\"\ngroups = [\"Staff\"]\n");
    let warnings: Vec<String> =
        workshop.load(&text, &[]).unwrap().report.warning_lines().map(|line| workshop.without_folder(&line)).collect();
    assert_eq!(
        warnings,
        [
            "vestibule.toml:7: portal[1].rule[1].groups: \"Staff\" is another group than \"staff\" in portal[1].groups: write both \
          alike: groups are compared letter by letter"
        ]
    );
    // At the gate: nobody is in what nobody is in, be it by case or by what a header holds.
    let upstream = Upstream::start();
    let rules = "[[portal.rule]]\npath = \"/typo/**\"\ngroups = [\"stafff\"]\n[[portal.rule]]\npath = \"/case/**\"\ngroups = [\"Staff\"]\n\
                 [[portal.rule]]\npath = \"/staff/**\"\ngroups = [\"staff\"]\n";
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal(rules)).await;
    let staff = gate.signed_in_with("anna@example.com", &["staff"]).await.browser;
    let none = gate.signed_in("bert@example.com").await.browser;
    for http2 in [false, true] {
        for (browser, path, status) in [
            (&staff, "/typo/x", 403),
            (&staff, "/case/x", 403),
            (&staff, "/staff/x", 200),
            (&none, "/typo/x", 403),
            (&none, "/case/x", 403),
            (&none, "/staff/x", 403),
            (&none, "/else", 200),
        ] {
            let mut browser = browser.clone();
            browser.http2 = http2;
            browser.extra = vec![("x-forwarded-groups".to_owned(), "stafff,Staff,staff".to_owned())];
            let before = upstream.count();
            let answer = browser.fetch(path).await;
            assert_eq!((answer.status.as_u16(), upstream.count() - before), (status, usize::from(status == 200)), "{path}");
        }
    }
}

/// No rule looks into a body: however it is sent, the decision is made of method, host and path, before the first byte of it.
#[tokio::test(flavor = "multi_thread")]
async fn c20_no_body_changes_a_decision() {
    let arena = Arena::with(|setup| setup.portal("max_body = \"16KiB\"").portal(super::RULES)).await;
    let long = "a".repeat(40 << 10);
    let bodies = [
        ("application/x-www-form-urlencoded", "_method=GET&path=/open/x"),
        ("application/json", "{\"query\":\"{ admin }\",\"operationName\":\"open\"}"),
        ("multipart/form-data; boundary=x", "--x\r\n\r\nGET /open/x HTTP/1.1\r\n\r\n--x--"),
        ("text/plain", "GET /open/x HTTP/1.1\r\nHost: portal.example.com\r\n\r\n"),
        ("text/plain", long.as_str()),
    ];
    for way in ways() {
        let before = arena.received().len();
        for (kind, body) in bodies {
            for (path, signed_in, status) in
                [("/admin/x", true, 403), ("/admin/x", false, 403), ("/inside", false, 401), ("/api/x", false, 401)]
            {
                let ask = get(path).method("POST").with("Content-Type", kind).body(body);
                let ask = if signed_in { ask.signed_in(&arena) } else { ask };
                assert_eq!(ask.send(&arena, way).await, status, "{path} {kind} {way:?}");
            }
        }
        if way.speaks == Speaks::Http1 {
            let mut wire = arena.wire(way.front).await;
            let head = format!("POST /admin/x HTTP/1.1\r\nHost: {HOST}\r\n{}Cookie: {}\r\n", way.front.line(), arena.cookie());
            wire.send(format!("{head}Transfer-Encoding: chunked\r\n\r\n5\r\n_meth\r\n7\r\nod=GET&\r\n0\r\n\r\n")).await;
            assert_eq!(wire.status().await, 403);
        }
        assert_eq!(arena.received().len(), before, "{way:?}");
        // Too long for the portal, but decided all the same.
        assert_eq!(get("/open/x").method("POST").body(&long).send(&arena, way).await, 413, "{way:?}");
        assert_eq!(get("/open/x").method("POST").body("fits").send(&arena, way).await, 200);
        assert_eq!(arena.upstream.last().body, b"fits");
        arena.innocent(&format!("{way:?}")).await;
    }
    for key in ["body", "form", "json", "graphql", "body_contains"] {
        let said = Workshop::new().complaints(&format!("{PORTAL}[[portal.rule]]\npath = \"/a\"\n{key} = \"x\"\n"), &[]);
        assert!(said.len() == 1 && said[0].contains(&format!("portal[1].rule[1].{key} is an unknown key")), "{said:?}");
    }
}
