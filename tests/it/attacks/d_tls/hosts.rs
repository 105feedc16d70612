//! The name in the handshake and the name in the request.

use bytes::Bytes;
use http::{Method, StatusCode};

use crate::attacks::arena::{Speaks, ways};
use crate::attacks::coming;
use crate::harness::browser::Kind;
use crate::harness::frames::{END_HEADERS, END_STREAM, block, frame, kind, request};
use crate::harness::{Frames, Front, Gate, HOST, Person, Setup, Upstream};

const OTHER: &str = "other.example.com";

/// Two portals behind one address, and somebody who is inside both.
struct Two {
    gate: Gate,
    first: Upstream,
    second: Upstream,
    anna: Person,
}

impl Two {
    async fn new() -> Self {
        let (first, second) = (Upstream::start(), Upstream::start());
        let other = format!(
            "[[portal]]\nurl = \"https://{OTHER}\"\nupstreams = [\"http://{}\"]\ngroups = [\"staff\"]\n\
             [[portal.rule]]\npath = \"/open/**\"\nrequire = \"nothing\"",
            second.addr()
        );
        let setup = Setup::new(&[first.addr()])
            .section("listen", Front::LISTEN)
            .portal("groups = [\"staff\"]\n[[portal.rule]]\npath = \"/open/**\"\nrequire = \"nothing\"")
            .more(&other);
        let gate = Gate::start(setup).await;
        let anna = gate.signed_in_with("anna@example.com", &["staff"]).await;
        Self { gate, first, second, anna }
    }

    fn counts(&self) -> (usize, usize) {
        (self.first.count(), self.second.count())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d03_a_host_that_was_not_shaken_hands_with_is_misdirected() {
    let two = Two::new().await;
    for way in ways() {
        let before = two.counts();
        for (sni, host) in [
            (HOST, OTHER),
            (OTHER, HOST),
            (HOST, "OTHER.example.com"),
            ("Other.Example.COM", HOST),
            (HOST, "other.example.com."),
            (HOST, "localhost"),
            ("localhost", HOST),
        ] {
            let mut browser = coming(two.anna.browser.clone(), way);
            sni.clone_into(&mut browser.host);
            for path in ["/open/x", "/inside", "/.vestibule/login"] {
                let mut asked = browser.clone();
                let request = if way.speaks == Speaks::Http2 {
                    // The authority is the host; the handshake is the browser's own.
                    let mut other = browser.clone();
                    host.clone_into(&mut other.host);
                    other.request(&Method::GET, path, Kind::Navigation, &[], Bytes::new())
                } else {
                    asked.request(&Method::GET, path, Kind::Navigation, &[("host", host)], Bytes::new())
                };
                let answer = asked.exchange(request).await;
                assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{way:?}: {sni} and {host}{path}");
                assert!(!answer.headers.contains_key("set-cookie"), "{way:?}: {sni} and {host}{path}");
                asked.cookies.clear();
            }
        }
        assert_eq!(two.counts(), before, "{way:?}: nothing reached a portal");
        // The same names where they agree, in any case.
        for (host, count) in [(HOST, 0), (OTHER, 1), ("PORTAL.example.com", 0)] {
            let mut browser = coming(two.gate.browser(), way);
            host.clone_into(&mut browser.host);
            let was = [two.first.count(), two.second.count()];
            assert_eq!(browser.get("/open/x").await.status, StatusCode::OK, "{way:?} {host}");
            let is = [two.first.count(), two.second.count()];
            assert_eq!(is[count], was[count] + 1, "{way:?} {host}");
            assert_eq!(is[1 - count], was[1 - count], "{way:?} {host}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d03_coalesced_streams_are_judged_one_by_one() {
    let two = Two::new().await;
    for front in Front::ALL {
        let before = two.counts();
        let mut frames = Frames::to(&two.gate.browser().behind(front)).await;
        for (host, path, status) in [(HOST, "/open/1", 200), (OTHER, "/open/2", 421), (HOST, "/open/3", 200)] {
            let mut fields = request("GET", host, path);
            if let Some((name, value)) = front.header() {
                fields.push((name.as_bytes(), value.as_bytes()));
            }
            let stream = frames.ask(&fields).await;
            assert_eq!(frames.outcome(stream).await.status, Some(status), "{front:?} {host}{path}");
        }
        // Both names at once: a `host` beside `:authority` that disagrees.
        let mut fields = request("GET", HOST, "/open/4");
        fields.push((b"host", OTHER.as_bytes()));
        let stream = frames.stream();
        frames.send(frame(kind::HEADERS, END_HEADERS | END_STREAM, stream, &block(&fields))).await;
        assert!(matches!(frames.outcome(stream).await.status, Some(400 | 421) | None), "{front:?}");
        let after = two.counts();
        assert_eq!((after.0 - before.0, after.1 - before.1), (2, 0), "{front:?}");
    }
}
