//! How a request's body is framed: one way to read it, the same for us and for the upstream, or no request at all.

use crate::harness::wire::Wire;
use crate::harness::{Gate, HOST, Setup, Upstream};

const OPEN: &str = "rule = [{ path = \"/**\", require = \"nothing\" }]";

/// A body in chunks, and behind it a request that must never be taken for one of its own unless the body was read.
const CHUNKED: &str = "3\r\nabc\r\n0\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn one_plain_chunked_is_the_only_transfer_coding() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal(OPEN)).await;
    for lines in ["Transfer-Encoding: chunked", "transfer-encoding: Chunked", "Transfer-Encoding:  chunked\t"] {
        let mut wire = Wire::to(&gate.browser()).await;
        wire.send(format!("POST /x HTTP/1.1\r\nHost: {HOST}\r\n{lines}\r\n\r\n{CHUNKED}")).await;
        assert_eq!(wire.status().await, 200, "{lines}");
        assert_eq!((upstream.last().line(), upstream.last().body.as_slice()), ("POST /x HTTP/1.1", &b"abc"[..]));
        assert_eq!(upstream.last().all("transfer-encoding"), ["chunked"]);
    }
    let before = upstream.count();
    for (lines, statuses) in [
        ("Transfer-Encoding: gzip, chunked", &[501][..]),
        ("Transfer-Encoding: chunked, chunked", &[501]),
        ("Transfer-Encoding: identity, chunked", &[501]),
        ("Transfer-Encoding: , chunked", &[501]),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", &[501]),
        ("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", &[501]),
        ("Transfer-Encoding: x\r\nTransfer-Encoding: chunked", &[501]),
        // hyper knows of no end of these, and refuses them before there is a request.
        ("Transfer-Encoding: gzip", &[400]),
        ("Transfer-Encoding: identity", &[400]),
        ("Transfer-Encoding: chunked, gzip", &[400]),
        ("Transfer-Encoding: xchunked", &[400]),
        ("Transfer-Encoding: chunked;q=1", &[400]),
        ("Transfer-Encoding: \"chunked\"", &[400]),
        ("Transfer-Encoding : chunked", &[400]),
    ] {
        let mut wire = Wire::to(&gate.browser()).await;
        let behind = format!("GET /smuggled HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
        wire.send(format!("POST /x HTTP/1.1\r\nHost: {HOST}\r\n{lines}\r\n\r\n{CHUNKED}{behind}")).await;
        let status = wire.status().await;
        assert!(statuses.contains(&status), "{lines:?}: {status}");
        let all = String::from_utf8(wire.end().await).unwrap();
        assert_eq!(all.matches("HTTP/1.1 ").count(), 1, "closed after one answer: {all}");
        if status == 501 {
            assert!(all.to_ascii_lowercase().contains("\r\nconnection: close\r\n") && all.contains("not supported"), "{all}");
        }
    }
    assert_eq!(upstream.count(), before, "{:?}", upstream.last().head);
}
