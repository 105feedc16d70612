//! What comes out: typed values, paths, and which layer wins.

use std::time::Duration;

use vestibule::config::model::CertificateSource;

use super::workshop::{PORTAL, Workshop};

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let workshop = Workshop::new();
    let text = format!("[mfa]\nreauth_window = \"2h\"\nissuer = \"File\"\n{PORTAL}");
    let vars = [
        ("VESTIBULE__MFA__REAUTH_WINDOW", "3h"),
        ("VESTIBULE__LISTEN__TRUSTED_PROXIES", "10.0.0.0/8,192.0.2.1"),
        ("VESTIBULE__LOG__ACCESS", "false"),
        ("VESTIBULE__LISTEN__WORKERS", "2"),
    ];
    let loaded = workshop.load(&text, &vars).unwrap();
    assert_eq!(loaded.config.mfa.reauth_window, Duration::from_hours(3));
    assert_eq!(loaded.config.mfa.issuer, "File");
    assert_eq!(loaded.config.mfa.enrolment_window, Duration::from_hours(7 * 24));
    assert_eq!(loaded.config.listen.workers, 2);
    assert!(!loaded.config.log.access);
    let proxies: Vec<String> = loaded.config.listen.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.0/8", "192.0.2.1/32"]);
    let shown = workshop.without_folder(&loaded.show());
    assert!(shown.contains("reauth_window = \"3h\"                     # VESTIBULE__MFA__REAUTH_WINDOW\n"), "{shown}");
    assert!(shown.contains("issuer = \"File\"                          # vestibule.toml:3\n"), "{shown}");
    assert!(shown.contains("enrolment_window = \"7d\"                  # default\n"), "{shown}");
}

#[test]
fn paths_are_relative_to_the_file() {
    let workshop = Workshop::new();
    let config = workshop.load(PORTAL, &[]).unwrap().config;
    assert_eq!(config.store.database, workshop.path("vestibule.db"));
    assert_eq!(config.store.url, format!("sqlite://{}", workshop.path("vestibule.db").display()));
    let CertificateSource::Files { certificate, private_key } = config.tls.certificate else { panic!("files") };
    assert_eq!((certificate, private_key), (workshop.path("certs/portal.pem"), workshop.path("certs/portal.key")));
    let vars = [("VESTIBULE__STORE__URL", "sqlite:///var/lib/v.db")];
    assert_eq!(workshop.load(PORTAL, &vars).unwrap().config.store.url, "sqlite:///var/lib/v.db");
}

#[test]
fn hsts_is_not_for_certificates_that_vouch_for_themselves() {
    let workshop = Workshop::new();
    assert_eq!(workshop.load(PORTAL, &[]).unwrap().config.tls.hsts, None);
    let made = workshop.load(&format!("[tls]\nself_signed = true\n{PORTAL}"), &[]).unwrap().config.tls;
    assert_eq!((made.certificate, made.hsts), (CertificateSource::SelfSigned, None));
}

#[test]
fn a_portal_has_canonical_hosts_and_typed_upstreams() {
    let workshop = Workshop::new();
    let text = "[[portal]]\nurl = \"https://Bücher.Example:8443\"\nhosts = [\"B.example\", \"127.0.0.1\", \"b.example\"]\n\
                upstreams = [\"https://app.internal\", \"unix:/run/app.sock\", \"http://[::1]:80\"]\n";
    let portal = workshop.load(text, &[]).unwrap().config.portals.remove(0);
    assert_eq!(portal.url.as_str(), "https://xn--bcher-kva.example:8443/");
    assert_eq!(portal.hosts, ["xn--bcher-kva.example", "b.example", "127.0.0.1"]);
    let upstreams: Vec<String> = portal.upstreams.iter().map(ToString::to_string).collect();
    assert_eq!(upstreams, ["https://app.internal", "unix:/run/app.sock", "http://[::1]"]);
}

#[test]
fn what_can_be_used_but_hardly_was_meant_is_a_warning() {
    let workshop = Workshop::new();
    let text = format!(
        "[session]\nlifetime = \"1d\"\n[listen]\nops = \"0.0.0.0:9901\"\ntrusted_proxies = [\"10.1.2.3/8\", \"::/0\"]\n{PORTAL}\
         [[portal.rule]]\npath = \"/Admin/**\"\n"
    );
    let loaded = workshop.load(&text, &[]).unwrap();
    let warnings: Vec<String> = loaded.report.warning_lines().map(|line| workshop.without_folder(&line)).collect();
    assert_eq!(
        warnings,
        [
            "vestibule.toml:2: session.lifetime = \"1d\" is not longer than mfa.reauth_window (30d), so people sign in anew and \
             never confirm: give a longer lifetime, or a shorter window",
            "vestibule.toml:4: listen.ops = \"0.0.0.0:9901\" shows metrics and health beyond this machine, without a sign-in: keep \
             it on 127.0.0.1 unless the network around it is trusted",
            "vestibule.toml:5: listen.trusted_proxies believes everybody, so that any client can pretend to be any other: name \
             the proxies in front of this one",
            "vestibule.toml:5: listen.trusted_proxies has 10.1.2.3/8, whose address has bits beyond its prefix: it is taken as \
             10.0.0.0/8",
            "vestibule.toml:10: portal[1].rule[1].path = \"/Admin/**\" matches in exactly this case alone: set \
             case_insensitive_paths = true if the portal takes both for the same page",
        ]
    );
    assert_eq!(loaded.config.listen.trusted_proxies[0].to_string(), "10.0.0.0/8");
}

#[test]
fn a_path_that_is_another_one_with_a_slash_behind_it_is_pointed_out() {
    let workshop = Workshop::new();
    let hints = |rules: &str| {
        let loaded = workshop.load(&format!("{PORTAL}case_insensitive_paths = false\n{rules}"), &[]).unwrap();
        let lines: Vec<String> = loaded.report.warning_lines().map(|line| workshop.without_folder(&line)).collect();
        lines
    };
    let rule = |path: &str, more: &str| format!("[[portal.rule]]\npath = \"{path}\"\n{more}\n");
    let deny = "require = \"deny\"";
    let said = hints(&rule("/old", deny));
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].contains("portal[1].rule[1].path = \"/old\" does not hold for the same path with a slash behind it: give /old/ the same rule, or write /old/** for all below it too"),
        "{said:?}"
    );
    for (rules, hinted) in [
        (rule("/old/**", deny), 0),
        (rule("/old/", deny), 0),
        (rule("/old", deny) + &rule("/old/", deny), 0),
        (rule("/old", deny) + &rule("/old/**", deny), 0),
        (rule("/old", deny) + &rule("/old/", "require = \"nothing\""), 1),
        (rule("/old", deny) + &rule("/old/", "require = \"deny\"\nmethods = [\"GET\"]"), 1),
        (rule("/old", "require = \"deny\"\nmethods = [\"GET\"]") + &rule("/old/", "require = \"deny\"\nmethods = [\"GET\"]"), 0),
        (rule("/a/*/old", "groups = [\"staff\"]"), 1),
        (rule("/a/*/old", "groups = [\"staff\"]") + &rule("/a/**", "groups = [\"staff\"]"), 0),
        (rule("/pay", "reauth = \"1h\""), 1),
        (rule("/pay", ""), 0),
        // With a slash it can only be harder.
        (rule("/health", "require = \"nothing\""), 0),
        (rule("/", deny), 0),
    ] {
        assert_eq!(hints(&rules).len(), hinted, "{rules}");
    }
}
