//! What an upstream gets to see of a request, byte for byte.

use tokio::join;

use super::stage::{Stage, get, run};
use super::wire::{OK, Upstream, header};
use crate::proxy::{Reuse, UpstreamAddr};

/// What the upstream gets when a client sends this.
fn seen(request: &str) -> String {
    let mut seen = String::new();
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (answer, (_wire, request)) = join!(stage.ask(request), upstream.answer(OK));
        assert!(answer.ends_with("ok"), "{answer}");
        seen = request;
    });
    seen
}

#[test]
fn the_request_is_what_was_permitted_and_nothing_else() {
    let request = seen(
        "GET /a/../b?q=1 HTTP/1.1\r\nHost: portal.example.com\r\nAccept: */*\r\nCookie: a=1; __Host-vestibule=secret\r\n\
         Authorization: Basic x\r\nX-Forwarded-User: root\r\nX_Forwarded_Groups: root\r\nConnection: close, x-forwarded-user\r\n\r\n",
    );
    let mut lines: Vec<_> = request.trim_end().split("\r\n").collect();
    assert_eq!(lines.remove(0), "GET /b?q=1 HTTP/1.1");
    assert_eq!(lines[0], "host: portal.example.com");
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "accept: */*",
            "authorization: Basic x",
            "cookie: a=1",
            "forwarded: for=127.0.0.1;host=\"portal.example.com\";proto=https",
            "host: portal.example.com",
            "x-forwarded-email: anna@example.com",
            "x-forwarded-for: 127.0.0.1",
            "x-forwarded-groups: it,ops",
            "x-forwarded-host: portal.example.com",
            "x-forwarded-preferred-username: Anna %C3%84",
            "x-forwarded-proto: https",
            "x-forwarded-user: anna@example.com",
            "x-request-id: id-1",
        ]
    );
}

#[test]
fn nobody_is_named_where_nobody_is_asked_for() {
    let request = seen(&get("/open/a").replace("\r\nConn", "\r\nRemote-User: root\r\nConn"));
    assert!(!request.contains("user") && !request.contains("root"), "{request}");
}

#[test]
fn a_trusted_proxy_is_believed_and_added_to() {
    let said = "Test-Trusted: 1\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 10.0.0.2\r\nForwarded: for=203.0.113.9\r\n\
                X-Forwarded-Host: Portal.example.com:8443\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Port: 80\r\nX-Real-IP: 1.1.1.1\r\n";
    let request = seen(&get("/").replace("Conn", &format!("{said}Conn")));
    assert_eq!(header(&request, "x-forwarded-for"), Some("203.0.113.9, 10.0.0.2, 127.0.0.1"));
    let forwarded = "for=203.0.113.9, for=127.0.0.1;host=\"portal.example.com\";proto=https";
    assert_eq!(header(&request, "forwarded"), Some(forwarded));
    assert_eq!(header(&request, "x-forwarded-host"), Some("Portal.example.com:8443"), "as it says it, if it is one of ours");
    assert_eq!(header(&request, "x-forwarded-proto"), Some("http"));
    assert!(header(&request, "x-forwarded-port").is_none() && header(&request, "x-real-ip").is_none());
    let request = seen(&get("/").replace("Conn", &format!("{}Conn", said.replace("Test-Trusted: 1\r\n", ""))));
    assert_eq!(header(&request, "x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(header(&request, "x-forwarded-proto"), Some("https"));
}

#[test]
fn bodies_are_framed_by_us() {
    let head = "Host: portal.example.com\r\nConnection: close\r\n";
    let request = seen(&format!("POST / HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\n\r\n"));
    assert!(
        header(&request, "transfer-encoding") == Some("chunked") && request.ends_with("\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
        "{request}"
    );
    let request =
        seen(&format!("POST / HTTP/1.1\r\n{head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"));
    assert!(header(&request, "content-length").is_none() && request.ends_with("3\r\nabc\r\n0\r\n\r\n"), "{request}");
    let request = seen(&format!("POST / HTTP/1.1\r\n{head}Content-Length: 3\r\n\r\nabc"));
    assert!(header(&request, "content-length") == Some("3") && request.ends_with("\r\n\r\nabc"), "{request}");
    let request = seen(&format!("POST / HTTP/1.1\r\n{head}\r\n"));
    assert_eq!(header(&request, "content-length"), Some("0"));
    let request = seen(&format!("GET / HTTP/1.1\r\n{head}Content-Length: 0\r\n\r\n"));
    assert!(header(&request, "content-length").is_none(), "{request}");
    let request = seen(&format!("GET / HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"));
    assert!(header(&request, "transfer-encoding") == Some("chunked") && request.ends_with("3\r\nabc\r\n0\r\n\r\n"), "{request}");
    let request = seen(&format!("DELETE / HTTP/1.1\r\n{head}Content-Length: 2\r\n\r\nab"));
    assert!(header(&request, "content-length") == Some("2") && request.ends_with("\r\n\r\nab"), "{request}");
}

#[test]
fn trailers_of_a_request_go_nowhere() {
    let request = seen(
        "POST / HTTP/1.1\r\nHost: portal.example.com\r\nConnection: close\r\nTrailer: X-Forwarded-User\r\nTE: trailers\r\n\
         Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Forwarded-User: root\r\n\r\n",
    );
    assert!(request.ends_with("\r\n\r\n1\r\na\r\n0\r\n\r\n") && !request.contains("root"), "{request}");
    assert!(header(&request, "trailer").is_none() && header(&request, "te").is_none(), "{request}");
}

#[test]
fn a_continue_comes_from_us_and_the_wish_for_one_stays_with_us() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let mut client = stage.client().await;
        let head = "POST / HTTP/1.1\r\nHost: portal.example.com\r\nConnection: close\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
        client.write(head).await;
        let (mut wire, continued) = join!(upstream.accept(), client.until("\r\n\r\n"));
        assert_eq!(continued, "HTTP/1.1 100 Continue\r\n\r\n");
        client.write("abc").await;
        let request = wire.request().await;
        assert!(header(&request, "expect").is_none() && request.ends_with("abc"), "{request}");
        wire.write(OK).await;
        assert!(client.rest().await.ends_with("ok"));
    });
}

#[test]
fn an_upgrade_other_than_websocket_is_just_a_request() {
    for upgrade in [
        "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\nConnection: Upgrade, HTTP2-Settings",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short",
        "Upgrade: websocket, h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Upgrade: websocket\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Upgrade: websocket\r\nContent-Length: 1\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ] {
        let request = format!("GET / HTTP/1.1\r\nHost: portal.example.com\r\n{upgrade}, close\r\n\r\n");
        let body = if upgrade.contains("Content-Length") { "x" } else { "" };
        let request = seen(
            &format!("{}{body}", request.replace("==, close", "==").replace("short, close", "short"))
                .replace("Connection: Upgrade\r\n", "Connection: Upgrade, close\r\n"),
        );
        for name in ["upgrade", "connection", "http2-settings"] {
            assert!(header(&request, name).is_none(), "{name} in {request}");
        }
    }
}

#[test]
fn a_unix_socket_is_an_upstream_too() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("portal.sock");
        let listener = tokio::net::UnixListener::bind(&path).unwrap();
        let stage = Stage::set(&["http://127.0.0.1:1"], |settings| {
            settings.upstreams = vec![UpstreamAddr::Unix(path.clone())];
            settings.reuse = Reuse::Never;
        })
        .await;
        let (answer, ()) = join!(stage.get("/"), async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = vec![0; 4096];
            let read = tokio::io::AsyncReadExt::read(&mut stream, &mut head).await.unwrap();
            assert!(
                String::from_utf8_lossy(&head[..read]).contains("\r\nhost: portal.example.com\r\n")
                    || head.starts_with(b"GET / HTTP/1.1\r\nhost: portal.example.com\r\n")
            );
            tokio::io::AsyncWriteExt::write_all(&mut stream, OK.as_bytes()).await.unwrap();
        });
        assert!(answer.ends_with("ok"));
    });
}

#[test]
fn an_upstream_by_name_is_looked_up() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::set(&[&upstream.url.replace("127.0.0.1", "localhost")], |_| ()).await;
        let (answer, _) = join!(stage.get("/"), upstream.answer(OK));
        assert!(answer.ends_with("ok"));
    });
}

#[test]
fn what_each_request_carries_along_stays_small() {
    assert!(size_of::<crate::proxy::ForwardedBody>() <= 512, "{}", size_of::<crate::proxy::ForwardedBody>());
    run(async {
        let stage = Stage::set(&["http://127.0.0.1:1"], |_| ()).await;
        let head = http::Request::get("/").header("host", "portal.example.com").body(()).unwrap().into_parts().0;
        let permit = super::stage::permit(&head, super::stage::portal(), Some(std::sync::Arc::clone(&stage.session)));
        let context = crate::proxy::ForwardContext {
            client: [192, 0, 2, 1].into(),
            peer: [192, 0, 2, 1].into(),
            peer_is_trusted: false,
            forwarded_agrees: false,
            request_id: http::HeaderValue::from_static("id-1"),
            upgrade: None,
        };
        let forwarding = stage.proxy.forward(permit, &head, crate::proxy::RequestBody::Empty, context);
        assert!(size_of_val(&forwarding) <= 2048, "{}", size_of_val(&forwarding));
        drop(forwarding);
    });
}
