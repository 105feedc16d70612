//! B7 to B12: somebody says that they come from elsewhere, or that they ask for something else than they do.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, StatusCode};
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};

use super::NAMES;
use crate::attacks::arena::{Arena, Speaks, ways};
use crate::attacks::ask::{get, line, told};
use crate::config::workshop::{PORTAL, Workshop};
use crate::harness::browser::Kind;
use crate::harness::front::NAMED;
use crate::harness::{Front, Gate, HOST, Setup, Upstream, raw};

/// One page for the office, one for the address that the proxies name, and one for nobody.
const NETWORKS: &str = r#"
[[portal.rule]]
path = "/office"
networks = ["198.51.100.0/24", "2001:db8::/32"]
require = "nothing"
[[portal.rule]]
path = "/named"
networks = ["203.0.113.9"]
require = "nothing"
[[portal.rule]]
path = "/shut/**"
require = "deny"
[[portal.rule]]
path = "/posts"
methods = ["POST"]
require = "deny"
"#;

/// What an attacker writes to be taken for the office.
const CLAIMS: [&str; 12] = [
    "198.51.100.7",
    "198.51.100.7, 198.51.100.8",
    "::ffff:198.51.100.7",
    "2001:db8::7",
    "[2001:db8::7]:443",
    "198.51.100.7:80",
    "127.0.0.3",
    "198.51.100.7, 127.0.0.3",
    "junk, 198.51.100.7",
    ",",
    "",
    "\"198.51.100.7\"",
];

#[tokio::test(flavor = "multi_thread")]
async fn b07_a_forged_chain_opens_nothing_and_dodges_nothing() {
    let arena = Arena::with(|setup| setup.portal(NETWORKS)).await;
    for way in ways() {
        for claim in CLAIMS {
            for name in ["X-Forwarded-For", "x_forwarded_for", "Forwarded", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP"] {
                let claim = if name == "Forwarded" { format!("for={claim}") } else { claim.to_owned() };
                let before = arena.received().len();
                let ask = get("/office").with(name, &claim);
                assert_eq!(ask.send(&arena, way).await, 403, "{name}: {claim} {way:?}");
                assert_eq!(arena.received().len(), before, "{name}: {claim} {way:?}");
            }
        }
        // The proxy may write behind what was there, on the same line.
        if way.front == Front::Proxy {
            let one_line = get("/office").with("X-Forwarded-For", format!("198.51.100.7, {NAMED}"));
            assert_eq!(one_line.send(&arena, way).await, 403);
        }
        arena.innocent(&format!("{way:?}")).await;
    }
    // A new name for every request is no new client.
    let upstream = Upstream::start();
    for listen in ["trusted_proxies = []", "trusted_proxies = [\"127.0.0.1\"]"] {
        let limits = "anonymous_per_client = \"1/m burst 3\"";
        let setup = Setup::new(&[upstream.addr()]).section("listen", listen).section("limits", limits);
        let gate = Gate::start(setup).await;
        let mut statuses = Vec::new();
        for attempt in 0..5 {
            // What the client wrote, and what a proxy that is believed has put behind it.
            let chain = format!("198.51.100.{attempt}, {NAMED}");
            let answer = gate.browser().send(Method::GET, "/x", Kind::Fetch, &[("x-forwarded-for", &chain)], Bytes::new()).await;
            statuses.push(answer.status.as_u16());
        }
        assert_eq!(statuses, [401, 401, 401, 429, 429], "{listen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b08_a_forwarded_address_method_or_host_decides_nothing() {
    let arena = Arena::with(|setup| setup.portal(NETWORKS)).await;
    let lies = [
        ("X-Forwarded-Uri", "/open/x"),
        ("X-Forwarded-Method", "GET"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Port", "1"),
        ("X-Forwarded-Prefix", "/open"),
        ("X-Original-URL", "/open/x"),
        ("X-Original-Method", "GET"),
        ("X-Rewrite-URL", "/open/x"),
        ("X-HTTP-Method-Override", "GET"),
        ("X-Forwarded-Path", "/open/x"),
        ("X-HTTP-Host-Override", "evil.example"),
    ];
    for way in ways() {
        let before = arena.received().len();
        let all = |path: &str| lies.iter().fold(get(path), |ask, (name, value)| ask.with(*name, *value));
        for (ask, status) in [
            (all("/inside"), 401),
            (all("/shut/x").signed_in(&arena), 403),
            (all("/posts").method("POST").signed_in(&arena).body("x"), 403),
            (all("/%2e%2e/open/x"), 400),
            (all("/open/x").host("evil.example"), 421),
        ] {
            assert_eq!(ask.send(&arena, way).await, status, "{way:?}");
        }
        assert_eq!(arena.received().len(), before, "{way:?}");
        // Nor does anything that we write lead there.
        for (mut browser, path) in [(arena.stranger(way), "/inside"), (arena.stranger(way), "/.vestibule/account")] {
            let answer = browser.send(Method::GET, path, Kind::Navigation, &lies, Bytes::new()).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER);
            assert!(answer.location().starts_with("/.vestibule/login"), "{way:?}: {}", answer.location());
            assert!(!format!("{:?}{}", answer.headers, answer.text()).contains("evil.example"), "{way:?}");
        }
        let page = arena.stranger(way).send(Method::GET, "/.vestibule/login", Kind::Navigation, &lies, Bytes::new()).await;
        assert!(page.status == 200 && !page.text().contains("evil"), "{way:?}");
        arena.innocent(&format!("{way:?}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b08_a_trusted_proxy_is_believed_about_addresses_and_about_nothing_else() {
    let upstream = Upstream::start();
    let setup = Setup::new(&[upstream.addr()]).section("listen", "trusted_proxies = [\"127.0.0.1\"]");
    let gate = Gate::start(setup.portal("hosts = [\"front.example.com\"]")).await;
    let mut anna = gate.signed_in("anna@example.com").await.browser;
    for http2 in [false, true] {
        anna.http2 = http2;
        // What a client wrote and the proxy handed on becomes no address and no scheme.
        for (host, proto) in
            [("evil.example", "javascript"), ("front.example.com.evil.example", "HTTPS"), ("front.example.com,evil", "")]
        {
            let lines = [("x-forwarded-host", host), ("x-forwarded-proto", proto)];
            anna.send(Method::GET, "/x", Kind::Fetch, &lines, Bytes::new()).await;
            assert_eq!(told(&upstream, "x-forwarded-host"), [line("x-forwarded-host", "portal.example.com")], "{host}");
            assert_eq!(told(&upstream, "x-forwarded-proto"), [line("x-forwarded-proto", "https")], "{proto}");
        }
        let lines = [
            ("x-forwarded-for", "1.2.3.4, 203.0.113.9"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "front.example.com"),
            ("forwarded", "for=203.0.113.9"),
            ("x-request-id", "from-the-front"),
            ("x_forwarded_for", "9.9.9.9"),
            ("x-forwarded-user", "root"),
            ("x-forwarded-groups", "root"),
            ("x-real-ip", "9.9.9.9"),
            ("x-forwarded-port", "1"),
        ];
        let answer = anna.send(Method::GET, "/x", Kind::Fetch, &lines, Bytes::new()).await;
        assert_eq!(answer.header("x-request-id"), "from-the-front");
        for (name, value) in [
            ("x-forwarded-for", Some("1.2.3.4, 203.0.113.9, 127.0.0.1")),
            ("x-forwarded-host", Some("front.example.com")),
            ("x-forwarded-proto", Some("https")),
            ("forwarded", Some("for=203.0.113.9, for=127.0.0.1;host=\"portal.example.com\";proto=https")),
            ("x-forwarded-user", Some("anna@example.com")),
            ("x-forwarded-email", Some("anna@example.com")),
            ("x-forwarded-preferred-username", Some("Anna Example")),
            ("x-request-id", Some("from-the-front")),
            ("x-forwarded-groups", None),
            ("x-real-ip", None),
            ("x-forwarded-port", None),
        ] {
            assert_eq!(told(&upstream, name), value.map(|value| line(name, value)).into_iter().collect::<Vec<_>>(), "{name}");
        }
        // What is no id is not taken for one, not even from there.
        let odd = anna.send(Method::GET, "/x", Kind::Fetch, &[("x-request-id", "a b;c")], Bytes::new()).await;
        assert_eq!(odd.header("x-request-id").len(), 32);
        // Of two chains, the one that somebody behind the proxy wrote is not handed on in its name.
        for (sent, chain, forwarded) in [
            (
                &[("x-forwarded-for", NAMED), ("forwarded", "for=6.6.6.6")][..],
                "203.0.113.9, 127.0.0.1",
                "for=203.0.113.9, for=127.0.0.1",
            ),
            (&[("x-forwarded-for", NAMED)], "203.0.113.9, 127.0.0.1", "for=203.0.113.9, for=127.0.0.1"),
            (&[("forwarded", "for=203.0.113.9")], "203.0.113.9, 127.0.0.1", "for=203.0.113.9, for=127.0.0.1"),
            (&[("forwarded", "for=\"[2001:db8::9]\"")], "2001:db8::9, 127.0.0.1", "for=\"[2001:db8::9]\", for=127.0.0.1"),
            (&[("forwarded", "host=\"x;for=6.6.6.6\";for=\"1")], "127.0.0.1", "for=127.0.0.1"),
        ] {
            anna.send(Method::GET, "/x", Kind::Fetch, sent, Bytes::new()).await;
            assert_eq!(told(&upstream, "x-forwarded-for"), [line("x-forwarded-for", chain)], "{sent:?}");
            let named = told(&upstream, "forwarded")[0].1.split(";host").next().unwrap().to_owned();
            assert!(named == forwarded || sent[0].1.contains("6.6.6.6") && !named.starts_with("for=6"), "{sent:?}: {named}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b09_no_other_name_of_a_client_or_an_address_passes_in_or_out() {
    use std::io::Write as _;
    let says = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Accel-Redirect: /secret\r\nX-Accel-Buffering: no\r\nX-Sendfile: /etc/passwd\r\n\
                X-Sendfile-Type: X-Accel-Redirect\r\nX-LIGHTTPD-send-file: /etc/passwd\r\nX-Reproxy-URL: http://10.0.0.1/\r\n\
                X-Forwarded-User: root\r\nRemote-User: root\r\nX-Auth-Request-User: root\r\nX-Kept: 1\r\n\r\nok";
    let arena = Arena::scripted(move |_, stream| stream.write_all(says.as_bytes()).is_ok(), |setup| setup).await;
    for way in ways() {
        for names in NAMES.chunks(22) {
            let mut ask = get("/inside").signed_in(&arena);
            // Neither for whom we say ourselves, nor what HTTP/2 knows not at all.
            for name in names.iter().filter(|name| {
                !["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Proxy-Connection"].contains(name)
            }) {
                ask = ask.with(*name, "198.51.100.66").with(name.to_uppercase(), "http://198.51.100.66/");
            }
            assert_eq!(ask.send(&arena, way).await, 200, "{way:?}");
            let head = arena.upstream.last().head;
            assert!(!head.contains("198.51.100.66"), "{way:?}: {head}");
        }
        let answer = arena.attacking(way).fetch("/inside").await;
        let names: Vec<&str> = answer
            .headers
            .keys()
            .map(http::HeaderName::as_str)
            .filter(|name| name.starts_with("x-") || name.starts_with("rem"))
            .collect();
        assert_eq!(answer.text(), "ok");
        assert_eq!(names.iter().filter(|name| !["x-kept", "x-request-id"].contains(name)).count(), 0, "{way:?}: {names:?}");
        arena.innocent(&format!("{way:?}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b10_one_client_has_one_address_however_it_is_written() {
    let upstream = Upstream::start();
    let listen = "trusted_proxies = [\"127.0.0.1\"]";
    let gate = Gate::start(Setup::new(&[upstream.addr()]).section("listen", listen).portal(NETWORKS)).await;
    let mut wrong = Vec::new();
    for http2 in [false, true] {
        for (written, path, status) in [
            ("198.51.100.7", "/office", 200),
            ("::ffff:198.51.100.7", "/office", 200),
            ("::FFFF:c633:6407", "/office", 200),
            ("198.51.100.7:4711", "/office", 200),
            ("[::ffff:198.51.100.7]:80", "/office", 200),
            ("2001:DB8:0:0::7", "/office", 200),
            ("[2001:db8::7]", "/office", 200),
            // Not written in any way that is one: the proxy itself, and nobody in an office.
            ("fe80::7%eth0", "/office", 403),
            ("2001:db8::7%25eth0", "/office", 403),
            ("198.051.100.007", "/office", 403),
            ("0xc6.51.100.7", "/office", 403),
            ("3325256711", "/office", 403),
            ("198.51.100.7/24", "/office", 403),
            ("198.51.100.7;198.51.100.7", "/office", 403),
            ("unknown", "/office", 403),
            ("203.0.113.9", "/named", 200),
            ("203.0.113.90", "/named", 403),
        ] {
            let mut browser = gate.browser();
            browser.http2 = http2;
            let before = upstream.count();
            let answer = browser.send(Method::GET, path, Kind::Fetch, &[("x-forwarded-for", written)], Bytes::new()).await;
            let got = (answer.status.as_u16(), upstream.count() - before);
            if got != (status, usize::from(status == 200)) {
                wrong.push(format!("{written} {path}: {got:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Whoever hops through their own network stays one client (a wider bucket holds for what is wider than that).
    let limits = "anonymous_per_client = \"1/m burst 3\"";
    let gate = Gate::start(Setup::new(&[upstream.addr()]).section("listen", listen).section("limits", limits)).await;
    let mut statuses = Vec::new();
    for host in ["::1", "::2", ":ffff::3", "::4", ":dead:beef:0:5"] {
        let address = format!("2001:db8:1:2{host}");
        let answer = gate.browser().send(Method::GET, "/x", Kind::Fetch, &[("x-forwarded-for", &address)], Bytes::new()).await;
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 429, 429]);
    // And nobody writes a network that no client can be in.
    for (network, right) in [("::ffff:10.0.0.0/104", "10.0.0.0/8"), ("::ffff:10.1.2.3", "10.1.2.3/32")] {
        for (text, key) in [
            (format!("[listen]\ntrusted_proxies = [\"{network}\"]\n{PORTAL}"), "listen.trusted_proxies"),
            (format!("[limits]\nexempt = [\"{network}\"]\n{PORTAL}"), "limits.exempt"),
            (format!("{PORTAL}[[portal.rule]]\npath = \"/**\"\nnetworks = [\"{network}\"]\n"), "portal[1].rule[1].networks"),
        ] {
            let complaints = Workshop::new().complaints(&text, &[]);
            let expected = format!("{key}: \"{network}\" is IPv4 in the dress of IPv6, which no client has here: write {right}");
            assert!(complaints.len() == 1 && complaints[0].ends_with(&expected), "{complaints:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b11_a_client_is_one_and_the_same_for_limits_rules_and_upstream_whoever_names_it() {
    let upstream = Upstream::start();
    let listen = "proxy_protocol_from = [\"127.0.0.0/8\"]\ntrusted_proxies = [\"192.0.2.0/24\"]";
    let setup = Setup::new(&[upstream.addr()])
        .section("listen", listen)
        .section("limits", "anonymous_per_client = \"1/m burst 4\"")
        .portal("rule = [{ path = \"/x\", require = \"nothing\" }, { path = \"/office\", require = \"nothing\", networks = [\"203.0.113.7\"] }]");
    let gate = Gate::start(setup).await;
    let ask = async |path: &str, peer: &str, forwarded: &str| {
        let hello = format!("PROXY TCP4 {peer} 198.51.100.1 4000 443\r\n");
        let mut stream = gate.browser().connect_saying(hello.as_bytes()).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nX-Forwarded-For: {forwarded}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = String::from_utf8(raw::read_all(&mut stream).await).unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    // Straight from a client: whom it claims to be is nothing.
    assert_eq!(ask("/x", "203.0.113.7", "8.8.8.8").await, "200");
    assert_eq!(upstream.last().all("x-forwarded-for"), ["203.0.113.7"]);
    // Through a proxy that is believed: the same client, told another way.
    assert_eq!(ask("/office", "192.0.2.9", "8.8.8.8, 203.0.113.7").await, "200");
    assert_eq!(upstream.last().all("x-forwarded-for"), ["8.8.8.8, 203.0.113.7, 192.0.2.9"]);
    assert_eq!(ask("/office", "203.0.113.7", "9.9.9.9").await, "200");
    assert_eq!(ask("/office", "203.0.113.8", "203.0.113.7").await, "403", "rules see whom limits see");
    assert_eq!(ask("/office", "192.0.2.9", "203.0.113.7, 203.0.113.8").await, "403");
    assert_eq!(ask("/x", "203.0.113.7", "6.6.6.6").await, "200");
    assert_eq!(ask("/x", "203.0.113.7", "7.7.7.7").await, "429", "one bucket for all of them");
    assert_eq!(ask("/x", "192.0.2.9", "203.0.113.7").await, "429");
    assert_eq!(ask("/x", "203.0.113.8", "203.0.113.7").await, "200", "and another one for anybody else");
    assert!(gate.browser().connect_saying(b"").await.is_err(), "who has to say who is there and does not is shut out");
}

/// How a client begins TLS.
fn hello() -> Vec<u8> {
    let config = ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    let mut client = ClientConnection::new(Arc::new(config), HOST.try_into().unwrap()).unwrap();
    let mut hello = Vec::new();
    client.write_tls(&mut hello).unwrap();
    hello
}

/// Bytes from the address of a balancer, then a handshake, and what comes back until the gate closes.
async fn from_balancer(gate: &Gate, bytes: &[u8]) -> Vec<u8> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut stream: TcpStream = socket.connect(gate.addr()).await.unwrap();
    let _ = stream.write_all(&[bytes, &hello()].concat()).await;
    // Nothing more will come: whoever waits for the rest of a header waits in vain.
    let _ = stream.shutdown().await;
    raw::read_all(&mut stream).await
}

#[tokio::test(flavor = "multi_thread")]
async fn b12_a_proxy_line_that_is_wrong_missing_or_from_somebody_else() {
    const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
    let arena = Arena::with(|setup| setup.portal(NETWORKS)).await;
    let office = b"PROXY TCP4 198.51.100.7 192.0.2.1 4000 443\r\n";
    let long_tlv = [V2, b"\x21\x11\xff\xff", &[198, 51, 100, 7, 192, 0, 2, 1, 15, 160, 1, 187], &vec![0; 70_000]].concat();
    let short_length = [V2, b"\x21\x11\0\x04", &[198, 51, 100, 7], &[0; 32][..]].concat();
    let mut wrong = Vec::new();
    for bad in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"PROXY TCP4 198.51.100.7 192.0.2.1 4000\r\n",
        b"PROXY TCP4 198.51.100.7, 192.0.2.1 4000 443\r\n",
        b"PROXY TCP4 198.51.100.7 192.0.2.1 4000 443 \r\n",
        b"PROXY TCP4 198.51.100.7 192.0.2.1 4000 443\n",
        b"PROXY TCP4 2001:db8::7 2001:db8::1 4000 443\r\n",
        b"PROXY TCP6 fe80::7%eth0 2001:db8::1 4000 443\r\n",
        b"PROXY UDP4 198.51.100.7 192.0.2.1 4000 443\r\n",
        b"proxy tcp4 198.51.100.7 192.0.2.1 4000 443\r\n",
        b" PROXY TCP4 198.51.100.7 192.0.2.1 4000 443\r\n",
        &[b"PROXY UNKNOWN ", &[b'x'; 200][..], b"\r\n"].concat(),
        b"PROXY TCP4 198.51",
        b"",
        &long_tlv,
        &short_length,
        &[V2, b"\x31\x11\0\x0c", &[0; 12][..]].concat(),
        &[V2, b"\x2f\x11\0\x0c", &[0; 12][..]].concat(),
    ] {
        let answer = from_balancer(&arena.gate, bad).await;
        if !answer.is_empty() {
            wrong.push(format!("{}: {answer:?}", String::from_utf8_lossy(&bad[..bad.len().min(80)])));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // A good one, and a good one twice: what comes after the first is no handshake.
    assert_eq!(from_balancer(&arena.gate, office).await.first(), Some(&22), "the server's side of the handshake");
    assert_ne!(from_balancer(&arena.gate, &[&office[..], office].concat()).await.first(), Some(&22));
    // Nobody else may send one.
    assert!(arena.gate.browser().connect_saying(office).await.is_err());
    assert_eq!(arena.received().len(), 0);
    // And whom a good one names is whom rules see.
    for way in ways().filter(|way| way.front == Front::Balancer) {
        assert_eq!(get("/named").send(&arena, way).await, 200);
        assert_eq!(get("/office").send(&arena, way).await, 403);
        if way.speaks == Speaks::Http1 {
            assert_eq!(get("/named").with("PROXY", "TCP4 198.51.100.7").send(&arena, way).await, 200);
            assert!(!arena.upstream.last().head.contains("TCP4"), "{}", arena.upstream.last().head);
        }
    }
    arena.innocent("after PROXY lines").await;
}
