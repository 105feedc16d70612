//! C7 to C10: what a rule reaches, and which portal a request is for.

use std::fmt::Write as _;

use super::Ends::{AsksFirst, Open, Ours, Refused, Shut};
use super::{Ends, arena, each_ends_as_it_must};
use crate::attacks::arena::{Arena, Speaks, ways};
use crate::attacks::ask::get;
use crate::config::workshop::{PORTAL, Workshop};
use crate::harness::wire::Wire;
use crate::harness::{Front, Gate, HOST, Setup, Upstream};

fn complaints(rule: &str) -> Vec<String> {
    Workshop::new().complaints(&format!("{PORTAL}[[portal.rule]]\n{rule}\nrequire = \"nothing\"\n"), &[])
}

#[tokio::test(flavor = "multi_thread")]
async fn c07_patterns_are_anchored_at_both_ends() {
    let table = [
        ("/foo/bar", Open("/foo/bar")),
        ("/foo/x/y/bar", Open("/foo/x/y/bar")),
        ("/foo/x/bar/secret", AsksFirst("/foo/x/bar/secret")),
        ("/foo/x/bar/", AsksFirst("/foo/x/bar/")),
        ("/foo/x/bars", AsksFirst("/foo/x/bars")),
        ("/foo/x/rebar", AsksFirst("/foo/x/rebar")),
        ("/x/foo/y/bar", AsksFirst("/x/foo/y/bar")),
        ("/food/x/bar", AsksFirst("/food/x/bar")),
        ("/foo/x?/bar", AsksFirst("/foo/x?/bar")),
        ("/foo/..%2fsecret/bar", Refused),
        ("/foo/../secret/bar", AsksFirst("/secret/bar")),
        ("/x/open/a", AsksFirst("/x/open/a")),
        ("/x/health", AsksFirst("/x/health")),
    ];
    each_ends_as_it_must(&arena().await, &table).await;
    // There are no regular expressions that somebody could forget to anchor, and nothing that looks like one is taken for a path.
    for (path, said) in [
        ("^/foo/.*/bar$", "does not begin with /"),
        ("/foo/.*", "has a * inside of a segment"),
        ("/foo*", "has a * inside of a segment"),
        ("/foo/[^/]+", "is not in the spelling that requests are compared in"),
        ("/foo/(a|b)", "is not in the spelling that requests are compared in"),
        ("/foo$|/", "is not in the spelling that requests are compared in"),
        ("", "does not begin with /"),
        ("foo", "does not begin with /"),
        ("/foo?bar", "has a query or fragment"),
        ("/foo/**bar", "has a * inside of a segment"),
    ] {
        let said_now = complaints(&format!("path = '{path}'"));
        assert!(
            said_now.len() == 1 && said_now[0].contains("portal[1].rule[1].path") && said_now[0].contains(said),
            "{said_now:?}"
        );
    }
    for key in ["regex", "path_regex", "pattern", "prefix"] {
        let said = complaints(&format!("path = \"/a\"\n{key} = \"^/a\""));
        assert!(said.len() == 1 && said[0].contains(&format!("rule[1].{key} is an unknown key")), "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c08_a_prefix_ends_at_a_segment() {
    let table = [
        ("/health", Open("/health")),
        ("/healthz-admin", AsksFirst("/healthz-admin")),
        ("/health/", AsksFirst("/health/")),
        ("/health/x", AsksFirst("/health/x")),
        ("/health.", AsksFirst("/health.")),
        ("/health%20", AsksFirst("/health%20")),
        ("/health;x", Refused),
        ("/openx", AsksFirst("/openx")),
        ("/open-admin/x", AsksFirst("/open-admin/x")),
        ("/open", Open("/open")),
        ("/open/", Open("/open/")),
        ("/open/shutter", Open("/open/shutter")),
        ("/open/shut", Shut),
        ("/open/shut/", Shut),
        ("/administrators/x", AsksFirst("/administrators/x")),
        ("/.vestibulex", AsksFirst("/.vestibulex")),
        ("/x/.vestibule", AsksFirst("/x/.vestibule")),
        ("/.vestibule.x", AsksFirst("/.vestibule.x")),
        ("/x/../.vestibulex", AsksFirst("/.vestibulex")),
        ("/vestibule", AsksFirst("/vestibule")),
    ];
    each_ends_as_it_must(&arena().await, &table).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c08_what_is_ours_never_reaches_the_upstream() {
    let all_open = "[[portal.rule]]\npath = \"/**\"\nrequire = \"nothing\"\n[[portal.rule]]\npath = \"/innocent/**\"";
    let arena = Arena::with(|setup| setup.portal(all_open)).await;
    let ours = [
        "/.vestibule",
        "/.vestibule/",
        "/.VESTIBULE/x",
        "/.Vestibule",
        "/%2evestibule/x",
        "/%2E%56%65stibule",
        "//.vestibule/x",
        "/./.vestibule",
        "/x/../.vestibule/y",
        "/.vestibule/../.vestibule/z",
        "/.vestibule?x",
        "/.vestibule/login/../y",
        "/.vestibule//login/x",
    ];
    each_ends_as_it_must(&arena, &ours.map(|path| (path, Ours))).await;
    for way in ways() {
        for path in ours {
            for method in ["POST", "OPTIONS", "PROPFIND", "HEAD"] {
                let ask = get(path).method(method).signed_in(&arena);
                let ask = if method == "POST" { ask.body("a=b") } else { ask };
                let status = ask.send(&arena, way).await;
                assert!(status >= 300, "{method} {path} {way:?}: {status}");
            }
            if way.speaks == Speaks::Http1 {
                let upgrade = get(path).with("Connection", "Upgrade").with("Upgrade", "websocket");
                assert!(upgrade.send(&arena, way).await >= 300, "{path} {way:?}");
            }
        }
        arena.nothing_came(&format!("{way:?}"));
        arena.innocent(&format!("{way:?}")).await;
    }
}

/// A portal with many names, beside another one.
const NAMES: &str = "hosts = [\"b\u{fc}cher.example\", \"::1\", \"192.0.2.7\", \"more.example\"]";

#[tokio::test(flavor = "multi_thread")]
async fn c09_a_host_is_one_name_that_we_know() {
    let arena = Arena::with(|setup| setup.portal(NAMES)).await;
    let hosts = [
        (HOST, 200),
        ("PORTAL.Example.com", 200),
        ("portal.example.com.", 200),
        ("portal.example.com:443", 200),
        ("xn--bcher-kva.example", 200),
        ("XN--BCHER-KVA.EXAMPLE.", 200),
        ("[::1]", 200),
        ("[::1]:443", 200),
        ("192.0.2.7", 200),
        ("more.EXAMPLE:443", 200),
        ("", 400),
        (".", 400),
        ("a@portal.example.com", 400),
        ("portal.example.com@evil.example", 400),
        ("portal.example.com,evil.example", 400),
        ("portal.example.com, portal.example.com", 400),
        ("portal.example.com evil.example", 400),
        ("portal.example.com/x", 400),
        ("portal.example.com?x", 400),
        ("portal.example.com#x", 400),
        ("portal.example.com\\@evil.example", 400),
        ("portal%2eexample.com", 400),
        ("portal.example.com%00", 400),
        ("portal.example.com:0", 400),
        ("portal.example.com:0443", 400),
        ("portal.example.com:+443", 400),
        ("portal.example.com:443x", 400),
        ("portal.example.com:65536", 400),
        ("portal.example.com:", 400),
        ("portal.example.com:443:443", 400),
        ("portal.example.com..", 400),
        ("portal..example.com", 400),
        (".portal.example.com", 400),
        ("*.example.com", 400),
        ("b\u{fc}cher.example", 400),
        ("b%C3%BCcher.example", 400),
        ("portal\u{ff0e}example.com", 400),
        ("::1", 400),
        ("[::1", 400),
        ("[::1]x", 400),
        ("[::1%25lo]", 400),
        ("[portal.example.com]", 400),
        ("evil.example", 421),
        ("xportal.example.com", 421),
        ("portal.example.com.evil.example", 421),
        ("portal.example", 421),
        ("localhost", 421),
        ("127.0.0.1", 421),
        ("127.1", 421),
        ("3221225991", 421),
        ("[0:0:0:0:0:0:0:2]", 421),
        ("[::ffff:192.0.2.7]", 421),
        ("portal.example.com:8443", 421),
        ("portal.example.com:80", 421),
    ];
    let mut wrong = Vec::new();
    for way in ways() {
        for (host, status) in hosts {
            let before = arena.received().len();
            let got = get("/open/x").host(host).send(&arena, way).await;
            // HTTP/2 may find that it is no authority at all.
            let as_it_must = got == status || way.speaks == Speaks::Http2 && status == 400 && got == 0;
            let came: Vec<Vec<String>> = arena.received()[before..]
                .iter()
                .map(|received| received.all("host").into_iter().map(str::to_owned).collect())
                .collect();
            // As it was sent.
            let expected = if status == 200 { vec![vec![host.to_owned()]] } else { vec![] };
            if !as_it_must || came != expected {
                wrong.push(format!("{host:?} {way:?}: {got}, came: {came:?}"));
            }
        }
        arena.innocent(&format!("{way:?}")).await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The port that we listen on, which checks from inside name.
    let own = format!("{HOST}:{}", arena.gate.addr().port());
    for way in ways().filter(|way| way.front == Front::Direct) {
        assert_eq!(get("/open/x").host(&own).send(&arena, way).await, 200, "{way:?}");
    }
    // None, and two.
    for (lines, what) in [
        ("", "none"),
        ("Host: portal.example.com\r\nhost: portal.example.com\r\n", "two"),
        ("Host: portal.example.com\r\nHost: evil.example\r\n", "two different"),
        ("H_ost: portal.example.com\r\n", "an alias"),
    ] {
        let mut wire = Wire::to(&arena.gate.browser()).await;
        wire.send(format!("GET /open/x HTTP/1.1\r\n{lines}\r\n")).await;
        assert_eq!(wire.status().await, 400, "{what}");
        drop(wire);
        arena.innocent(what).await;
    }
}

/// Behind a mapping of ports, people name a port that we do not know of ourselves.
#[tokio::test(flavor = "multi_thread")]
async fn c09_the_port_of_the_portals_address_is_known_and_so_is_the_last_of_many_hosts() {
    let upstream = Upstream::start();
    let many = (0..150).fold(String::new(), |mut many, number| {
        let _ = write!(many, "\"n{number}.example\", ");
        many
    });
    let other = format!(
        "[[portal]]\nurl = \"https://other.example.com:9443\"\nhosts = [{many}]\nupstreams = [\"http://{}\"]\ngroups = [\"x\"]\n\
         rule = [{{ path = \"/**\", require = \"nothing\" }}]\n",
        upstream.addr()
    );
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal("groups = [\"x\"]").more(&other)).await;
    for (host, status) in [
        ("other.example.com", 200),
        ("other.example.com:9443", 200),
        ("other.example.com:443", 421),
        ("other.example.com:9444", 421),
        ("n0.example", 200),
        ("N149.EXAMPLE.", 200),
        ("n149.example:9443", 200),
        ("n150.example", 421),
        ("n14.example.evil", 421),
    ] {
        let mut browser = gate.browser();
        browser.host = "other.example.com".to_owned();
        let before = upstream.count();
        let mut wire = Wire::to(&browser).await;
        wire.send(format!("GET /x HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
        assert_eq!((wire.status().await, upstream.count() - before), (status, usize::from(status == 200)), "{host}");
        if status == 200 {
            assert_eq!(upstream.last().all("host"), [host], "as it was sent");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c10_a_portal_that_tells_no_case_apart() {
    let rules = "case_insensitive_paths = true\nlogout_paths = [\"/Logout\"]\n[[portal.rule]]\npath = \"/Admin/%C3%84rger/**\"\nrequire = \"deny\"\n\
                 [[portal.rule]]\npath = \"/access/**\"\nrequire = \"deny\"\n[[portal.rule]]\npath = \"/back/**\"\nrequire = \"deny\"\n";
    let arena = Arena::with(|setup| setup.portal(rules)).await;
    let table = [
        ("/Admin/%C3%84rger/x", Shut),
        ("/aDMIN/%c3%84RGER/x", Shut),
        ("/admin/%C3%A4rger", Shut),
        // As Latin-1, which such portals fall back to.
        ("/admin/%E4rger/x", Shut),
        ("/admin/%c4RGER/x", Shut),
        ("/ACCESS/x", Shut),
        // Letters whose capital, or whose small one, is another one's.
        ("/acce%C5%BFs/x", Shut),
        ("/bac%E2%84%AA/x", Shut),
        // Names that Windows takes for others.
        ("/access./x", Refused),
        ("/access%20/x", Refused),
        ("/access.%20./x", Refused),
        ("/access::$DATA", Refused),
        ("/access::$INDEX_ALLOCATION/x", Refused),
        ("/access:$I30:$INDEX_ALLOCATION/x", Refused),
        ("/ACCESS~1/x", Refused),
        ("/access~12/x", AsksFirst("/access~12/x")),
        ("/ADMINISTRATORS~1/x", AsksFirst("/ADMINISTRATORS~1/x")),
        ("/open/ADMINI~1.HTM", Refused),
        ("/OPEN/x", Open("/OPEN/x")),
        ("/administration", AsksFirst("/administration")),
        ("/.VestiBule/nothing", Ours),
    ];
    each_ends_as_it_must(&arena, &table).await;
    // Off, as it is by default: another case is another page, which asks for a session at least.
    let off = Arena::with(|setup| setup.portal(super::RULES)).await;
    let table: [(&str, Ends); 6] = [
        ("/admin/x", Shut),
        ("/Admin/x", AsksFirst("/Admin/x")),
        ("/admin./x", AsksFirst("/admin./x")),
        ("/OPEN/x", AsksFirst("/OPEN/x")),
        ("/geb%C3%A4ude/x", AsksFirst("/geb%C3%A4ude/x")),
        ("/Geb%c3%a4ude/x", Shut),
    ];
    each_ends_as_it_must(&off, &table).await;
    // And `config check` hints at it, until somebody has said what holds.
    let warnings = |more: &str| {
        let workshop = Workshop::new();
        let loaded =
            workshop.load(&format!("{PORTAL}{more}[[portal.rule]]\npath = \"/admin/**\"\nrequire = \"deny\"\n"), &[]).unwrap();
        loaded.report.warning_lines().map(|line| workshop.without_folder(&line)).collect::<Vec<_>>()
    };
    assert_eq!(
        warnings(""),
        ["vestibule.toml:1: portal[1].case_insensitive_paths is not set, and portal[1].rule[1].path = \"/admin/**\" is held \
          against this spelling alone: write true if the portal takes other cases for the same page, as on Windows, or false if \
          it does not"]
    );
    assert_eq!(warnings("case_insensitive_paths = false\n"), [""; 0]);
    assert_eq!(warnings("case_insensitive_paths = true\n"), [""; 0]);
    // A rule that no request can match is none.
    let text = format!("{PORTAL}case_insensitive_paths = true\n[[portal.rule]]\npath = \"/admin./**\"\nrequire = \"deny\"\n");
    let said = Workshop::new().complaints(&text, &[]);
    assert!(said.len() == 1 && said[0].contains("has a name that Windows takes for another one"), "{said:?}");
}
