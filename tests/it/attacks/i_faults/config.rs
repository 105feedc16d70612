//! Configurations, files and listeners that must not open anything.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use vestibule::clock::awake;

use crate::attacks::arena::{ATTACKER, Arena, ways};
use crate::config::workshop::{PORTAL, Workshop};
use crate::harness::browser::Kind;
use crate::harness::process::run;
use crate::harness::upstream::Upstream;
use crate::harness::{Gate, Setup};

const DENY: &str = "rule = [{ path = \"/secret/**\", require = \"deny\" }]";

/// What each of these would have opened, had it been skipped instead of refused.
const BAD_RULES: [&str; 12] = [
    "path = \"/x\"\nrequire = \"Nothing\"",
    "path = \"/x\"\nrequire = \"\"",
    "path = \"/x\"\nrequire = true",
    "path = \"x\"",
    "path = \"\"",
    "path = \"/x\"\ngroups = [\"\"]",
    "path = \"/x\"\nnetworks = [\"10.0.0.0/33\"]",
    "path = \"/x\"\nnetworks = [\"everywhere\"]",
    "path = \"/x\"\nmethods = [\"G E T\"]",
    "path = \"/x\"\nreauth = \"soon\"",
    "path = \"/x/**/[a-z\"\nregex = true",
    "groups = [\"staff\"]",
];

#[tokio::test(flavor = "multi_thread")]
async fn i01_a_rule_that_cannot_be_read_opens_nothing() {
    let workshop = Workshop::new();
    for rule in BAD_RULES {
        let complaints = workshop.complaints(&format!("{PORTAL}[[portal.rule]]\n{rule}\n"), &[]);
        assert!(!complaints.is_empty(), "{rule}");
    }
    for portal in [
        "[[portal]]\nurl = \"https://portal.example.com\"\nupstreams = []\n",
        "[[portal]]\nurl = \"https://portal.example.com\"\nupstreams = [\"ftp://127.0.0.1\"]\n",
        "[[portal]]\nurl = \"https://portal.example.com\"\nupstreams = [\"http://127.0.0.1:1\"]\nsign_on = \"hope\"\n",
        "[[portal]]\nurl = \"https://portal.example.com\"\nupstreams = [\"http://127.0.0.1:1\"]\ngroups = [\"\"]\n",
    ] {
        assert!(!workshop.complaints(portal, &[]).is_empty(), "{portal}");
    }
    // A host that no portal has, and an upstream that only fails: nobody is let by.
    let arena = Arena::scripted(|_, _| false, |setup| setup).await;
    for way in ways() {
        let mut browser = arena.attacking(way);
        let unknown = browser.send(Method::GET, "/x", Kind::Fetch, &[("host", "unknown.example.com")], Bytes::new()).await;
        assert!([400, 421].contains(&unknown.status.as_u16()), "{way:?}: {}", unknown.status);
        let failed = arena.attacking(way).fetch("/x").await.status.as_u16();
        assert!([502, 503].contains(&failed), "{way:?}: {failed}");
        assert_eq!(
            arena.stranger(way).fetch("/x").await.status,
            StatusCode::UNAUTHORIZED,
            "{way:?}: strangers do not learn of it"
        );
    }
    arena.innocent("an upstream that fails").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i02_a_typo_is_refused_and_named() {
    let workshop = Workshop::new();
    for (text, named) in [
        ("[limits]\nanonymous_per_clinet = \"1/s\"\n", "anonymous_per_clinet"),
        ("[limit]\n", "limit"),
        ("[listen]\ntrusted_proxy = [\"10.0.0.0/8\"]\n", "trusted_proxy"),
        ("[session]\nidel = \"15m\"\n", "idel"),
        ("[Session]\nidle = \"15m\"\n", "Session"),
        ("[password]\nmin_lenght = 8\n", "min_lenght"),
        ("[mfa]\nrequired = false\n", "required"),
        ("[tls]\nverify = false\n", "verify"),
    ] {
        let complaints = workshop.complaints(&format!("{text}{PORTAL}"), &[]);
        assert!(complaints.iter().any(|complaint| complaint.contains(named)), "{text}: {complaints:?}");
    }
    for line in ["group = [\"staff\"]", "skip_auth = [\"/x\"]", "service_worker = true"] {
        assert!(!workshop.complaints(&format!("{PORTAL}{line}\n"), &[]).is_empty(), "{line}");
        assert!(!workshop.complaints(&format!("{PORTAL}[[portal.rule]]\npath = \"/x\"\n{line}\n"), &[]).is_empty(), "{line}");
    }
    assert!(!workshop.complaints(PORTAL, &[("VESTIBULE__LIMITS__ANONYMOUS", "1/s")]).is_empty(), "in the environment, too");
    // And the program says so by its exit.
    let upstream = Upstream::start();
    let dir = Gate::before(&upstream).await.close().await;
    let good = fs::read_to_string(dir.path().join("vestibule.toml")).unwrap();
    fs::write(dir.path().join("vestibule.toml"), good.replace("[log]", "[log]\nacess = true")).unwrap();
    for args in [&["serve"][..], &["config", "check"]] {
        let output = run(dir.path(), args);
        assert_eq!(output.status.code(), Some(78), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("acess"), "{output:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i03_a_bad_reload_changes_nothing_and_is_seen() {
    let upstream = Upstream::start();
    let setup = || Setup::new(&[upstream.addr()]).section("listen", crate::harness::Front::LISTEN);
    let gate = Gate::start(setup().portal(DENY)).await;
    let anna = gate.signed_in("anna@example.com").await;
    let refused = async || {
        let (_, metrics) = gate.ops("/metrics").await;
        let line =
            metrics.lines().find(|line| line.starts_with("vestibule_reloads_total{result=\"refused\"}")).map(str::to_owned);
        line.and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).unwrap_or_default()
    };
    let good = fs::read_to_string(gate.config_file()).unwrap();
    for bad in [
        String::new(),
        "[[portal]".to_owned(),
        good.replace(DENY, "rule = [{ path = \"/secret/**\", require = \"denied\" }]"),
        good.replace(DENY, "") + "\n[[portal]]\nurl = \"https://portal.example.com\"\nupstreams = [\"http://127.0.0.1:1\"]\n",
        good.replace(DENY, "").replace("cert.pem", "none.pem"),
        good.replace(DENY, "").replace("vestibule.key", "cert.key"),
        good.replace("[log]", "[mfa]\nreauth_window = \"400d\"\n[log]"),
    ] {
        let before = refused().await;
        fs::write(gate.config_file(), bad).unwrap();
        gate.app().shutdown().request_reload();
        Gate::until("the refusal is counted", || async { refused().await > before }).await;
        for way in ways() {
            let mut browser = anna.browser.clone().behind(way.front);
            browser.http2 = way.speaks == crate::attacks::arena::Speaks::Http2;
            assert_eq!(browser.fetch("/secret/x").await.status, StatusCode::FORBIDDEN, "{way:?}");
            assert_eq!(browser.fetch("/x").await.status, StatusCode::OK, "{way:?}");
        }
    }
    fs::write(gate.config_file(), &good).unwrap();
    let trail = gate.open_store(false).await.trail().records(0, None, None, 1000).await.unwrap();
    assert!(trail.iter().filter(|record| record.action == "config.refuse").count() >= 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn i04_files_that_others_can_read_are_refused() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mode = |name: &str| fs::metadata(gate.dir().join(name)).unwrap().permissions().mode() & 0o777;
    for file in ["vestibule.db", "vestibule.db.lock"] {
        assert_eq!(mode(file), 0o600, "{file}");
    }
    for file in fs::read_dir(gate.dir()).unwrap().flatten() {
        let name = file.file_name().into_string().unwrap();
        assert!(!name.starts_with("vestibule.db") || mode(&name) == 0o600, "{name}");
    }
    let dir = gate.close().await;
    for mode in [0o644, 0o640, 0o604] {
        fs::set_permissions(dir.path().join("vestibule.key"), fs::Permissions::from_mode(mode)).unwrap();
        for args in [&["serve"][..], &["config", "check"], &["user", "list"]] {
            let output = run(dir.path(), args);
            assert_eq!(output.status.code(), Some(78), "{mode:o} {args:?}: {output:?}");
            assert!(String::from_utf8_lossy(&output.stderr).contains("vestibule.key"), "{output:?}");
        }
    }
}

/// There is one role of admins and no help desk below it, so that no ranks can be mixed up. What an admin does to another one waits a
/// day, during which any of them cancels it; who is no admin does nothing to anybody.
#[tokio::test(flavor = "multi_thread")]
async fn i05_nobody_takes_an_admin_down_at_once() {
    let (gate, _upstream) = crate::admin::gate().await;
    let mut first = crate::admin::boss(&gate, "first@example.com").await;
    let second = crate::admin::boss(&gate, "second@example.com").await;
    let waiting = async || gate.number("SELECT count(*) FROM delayed_acts").await;
    for (number, deed) in ["disable", "demote", "open-enrolment", "remove"].into_iter().enumerate() {
        crate::admin::does(&gate, &mut first, deed, "second@example.com").await;
        assert!(waiting().await <= i64::try_from(number + 1).unwrap(), "{deed}");
        let account = gate.account("second@example.com").await;
        assert!(account.admin && !account.disabled && account.mfa.is_some(), "{deed} at once");
        assert_eq!(second.browser.clone().get(crate::admin::HOME).await.status, StatusCode::OK, "{deed}");
    }
    assert!(waiting().await > 0, "or nothing was asked");
    let mut anna = crate::admin::at_admin(&gate, &gate.signed_in("anna@example.com").await);
    crate::admin::enter(&gate, &mut anna, crate::admin::HOME).await;
    for login in ["first@example.com", "anna@example.com"] {
        let page = crate::admin::page_of(&gate, login).await;
        for deed in ["promote", "disable", "unlock", "open-enrolment", "end-sessions", "remove"] {
            let answer = anna.browser.post(&page, &[("deed", deed), ("sure", "yes")]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{login} {deed}");
        }
    }
    assert!(!gate.account("anna@example.com").await.admin);
}

#[tokio::test(flavor = "multi_thread")]
async fn i08_what_is_nested_deeply_costs_little_and_ends() {
    let workshop = Workshop::new();
    let began = awake();
    for deep in [
        format!("{PORTAL}groups = {}\n", "[".repeat(20_000) + &"]".repeat(20_000)),
        format!("{PORTAL}x = {}1{}\n", "{a=".repeat(5000), "}".repeat(5000)),
        format!("[{}]\n{PORTAL}", vec!["a"; 20_000].join(".")),
    ] {
        assert!(!workshop.complaints(&deep, &[]).is_empty());
    }
    // A list of people made of brackets.
    fs::write(workshop.path("people.json"), "[".repeat(100_000)).unwrap();
    let upstream = Upstream::start();
    let wild = format!("[[portal.rule]]\npath = \"/open/{}end\"\nrequire = \"nothing\"", "**/a/".repeat(8));
    let arena = Arena::with(|setup| {
        setup
            .portal("")
            .more(&format!(
                "[[portal]]\nurl = \"https://other.example.com\"\nupstreams = [\"http://{}\"]\ngroups = [\"x\"]\n{wild}\n",
                upstream.addr()
            ))
            .portal("groups = [\"x\"]")
    })
    .await;
    let people = workshop.path("people.json");
    let output = arena.gate.command(&["user", "import", people.to_str().unwrap()]);
    assert!(!output.status.success() && output.status.code().is_some(), "an error, no crash: {output:?}");
    // A rule that could be matched in very many ways, and a path that nearly matches in all of them.
    let mut browser = arena.gate.browser();
    "other.example.com".clone_into(&mut browser.host);
    for path in [format!("/open{}", "/a".repeat(1500)), format!("/open/{}x", "a/".repeat(1500))] {
        let answer = browser.fetch(&path).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text());
    }
    assert!(awake().saturating_sub(began) < Duration::from_mins(1), "it took {:?}", awake().saturating_sub(began));
    assert_eq!(upstream.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn i12_nothing_of_the_operators_is_on_the_public_listener() {
    let arena = Arena::open().await;
    for way in ways() {
        for path in [
            "/metrics",
            "/healthz",
            "/readyz",
            "/debug/pprof/",
            "/debug/vars",
            "/admin",
            "/ping",
            "/api/rawdata",
            "/config",
            "/status",
            "/server-status",
        ] {
            let answer = arena.stranger(way).fetch(path).await;
            assert_eq!(
                (answer.status, answer.header("vestibule-required")),
                (StatusCode::UNAUTHORIZED, "login"),
                "{way:?} {path}"
            );
            assert!(!answer.text().contains("vestibule_"), "{way:?} {path}");
            let inside = arena.attacking(way).fetch(path).await;
            assert_eq!(inside.text(), format!("GET {path} HTTP/1.1 for {ATTACKER}"), "{way:?}: the portal's, like any path");
        }
        for page in [
            "metrics",
            "healthz",
            "admin",
            "admin/accounts",
            "admin/settings",
            "admin/audit",
            "debug",
            "config",
            "auth",
            "jwks.json",
            "api",
        ] {
            for mut browser in [arena.stranger(way), arena.attacking(way)] {
                let answer = browser.get(&format!("/.vestibule/{page}")).await;
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{way:?} {page}");
                assert!(!answer.text().contains("vestibule_"), "{way:?} {page}");
            }
        }
    }
    // By default there is neither, and neither takes part in what the public one serves.
    let workshop = Workshop::new();
    let shortest =
        workshop.load(PORTAL, &[]).unwrap_or_else(|report| panic!("{:?}", report.mistake_lines().collect::<Vec<_>>())).config;
    assert!(shortest.listen.admin.is_none() && shortest.listen.ops.is_none_or(|ops| ops.ip().is_loopback()));
    let (status, told) = arena.gate.ops("/.vestibule/login").await;
    assert_eq!(status, 404, "{told}");
    arena.innocent("operators' paths").await;
}
